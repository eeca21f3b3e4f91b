"""What the page of a frozen report shows of each hypothesis: the plot first, then words, tables, assumptions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from django.utils.translation import gettext as _

from analysis.frozen.beside import beside
from analysis.frozen.tables import about, analyses, checks, described, effect
from analysis.plans.words import left_out_words, problem_words, reason_words, sentences, test_name
from analysis.plots import dot_plot

if TYPE_CHECKING:
    from analysis.frozen.seen import Labels
    from analysis.frozen.snapshot import Deviation
    from analysis.plans.findings import Finding
    from analysis.plots import DotPlot
    from analysis.results import OutcomeReport
    from analysis.tables import Table


@dataclass(frozen=True, slots=True)
class Plotted:
    """What the plot's template reads of an outcome."""

    key: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class FindingSection:
    finding: Finding
    outcome: Plotted
    test: str
    plot: DotPlot | None
    sentences: tuple[str, ...]
    problems: tuple[str, ...]
    effect: str
    tables: tuple[Table, ...]
    checks: tuple[Table, ...]
    left_out: str
    off_protocol: tuple[str, ...]


def section_of(finding: Finding, labels: Labels, *, planned: bool = True) -> FindingSection:
    """One hypothesis for one reader; groups in the order in which this reader may see them."""
    names = labels.names
    order = {key: at for at, key in enumerate(names)}
    shown = replace(finding, groups=tuple(sorted(finding.groups, key=lambda group: order.get(group.key, 0))))
    unit = finding.unit if finding.outcome_name else _("injuries")
    return FindingSection(
        finding=finding,
        outcome=Plotted(finding.key, about(finding), unit),
        test=test_name(finding.test),
        plot=dot_plot(cast("OutcomeReport", shown)),
        sentences=tuple(sentences(finding, names, planned=planned)),
        problems=tuple(problem_words(problem, names) for problem in finding.primary.problems),
        effect=effect(finding),
        tables=(described(shown, names), analyses(finding, names)),
        checks=(*checks(finding, names), *beside(finding, names)),
        left_out=left_out_words(finding),
        off_protocol=tuple(
            _("%(group)s: %(reason)s, %(n)d")
            % {"group": names.get(row.arm, row.arm), "reason": reason_words(row.reason), "n": row.n}
            for row in finding.off_protocol
        ),
    )


def deviation_words(deviation: Deviation) -> str:
    if deviation.kind == "not_registered":
        return _("No plan was saved before the first value of a planned outcome: nothing here is pre-registered.")
    if deviation.kind == "moved":
        return _(
            "Students moved to another group after the draw: %(n)s. They count in the group that was drawn for them."
        ) % {"n": deviation.after}
    if deviation.kind == "early_look":
        return _("The groups were compared before the study was over, from %(day)s on.") % {"day": deviation.after}
    return _("%(where)s: registered %(before)s, used %(after)s") % {
        "where": deviation.where,
        "before": deviation.before or _("nothing"),
        "after": deviation.after or _("nothing"),
    }
