"""Close a study, open it again, release the coach's feedback: the owner's steps, each kept with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from studies import audit
from studies.closing.rules import open_work
from studies.errors import StudyError
from studies.models import Study, StudyMilestone
from studies.plans import open_plan

if TYPE_CHECKING:
    from studies.models import User

Kind = StudyMilestone.Kind


def left_undone(study: Study) -> list[str]:
    """What is unfinished and does not keep a study from being closed, a sentence each."""
    found = []
    waiting = study.participants.waiting().count()
    if waiting:
        found.append(_("Students without a group: %(count)d. They stay without one.") % {"count": waiting})
    unconfirmed = study.participants.filter(eligibility="unconfirmed").count()
    if unconfirmed:
        found.append(_("Students whose eligibility was never confirmed: %(count)d.") % {"count": unconfirmed})
    if open_plan(study) is not None:
        found.append(_("The sealed design is still open: close and reveal it, so that others can check the groups."))
    return found


@transaction.atomic
def close_study(*, study: Study, by: User, release_feedback: bool, reason: str = "") -> Study:
    """End the study: from now on it takes no student, draw, lesson, film or rating. `study` is brought up to date.

    Errors: closed_already, runs_open (with how many, and what to do).
    """
    row = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if row.closed_at is not None:
        raise StudyError("closed_already", _("This study is closed already."))
    unfinished = open_work(row)
    if unfinished:
        raise StudyError(unfinished[0].code, " ".join(str(work.advice) for work in unfinished))
    row.closed_at = timezone.now()
    row.save(update_fields=["closed_at"])
    _milestone(row, by, Kind.CLOSED, reason)
    if release_feedback and not _is_released(row):
        _release(row, by)
    study.closed_at, study.feedback_released_at = row.closed_at, row.feedback_released_at
    return row


@transaction.atomic
def reopen_study(*, study: Study, by: User, reason: str) -> Study:
    """Take a closed study up again. Released feedback stays released. Errors: reason_missing, not_closed."""
    if not reason.strip():
        raise StudyError("reason_missing", _("Say why the study is opened again: the reason is kept."))
    row = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if row.closed_at is None:
        raise StudyError("not_closed", _("This study is open."))
    row.closed_at = None
    row.save(update_fields=["closed_at"])
    _milestone(row, by, Kind.REOPENED, reason)
    study.closed_at = None
    return row


@transaction.atomic
def release_feedback(*, study: Study, by: User, reason: str = "") -> Study:
    """Show the AI coach's feedback to every group, also what was withheld. It can't be taken back.

    Errors: released_already.
    """
    row = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if _is_released(row):
        raise StudyError("released_already", _("Every group sees the feedback already."))
    _release(row, by, reason)
    study.feedback_released_at = row.feedback_released_at
    return row


def _is_released(study: Study) -> bool:
    return study.feedback_released_at is not None and study.feedback_released_at <= timezone.now()


def _release(study: Study, by: User, reason: str = "") -> None:
    study.feedback_released_at = timezone.now()
    study.save(update_fields=["feedback_released_at"])
    _milestone(study, by, Kind.RELEASED, reason)


ACTIONS = {Kind.CLOSED: "study closed", Kind.REOPENED: "study opened again", Kind.RELEASED: "feedback released"}


def _milestone(study: Study, by: User, kind: StudyMilestone.Kind, reason: str) -> None:
    row = StudyMilestone.objects.create(study=study, kind=kind, reason=reason.strip(), by=by)
    audit.done(study.pk, by, ACTIONS[kind], milestone=row.pk)
