"""Whose task a film is, who may settle a difference, and the record of who looked at whose film.

| person                                 | own tasks, their films | settles | deals, progress, rubric |
|----------------------------------------|------------------------|---------|-------------------------|
| assessor                               | yes                    | yes     | no                      |
| owner, instructor, if the round allows | yes, not blind         | yes     | owner                   |
| everybody else                         | no                     | no      | no                      |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404

from coaching.access import has_seen_result, record_rating_look
from coaching.models.ratings import RatedFilm, RatingRound, RatingTask
from coaching.ratings.rounds import may_rate_in
from studies.access import SEES_NAMES, sees_arms, study_for
from studies.models import Membership, Study

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from studies.models import User

_ABOUT = ("film__round__study", "film__round__rubric", "film__round__time_point", "film__session")


def own_tasks(user: User) -> QuerySet[RatingTask]:
    """The user's own tasks in studies where they still may rate. A superuser has none but their own, like anybody."""
    return RatingTask.objects.filter(_may("film__round", user), rater=user).select_related(*_ABOUT)


def to_settle(user: User) -> QuerySet[RatedFilm]:
    """Films on which the raters differ, in studies where the user may settle that."""
    rows = RatedFilm.objects.filter(_may("round", user), state=RatedFilm.State.DISPUTED)
    return rows.select_related("round__study", "round__rubric", "round__time_point", "participant", "session")


def _may(path: str, user: User) -> Q:
    """Rows whose round, at `path`, this user may rate in."""
    mine = Membership.objects.filter(user=user)
    assessing = mine.filter(role=Membership.Role.ASSESSOR).values("study")
    knowing = mine.filter(role__in=SEES_NAMES).values("study")
    return Q(**{f"{path}__study__in": assessing}) | Q(
        **{f"{path}__study__in": knowing, f"{path}__unblinded_allowed": True}
    )


def own_task(user: User, pk: UUID) -> RatingTask:
    """Raises Http404 for somebody else's task, as for one that does not exist."""
    task = own_tasks(user).select_related("film__participant").filter(pk=pk).first()
    if task is None:
        raise Http404("no such task")
    return task


def film_to_settle(user: User, pk: UUID) -> RatedFilm:
    """A film of a study where the user works. Raises Http404, or PermissionDenied for who may not settle it."""
    rows = RatedFilm.objects.select_related(
        "round__study", "round__rubric", "round__time_point", "participant", "session"
    )
    film = rows.filter(pk=pk, round__study__in=Study.objects.visible_to(user)).first()
    if film is None:
        raise Http404("no such film")
    if not may_rate_in(user, film.round.study, unblinded=film.round.unblinded_allowed):
        raise PermissionDenied
    return film


def film_to_decide(user: User, pk: int, film: UUID) -> RatedFilm:
    """A film of the owner's own study. Raises Http404 or PermissionDenied."""
    study = study_for(user, pk, own=True)
    found = RatedFilm.objects.select_related("round__study", "round__outcome", "participant", "session").filter(
        pk=film, round__study=study
    )
    row = found.first()
    if row is None:
        raise Http404("no such film")
    return row


def round_for(user: User, pk: int, round_pk: int) -> RatingRound:
    """A round of the owner's own study. Raises Http404 or PermissionDenied."""
    study = study_for(user, pk, own=True)
    found = RatingRound.objects.filter(study=study, pk=round_pk).select_related("study", "time_point").first()
    if found is None:
        raise Http404("no such round")
    return found


def is_blind(user: User, film: RatedFilm) -> bool:
    """Whether this person can't know the group and has not opened what the coach said of this film."""
    return not sees_arms(user, film.round.study) and not has_seen_result(user, film.session)


def record_look_at(user: User, film: RatedFilm, *, under: UUID) -> None:
    """Write down that a rater saw this student's film, once a visit; `under` is the random id of the address."""
    record_rating_look(user, film.participant, under)
