"""The weekly questions: weeks that open, answers, reminders, and how many answered."""

from __future__ import annotations

import datetime as dt
import logging
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from studies import audit
from studies.consent.scopes import RESEARCH
from studies.consent.selectors import agreed
from studies.errors import StudyError
from studies.health.scoring import FULL, WrongAnswers, score
from studies.models import (
    HealthAnswer,
    HealthProblem,
    HealthReminder,
    HealthWeek,
    Injury,
    Participant,
    Study,
)
from studies.safety.services import look_at_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from studies.models import ParticipantQuerySet, User

logger = logging.getLogger(__name__)

OPENS_AFTER = dt.timedelta(days=6)
"""On the week's Sunday."""
TO_ANSWER = dt.timedelta(days=3)
PROBLEMS_MAX = 10
SENT_AT_ONCE = 500


def open_weeks(today: dt.date) -> list[HealthWeek]:
    """Make the weeks of running studies that can be answered in time today. Called again, it makes nothing twice.

    A week that nobody was asked about, because no worker ran, is not made up for afterwards.
    """
    made = []
    for monday in _mondays(today):
        reaches = Q(ends_on__isnull=True) | Q(ends_on__gte=monday)
        running = Study.objects.filter(reaches, starts_on__lte=monday + OPENS_AFTER)
        for study in running.exclude(health_weeks__starts_on=monday).order_by("pk"):
            made += _make_week(study, monday)
    return made


def _mondays(today: dt.date) -> list[dt.date]:
    """Mondays of the weeks that are open and not yet overdue today: none or one while TO_ANSWER is under a week."""
    monday = today - dt.timedelta(days=today.weekday())
    weeks = (monday - dt.timedelta(weeks=1), monday)
    return [week for week in weeks if week + OPENS_AFTER <= today <= week + OPENS_AFTER + TO_ANSWER]


def _make_week(study: Study, monday: dt.date) -> list[HealthWeek]:
    opens = monday + OPENS_AFTER
    try:
        with transaction.atomic():
            return [HealthWeek.objects.create(study=study, starts_on=monday, opens_on=opens, due_on=opens + TO_ANSWER)]
    except IntegrityError:  # another worker made it at this moment
        return []


