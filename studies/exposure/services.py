"""Training as rows: a lesson with who was there, corrections of it, and what films add. Nothing is counted twice.

A film is of the sets that a lesson of the same day counts already, so a day's sets and repetitions are the greater of
what was entered and what the films show (`TrainingSession`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Max, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies import audit
from studies.closing.rules import refuse_closed
from studies.errors import StudyError
from studies.models import CountedFilm, Lesson, Participant, TrainingSession

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from decimal import Decimal

    from studies.models import Study, User

MINUTES_MAX = 24 * 60
SMALL_MAX = 32767
Attendance, Source = TrainingSession.Attendance, TrainingSession.Source


@dataclass(frozen=True, slots=True)
class Attended:
    """One student in a lesson. `minutes` None: as long as the lesson. Whoever was missing trained nothing."""

    participant: Participant
    attendance: str = Attendance.PRESENT
    minutes: int | None = None
    sets: int = 0
    repetitions: int = 0
    load_kg: Decimal | None = None


@transaction.atomic
def log_lesson(
    *,
    study: Study,
    by: User,
    held_on: dt.date,
    minutes: int,
    rows: Sequence[Attended],
    section: str = "",
    another: bool = False,
) -> Lesson:
    """Write a lesson into the log with everybody who was there or missing. All of it or nothing.

    `another`: it is a second lesson of that day, which otherwise is refused. A day that was known from films becomes
    part of it. Errors: study_closed, in_the_future, bad_minutes, bad_amount, bad_attendance, nobody_chosen,
    not_here, lesson_twice.
    """
    refuse_closed(study.pk)
    _check(held_on, minutes, rows)
    if any(row.participant.study_id != study.pk for row in rows):
        raise StudyError("not_here", _("One of these students is not in the study."))
    same_day = Lesson.objects.filter(study=study, held_on=held_on, rows__participant__in=[r.participant for r in rows])
    if not another and same_day.exists():
        raise StudyError(
            "lesson_twice",
            _("A lesson of this day is in the log for some of these students. Correct that one, or say it is another."),
        )
    lesson = Lesson.objects.create(
        study=study, held_on=held_on, minutes=minutes, section=section, logged_by=by, changed_by=by
    )
    for row in rows:
        _put(lesson, row, by)
    audit.done(study.pk, by, "lesson logged", lesson=lesson.pk, students=len(rows))
    return lesson


@transaction.atomic
def correct_lesson(
    *, lesson: Lesson, by: User, seen_version: int, held_on: dt.date, minutes: int, rows: Sequence[Attended]
) -> Lesson:
    """Change a lesson and its rows. Students without a row in `rows` keep theirs.

    Errors: changed_meanwhile, and those of `log_lesson` but lesson_twice.
    """
    _check(held_on, minutes, rows)
    if any(row.participant.study_id != lesson.study_id for row in rows):
        raise StudyError("not_here", _("One of these students is not in the study."))
    current = Lesson.objects.select_for_update().get(pk=lesson.pk)
    if current.version != seen_version:
        raise StudyError(
            "changed_meanwhile",
            _("Somebody changed this lesson since you opened the page. Look at it anew; nothing was overwritten."),
        )
    current.held_on, current.minutes = held_on, minutes
    current.version, current.changed_by, current.changed_at = current.version + 1, by, timezone.now()
    current.save()
    TrainingSession.objects.filter(lesson=current).update(held_on=held_on)
    for row in rows:
        _put(current, row, by)
    audit.done(current.study_id, by, "lesson changed", lesson=current.pk, version=current.version)
    return current


def _check(held_on: dt.date, minutes: int, rows: Sequence[Attended]) -> None:
    if held_on > timezone.localdate():
        raise StudyError("in_the_future", _("This date is in the future. Log a lesson after it was held."))
    if not rows:
        raise StudyError("nobody_chosen", _("A lesson needs at least one student."))
    for row in rows:
        if row.attendance not in Attendance.values:
            raise StudyError("bad_attendance", _("Say of each student: present, absent or excused."))
        if not 0 <= min(row.sets, row.repetitions) <= max(row.sets, row.repetitions) <= SMALL_MAX:
            raise StudyError("bad_amount", _("Sets, repetitions and load can't be less than 0."))
        if row.load_kg is not None and not 0 <= row.load_kg < 10_000:
            raise StudyError("bad_amount", _("Sets, repetitions and load can't be less than 0."))
    if any(not 1 <= given <= MINUTES_MAX for given in (minutes, *(row.minutes or 1 for row in rows))):
        raise StudyError("bad_minutes", _("Enter how long the lesson was, from 1 to 1440 minutes."))


def _put(lesson: Lesson, given: Attended, by: User) -> None:
    """The student's row of the lesson, taking over a row that films made of the same day."""
    here = given.attendance == Attendance.PRESENT
    rows = TrainingSession.objects.select_for_update().filter(participant=given.participant)
    row = rows.filter(lesson=lesson).first()
    if row is None and here:
        row = rows.filter(held_on=lesson.held_on, source=Source.UPLOAD).first()
    row = row or TrainingSession(participant=given.participant)
    row.lesson, row.held_on, row.source, row.logged_by = lesson, lesson.held_on, Source.LESSON, by
    row.attendance = given.attendance
    row.minutes = (given.minutes or lesson.minutes) if here else 0
    row.sets = given.sets if here else 0
    row.repetitions = given.repetitions if here else 0
    row.load_kg = given.load_kg if here else None
    row.sets_by_hand = row.repetitions_by_hand = row.load_by_hand_kg = None
    row.save()
    _count_again(row)


