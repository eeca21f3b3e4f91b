"""The report in words: what a result says, what it doesn't, and why a part is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysis.format import degrees, p_scientific, p_value, percent, spss
from analysis.plans.words import test_name

if TYPE_CHECKING:
    from analysis.results import Group, OutcomeReport, Problem
    from analysis.stats import Anova, Effect, TTest


def planned_test_name(outcome: OutcomeReport) -> str:
    return {
        "welch": _("Welch's t-test"),
        "student": _("Student's t-test"),
        "anova": _("one-way ANOVA"),
    }.get(outcome.planned_test) or test_name(outcome.planned_test)


def planned_row_note(outcome: OutcomeReport) -> str:
    """Which of the two rows to read: the plan's, whatever Levene's test says."""
    row = _("Equal variances assumed") if outcome.planned_test == "student" else _("Equal variances not assumed")
    return _("Row to read, by the study's plan: “%(row)s” (%(test)s). Levene's test informs; it does not choose.") % {
        "row": row,
        "test": planned_test_name(outcome),
    }


def impossible_p_note(outcome: OutcomeReport) -> str:
    """The sentence about a p that the paper prints and that no data can give; empty where there is none."""
    check = outcome.paper.impossible_p if outcome.paper else None
    if check is None or outcome.anova is None:
        return ""
    test = f"{check.statistic}({', '.join(degrees(df) for df in check.df)})"
    values = {
        "printed": check.printed_p,
        "test": test,
        "statistic": check.printed_statistic,
        "p": p_scientific(outcome.anova.p),
        "letter": check.statistic,
        "needed": "" if check.needed is None else spss(check.needed, decimals=2),
    }
    return (
        _(
            "The paper prints %(printed)s here, which can't belong to %(test)s = %(statistic)s: that has p = %(p)s. "
            "A p of %(printed)s would need %(letter)s ≈ %(needed)s."
        )
        % values
    )


def sentences(outcome: OutcomeReport) -> list[str]:
    """The result in plain words, the figure first. Empty when nothing could be computed."""
    if outcome.planned_t is not None:
        return _t_sentences(outcome, outcome.planned_t)
    if outcome.anova is not None:
        return _anova_sentences(outcome, outcome.anova)
    return []


def p_equals(p: float) -> str:
    """For running text: "p = .004", "p < .001 (2.5e-9)"."""
    text = p_value(p)
    if text.startswith(("<", ">")):
        return f"p {text} ({p_scientific(p)})"
    return f"p = {text}"


def exclusion_reason(reason: str) -> str:
    return {
        "no_arm": _("not assigned to a group"),
        "no_consent": _("has not agreed to the study"),
        "withdrawn": _("took consent back"),
        "no_value": _("no value measured"),
        "not_finite": _("the stored value is not a finite number; correct it"),
        "off_protocol": _("not in the per-protocol population, which the plan names"),
    }[reason]


def problem_sentence(outcome: OutcomeReport, problem: Problem) -> str:
    """What keeps a figure from being computed, and what helps."""
    arms = ", ".join(outcome.arm_name(key) for key in problem.arms)
    text = {
        "too_few": _("%(arms)s: at least 2 values are needed. Measure more students, or check who is assigned."),
        "too_few_groups": _("A comparison needs at least two groups. Add one on the study's page."),
        "two_arms_needed": _(
            "The plan names a t-test, which compares two groups; this study has %(count)d. Plan a one-way ANOVA."
        ),
        "constant": _("All values are equal within %(arms)s, so there is no spread to judge a difference by."),
        "constant_deviations": _(
            "Levene's test is left out: within %(arms)s every value is equally far from the middle."
        ),
        "interval_not_found": _("The interval of the effect size could not be computed for values this extreme."),
    }.get(problem.code, _("%(arms)s: the values can't be used (%(code)s). Check them at the source."))
    return text % {"arms": arms, "count": len(problem.arms), "code": problem.code}


def paper_remarks(outcome: OutcomeReport) -> list[str]:
    """For the demonstration study: how its rows and the paper's printed table compare."""
    if outcome.paper is None:
        return []
    figures, differing = outcome.paper.figures, outcome.paper.differing
    remarks = [
        ngettext(
            "%(equal)d of %(count)d printed figure of the paper's Table %(table)d is equal to every digit.",
            "%(equal)d of %(count)d printed figures of the paper's Table %(table)d are equal to every digit.",
            len(figures),
        )
        % {"equal": len(figures) - len(differing), "count": len(figures), "table": outcome.paper.table}
    ]
    if outcome.paper.table == 1:
        remarks.append(
            _(
                "The paper's caption of this table reads “to Test Intrinsic Motivation Level of Students”, "
                "but its row is “Training accuracy”; here the caption is made from the outcome's name."
            )
        )
    if outcome.paper.table == 2:
        remarks.append(
            _(
                "Analysis of variance is the paper's choice. Injuries are counts over hours of training: a rate model "
                'with exposure suits them: plan it under "Analysis plan", or look at "Injury rates".'
            )
        )
    return remarks


