"""The report's tables as values: one layout that the page draws as HTML and the command as text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analysis.format import degrees, p_scientific, p_value, percent, spss
from analysis.reading import impossible_p_note, planned_row_note

if TYPE_CHECKING:
    from analysis.format import Skin
    from analysis.results import OutcomeReport
    from analysis.stats import TTest

MARK = "a"
"""The footnote sign beside a figure that has a note under the table."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the grid. An empty text in the head is a corner, not a header. `mark` is a footnote's sign.

    `value` is the number behind the text, unrounded, for files that hold numbers; it is None where the text is words.
    """

    text: str
    colspan: int = 1
    rowspan: int = 1
    mark: str = ""
    value: float | None = field(default=None, compare=False)

    @property
    def scope(self) -> str:
        return "colgroup" if self.colspan > 1 else "col"

    @property
    def row_scope(self) -> str:
        return "rowgroup" if self.rowspan > 1 else "row"


def number_cell(x: float | None, *, decimals: int = 3) -> Cell:
    """A number in SPSS's print; an empty cell for None."""
    return Cell("") if x is None else Cell(spss(x, decimals=decimals), value=x)


def count_cell(n: int) -> Cell:
    return Cell(str(n), value=n)


def df_cell(df: float) -> Cell:
    return Cell(degrees(df), value=df)


def p_cell(p: float, *, skin: Skin) -> Cell:
    return Cell(p_value(p, skin=skin), value=p)


def level_cell(share: float) -> Cell:
    return Cell(percent(share), value=share)


@dataclass(frozen=True, slots=True)
class Row:
    """Row headers, then values. `planned` marks the row that the study's plan says to read."""

    headers: tuple[Cell, ...]
    values: tuple[Cell, ...]
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption and the notes under it. `stub` is the number of row header columns."""

    key: str
    caption: str
    stub: int
    head: tuple[tuple[Cell, ...], ...]
    body: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def main_tables(outcome: OutcomeReport, *, skin: Skin, number: int, data_note: str = "") -> tuple[Table, ...]:
    """Group statistics and the planned test in SPSS's layout; without a computable test, group statistics alone.

    `number` is the table's in the report: outcomes are numbered from 1, as the paper's two tables are. `data_note` is
    the study's, and stands under each table.
    """
    tables = [group_statistics(outcome)]
    if outcome.student and outcome.welch:
        tables.append(independent_samples(outcome, skin=skin, number=number))
    if outcome.anova:
        tables.append(one_way_anova(outcome, skin=skin, number=number))
    return _with_note(tables, data_note)


def further_tables(outcome: OutcomeReport, *, skin: Skin, data_note: str = "") -> tuple[Table, ...]:
    """Effect sizes, Levene's three centrings, and the count of each value, as far as there are any."""
    tables = [effect_sizes(outcome)] if outcome.effects else []
    if outcome.levene:
        tables.append(levene_tests(outcome, skin=skin))
    counts = value_counts(outcome)
    return _with_note([*tables, counts] if counts else tables, data_note)


def _with_note(tables: list[Table], note: str) -> tuple[Table, ...]:
    return tuple(replace(table, notes=(*table.notes, note)) if note else table for table in tables)


def group_statistics(outcome: OutcomeReport) -> Table:
    head = (_("N"), _("Mean"), _("Std. Deviation"), _("Std. Error Mean"))
    return Table(
        key="groups",
        caption=_("Group Statistics: %(outcome)s") % {"outcome": _with_unit(outcome)},
        stub=1,
        head=((Cell(_("Arm")), *(Cell(text) for text in head)),),
        body=tuple(
            Row(
                headers=(Cell(group.name),),
                values=(count_cell(group.n), *(number_cell(x) for x in (group.mean, group.sd, group.se))),
            )
            for group in outcome.groups
        ),
    )


def independent_samples(outcome: OutcomeReport, *, skin: Skin, number: int) -> Table:
    """SPSS's Independent Samples Test: Levene on the first row only, then both t tests.

    Raises ValueError when the outcome's plan is not a t test.
    """
    if outcome.student is None or outcome.welch is None:
        raise ValueError(f"{outcome.key} has no t test: its planned test is {outcome.planned_test}")
    student, welch = outcome.student, outcome.welch
    spread = outcome.levene[0] if outcome.levene else None
    levene = (number_cell(spread.f), p_cell(spread.p, skin=skin)) if spread else _BLANK
    ends = ((student, _("Equal variances assumed"), levene), (welch, _("Equal variances not assumed"), _BLANK))
    return Table(
        key="t-test",
        caption=_("Table %(number)d. Independent Samples Test results: %(outcome)s")
        % {"number": number, "outcome": outcome.name},
        stub=2,
        head=_independent_samples_head(student.confidence),
        body=tuple(
            Row(
                headers=((Cell(outcome.name, rowspan=2),) if test is student else ()) + (Cell(label),),
                values=(*left, *_t_cells(test, skin=skin)),
                planned=test is outcome.planned_t,
            )
            for test, label, left in ends
        ),
        notes=(planned_row_note(outcome),),
    )


_BLANK = (Cell(""), Cell(""))


