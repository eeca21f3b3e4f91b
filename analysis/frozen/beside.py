"""The tables of what stands beside a planned test."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analysis.format import degrees, p_value, spss
from analysis.frozen.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from analysis.plans.beside import Beside
    from analysis.plans.findings import Finding
    from analysis.stats import BayesFactor, RateRatio
    from analysis.tables import Table

    Names = Mapping[str, str]


def beside(finding: Finding, names: Names) -> tuple[Table, ...]:
    """In the order of `Beside`; none of them where it is empty."""
    found = finding.beside
    parts = (_comparisons(found, names), _bayes(found), _rates(found, names), _anova(found), _sections(found))
    return tuple(replace(made, key=f"{made.key}-{finding.key}") for part in parts for made in part)


def _comparisons(found: Beside, names: Names) -> Iterator[Table]:
    if found.comparisons:
        method = {"tukey": _("Tukey"), "games_howell": _("Games-Howell"), "dunnett": _("Dunnett")}
        rows = [
            (
                (
                    f"{names.get(row.first, row.first)} − {names.get(row.second, row.second)}",
                    *(spss(x) for x in (row.difference, row.ci_low, row.ci_high)),
                    p_value(row.p),
                ),
                False,
            )
            for row in found.comparisons
        ]
        caption = _("All pairs of groups (%(method)s)") % {"method": method[found.comparisons[0].method]}
        head = (_("Groups"), _("Difference"), _("Lower"), _("Upper"), "p")
        note = _("p and intervals hold for all pairs at once. The planned test is of all groups together.")
        yield replace(table("pairs", caption, head, rows), notes=(note,))


def _bayes(found: Beside) -> Iterator[Table]:
    if found.bayes:
        rows = [((spss(row.scale), _factor(row), _factor(row, inverse=True)), False) for row in found.bayes]
        head = (_("Scale of the prior"), "BF10", "BF01")
        note = _(
            "BF10: how many times more likely these data are if there is a difference; BF01: if there is none. JZS "
            "prior, equal variances. Where both change sides over the scales, the data say little."
        )
        made = table("bayes", _("Bayes factor, and how much it hangs on the prior"), head, rows)
        yield replace(made, notes=(note,))


def _factor(row: BayesFactor, *, inverse: bool = False) -> str:
    value = row.bf01 if inverse else row.bf10
    return spss(value) if 0.001 <= value < 1e5 else f"{value:.2e}"


def _rates(found: Beside, names: Names) -> Iterator[Table]:
    if found.rates:
        method = {"exact": _("exact"), "score": _("score")}
        rows = [
            (
                (
                    names.get(row.name, row.name),
                    method[row.method],
                    *(spss(x, decimals=2) for x in (row.rate, row.ci_low, row.ci_high)),
                ),
                False,
            )
            for row in found.rates
        ]
        head = (_("Group"), _("Interval"), _("Injuries in 1,000 hours"), _("Lower"), _("Upper"))
        notes = (_exact_ratio(found.ratio, names),) if found.ratio is not None else ()
        yield replace(table("rates", _("Injuries in 1,000 hours of training"), head, rows, 2), notes=notes)


def _exact_ratio(ratio: RateRatio, names: Names) -> str:
    high = _("no upper limit") if ratio.ci_high is None else spss(ratio.ci_high)
    return _("Exact rate ratio, %(first)s over %(second)s: %(ratio)s [%(low)s, %(high)s], p %(p)s.") % {
        "first": names.get(ratio.first.name, ratio.first.name),
        "second": names.get(ratio.second.name, ratio.second.name),
        "ratio": "–" if ratio.ratio is None else spss(ratio.ratio),
        "low": spss(ratio.ci_low),
        "high": high,
        "p": p_value(ratio.p) if p_value(ratio.p)[0] in "<>" else f"= {p_value(ratio.p)}",
    }


def _anova(found: Beside) -> Iterator[Table]:
    if found.anova is not None:
        df = f"{degrees(found.anova.between.df)}, {degrees(found.anova.within.df)}"
        rows = [((_("Injuries per student"), f"F({df}) = {spss(found.anova.f)}", p_value(found.anova.p)), False)]
        note = _(
            "As the paper has it, for comparison only. Analysis of variance is no model for counts: it takes "
            "everybody's hours for equal, expects a small mean to spread as much as a large one, and its intervals "
            "reach below zero. Read the model of counts over hours."
        )
        made = table("anova", _("One-way ANOVA of the counts"), (_("Values"), _("Statistic"), "p"), rows)
        yield replace(made, notes=(note,))


def _sections(found: Beside) -> Iterator[Table]:
    if found.sections is not None:
        icc = found.sections
        interval = f"{spss(icc.icc)} [{spss(icc.ci_low)}, {spss(icc.ci_high)}]"
        rows = [
            ((_("Sections"), str(icc.clusters)), False),
            ((_("Intraclass correlation"), interval), False),
            ((_("Design effect"), spss(icc.design_effect, decimals=2)), False),
            ((_("Students that as many independent ones are worth"), spss(icc.effective_n, decimals=1)), False),
        ]
        yield table("sections", _("How alike students of one section are"), (_("What"), _("Figure")), rows)
