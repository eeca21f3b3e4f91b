"""A plan and what it found in words: questions, tests, results, reasons. Numbers as the tables print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysis.format import degrees, p_scientific, p_value, percent, spss

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.plans.findings import Finding
    from analysis.plans.planned import Analysis, Estimate
    from analysis.results import Problem


def test_name(test: str) -> str:
    return {
        "student": _("Student's t-test"),
        "welch": _("Welch's t-test"),
        "anova": _("one-way ANOVA"),
        "welch_anova": _("Welch's ANOVA"),
        "mann_whitney": _("the Mann-Whitney test"),
        "brunner_munzel": _("the Brunner-Munzel test"),
        "kruskal_wallis": _("the Kruskal-Wallis test"),
        "ancova": _("ANCOVA at an equal start"),
        "cluster_t": _("a t-test of the sections' means"),
        "random_intercept": _("a mixed model with a random intercept of each section"),
        "randomisation": _("a randomisation test by the study's own draw"),
        "equivalence": _("two one-sided tests for equivalence"),
        "poisson": _("a Poisson model of injuries over hours"),
        "quasi_poisson": _("a quasi-Poisson model of injuries over hours"),
        "negative_binomial": _("a negative binomial model of injuries over hours"),
    }[test]


def reason_words(reason: str) -> str:
    """Why somebody's value is not there, or why they are off the protocol."""
    return {
        "no_arm": _("no group"),
        "excluded": _("excluded before the draw"),
        "not_finite": _("the stored value is no finite number"),
        "no_consent": _("did not agree to the study"),
        "withdrawn": _("agrees no longer"),
        "never_trained": _("never came to a lesson"),
        "stopped_training": _("stopped coming before it was measured"),
        "not_measured": _("trained, but was not measured"),
        "no_before": _("no value before the training"),
        "no_hours": _("no hours of training logged"),
        "moved": _("moved to another group"),
        "no_lessons": _("came to no lesson"),
        "attended_less": _("attended fewer lessons than the plan asks"),
    }[reason]


def population_name(population: str) -> str:
    return {
        "itt": _("everybody in the group that was drawn (intention to treat)"),
        "per_protocol": _("those who kept to the protocol"),
    }[population]


def handling_name(analysis: Analysis) -> str:
    if analysis.handling == "imputed":
        return _("gaps filled by multiple imputation")
    if analysis.handling == "imputed_shifted":
        return _("gaps filled, those of the first group %(shift)s lower or higher") % {
            "shift": f"{analysis.shift or 0:+g}"
        }
    return _("values as measured")


def stage_words(stage: str) -> str:
    return {
        "before_allocation": _("before the first student had a group"),
        "before_outcomes": _("before the first value of a planned outcome"),
        "during": _("while values were coming in"),
        "after": _("after the study had ended, or was unblinded"),
    }[stage]


def problem_words(problem: Problem, names: Mapping[str, str]) -> str:
    """What keeps a number from being computed, and what helps."""
    arms = ", ".join(names.get(key, key) for key in problem.arms) or _("a group")
    text = {
        "too_few": _("%(arms)s: at least 2 values are needed. Measure more students, or check who is assigned."),
        "too_few_groups": _("A comparison needs at least two groups."),
        "two_arms_needed": _("This comparison is of two groups. Plan a test for more."),
        "constant": _("All values are equal within %(arms)s, so there is no spread to judge a difference by."),
        "separated": _("The groups don't overlap, so this test has no variance. The plan's test is not replaced."),
        "zero_events": _("%(arms)s had no injury: the model has no finite rate ratio. Read the exact interval."),
        "no_exposure": _("%(arms)s: hours of training are missing. Log the lessons."),
        "no_design": _("The groups come from no single stored draw, so it can't be done again."),
        "not_drawn": _("The draw was of everybody: it justifies no test of those who kept to the protocol."),
        "one_arrangement": _("The stored draw allowed one arrangement only: nothing can be compared with it."),
        "collinear": _("One of the values to adjust for follows from the others."),
        "too_many": _("There are too many values for the exact computation."),
        "unpaired": _("Values before and after don't belong to the same students."),
        "no_bound": _("The plan names no bound of equivalence."),
        "bounds": _("The bounds of equivalence are no interval."),
        "sections_split": _(
            "Students of one section are in both groups, so sections were not drawn as wholes. Plan another test."
        ),
        "withheld": _(
            "Withheld until the study is unblinded: this treats one group otherwise than the other, so that its result "
            "would tell which is which."
        ),
    }.get(problem.code, _("%(arms)s: this can't be computed from these values (%(code)s)."))
    return text % {"arms": arms, "code": problem.code}


def p_words(analysis: Analysis) -> str:
    """For running text: "p = .004", "p < .001 (2.5e-9)", with the Monte Carlo error where p was drawn."""
    p = analysis.p if analysis.p is not None else 1.0
    text = p_value(p)
    said = (
        f"p {text} ({p_scientific(p)})"
        if text.startswith("<")
        else f"p {text}"
        if text.startswith(">")
        else f"p = {text}"
    )
    if analysis.monte_carlo is not None:
        said += _(", from %(draws)s draws with a standard error of %(se)s") % {
            "draws": f"{analysis.monte_carlo.draws:,}",
            "se": f"{analysis.monte_carlo.se:.1g}",
        }
    return said


def statistic_words(analysis: Analysis) -> str:
    """t(36.299) = 7.303, U = 571."""
    if analysis.statistic is None:
        return ""
    df = ", ".join(degrees(x) for x in analysis.statistic.df)
    name = {"difference": _("difference"), "studentised": _("studentised difference"), "f": "F"}.get(
        analysis.statistic.name, analysis.statistic.name
    )
    return f"{name}{f'({df})' if df else ''} = {spss(analysis.statistic.value)}"


