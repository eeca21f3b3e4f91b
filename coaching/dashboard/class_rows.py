"""Who trained, who has not answered, who needs help: one row a student, in a number of queries that does not grow.

An instructor who may still review a set blind is not told its verdicts: shares are of sets that they have opened.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import BooleanField, Case, Count, Exists, Max, OuterRef, Q, When
from django.utils import timezone

from coaching.access import opened_sets
from coaching.models import AnalysisRun, RepetitionRecord, Session
from studies.access import SEES_NAMES, role_in, students_of
from studies.health.services import not_answered
from studies.models import HealthWeek, Injury, Participant, TrainingSession

if TYPE_CHECKING:
    from django.db.models import QuerySet

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
    attended = TrainingSession.objects.attended().filter(participant__study=study).order_by()
    last = dict(attended.values("participant").annotate(day=Max("held_on")).values_list("participant", "day"))
    films = _films(study, user)
    week = HealthWeek.objects.filter(study=study, opens_on__lte=today).first()
    silent = set(not_answered(week, people).values_list("pk", flat=True)) if week else set()
    injured = set(
        Injury.objects.standing()
        .filter(participant__study=study, status=Injury.Status.OPEN)
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


def recent_films(study: Study) -> tuple[QuerySet[Session], QuerySet[AnalysisRun]]:
    """The films of the last RECENT days, and the newest runs of those that the coach could not judge."""
    newer = AnalysisRun.objects.filter(session=OuterRef("session"), pk__gt=OuterRef("pk"))
    wanted = {"participant__study": study, "rejected_code": "", "uploaded_at__gte": timezone.now() - RECENT}
    failed = Q(state=AnalysisRun.State.FAILED) | Q(assessment__refused_code__gt="")
    of_those = {f"session__{name}": value for name, value in wanted.items()}
    bad = AnalysisRun.objects.filter(failed, ~Exists(newer), **of_those)
    return Session.objects.filter(**wanted).order_by(), bad.order_by()


def _films(study: Study, user: User) -> dict[int, Films]:
    """Films by student, counted by the database: the newest run of each counts."""
    now = timezone.now()
    kept, bad = recent_films(study)
    found: dict[int, Films] = defaultdict(Films)
    for participant, total in kept.values_list("participant").annotate(total=Count("pk")):
        found[participant].count = total
    for participant, total in bad.values_list("session__participant").annotate(total=Count("pk")):
        found[participant].not_judged = total
    judged = RepetitionRecord.objects.filter(
        assessment__run__session__participant__study=study,
        assessment__run__session__uploaded_at__gte=now - 2 * RECENT,
    )
    if role_in(user, study) in SEES_NAMES:
        judged = judged.filter(assessment__run__session__in=opened_sets(user))
    superseded = AnalysisRun.objects.filter(
        session=OuterRef("assessment__run__session"), pk__gt=OuterRef("assessment__run")
    )
    _add_shares(found, judged.filter(~Exists(superseded)).order_by(), since=now - RECENT)
    return found


def _add_shares(found: dict[int, Films], judged: QuerySet[RepetitionRecord], *, since: dt.datetime) -> None:
    is_recent = Case(
        When(assessment__run__session__uploaded_at__gte=since, then=True), default=False, output_field=BooleanField()
    )
    counts = (
        judged.annotate(recent=is_recent)
        .values_list("assessment__run__session__participant", "recent")
        .annotate(
            incorrect=Count("pk", filter=Q(verdict="incorrect")),
            known=Count("pk", filter=Q(verdict__in=("correct", "incorrect"))),
        )
    )
    for participant, recent, incorrect, known in counts:
        if recent:
            found[participant].now = Share(incorrect, known)
        else:
            found[participant].before = Share(incorrect, known)
