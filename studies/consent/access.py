"""Doors of consent and privacy: the student alone for their answers, owner and data-protection officer for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

from studies.access import participant_for, role_in, study_for

if TYPE_CHECKING:
    from studies.models import Participant, Study, User

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