def estimate_name(name: str) -> str:
    return {
        "mean_difference": _("Difference of the means"),
        "adjusted_difference": _("Difference at an equal start"),
        "rate_ratio": _("Rate ratio"),
        "rank_biserial": _("Rank-biserial correlation"),
        "superiority": _("Chance that one of the second group has more"),
        "d": _("Cohen's d"),
        "omega_squared": _("Omega squared"),
        "partial_eta_squared": _("Partial eta squared"),
        "epsilon_squared": _("Epsilon squared"),
    }.get(name, name)


def estimate_words(estimate: Estimate) -> str:
    return f"{spss(estimate.value)} [{spss(estimate.ci_low)}, {spss(estimate.ci_high)}]"


def sentences(finding: Finding, names: Mapping[str, str], *, planned: bool = True) -> list[str]:
    """The result in plain words, the figure first. `names` are the groups' as this reader may see them.

    What no plan asked (`planned` is False) gets no verdict: a look is no test.
    """
    primary = finding.primary
    if primary.p is None:
        return []
    said = [_estimate_sentence(finding, primary.estimate, names)] if primary.estimate is not None else []
    if primary.estimate is None:
        means = sorted((row for row in finding.groups if row.mean is not None), key=lambda row: -(row.mean or 0))
        listed = "; ".join(f"{names.get(row.key, row.key)} {spss(row.mean or 0)}" for row in means)
        said.append(_("Means from high to low: %(means)s.") % {"means": listed})
    by = _("By %(test)s, as planned: %(statistic)s, %(p)s.") if planned else _("By %(test)s: %(statistic)s, %(p)s.")
    said.append(by % {"test": test_name(finding.test), "statistic": statistic_words(primary), "p": p_words(primary)})
    return [*said, _verdict(finding)] if planned else said


def _estimate_sentence(finding: Finding, estimate: Estimate, names: Mapping[str, str]) -> str:
    arms = [row.arm for row in finding.primary.counts]
    values = {
        "first": names.get(arms[0], arms[0]),
        "second": names.get(arms[1], arms[1]),
        "value": spss(estimate.value),
        "low": spss(estimate.ci_low),
        "high": spss(estimate.ci_high),
        "level": percent(estimate.confidence),
        "unit": finding.unit,
    }
    text = {
        "mean_difference": _(
            "Difference of the means, %(first)s minus %(second)s: %(value)s %(unit)s; true differences from %(low)s to "
            "%(high)s fit these data (%(level)s interval)."
        ),
        "adjusted_difference": _(
            "With an equal start, %(first)s minus %(second)s is %(value)s %(unit)s; true differences from %(low)s to "
            "%(high)s fit these data (%(level)s interval)."
        ),
        "rate_ratio": _(
            "Injuries an hour, %(first)s over %(second)s: %(value)s times; true ratios from %(low)s to %(high)s fit "
            "these data (%(level)s interval)."
        ),
        "superiority": _(
            "Of one student of each group, the one of %(second)s has more with a chance of %(value)s (ties count half; "
            "%(level)s interval %(low)s to %(high)s)."
        ),
        "rank_biserial": _(
            "Of all pairs of one student of %(first)s and one of %(second)s, those where the first has more outweigh "
            "the others by %(value)s (1: all, 0: as many, -1: none; %(level)s interval %(low)s to %(high)s)."
        ),
    }[estimate.name]
    return (text % values).replace(" ;", ";")


def _verdict(finding: Finding) -> str:
    if finding.rejected is None:
        return _(
            "What is rejected is withheld until the study is unblinded: p is adjusted for all hypotheses of the plan, "
            "and the result of one of them would tell which group is which."
        )
    p = finding.primary.p if finding.adjusted is None else finding.adjusted.adjusted
    values = {"alpha": spss(finding.alpha, decimals=2), "p": p_value(p or 0.0)}
    if finding.adjusted is None or finding.adjusted.family == 1:
        text = (
            _("p is at most %(alpha)s, the level of the plan: the hypothesis of no difference is rejected.")
            if finding.rejected
            else _("p is above %(alpha)s, the level of the plan: no difference is shown, which does not show equality.")
        )
    else:
        values |= {
            "method": "Holm" if finding.adjusted.method == "holm" else "Benjamini-Hochberg",
            "family": str(finding.adjusted.family),
        }
        text = (
            _("Adjusted by %(method)s for the plan's %(family)s hypotheses, p is %(p)s: at most %(alpha)s, rejected.")
            if finding.rejected
            else _("Adjusted by %(method)s for the plan's %(family)s hypotheses, p is %(p)s: above %(alpha)s.")
        )
    if finding.test == "equivalence":
        text = (
            _("The difference lies within the bounds of the plan: the groups count as equivalent (p %(p)s).")
            if finding.rejected
            else _("That the difference lies within the bounds of the plan is not shown (p %(p)s).")
        )
    return text % values


def left_out_words(finding: Finding) -> str:
    """How many are not in the test, by reason; empty when everybody is."""
    if not finding.left_out:
        return ""
    counts: dict[str, int] = {}
    for row in finding.left_out:
        counts[row.reason] = counts.get(row.reason, 0) + 1
    reasons = "; ".join(f"{reason_words(reason)}: {n}" for reason, n in counts.items())
    return ngettext(
        "%(n)d student is not in this test: %(reasons)s.",
        "%(n)d students are not in this test: %(reasons)s.",
        len(finding.left_out),
    ) % {"n": len(finding.left_out), "reasons": reasons}
