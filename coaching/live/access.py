"""Who may lift live, and who may watch: the only door to live sets. See `coaching.access`.

A set is written by who may upload for that student, and shown to who may open the student's sets. The wall shows
students whom the user works with, in the studies where names are theirs to read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404

from coaching.access import can_upload_for
from coaching.live.models import LiveSet
from studies.access import study_for
from studies.models import User
from studies.second_factor.gate import due_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from studies.models import Study


def live_set_for(user: User, pk: UUID) -> LiveSet:
    """A set of a student for whom this user may lift. Raises Http404."""
    rows = LiveSet.objects.select_related("participant__study", "participant__arm", "participant__user")
    found = rows.filter(pk=pk, participant__in=can_upload_for(user)).first()
    if found is None:
        raise Http404("no such set")
    return found


def signed_in(scope: Mapping[str, Any]) -> User | None:
    """The person behind a socket; None for who is not signed in, or owes the second factor."""
    user, session = scope["user"], scope.get("session")
    if not isinstance(user, User) or (session is not None and due_of(session) is not None):
        return None
    return user


def wall_for(user: User, pk: int) -> Study:
    """The study whose class this user may watch. Raises Http404 or PermissionDenied."""
    return study_for(user, pk, write=True)
