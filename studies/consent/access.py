"""Doors of consent and privacy: the student alone for their answers, owner and data-protection officer for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404

from studies.access import participant_for, role_in, study_for
from studies.consent.selectors import shows_names
from studies.models import ConsentStatus

if TYPE_CHECKING:
    from studies.models import ConsentRecord, Participant, Study, User

GUARDS = frozenset({"owner", "officer"})
"""Who sees how many agreed, and decides about erasure."""


def own_participant(user: User, pk: int) -> Participant:
    """The student's own row. Raises Http404, or PermissionDenied for staff: an answer is the student's alone."""
    participant = participant_for(user, pk)
    if participant.user_id != user.pk:
        raise PermissionDenied
    return participant


def guarded_study(user: User, pk: int) -> Study:
    """The study, for its owner and its data-protection officer. Raises Http404 or PermissionDenied."""
    study = study_for(user, pk)
    if role_in(user, study) not in GUARDS:
        raise PermissionDenied
    return study


def record_to_countersign(user: User, pk: int, record_pk: int) -> ConsentRecord:
    """An answer in force in the owner's own study, once names are shown. Raises Http404 or PermissionDenied."""
    study = study_for(user, pk, own=True)
    if not shows_names(study):
        raise PermissionDenied
    rows = ConsentStatus.objects.select_related("record__participant")
    status = rows.filter(record=record_pk, participant__study=study).first()
    if status is None or status.record is None:
        raise Http404("no such answer")
    return status.record
