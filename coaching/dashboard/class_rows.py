"""Who trained, who has not answered, who needs help: one row a student, in a number of queries that does not grow.

An instructor who may still review a set blind is not told its verdicts: shares are of sets that they have opened.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Max
from django.utils import timezone

from coaching.access import opened_sets
from coaching.models import AnalysisRun, RepetitionRecord
from studies.access import SEES_NAMES, role_in, students_of
from studies.health.services import not_answered
from studies.models import HealthWeek, Injury, Participant, TrainingSession

if TYPE_CHECKING:
    from uuid import UUID

    from studies.models import Study, User

RECENT = dt.timedelta(days=14)
"""Films of so long are looked at, and for the trend those of as long before."""
IDLE_DAYS = 10
INCORRECT_SHARE, FEWEST_REPETITIONS = 0.5, 10
NOT_JUDGED = 2
TREND = 0.1


class Share(NamedTuple):
    """Incorrect of so many judged repetitions."""

    incorrect: int = 0
    judged: int = 0

    @property
    def value(self) -> float | None:
        return self.incorrect / self.judged if self.judged >= FEWEST_REPETITIONS else None

    @property
    def per_cent(self) -> int | None:
        return None if self.value is None else round(100 * self.value)


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One student. `reasons` say why they need help: "idle", "incorrect", "not_judged", "injury"; mostly none.

    `trend` compares the share of incorrect repetitions with the fortnight before: "better", "worse", "same", or empty.
    """

    participant: Participant
    last_trained: dt.date | None
    this_week: bool
    films: int
    not_judged: int
    share: Share
    trend: str
    has_answered: bool | None
    reasons: tuple[str, ...]


@dataclass(slots=True)
class Films:
    """One student's films of the last fortnight, and the shares of it and of the one before."""

    count: int = 0
    not_judged: int = 0
    now: Share = field(default_factory=Share)
    before: Share = field(default_factory=Share)


def class_rows(study: Study, user: User, *, today: dt.date | None = None) -> list[ClassRow]:
    """The user's students, those who need help first. Nine queries and those of the roles."""
    today = today or timezone.localdate()
    people = students_of(user, study).exclude(eligibility=Participant.Eligibility.EXCLUDED)
    students = list(people.select_related("user").order_by("code"))
    numbers = [row.pk for row in students]
    attended = TrainingSession.objects.attended().filter(participant__in=numbers).order_by()
    last = dict(attended.values("participant").annotate(day=Max("held_on")).values_list("participant", "day"))
    films = _films(study, user, numbers)
    week = HealthWeek.objects.filter(study=study, opens_on__lte=today).first()
    silent = set(not_answered(week, people).values_list("pk", flat=True)) if week else set()
    injured = set(
        Injury.objects.standing()
        .filter(participant__in=numbers, status=Injury.Status.OPEN)
        .values_list("participant", flat=True)
    )
    monday = today - dt.timedelta(days=today.weekday())
    rows = [
        _row(
            row,
            films.get(row.pk, Films()),
            last=last.get(row.pk),
            days=(monday, today),
            has_answered=None if week is None else row.pk not in silent,
            injured=row.pk in injured,
        )
        for row in students
    ]
    return sorted(rows, key=lambda row: (-len(row.reasons), row.participant.code))


def _row(
    participant: Participant,
    films: Films,
    *,
    last: dt.date | None,
    days: tuple[dt.date, dt.date],
    has_answered: bool | None,
    injured: bool,
) -> ClassRow:
    monday, today = days
    share = films.now
    found = {
        "injury": injured,
        "incorrect": share.value is not None and share.value >= INCORRECT_SHARE,
        "not_judged": films.not_judged >= NOT_JUDGED,
        "idle": last is None or (today - last).days > IDLE_DAYS,
    }
    return ClassRow(
        participant=participant,
        last_trained=last,
        this_week=last is not None and last >= monday,
        films=films.count,
        not_judged=films.not_judged,
        share=share,
        trend=_trend(films),
        has_answered=has_answered,
        reasons=tuple(name for name, holds in found.items() if holds),
    )


def _trend(films: Films) -> str:
    now, before = films.now.value, films.before.value
    if now is None or before is None:
        return ""
    if abs(now - before) < TREND:
        return "same"
    return "better" if now < before else "worse"


def _films(study: Study, user: User, numbers: list[int]) -> dict[int, Films]:
    """Films by student: the newest run of each counts."""
    now = timezone.now()
    runs = AnalysisRun.objects.filter(
        session__participant__in=numbers, session__uploaded_at__gte=now - 2 * RECENT, session__rejected_code=""
    ).order_by("pk")
    newest: dict[UUID, tuple[int, int, bool, bool]] = {}
    columns = ("session_id", "pk", "session__participant_id", "session__uploaded_at", "state")
    for session, run, participant, uploaded_at, state, refused in runs.values_list(
        *columns, "assessment__refused_code"
    ):
        failed = state == AnalysisRun.State.FAILED or bool(refused)
        newest[session] = (run, participant, uploaded_at >= now - RECENT, failed)
    found: dict[int, Films] = defaultdict(Films)
    for _run, participant, recent, failed in newest.values():
        if recent:
            found[participant].count += 1
            found[participant].not_judged += failed
    _add_shares(found, newest, opened_sets(user) if role_in(user, study) in SEES_NAMES else None)
    return found


def _add_shares(
    found: dict[int, Films], newest: dict[UUID, tuple[int, int, bool, bool]], opened: set[str] | None
) -> None:
    """`opened` None: the reader reviews nothing, so every verdict counts."""
    of_run = {
        run: (participant, recent)
        for session, (run, participant, recent, _failed) in newest.items()
        if opened is None or str(session) in opened
    }
    if not of_run:
        return
    verdicts: dict[tuple[int, bool], Counter[str]] = defaultdict(Counter)
    rows = RepetitionRecord.objects.filter(assessment__run__in=of_run).order_by()
    counts = rows.values_list("assessment__run", "verdict").annotate(total=Count("pk"))
    for run, verdict, total in counts:
        verdicts[of_run[run]][verdict] += total
    for (participant, recent), counted in verdicts.items():
        share = Share(counted["incorrect"], counted["correct"] + counted["incorrect"])
        if recent:
            found[participant].now = share
        else:
            found[participant].before = share
