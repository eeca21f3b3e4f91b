"""A report for who is blinded: computed anew, with the letters as groups and in their order, before anything is shown.

Exchanging names in the other report would not do: the sign of a difference says which group the protocol names first,
and so does the last digit of a number that was rounded in that order. Here every number is a function of the lettered
records alone, so two studies whose groups are exchanged give the same bytes. What can't be such a function, because it
treats one group otherwise than the other, is withheld. Pure.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.plans.findings import analyse
from analysis.plans.planned import Analysis
from analysis.results import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from analysis.plans.document import Hypothesis, Plan
    from analysis.plans.findings import Finding
    from analysis.plans.people import Data, Person

WITHHELD = "withheld"
"""Code of the problem that stands in place of such a result."""


def lettered(data: Data, letters: Mapping[str, str]) -> Data:
    """The records with `letters` (key of a group -> key of its letter) as groups, in the order of `letters`."""
    return replace(
        data,
        arms=tuple(letter for arm, letter in letters.items() if arm in data.arms),
        people=tuple(
            replace(person, arm=letters.get(person.arm, ""), arm_now=letters.get(person.arm_now, ""))
            for person in data.people
        ),
        design=_design(data.design, letters),
    )


def _design(design: Mapping[str, Any], letters: Mapping[str, str]) -> dict[str, Any]:
    """The committed design; its places are sorted by key, so that the draw runs in the order of the letters too."""
    if not design:
        return {}
    return {**design, "arms": [{**arm, "key": letters[arm["key"]]} for arm in design["arms"]]}


def shown(data: Data) -> Data:
    """The records without what the draw left behind: sections drawn as wholes, and in which order, tell the groups."""
    return replace(data, people=tuple(map(_without_draw, data.people)), design={})


def _without_draw(person: Person) -> Person:
    return replace(person, cluster="", source="", levels={}, number=0, batch=0)


def analyse_blinded(
    plan: Plan, data: Data, *, on_progress: Callable[[int, int], None] = lambda _done, _of: None
) -> tuple[Finding, ...]:
    """The plan's findings on lettered records, without those that would tell the groups (`WITHHELD`).

    Withheld are equivalence within bounds that are not the same in both directions, and gaps filled with a shift of the
    first group. Where a p is withheld, so are all p adjusted for it and what is rejected by them: they would tell it.
    """
    symmetric = replace(plan, gaps=replace(plan.gaps, shifts=()))
    found = analyse(symmetric, data, on_progress=on_progress)
    told = tuple(_told(row, plan) for row in found)
    if plan.multiplicity != "none" and any(map(is_directed, plan.hypotheses)):
        return tuple(replace(finding, adjusted=None, rejected=None) for finding in told)
    return told


def is_directed(row: Hypothesis) -> bool:
    """Whether the result changes when the groups change places."""
    return row.test == "equivalence" and (row.low is None or row.high is None or row.low != -row.high)


def _told(finding: Finding, plan: Plan) -> Finding:
    if is_directed(plan.hypothesis(finding.key)):
        primary, further = _withheld(finding.primary), tuple(map(_withheld, finding.further))
        finding = replace(finding, primary=primary, further=further, rejected=None)
    return replace(finding, further=tuple(row for own in finding.further for row in _with_shifts(own, plan)))


def _with_shifts(analysis: Analysis, plan: Plan) -> tuple[Analysis, ...]:
    """Behind the analysis with filled gaps, a place for each of those with a shift."""
    if analysis.handling != "imputed":
        return (analysis,)
    shifted = (replace(_withheld(analysis), handling="imputed_shifted", shift=shift) for shift in plan.gaps.shifts)
    return (analysis, *shifted)


def _withheld(analysis: Analysis) -> Analysis:
    return Analysis(analysis.population, analysis.handling, analysis.counts, problems=(Problem(WITHHELD, ()),))
