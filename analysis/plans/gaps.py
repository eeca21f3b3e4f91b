"""Who is missing, and why: counts by arm, reason and time; patterns over all times; what is known of them. Pure."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.plans.people import REASONS, missing_reason
from analysis.stats import sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.plans.document import Plan
    from analysis.plans.people import Data, Person

START_NAMES = ("year", "age", "experience", "mass", "working_load", "one_rm")


@dataclass(frozen=True, slots=True)
class GapCount:
    """Of a hypothesis' students in one arm (empty: no group), how many lack a value for one reason."""

    hypothesis: str
    arm: str
    reason: str
    n: int


@dataclass(frozen=True, slots=True)
class Present:
    """Of an arm as it was drawn: how many there are, and how many have what the hypothesis needs."""

    hypothesis: str
    arm: str
    drawn: int
    present: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which series are there (in the order of `Data.series`), and in how many students of each arm."""

    there: tuple[bool, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """How many, mean and SD (None below 2) of something known at the start."""

    n: int
    mean: float | None
    sd: float | None


@dataclass(frozen=True, slots=True)
class StartRow:
    """Those with a value beside those without. `difference`: of the means in pooled SDs, without a test, since a test
    of a difference that small groups can't show would only reassure.
    """

    hypothesis: str
    name: str
    present: Known
    missing: Known
    difference: float | None


@dataclass(frozen=True, slots=True)
class Missing:
    arms: tuple[str, ...]
    series: tuple[str, ...]
    present: tuple[Present, ...]
    reasons: tuple[GapCount, ...]
    patterns: tuple[Pattern, ...]
    start: tuple[StartRow, ...]


def who_is_missing(plan: Plan, data: Data) -> Missing:
    """The tables of a plan. Everybody in the study is counted: `present` and the reasons add up to all."""
    present, reasons, start = [], [], []
    for row in plan.hypotheses:
        why = {person.code: missing_reason(person, row, data) for person in data.people}
        counts = Counter((person.arm, why[person.code]) for person in data.people)
        for arm in data.arms:
            drawn = sum(n for (own, _reason), n in counts.items() if own == arm)
            present.append(Present(row.key, arm, drawn, counts[arm, None]))
        for arm in (*data.arms, ""):
            reasons += [
                GapCount(row.key, arm, reason, counts[arm, reason]) for reason in REASONS if counts[arm, reason]
            ]
        drawn_people = data.drawn()
        there = [person for person in drawn_people if why[person.code] is None]
        gone = [person for person in drawn_people if why[person.code] is not None]
        if gone:
            start += [_start(row.key, name, there, gone) for name in START_NAMES]
    return Missing(
        arms=data.arms,
        series=tuple(row.key for row in data.series),
        present=tuple(present),
        reasons=tuple(reasons),
        patterns=_patterns(data),
        start=tuple(row for row in start if row.present.n or row.missing.n),
    )


def _patterns(data: Data) -> tuple[Pattern, ...]:
    """The most frequent first."""
    found: Counter[tuple[tuple[bool, ...], str]] = Counter()
    for person in data.drawn():
        found[tuple(person.value(row.key) is not None for row in data.series), person.arm] += 1
    shapes = sorted(
        {shape for shape, _arm in found}, key=lambda shape: (-sum(found[shape, arm] for arm in data.arms), shape)
    )
    return tuple(Pattern(shape, tuple(found[shape, arm] for arm in data.arms)) for shape in shapes)


def _start(hypothesis: str, name: str, there: Sequence[Person], gone: Sequence[Person]) -> StartRow:
    present, missing = _known(there, name), _known(gone, name)
    difference = None
    if present.sd is not None and missing.sd is not None and present.mean is not None and missing.mean is not None:
        pooled = math.sqrt(
            ((present.n - 1) * present.sd**2 + (missing.n - 1) * missing.sd**2) / (present.n + missing.n - 2)
        )
        difference = (missing.mean - present.mean) / pooled if pooled > 0 else None
    return StartRow(hypothesis, name, present, missing, difference)


def _known(people: Sequence[Person], name: str) -> Known:
    values = [value for person in people if (value := person.start.get(name)) is not None]
    if len(values) < 2:
        return Known(len(values), values[0] if values else None, None)
    moments = sample(name, values).summary()
    return Known(moments.n, moments.mean, moments.sd)
