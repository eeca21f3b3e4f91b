"""Who may see and do what with films and their results. Every view fetches through here (see `studies.access`).

| person             | row | film, overlay, stills | what the AI coach says, progress | upload, run, cancel | review  |
|--------------------|-----|-----------------------|----------------------------------|---------------------|---------|
| student, own       | yes | yes                   | if their arm has it, or released | yes                 | reads   |
| owner, instructor  | yes | if the student agreed | yes, recorded                    | yes                 | writes  |
| researcher         | yes | no                    | yes, by code, recorded           | no                  | reads   |

An instructor of some sections is nobody to the others' students.

How strict the coach is: owner and instructor choose, the researcher reads (`studies.access.study_for`).
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from coaching.models import PendingUpload, Session, Still
from studies.access import ROLE_OF, SEES_NAMES, STAFF, display_name, participant_for, record_access
from studies.consent.scopes import FACE_VISIBLE
from studies.consent.selectors import refusing
from studies.models import AccessRecord, Membership, Participant, Study

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.access import Role
    from studies.models import User

SAME_VISIT = dt.timedelta(minutes=15)
"""A film is fetched in hundreds of slices; within this time they are one look at it."""

LOOKS = {
    "session": "session",
    "waiting": "waiting",  # the page of a set without a result
    "blind": "blind",
    "series": "session",  # the page of a set draws them: with the page they are one look at the result
    "still": "session",
    "video": "video",
    "overlay": "overlay",
    "document.json": "document.json",
    "reps.csv": "reps.csv",
}
"""What is written down as what. Not the still: every list shows it, and a page of a class would bury the real looks."""

WITHOUT_RESULT = frozenset({"video", "waiting", "blind", "rating"})
"""Looks that show neither what the coach said nor another instructor's word. Every other look at a set does."""


class Viewer:
    """A user's rights, with one query for all studies, so that a list costs what a single page costs."""

    def __init__(self, user: User) -> None:
        self.user = user

    @cached_property
    def _memberships(self) -> dict[int, Membership]:
        return {row.study_id: row for row in Membership.objects.filter(user=self.user)}

    def _role(self, participant: Participant) -> Role | None:
        """As `studies.access.role_in`, towards this student: a superuser counts as owner, staff before student."""
        if self.user.is_superuser:
            return "owner"
        membership = self._memberships.get(participant.study_id)
        if membership is None:
            return "student" if participant.user_id == self.user.pk else None
        sections = membership.limited_to
        return None if sections and participant.section not in sections else ROLE_OF[membership.role]

    def sees_name(self, participant: Participant) -> bool:
        """Names, films and free text: the student, owner and instructor."""
        return participant.user_id == self.user.pk or self._role(participant) in SEES_NAMES

    @cached_property
    def _faceless(self) -> set[int]:
        """Students whose films staff may not open; one query, whatever the number of sessions."""
        return set(refusing(FACE_VISIBLE, Participant.objects.visible_to(self.user)).values_list("pk", flat=True))

    def sees_film(self, participant: Participant) -> bool:
        """Films, pictures: the student; owner and instructor where the student agreed to be seen."""
        if participant.user_id == self.user.pk:
            return True
        return self.sees_name(participant) and participant.pk not in self._faceless

    def sees_ai_feedback(self, participant: Participant) -> bool:
        """Verdicts, faults, feedback, overlay and curves. Withheld from a student whose arm does not give them."""
        if self._role(participant) in STAFF:
            return True
        return participant.user_id == self.user.pk and participant.receives_ai_feedback

    def may_review(self, participant: Participant) -> bool:
        """Correct the coach on this student's repetitions: owner and instructor, never on their own."""
        return participant.user_id != self.user.pk and self._role(participant) in SEES_NAMES

    @cached_property
    def _seen(self) -> set[str]:
        return set(_looks_at_results(self.user).values_list("object_id", flat=True))

    def may_review_blind(self, session: Session) -> bool:
        """May correct the coach on this set, and has not opened its result yet."""
        return self.may_review(session.participant) and str(session.pk) not in self._seen

    def name_of(self, participant: Participant) -> str:
        """The student's name where it may be shown, else the code."""
        return display_name(participant, named=self.sees_name(participant))


def session_for(user: User, pk: UUID, *, write: bool = False) -> Session:
    """The session with participant, study, arm and user loaded. Raises Http404, or PermissionDenied for `write`."""
    rows = Session.objects.visible_to(user).select_related(
        "participant__study", "participant__arm", "participant__user"
    )
    session = rows.filter(pk=pk).first()
    if session is None:
        raise Http404("no such session")
    if write and not Viewer(user).sees_name(session.participant):
        raise PermissionDenied
    return session


def still_for(user: User, pk: UUID, still: int) -> Still:
    """A picture of a session's result, for who may see its film and what the coach says. Raises Http404 or
    PermissionDenied.
    """
    session = session_for(user, pk)
    viewer = Viewer(user)
    if not viewer.sees_film(session.participant) or not viewer.sees_ai_feedback(session.participant):
        raise PermissionDenied
    found = Still.objects.filter(pk=still, assessment__run__session=session).first()
    if found is None:
        raise Http404("no such still")
    return found


