"""The door to injuries: through the student whose they are (`studies.access`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404

from studies.access import participant_for, record_access
from studies.models import HealthProblem, Injury, Participant

if TYPE_CHECKING:
    from studies.models import User

INJURY = "injury"
"""What the access record says of opening one entry."""


def injury_for(user: User, pk: int, *, write: bool = False) -> Injury:
    """The injury with student, study and who entered it loaded; the look at it is recorded.

    For whom `participant_for` has the student. Raises Http404 or PermissionDenied.
    """
    rows = Injury.objects.select_related("participant__study", "participant__user", "logged_by", "judged_by")
    injury = rows.filter(pk=pk).first()
    if injury is None:
        raise Http404("no such injury")
    participant_for(user, injury.participant_id, write=write)
    record_access(user, injury.participant, INJURY, injury.pk)
    return injury


def problem_for(user: User, pk: int) -> HealthProblem:
    """A problem from the weekly questions, for somebody who may log it as an injury. Raises Http404 or
    PermissionDenied.
    """
    rows = HealthProblem.objects.select_related("answer__participant__study", "answer__participant__user")
    problem = rows.filter(pk=pk).first()
    if problem is None:
        raise Http404("no such problem")
    participant_for(user, problem.answer.participant_id, write=True)
    return problem


def own_participation(user: User, pk: int) -> Participant:
    """The user's own row in a study, whatever the state of the study, the consent and the group: for reports of what
    hurts. Raises PermissionDenied for who may see the student but is somebody else, else Http404.
    """
    own = Participant.objects.filter(user=user, pk=pk).select_related("study", "user", "arm").first()
    if own is None:
        participant_for(user, pk)
        raise PermissionDenied
    return own