def _independent_samples_head(confidence: float) -> tuple[tuple[Cell, ...], ...]:
    interval = _("%(level)s Confidence Interval of the Difference") % {"level": percent(confidence)}
    return (
        (
            Cell("", colspan=2, rowspan=3),
            Cell(_("Levene's Test for Equality of Variances"), colspan=2),
            Cell(_("t-test for Equality of Means"), colspan=7),
        ),
        (
            *(Cell(text, rowspan=2) for text in (_("F"), _("Sig."), _("t"), _("df"), _("Sig. (2-tailed)"))),
            *(Cell(text, rowspan=2) for text in (_("Mean Difference"), _("Std. Error Difference"))),
            Cell(interval, colspan=2),
        ),
        (Cell(_("Lower")), Cell(_("Upper"))),
    )


def _t_cells(test: TTest, *, skin: Skin) -> tuple[Cell, ...]:
    return (
        number_cell(test.t),
        df_cell(test.df),
        p_cell(test.p, skin=skin),
        *(number_cell(x) for x in (test.mean_difference, test.se, test.ci_low, test.ci_high)),
    )


def one_way_anova(outcome: OutcomeReport, *, skin: Skin, number: int) -> Table:
    """SPSS's ANOVA with its Total row. A p that the paper prints and no data can give is shown in full, with a note.

    Raises ValueError when the outcome's plan is not ANOVA.
    """
    if outcome.anova is None:
        raise ValueError(f"{outcome.key} has no ANOVA: its planned test is {outcome.planned_test}")
    table = outcome.anova
    note = impossible_p_note(outcome)
    p = Cell(p_scientific(table.p), mark=MARK, value=table.p) if note else p_cell(table.p, skin=skin)
    head = ("", _("Sum of Squares"), _("df"), _("Mean Square"), _("F"), _("Sig."))
    return Table(
        key="anova",
        caption=_("Table %(number)d. One-Way ANOVA results: %(outcome)s") % {"number": number, "outcome": outcome.name},
        stub=1,
        head=(tuple(Cell(text) for text in head),),
        body=(
            Row(
                headers=(Cell(_("Between Groups")),),
                values=(
                    number_cell(table.between.ss),
                    df_cell(table.between.df),
                    number_cell(table.between.ms),
                    number_cell(table.f),
                    p,
                ),
            ),
            Row(
                headers=(Cell(_("Within Groups")),),
                values=(
                    number_cell(table.within.ss),
                    df_cell(table.within.df),
                    number_cell(table.within.ms),
                    *_BLANK,
                ),
            ),
            Row(
                headers=(Cell(_("Total")),),
                values=(number_cell(table.total_ss), df_cell(table.total_df), Cell(""), *_BLANK),
            ),
        ),
        notes=(f"{MARK} {note}",) if note else (),
    )


def levene_tests(outcome: OutcomeReport, *, skin: Skin) -> Table:
    """The three centrings side by side, with both degrees of freedom."""
    names = {
        "mean": _("Mean (Levene 1960; SPSS's first line)"),
        "median": _("Median (Brown and Forsythe 1974)"),
        "trimmed": _("Mean without the outer 5% on each side (Brown and Forsythe 1974)"),
    }
    head = (_("Deviations from"), _("F"), _("df1"), _("df2"), _("Sig."))
    return Table(
        key="levene",
        caption=_("Equality of variances, for information: %(outcome)s") % {"outcome": outcome.name},
        stub=1,
        head=(tuple(Cell(text) for text in head),),
        body=tuple(
            Row(
                headers=(Cell(names[test.centre]),),
                values=(
                    number_cell(test.f),
                    df_cell(test.df1),
                    df_cell(test.df2),
                    p_cell(test.p, skin=skin),
                ),
            )
            for test in outcome.levene
        ),
    )


def effect_sizes(outcome: OutcomeReport) -> Table:
    names = {
        "d": _("Cohen's d (pooled SD)"),
        "g": _("Hedges' g (d without its bias)"),
        "eta_squared": _("Eta squared"),
        "omega_squared": _("Omega squared (less biased)"),
    }
    head = (_("Measure"), _("Estimate"), _("Confidence"), _("Lower"), _("Upper"))
    return Table(
        key="effects",
        caption=_("Size of the difference: %(outcome)s") % {"outcome": outcome.name},
        stub=1,
        head=(tuple(Cell(text) for text in head),),
        body=tuple(
            Row(
                headers=(Cell(names[effect.name]),),
                values=(
                    number_cell(effect.estimate),
                    level_cell(effect.confidence),
                    number_cell(effect.ci_low),
                    number_cell(effect.ci_high),
                ),
            )
            for effect in outcome.effects
        ),
    )


def value_counts(outcome: OutcomeReport, *, most: int = 40) -> Table | None:
    """How many of each arm have each value: the plot as a table. None beyond `most` different values."""
    values = sorted({value for group in outcome.groups for value in group.values})
    if not values or len(values) > most:
        return None
    return Table(
        key="counts",
        caption=_("Students with each value: %(outcome)s") % {"outcome": _with_unit(outcome)},
        stub=1,
        head=((Cell(_("Value")), *(Cell(group.name) for group in outcome.groups)),),
        body=tuple(
            Row(
                headers=(Cell(f"{value:g}", value=value),),
                values=tuple(count_cell(group.values.count(value)) for group in outcome.groups),
            )
            for value in values
        ),
    )


def _with_unit(outcome: OutcomeReport) -> str:
    return f"{outcome.name} ({outcome.unit})" if outcome.unit else outcome.name