def progress_for(user: User, pk: int) -> Participant:
    """The student whose progress this user may see: like everything that the coach says. Raises Http404 or
    PermissionDenied.
    """
    participant = participant_for(user, pk)
    if not Viewer(user).sees_ai_feedback(participant):
        raise PermissionDenied
    return participant


def own_progress(user: User) -> list[Participant]:
    """The user's own participations whose progress they may see."""
    own = Participant.objects.filter(user=user).select_related("study", "arm")
    return [row for row in own if row.receives_ai_feedback]


def session_to_review(user: User, pk: UUID) -> Session:
    """The session for somebody who may correct the coach on it. Raises Http404 or PermissionDenied."""
    session = session_for(user, pk)
    if not Viewer(user).may_review(session.participant):
        raise PermissionDenied
    return session


def can_review_for(user: User) -> QuerySet[Participant]:
    """The students whose sets the user may review; nobody for a student or a researcher."""
    rows = Participant.objects.visible_to(user).exclude(user=user)
    if user.is_superuser:
        return rows
    return rows.filter(study__in=Membership.objects.filter(user=user, role__in=SEES_NAMES).values("study"))


def may_review_somewhere(user: User) -> bool:
    return user.is_superuser or Membership.objects.filter(user=user, role__in=SEES_NAMES).exists()


def led_studies(user: User) -> QuerySet[Study]:
    """The studies where the user decides how strict the coach is: of their own memberships."""
    return Study.objects.filter(pk__in=Membership.objects.filter(user=user, role__in=SEES_NAMES).values("study"))


def sees_ai_feedback(user: User, session: Session) -> bool:
    return Viewer(user).sees_ai_feedback(session.participant)


def sees_film(user: User, session: Session) -> bool:
    return Viewer(user).sees_film(session.participant)


def can_upload_for(user: User) -> QuerySet[Participant]:
    """Oneself, and the students of the studies where the user is owner or instructor."""
    rows = Participant.objects.visible_to(user).select_related("study", "user")
    if user.is_superuser:
        return rows
    only_reads = Membership.objects.filter(user=user).exclude(role__in=SEES_NAMES).values("study")
    return rows.exclude(study__in=only_reads)


def pending_for(user: User, pk: UUID) -> PendingUpload:
    """An upload on its way: for who began it, while they may upload for that student. Raises Http404."""
    rows = PendingUpload.objects.select_related("participant", "uploaded_by")
    pending = rows.filter(pk=pk, uploaded_by=user, participant__in=can_upload_for(user)).first()
    if pending is None:
        raise Http404("no such upload")
    return pending


def record_look(user: User, session: Session, what: str) -> None:
    """Write down that somebody else opened this student's result, film or download: once a visit, not once a slice.

    Of requests that come at the same moment one is written: browsers ask for a film's head and tail at once.
    """
    look = LOOKS.get(what)
    if look is not None:
        _record_once(user, session.participant, look, str(session.pk))


def record_progress_look(user: User, participant: Participant) -> None:
    """The same for the page of a student's progress."""
    _record_once(user, participant, "progress", "")


def record_rating_look(user: User, participant: Participant, task: UUID) -> None:
    """The same for a film that is rated. Under the task's random id: the record names no set to a blinded rater."""
    _record_once(user, participant, "rating", str(task))


def _record_once(user: User, participant: Participant, look: str, object_id: str) -> None:
    if participant.user_id == user.pk or _looked_just_now(user, participant, look, object_id):
        return
    with transaction.atomic():
        Participant.objects.select_for_update().get(pk=participant.pk)
        if not _looked_just_now(user, participant, look, object_id):
            record_access(user, participant, look, object_id)


def has_seen_result(user: User, session: Session) -> bool:
    """Whether the user has ever opened what the coach said about this film, in any of its analyses, or others of it.

    By the record of who looked, which nobody but the server writes. A look at the student's progress after the upload
    is one: it shows what was measured in this film too.
    """
    progress = Q(what="progress", participant=session.participant_id, at__gte=session.uploaded_at)
    return _looks_at_results(user).filter(Q(object_id=str(session.pk)) | progress).exists()


def opened_sets(user: User) -> list[UUID]:
    """The sets whose result the user has opened: what is left they may still review blind."""
    looks = _looks_at_results(user).filter(what__in=set(LOOKS.values())).values_list("object_id", flat=True)
    return [UUID(key) for key in looks.distinct() if key]


def _looks_at_results(user: User) -> QuerySet[AccessRecord]:
    return AccessRecord.objects.filter(user=user).exclude(what__in=WITHOUT_RESULT)


def _looked_just_now(user: User, participant: Participant, look: str, object_id: str) -> bool:
    since = timezone.now() - SAME_VISIT
    same = AccessRecord.objects.filter(user=user, participant=participant.pk, object_id=object_id)
    return same.filter(what=look, at__gte=since).exists()