def asked(week: HealthWeek) -> ParticipantQuerySet:
    """Whom a week's questions are for: everybody in the study by its end who takes part in it, but those excluded."""
    end = timezone.make_aware(dt.datetime.combine(week.starts_on + dt.timedelta(days=7), dt.time()))
    rows = Participant.objects.filter(agreed(RESEARCH), study=week.study_id, enrolled_at__lt=end)
    return rows.exclude(eligibility=Participant.Eligibility.EXCLUDED)


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem as answered: choices 0 to 3; the last three may be None where the first makes them redundant."""

    kind: str
    participation: int
    training: int | None = None
    performance: int | None = None
    symptoms: int | None = None
    region: str = ""
    side: str = ""


@transaction.atomic
def answer(*, week: HealthWeek, participant: Participant, problem: Problem | None) -> HealthAnswer:
    """Keep a student's answer: `problem` None says full participation without health problems.

    Called again with another problem, it is added. An answer after the week's last day is kept, and marked late.
    Errors: not_asked, not_open, answered_already, too_many, bad_kind, bad_region, answers_missing.
    """
    today = timezone.localdate()
    if not asked(week).filter(pk=participant.pk).exists():
        raise StudyError("not_asked", gettext_lazy("These questions are about a week before you were in the study."))
    if today < week.opens_on:
        raise StudyError("not_open", gettext_lazy("This week is not over yet. Come back on its last day."))
    row, made = HealthAnswer.objects.get_or_create(
        week=week, participant=participant, defaults={"late": today > week.due_on}
    )
    if problem is None or problem.participation == FULL:
        if not made:
            raise StudyError("answered_already", gettext_lazy("You have answered for this week already."))
    else:
        HealthAnswer.objects.select_for_update().get(pk=row.pk)
        if not made and not row.problems.exists():
            raise StudyError("answered_already", gettext_lazy("You have said for this week that nothing was wrong."))
        if row.problems.count() >= PROBLEMS_MAX:
            raise StudyError("too_many", gettext_lazy("Ten problems are kept a week. Tell your instructor of more."))
        look_at_problem(_kept(row, problem))
    audit.done(week.study_id, participant.user, "weekly questions answered", about=participant, week=week.pk)
    return row


def _kept(row: HealthAnswer, problem: Problem) -> HealthProblem:
    if problem.kind not in HealthProblem.Kind.values:
        raise StudyError("bad_kind", gettext_lazy("Say whether it is an injury or an illness."))
    is_injury = problem.kind == HealthProblem.Kind.INJURY
    if is_injury and problem.region not in Injury.Region.values:
        raise StudyError("bad_region", gettext_lazy("Choose the part of the body from the list."))
    if problem.side not in {"", *Injury.Side.values}:
        raise StudyError("bad_region", gettext_lazy("Choose the side from the list."))
    try:
        scored = score(problem.participation, problem.training, problem.performance, problem.symptoms)
    except WrongAnswers:
        raise StudyError("answers_missing", gettext_lazy("Answer each of the four questions.")) from None
    return HealthProblem.objects.create(
        answer=row,
        kind=problem.kind,
        region=problem.region if is_injury else "",
        side=problem.side if is_injury else "",
        participation=scored.participation,
        training=scored.training,
        performance=scored.performance,
        symptoms=scored.symptoms,
        severity=scored.severity,
        substantial=scored.substantial,
    )


def due_for(user: User, today: dt.date) -> list[tuple[Participant, HealthWeek]]:
    """The newest open week that each of the user's own participations has not answered, late ones of four weeks too."""
    own = list(Participant.objects.filter(user=user).select_related("study"))
    if not own:
        return []
    weeks = HealthWeek.objects.filter(
        study__in=[row.study_id for row in own], opens_on__lte=today, due_on__gte=today - dt.timedelta(weeks=4)
    ).order_by("-starts_on")
    answered = set(HealthAnswer.objects.filter(participant__in=own).values_list("participant_id", "week_id"))
    found = []
    for row in own:
        if row.eligibility == Participant.Eligibility.EXCLUDED:
            continue
        first_day = timezone.localdate(row.enrolled_at)
        open_ones = [
            week
            for week in weeks
            if week.study_id == row.study_id
            and (row.pk, week.pk) not in answered
            and first_day <= week.starts_on + dt.timedelta(days=6)
        ]
        found += [(row, week) for week in open_ones[:1]]
    return found


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One week of a study: how many were asked, answered (of them late), had a problem, a substantial one; the mean
    severity over all answers, None without any.
    """

    week: HealthWeek
    asked: int
    answered: int
    late: int
    with_problem: int
    substantial: int
    mean_severity: float | None

    @property
    def response_rate(self) -> float | None:
        return self.answered / self.asked if self.asked else None


def week_rows(study: Study, students: Iterable[Participant]) -> list[WeekRow]:
    """Every week of a study, newest first, over `students` (with `enrolled_at`). Two queries.

    An answer's severity is its worst problem's.
    """
    people = {row.pk: row for row in students if row.eligibility != Participant.Eligibility.EXCLUDED}
    worst: dict[int, dict[int, tuple[bool, int, bool]]] = {}
    answers = HealthAnswer.objects.filter(week__study=study, participant__in=people.keys()).order_by()
    for row in answers.values_list("week_id", "participant_id", "late", "problems__severity", "problems__substantial"):
        week, who, late, severity, substantial = row
        of_week = worst.setdefault(week, {})
        known = of_week.get(who, (late, 0, False))
        of_week[who] = (late, max(known[1], severity or 0), known[2] or bool(substantial))
    enrolled = sorted(timezone.localdate(row.enrolled_at) for row in people.values())
    return [_week_row(week, enrolled, worst.get(week.pk, {})) for week in study.health_weeks.all()]


def _week_row(week: HealthWeek, enrolled: list[dt.date], answers: dict[int, tuple[bool, int, bool]]) -> WeekRow:
    """`enrolled` are the students' days of enrolment, in order."""
    last = week.starts_on + dt.timedelta(days=6)
    severities: Sequence[int] = [severity for _late, severity, _substantial in answers.values()]
    return WeekRow(
        week=week,
        asked=bisect_right(enrolled, last),
        answered=len(answers),
        late=sum(late for late, _severity, _substantial in answers.values()),
        with_problem=sum(severity > 0 for severity in severities),
        substantial=sum(substantial for _late, _severity, substantial in answers.values()),
        mean_severity=sum(severities) / len(severities) if severities else None,
    )


def answers_of(week: HealthWeek, people: ParticipantQuerySet) -> list[HealthAnswer]:
    """The answers of these students, each with its problems, worst first."""
    problems = Prefetch("problems", queryset=HealthProblem.objects.order_by("-severity", "pk"))
    rows = HealthAnswer.objects.filter(week=week, participant__in=people)
    return list(rows.select_related("participant__user").prefetch_related(problems))


def not_answered(week: HealthWeek, students: ParticipantQuerySet) -> ParticipantQuerySet:
    """Those of `students` who were asked and have not answered."""
    given = HealthAnswer.objects.filter(week=week, participant=OuterRef("pk"))
    return students.filter(pk__in=asked(week).values("pk")).filter(~Exists(given))


def send_reminders(today: dt.date) -> int:
    """Mail those who have not answered an open week: when it opens, and on its last day. Returns how many."""
    sent = 0
    for week in HealthWeek.objects.filter(opens_on__lte=today, due_on__gte=today).select_related("study"):
        number = 2 if today == week.due_on else 1
        reminded = HealthReminder.objects.filter(week=week, number=number, participant=OuterRef("pk"))
        rows = not_answered(week, asked(week)).filter(~Exists(reminded)).exclude(user__email="")
        rows = rows.filter(user__is_active=True).select_related("user").order_by("pk")
        for row in rows[: SENT_AT_ONCE - sent]:
            sent += _remind(week, row, number)
    return sent


def _remind(week: HealthWeek, participant: Participant, number: int) -> int:
    """The row first, in a transaction that a failed mail undoes: nobody is mailed twice, and it is tried again."""
    link = f"{settings.SITE_URL}{reverse('studies:health', args=[participant.pk, week.pk])}"
    body = _("Four short questions about the last week are waiting for you. One minute: %(link)s") % {"link": link}
    try:
        with transaction.atomic():
            HealthReminder.objects.create(week=week, participant=participant, number=number)
            send_mail(_("LiftLab: how was your week?"), f"{body}\n", None, [participant.user.email])
    except IntegrityError:
        return 0
    except OSError:
        logger.exception("week %s: a reminder could not be sent", week.pk)
        return 0
    return 1
