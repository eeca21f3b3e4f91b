"""What the paper prints in its two tables, and how a result compares with it, digit by digit.

Only the demonstration study, whose rows were made to give these digits back, is compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.format import degrees, spss
from analysis.stats import PrintedAnova, PrintedRow, check_anova, check_t_row, p_of_f
from analysis.stats.check import Check

if TYPE_CHECKING:
    from analysis.stats import Anova, Levene, TTest
    from analysis.stats.check import PCheck

TRAINING_ACCURACY = "training_accuracy"
INJURY_RATE = "injury_rate"

ASSUMED, NOT_ASSUMED = "equal variances assumed", "equal variances not assumed"

LEVENE_F, LEVENE_P = "9.271", ".004"
POOLED = PrintedRow(t="7.303", df="48", p=".000", mean_difference="2.520", se=".345", ci_low="1.826", ci_high="3.214")
UNEQUAL = PrintedRow(
    t="7.303", df="36.299", p=".000", mean_difference="2.520", se=".345", ci_low="1.820", ci_high="3.220"
)
TABLE_2 = PrintedAnova(
    ss_between="364.500",
    df_between=1,
    ms_between="364.500",
    f="180.893",
    p=".003",
    ss_within="96.720",
    df_within=48,
    ms_within="2.015",
    ss_total="461.220",
    df_total=49,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed figure beside ours, rounded as it is printed."""

    what: str
    printed: str
    ours: str

    @property
    def equal(self) -> bool:
        return self.printed == self.ours


@dataclass(frozen=True, slots=True)
class Comparison:
    """One of the paper's tables beside ours.

    `checks` tell whether the printed table is consistent in itself. `impossible_p` is the printed p that can't belong
    to the printed statistic, where that statistic is also ours; else None.
    """

    table: int
    figures: tuple[Figure, ...]
    checks: tuple[Check, ...]
    impossible_p: PCheck | None

    @property
    def differing(self) -> tuple[Figure, ...]:
        return tuple(figure for figure in self.figures if not figure.equal)


def compare_table_1(levene: Levene, student: TTest, welch: TTest) -> Comparison:
    """Mean-centred Levene and both rows against the paper's Table 1."""
    levene_p = p_of_f(LEVENE_P, f=LEVENE_F, df1=1, df2=48)
    return Comparison(
        table=1,
        figures=(
            Figure("Levene F", LEVENE_F, spss(levene.f)),
            Figure("Levene Sig.", LEVENE_P, spss(levene.p)),
            *_row_figures(ASSUMED, POOLED, student),
            *_row_figures(NOT_ASSUMED, UNEQUAL, welch),
        ),
        checks=(
            Check("Levene p", LEVENE_P, levene_p.p_low, levene_p.p_high, levene_p.consistent),
            *(replace(check, what=f"{check.what}, {ASSUMED}") for check in check_t_row(POOLED)),
            *(replace(check, what=f"{check.what}, {NOT_ASSUMED}") for check in check_t_row(UNEQUAL)),
        ),
        impossible_p=None,
    )


def compare_table_2(table: Anova) -> Comparison:
    """One-way ANOVA against the paper's Table 2."""
    p = p_of_f(TABLE_2.p, f=TABLE_2.f, df1=TABLE_2.df_between, df2=TABLE_2.df_within)
    same_test = (spss(table.f), table.between.df, table.within.df) == (TABLE_2.f, TABLE_2.df_between, TABLE_2.df_within)
    return Comparison(
        table=2,
        figures=(
            Figure("Between Groups, Sum of Squares", TABLE_2.ss_between, spss(table.between.ss)),
            Figure("Between Groups, df", str(TABLE_2.df_between), degrees(table.between.df)),
            Figure("Between Groups, Mean Square", TABLE_2.ms_between, spss(table.between.ms)),
            Figure("F", TABLE_2.f, spss(table.f)),
            Figure("Sig.", TABLE_2.p, spss(table.p)),
            Figure("Within Groups, Sum of Squares", TABLE_2.ss_within, spss(table.within.ss)),
            Figure("Within Groups, df", str(TABLE_2.df_within), degrees(table.within.df)),
            Figure("Within Groups, Mean Square", TABLE_2.ms_within, spss(table.within.ms)),
            Figure("Total, Sum of Squares", TABLE_2.ss_total, spss(table.total_ss)),
            Figure("Total, df", str(TABLE_2.df_total), degrees(table.total_df)),
        ),
        checks=check_anova(TABLE_2),
        impossible_p=p if same_test and not p.any_rounding else None,
    )


def _row_figures(label: str, printed: PrintedRow, test: TTest) -> tuple[Figure, ...]:
    return (
        Figure(f"t, {label}", printed.t, spss(test.t)),
        Figure(f"df, {label}", printed.df, degrees(test.df)),
        Figure(f"Sig. (2-tailed), {label}", printed.p, spss(test.p)),
        Figure(f"Mean Difference, {label}", printed.mean_difference, spss(test.mean_difference)),
        Figure(f"Std. Error Difference, {label}", printed.se, spss(test.se)),
        Figure(f"Lower, {label}", printed.ci_low, spss(test.ci_low)),
        Figure(f"Upper, {label}", printed.ci_high, spss(test.ci_high)),
    )