@transaction.atomic
def count_upload(
    *, participant: Participant, film: str, held_on: dt.date, repetitions: int, load_kg: Decimal | None = None
) -> TrainingSession | None:
    """Add an analysed film to the student's day of training; analysed again, it is counted anew, not twice.

    A lesson that the student attended that day takes it; else a row of its own does, without minutes. A film without a
    repetition counts nothing, and takes back what it counted before; None where nothing is left to name.
    """
    Participant.objects.select_for_update().get(pk=participant.pk)
    counted = CountedFilm.objects.filter(film=film).select_related("training_session").first()
    if repetitions < 1:
        if counted is not None:
            row = counted.training_session
            counted.delete()
            _count_again(row)
        return None
    if counted is not None:
        counted.repetitions, counted.load_kg, counted.counted_at = repetitions, load_kg, timezone.now()
        counted.save()
        _count_again(counted.training_session)
        return counted.training_session
    day = TrainingSession.objects.attended().filter(participant=participant, held_on=held_on)
    row_of_day = day.order_by("pk").first()
    if row_of_day is None:
        row_of_day = TrainingSession.objects.create(
            participant=participant, held_on=held_on, source=Source.UPLOAD, minutes=0
        )
    CountedFilm.objects.create(training_session=row_of_day, film=film, repetitions=repetitions, load_kg=load_kg)
    _count_again(row_of_day)
    return row_of_day


def _count_again(row: TrainingSession) -> None:
    """Make the row's totals anew from what was entered and what its films show."""
    films = row.films.aggregate(sets=Count("pk"), repetitions=Sum("repetitions"), load=Max("load_kg"))
    if row.sets_by_hand is None:
        if not films["sets"]:
            return
        from_films_alone = row.source == Source.UPLOAD
        row.sets_by_hand = 0 if from_films_alone else row.sets
        row.repetitions_by_hand = 0 if from_films_alone else row.repetitions
        row.load_by_hand_kg = None if from_films_alone else row.load_kg
    row.sets = max(row.sets_by_hand, films["sets"])
    row.repetitions = min(SMALL_MAX, max(row.repetitions_by_hand or 0, films["repetitions"] or 0))
    row.load_kg = films["load"] if row.load_by_hand_kg is None else row.load_by_hand_kg
    row.save()
