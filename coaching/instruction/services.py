"""Keeping and showing an instructor's feedback. Callers have authorised the person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from coaching.models.instruction import InstructorFeedback
from coaching.ratings.rounds import rubric_in_force
from coaching.ratings.rubrics import checked_points, criteria_of
from coaching.vision.vocabulary import FAULT_NAMES
from studies import audit
from studies.errors import StudyError
from studies.models import Participant

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from django.db.models import QuerySet

    from coaching.models import Session
    from coaching.models.ratings import Rubric
    from studies.models import User

CUES_MAX, CUE_LENGTH = 2, 160
LOAD_MAX_KG = 500


@dataclass(frozen=True, slots=True)
class Cue:
    """What to change: a fault of the vocabulary, own words, or both."""

    fault: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """One piece of feedback. `points` by the rubric's keys, or empty; `next_load_kg` in kilograms."""

    good: str = ""
    cues: Sequence[Cue] = ()
    points: Mapping[str, object] = field(default_factory=dict)
    next_load_kg: Decimal | None = None


@transaction.atomic
def give_feedback(
    *,
    participant: Participant,
    by: User,
    words: Words,
    session: Session | None = None,
    lesson_on: dt.date | None = None,
    seen: InstructorFeedback | None = None,
    rubric: Rubric | None = None,
) -> InstructorFeedback:
    """Keep feedback on a film or on a lesson without one. `seen`: the feedback that this one corrects.

    Points are by `rubric` (the one in force where none is named) or left out altogether. Errors: nothing_said,
    too_many_cues, unknown_fault, points_missing, points_out_of_range, bad_load, in_the_future, film_or_lesson,
    changed_meanwhile.
    """
    Participant.objects.select_for_update().get(pk=participant.pk)
    if (session is None) == (lesson_on is None):
        raise StudyError("film_or_lesson", _("Say for which film, or for the lesson of which day, this is."))
    if lesson_on is not None and lesson_on > timezone.localdate():
        raise StudyError("in_the_future", _("This date is in the future. Enter the day of the lesson."))
    if seen is not None and InstructorFeedback.objects.filter(replaces=seen).exists():
        raise StudyError(
            "changed_meanwhile", _("Somebody changed this feedback since you opened it. Look at it first.")
        )
    values = _checked(words)
    if words.points:
        rubric = rubric or rubric_in_force(participant.study, by=by)
        points = checked_points(criteria_of(rubric.criteria), words.points)
        values |= {"rubric": rubric, "points": points, "total": sum(points.values())}
    kept = InstructorFeedback.objects.create(
        participant=participant, session=session, lesson_on=lesson_on, by=by, replaces=seen, **values
    )
    action = "instructor's feedback corrected" if seen else "instructor's feedback"
    about = {"session": str(session.pk)} if session else {"lesson": str(lesson_on)}
    audit.done(participant.study_id, by, action, about=participant, feedback=kept.pk, **about)
    return kept


def _checked(words: Words) -> dict[str, Any]:
    cues = [Cue(cue.fault, cue.text.strip()[:CUE_LENGTH]) for cue in words.cues]
    cues = [cue for cue in cues if cue.fault or cue.text]
    if len(cues) > CUES_MAX:
        raise StudyError("too_many_cues", _("At most two things to change: nobody can work on more in one set."))
    if any(cue.fault and cue.fault not in FAULT_NAMES for cue in cues):
        raise StudyError("unknown_fault", _("One of the faults is not in the list. Reload the page and choose again."))
    load = words.next_load_kg
    if load is not None and not 0 < load <= LOAD_MAX_KG:
        raise StudyError("bad_load", _("The next load is a number of kilograms above 0 and up to 500."))
    good = words.good.strip()[:500]
    if not (good or cues or words.points or load is not None):
        raise StudyError("nothing_said", _("Write at least what was good or what to change."))
    return {
        "good": good,
        "cues": [{"fault": cue.fault, "text": cue.text} for cue in cues],
        "next_load_kg": load,
    }


def standing() -> QuerySet[InstructorFeedback]:
    """Feedback that no later one replaces, newest first."""
    return InstructorFeedback.objects.filter(replaced_by__isnull=True).select_related("by", "rubric", "session")


def feedback_on(session: Session) -> list[InstructorFeedback]:
    return list(standing().filter(session=session))


def feedback_to(participant: Participant, *, limit: int) -> list[InstructorFeedback]:
    """The newest feedback to a student, on films and lessons."""
    return list(standing().filter(participant=participant)[:limit])
