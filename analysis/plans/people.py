"""A study's rows as a plan reads them: one record a student, by code. Pure, so that a stored record is enough to
compute every number again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.plans.document import Hypothesis, Population

Reason = Literal[
    "no_arm",
    "excluded",
    "no_consent",
    "withdrawn",
    "not_finite",
    "never_trained",
    "stopped_training",
    "not_measured",
    "no_before",
    "no_hours",
]
REASONS: tuple[Reason, ...] = get_args(Reason)
Consent = Literal["", "no_consent", "withdrawn"]
"""Why a student's data may not be used; empty: they may."""
Protocol = Literal["", "moved", "no_lessons", "attended_less"]
QUIET_DAYS = 28
"""Without a date of the measurement: who had no lesson in the class's last four weeks had stopped."""


def series(outcome: str, time_point: str) -> str:
    """The key of one outcome at one time: "accuracy@after", "accuracy" for values of no time."""
    return f"{outcome}@{time_point}" if time_point else outcome


@dataclass(frozen=True, slots=True)
class Person:
    """One student. `arm` is the group as drawn, `arm_now` the one after moves by hand; both keys, empty for none.

    `start` holds what is known at the start (age, experience, ...), None where it is not; `values` one number for each
    series that was measured. `source` names the draw: "list:3", "plan:1"; `number`, `batch`, `cluster` and `levels`
    are the plan's. `days_since_last`: days between the student's last lesson and the class's; None without lessons.
    Of who has not agreed to the study, or agrees no longer (`consent`), nothing but code and group is here.
    """

    code: str
    arm: str
    arm_now: str
    section: str
    excluded: bool
    lessons: int
    lessons_held: int
    hours: float
    days_since_last: int | None
    injuries: int
    start: Mapping[str, float | None]
    values: Mapping[str, float]
    source: str = ""
    number: int = 0
    batch: int = 0
    cluster: str = ""
    levels: Mapping[str, str] = field(default_factory=dict)
    consent: Consent = ""

    def attended(self, planned: int | None = None) -> float | None:
        """Share of the lessons attended, at most 1; None when none was held."""
        held = planned or self.lessons_held
        return min(1.0, self.lessons / held) if held else None

    def value(self, key: str) -> float | None:
        found = self.values.get(key)
        return None if found is None or not math.isfinite(found) else found


@dataclass(frozen=True, slots=True)
class Series:
    """An outcome at a time. `gap_days` is how many days before the class's last lesson its window opened, if known."""

    key: str
    outcome: str
    time_point: str
    name: str
    unit: str
    time_name: str
    gap_days: int | None


@dataclass(frozen=True, slots=True)
class Data:
    """What a report is computed from. `arms` are keys in the order of the tables; `design` is the committed plan's
    document (`studies.randomise.design`), empty without one.
    """

    arms: tuple[str, ...]
    series: tuple[Series, ...]
    people: tuple[Person, ...]
    design: Mapping[str, Any] = field(default_factory=dict)

    def of(self, key: str) -> Series:
        return next(row for row in self.series if row.key == key)

    def drawn(self) -> list[Person]:
        """Everybody who was given a group and whose data may be used: intention to treat."""
        return [person for person in self.people if person.arm and not person.consent]


def off_protocol(person: Person, rule: Population) -> Protocol:
    """Why a student is not in the per-protocol population; empty for one who is."""
    if person.arm_now != person.arm:
        return "moved"
    share = person.attended(rule.planned_lessons)
    if share is None or person.lessons == 0:
        return "no_lessons"
    # A hair of slack: 12 of 15 lessons are four fifths.
    return "" if share >= rule.min_attended - 1e-9 else "attended_less"


def per_protocol(people: Sequence[Person], rule: Population) -> list[Person]:
    return [person for person in people if not off_protocol(person, rule)]


def missing_reason(person: Person, row: Hypothesis, data: Data) -> Reason | None:
    """Why a student's value is in no test of this hypothesis; None for one whose is."""
    if not person.arm:
        return "excluded" if person.excluded else "no_arm"
    if person.consent:
        return person.consent
    if row.is_rate:
        return None if person.hours > 0 else "no_hours"
    key = series(row.outcome, row.time_point)
    if person.value(key) is None:
        return _gap_reason(person, key, data)
    if row.test == "ancova" and person.value(series(row.outcome, row.before)) is None:
        return "no_before"
    return None


def _gap_reason(person: Person, key: str, data: Data) -> Reason:
    if key in person.values:
        return "not_finite"
    if person.lessons == 0 and person.lessons_held:
        return "never_trained"
    opened = data.of(key).gap_days
    allowed = QUIET_DAYS if opened is None else max(opened, 0)
    if person.days_since_last is not None and person.days_since_last > allowed:
        return "stopped_training"
    return "not_measured"
