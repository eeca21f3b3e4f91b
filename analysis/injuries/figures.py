"""Injuries over hours: incidence, burden, severity, of the whole class and, once that is allowed, of each group.

No group is set against another before the study is over: until then everybody reads totals of the class. Who reads
students by code gets no figure of fewer than five people and no count of injuries below five: pages of totals are shown
around, and such a number points at somebody.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models import Sum
from django.utils import timezone

from analysis.stats import rates
from analysis.stats.samples import InvalidSample
from studies.access import SEES_NAMES, arm_name, role_in, sees_arms, students_of
from studies.closing.looks import may_compare
from studies.health.services import week_rows
from studies.models import Arm, Injury, TrainingSession
from studies.models.health import TIME_LOSS
from studies.privacy.small_cells import guarded, too_small

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from analysis.stats.rates import Burden, Rate, RateRatio
    from studies.health.services import WeekRow
    from studies.models import Study, User

BINS = (*(name for _most, name in TIME_LOSS), ">28")


@dataclass(frozen=True, slots=True)
class Person:
    """One student's hours of training, and the days lost of each of their injuries."""

    arm: int | None
    hours: float
    days_lost: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """A class or a group. Rates are None without an hour of training; means None without an injury.

    `all_injuries` counts every injury, `time_loss` those with at least a day lost.
    """

    name: str
    people: int
    injured: int
    hours: float
    all_injuries: Rate | None
    time_loss: Rate | None
    burden: Burden | None
    count: int
    mean_days: float | None
    median_days: float | None
    bins: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class InjuryFigures:
    """`groups` and `ratio` are empty while the study runs, and for who may not know the groups; `kept_back` says which
    of the two: "running", "blinded", or empty. A region's None, and a week (by key) in `small_weeks`, is too small to
    be shown to this reader.
    """

    total: GroupFigures
    groups: tuple[GroupFigures, ...]
    ratio: RateRatio | None
    kept_back: str
    regions: tuple[tuple[str, int | None, int | None], ...]
    weeks: tuple[WeekRow, ...]
    small_weeks: frozenset[int]
    by_code: bool
    confidence: float = 0.95


def injury_figures(study: Study, user: User, *, today: dt.date | None = None) -> InjuryFigures:
    """The figures of the students that the user works with. Six queries, whatever the size of the class."""
    students = list(students_of(user, study).only("pk", "arm_id", "enrolled_at", "eligibility", "study_id"))
    numbers = [row.pk for row in students]
    minutes = dict(
        TrainingSession.objects.filter(participant__in=numbers)
        .order_by()
        .values("participant")
        .annotate(total=Sum("minutes"))
        .values_list("participant", "total")
    )
    injuries = list(
        Injury.objects.counted()
        .filter(participant__in=numbers)
        .order_by("pk")
        .values_list("participant", "region", "days_lost")
    )
    lost: dict[int, list[int]] = {}
    for participant, _region, days in injuries:
        lost.setdefault(participant, []).append(days)
    people = [Person(row.arm_id, minutes.get(row.pk, 0) / 60, tuple(lost.get(row.pk, ()))) for row in students]
    kept_back = why_kept_back(study, user, today=today or timezone.localdate())
    groups, ratio = ((), None) if kept_back else _by_arm(study, user, people)
    weeks = tuple(reversed(week_rows(study, students)))
    by_code = role_in(user, study) not in SEES_NAMES
    total = _group("", people)
    if by_code and any(too_small(group.people) for group in groups):
        groups, ratio = (), None  # the class less the other groups would be the small one
    if by_code:
        total, groups = _guarded(total), tuple(_guarded(group) for group in groups)
    return InjuryFigures(
        total=total,
        groups=groups,
        ratio=ratio,
        kept_back=kept_back,
        regions=_regions([(region, days) for _participant, region, days in injuries], by_code=by_code),
        weeks=weeks,
        by_code=by_code,
        small_weeks=frozenset(row.week.pk for row in weeks if by_code and too_small(row.answered)),
    )


def why_kept_back(study: Study, user: User, *, today: dt.date) -> str:
    """Why the groups are not set against each other: "blinded", "running"; empty where they may be."""
    if not sees_arms(user, study):
        return "blinded"
    return "" if may_compare(study, today=today) else "running"


def _by_arm(study: Study, user: User, people: Sequence[Person]) -> tuple[tuple[GroupFigures, ...], RateRatio | None]:
    arms = list(Arm.objects.filter(study=study).select_related("study"))
    groups = tuple(_group(arm_name(user, arm), [row for row in people if row.arm == arm.pk]) for arm in arms)
    ratio = None
    if len(groups) == 2 and all(group.hours for group in groups):
        first, second = (rates.events(group.name, group.count, group.hours) for group in groups)
        try:
            ratio = rates.rate_ratio(first, second)
        except InvalidSample:  # no injury at all: there is no ratio
            ratio = None
    return groups, ratio


def _group(name: str, people: Sequence[Person]) -> GroupFigures:
    hours = sum(person.hours for person in people)
    days = sorted(day for person in people for day in person.days_lost)
    trained = [person for person in people if person.hours or person.days_lost]
    return GroupFigures(
        name=name,
        people=len(people),
        injured=sum(bool(person.days_lost) for person in people),
        hours=hours,
        all_injuries=_rate(name, len(days), hours),
        time_loss=_rate(name, sum(day > 0 for day in days), hours),
        burden=rates.burden(name, [sum(p.days_lost) for p in trained], [p.hours for p in trained]) if hours else None,
        count=len(days),
        mean_days=sum(days) / len(days) if days else None,
        median_days=(days[(len(days) - 1) // 2] + days[len(days) // 2]) / 2 if days else None,
        bins=tuple((name_of, sum(_bin(day) == name_of for day in days)) for name_of in BINS),
    )


def _guarded(group: GroupFigures) -> GroupFigures:
    """As who reads by code may see it: no bin below five, and of fewer than five injuries no mean."""
    group = replace(group, bins=tuple(guarded({name: count or 0 for name, count in group.bins}).items()))
    return replace(group, mean_days=None, median_days=None) if too_small(group.count) else group


def _rate(name: str, count: int, hours: float) -> Rate | None:
    return rates.incidence(rates.events(name, count, hours)) if hours else None


def _bin(days: int) -> str:
    return next((name for most, name in TIME_LOSS if days <= most), BINS[-1])


def _regions(rows: Sequence[tuple[str, int]], *, by_code: bool) -> tuple[tuple[str, int | None, int | None], ...]:
    """Label, injuries and days lost of each region, most days first; small ones of a reader by code as None, last."""
    labels = dict(Injury.Region.choices)
    counts = Counter(region for region, _days in rows)
    days: Counter[str] = Counter()
    for region, lost in rows:
        days[region] += lost
    shown = guarded(counts) if by_code else dict(counts)
    order = sorted(counts, key=lambda region: (-days[region], -counts[region], region))
    known = [(str(labels[region]), shown[region], days[region]) for region in order if shown[region] is not None]
    hidden = sorted((str(labels[region]), None, None) for region in order if shown[region] is None)
    return (*known, *hidden)