def _t_sentences(outcome: OutcomeReport, test: TTest) -> list[str]:
    said = [
        *_compared(outcome),
        _(
            "Difference, %(first)s minus %(second)s: %(difference)s. True differences from %(low)s to %(high)s fit "
            "these data (%(level)s interval)."
        )
        % {
            "first": outcome.arm_name(test.first),
            "second": outcome.arm_name(test.second),
            "difference": _amount(test.mean_difference, outcome.unit),
            "low": spss(test.ci_low),
            "high": spss(test.ci_high),
            "level": percent(test.confidence),
        },
        _("By %(name)s, as planned: t(%(df)s) = %(t)s, %(p)s. %(meaning)s")
        % {
            "name": planned_test_name(outcome),
            "df": degrees(test.df),
            "t": spss(test.t),
            "p": p_equals(test.p),
            "meaning": _meaning(test.p),
        },
    ]
    said += [_d_sentence(effect) for effect in outcome.effects if effect.name == "d"]
    return said


def _anova_sentences(outcome: OutcomeReport, table: Anova) -> list[str]:
    said = [
        *_compared(outcome),
        _("By one-way ANOVA, as planned: F(%(df1)s, %(df2)s) = %(f)s, %(p)s. %(meaning)s")
        % {
            "df1": degrees(table.between.df),
            "df2": degrees(table.within.df),
            "f": spss(table.f),
            "p": p_equals(table.p),
            "meaning": _meaning(table.p),
        },
    ]
    shares = [effect for effect in outcome.effects if effect.name == "eta_squared"]
    return said + [_share_sentence(effect) for effect in shares[:1]]


def _compared(outcome: OutcomeReport) -> list[str]:
    """Which mean is higher, for two groups; all means, for more. Which is better is for the reader to say."""
    described = sorted(
        (group for group in outcome.groups if group.mean is not None), key=lambda group: -(group.mean or 0)
    )
    if len(described) == 2:
        high, low = described
        return [
            _("%(high)s has the higher mean: %(high_mean)s against %(low_mean)s of %(low)s.")
            % {"high": high.name, "high_mean": _mean(high), "low_mean": _mean(low), "low": low.name}
            if high.mean != low.mean
            else _("Both means are %(mean)s.") % {"mean": _mean(high)}
        ]
    means = "; ".join(f"{group.name} {_mean(group)}" for group in described)
    return [_("Means from high to low: %(means)s.") % {"means": means}]


def _meaning(p: float) -> str:
    if p < 0.001:
        return _(
            "If the groups did not differ, chance alone would give a difference at least this large "
            "in fewer than 1 of 1,000 such studies."
        )
    return _(
        "If the groups did not differ, chance alone would give a difference at least this large "
        "in about %(share)s of such studies."
    ) % {"share": f"{100 * p:.2g}%" if p < 0.1 else f"{100 * p:.0f}%"}


def _d_sentence(effect: Effect) -> str:
    return _("The means are %(d)s standard deviations apart (Cohen's d; %(level)s interval %(low)s to %(high)s).") % {
        "d": spss(abs(effect.estimate)),
        "level": percent(effect.confidence),
        "low": spss(effect.ci_low),
        "high": spss(effect.ci_high),
    }


def _share_sentence(effect: Effect) -> str:
    return _(
        "%(share)s of the variation between students lies between the groups (eta squared; %(level)s interval %(low)s "
        "to %(high)s)."
    ) % {
        "share": f"{100 * effect.estimate:.0f}%",
        "level": percent(effect.confidence),
        "low": spss(effect.ci_low),
        "high": spss(effect.ci_high),
    }


def _mean(group: Group) -> str:
    return "" if group.mean is None else spss(group.mean)


def _amount(x: float, unit: str) -> str:
    return f"{spss(x)} {unit}".strip()
