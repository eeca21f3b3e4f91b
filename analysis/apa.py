"""Results as sentences in the manner of APA 7, for a manuscript: two decimals, p with three, intervals in brackets.

Each number is rounded once, from the frozen value. `analysis.reading` has the same results in plain words.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analysis.format import apa, apa_degrees, p_value, percent
from analysis.rich import fill, join, words

if TYPE_CHECKING:
    from analysis.results import Group, OutcomeReport
    from analysis.rich import Rich
    from analysis.stats import Anova, Effect, Levene, TTest

AT_MOST_ONE = frozenset(
    {"rank_biserial", "superiority", "eta_squared", "omega_squared", "epsilon_squared", "partial_eta_squared"}
)
SYMBOLS = {
    "d": "<i>d</i>",
    "g": "<i>g</i>",
    "glass_delta": "Δ",
    "d_z": "<i>d</i>z",
    "rank_biserial": "<i>r</i>rb",
    "superiority": "<i>P</i>",
    "eta_squared": "η²",
    "omega_squared": "ω²",
    "epsilon_squared": "ε²",
    "partial_eta_squared": "ηp²",
}


def apa_sentences(outcome: OutcomeReport) -> tuple[Rich, ...]:
    """The planned test with its effect sizes, then Levene's test by the mean. Empty when nothing was computed."""
    said = []
    if outcome.planned_t is not None:
        said.append(t_sentence(outcome, outcome.planned_t))
    if outcome.anova is not None:
        said.append(anova_sentence(outcome, outcome.anova))
    if said and outcome.levene:
        said.append(levene_sentence(outcome.levene[0]))
    return tuple(said)


def t_sentence(outcome: OutcomeReport, test: TTest) -> Rich:
    """Both groups, the difference with its interval, t, p, and the effects that the report has.

    A zero or negative difference is printed as it is: first group minus second.
    """
    template = {
        "welch": _(
            "%(outcome)s: %(first)s and %(second)s differed by %(difference)s, %(level)s CI [%(low)s, %(high)s], "
            "Welch's <i>t</i>(%(df)s) = %(t)s, <i>p</i> %(p)s%(effects)s."
        ),
        "student": _(
            "%(outcome)s: %(first)s and %(second)s differed by %(difference)s, %(level)s CI [%(low)s, %(high)s], "
            "<i>t</i>(%(df)s) = %(t)s, <i>p</i> %(p)s%(effects)s."
        ),
    }[test.variant]
    described = {group.key: group_clause(group) for group in outcome.groups}
    return fill(
        template,
        {
            "outcome": outcome.name,
            "first": described[test.first],
            "second": described[test.second],
            "difference": " ".join(filter(None, (apa(test.mean_difference), outcome.unit))),
            "level": percent(test.confidence),
            "low": apa(test.ci_low),
            "high": apa(test.ci_high),
            "df": apa_degrees(test.df),
            "t": apa(test.t),
            "p": p_in_words(test.p),
            "effects": _effects(outcome),
        },
    )


def anova_sentence(outcome: OutcomeReport, table: Anova) -> Rich:
    """All groups, F with both degrees of freedom, p, and the effects that the report has."""
    return fill(
        _(
            "%(outcome)s in a one-way ANOVA of %(groups)s: "
            "<i>F</i>(%(df1)s, %(df2)s) = %(f)s, <i>p</i> %(p)s%(effects)s."
        ),
        {
            "outcome": outcome.name,
            "groups": join((group_clause(group) for group in outcome.groups), "; "),
            "df1": apa_degrees(table.between.df),
            "df2": apa_degrees(table.within.df),
            "f": apa(table.f),
            "p": p_in_words(table.p),
            "effects": _effects(outcome),
        },
    )


def group_clause(group: Group) -> Rich:
    """ "AI coaching (n = 25, M = 8.32, SD = 0.80)"; a group of fewer than two values has its n alone."""
    if group.mean is None or group.sd is None:
        return fill(_("%(name)s (<i>n</i> = %(n)s)"), {"name": group.name, "n": str(group.n)})
    return fill(
        _("%(name)s (<i>n</i> = %(n)s, <i>M</i> = %(mean)s, <i>SD</i> = %(sd)s)"),
        {"name": group.name, "n": str(group.n), "mean": apa(group.mean), "sd": apa(group.sd)},
    )


def levene_sentence(test: Levene) -> Rich:
    centre = {
        "mean": pgettext("Levene's test, deviations from", "means"),
        "median": pgettext("Levene's test, deviations from", "medians"),
        "trimmed": pgettext("Levene's test, deviations from", "trimmed means"),
    }[test.centre]
    return fill(
        _(
            "Levene's test of equal variances (deviations from the %(centre)s) gave "
            "<i>F</i>(%(df1)s, %(df2)s) = %(f)s, <i>p</i> %(p)s; it did not choose the test above."
        ),
        {
            "centre": centre,
            "df1": apa_degrees(test.df1),
            "df2": apa_degrees(test.df2),
            "f": apa(test.f),
            "p": p_in_words(test.p),
        },
    )


def effect_clause(*levels: Effect) -> Rich:
    """ "d = 2.07, 95% CI [1.37, 2.75]": one effect, with its interval at each level that is given.

    What can't exceed 1, such as eta squared, has no zero before the point.
    """
    effect = levels[0]
    share = effect.name in AT_MOST_ONE
    estimate = fill(SYMBOLS[effect.name] + " = %(estimate)s", {"estimate": apa(effect.estimate, at_most_one=share)})
    intervals = (
        fill(
            _("%(level)s CI [%(low)s, %(high)s]"),
            {
                "level": percent(level.confidence),
                "low": apa(level.ci_low, at_most_one=share),
                "high": apa(level.ci_high, at_most_one=share),
            },
        )
        for level in levels
    )
    return join((estimate, *intervals), ", ")


def p_in_words(p: float) -> str:
    """ "= .004", "< .001": three decimals, never .000."""
    text = p_value(p)
    return text if text.startswith(("<", ">")) else f"= {text}"


def _effects(outcome: OutcomeReport) -> Rich:
    """Every effect of the report after a comma, those of one name at several levels together."""
    clauses = (effect_clause(*levels) for _name, levels in groupby(outcome.effects, key=attrgetter("name")))
    return tuple(run for clause in clauses for run in (*words(", "), *clause))
