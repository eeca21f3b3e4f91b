"""What the pages of ratings show, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Count, Exists, OuterRef

from coaching.models.ratings import RatedFilm, Rating, RatingRound, RatingTask
from coaching.ratings.access import own_tasks, to_settle

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django_stubs_ext import WithAnnotations

    from studies.models import Study, User


class IsRated(TypedDict):
    rated: bool


if TYPE_CHECKING:
    MarkedTask = WithAnnotations[RatingTask, IsRated]

_RATED = Exists(Rating.objects.filter(task=OuterRef("pk")))


@dataclass(frozen=True, slots=True)
class Queue:
    """One rater's films of one round: "12 of 50 done". `next` is the first without a rating."""

    round: RatingRound
    total: int
    done: int
    next: UUID | None
    tasks: tuple[MarkedTask, ...]


@dataclass(frozen=True, slots=True)
class RaterDone:
    pk: int
    name: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class RoundProgress:
    """Films of a round by state, and how far each rater is."""

    round: RatingRound
    total: int
    waiting: int
    disputed: int
    scored: int
    unrateable: int
    differs: int
    not_blind: int
    raters: tuple[RaterDone, ...]


def marked_tasks(user: User) -> QuerySet[MarkedTask]:
    """The user's tasks in their order, each with `rated`."""
    return own_tasks(user).annotate(rated=_RATED).order_by("film__round_id", "position")


def queues(user: User) -> list[Queue]:
    """The user's rounds in the order of dealing: the time of the plan is not a rater's to know. One query."""
    by_round: dict[int, list[MarkedTask]] = {}
    for task in marked_tasks(user):
        by_round.setdefault(task.film.round_id, []).append(task)
    return [
        Queue(
            round=tasks[0].film.round,
            total=len(tasks),
            done=sum(task.rated for task in tasks),
            next=next((task.pk for task in tasks if not task.rated), None),
            tasks=tuple(tasks),
        )
        for tasks in by_round.values()
    ]


def waiting_for(user: User) -> tuple[int, int]:
    """How many films wait for this rater, and how many differences they may settle. Two queries."""
    return marked_tasks(user).filter(rated=False).count(), to_settle(user).count()


def films_by_state(study: Study) -> dict[int, dict[str, int]]:
    """How many films of each round (key) are in which `RatedFilm.State`. One query."""
    found: dict[int, dict[str, int]] = {}
    films = RatedFilm.objects.filter(round__study=study).order_by()
    for round_pk, state, count in films.values_list("round", "state").annotate(n=Count("pk")):
        found.setdefault(round_pk, {})[state] = count
    return found


def progress_of(study: Study) -> list[RoundProgress]:
    """Every round of the study; four queries, whatever their number."""
    states = films_by_state(study)
    raters: dict[int, list[RaterDone]] = {}
    tasks = RatingTask.objects.filter(film__round__study=study).annotate(rated=_RATED)
    found: dict[tuple[int, int], list[bool]] = {}
    names: dict[int, str] = {}
    for task in tasks.select_related("film", "rater").order_by("rater__last_name", "rater"):
        names[task.rater_id] = task.rater.get_full_name() or task.rater.get_username()
        found.setdefault((task.film.round_id, task.rater_id), []).append(task.rated)
    for (round_pk, rater), rated in found.items():
        raters.setdefault(round_pk, []).append(RaterDone(rater, names[rater], sum(rated), len(rated)))
    open_eyed = dict(
        Rating.objects.filter(task__film__round__study=study, blind=False)
        .order_by()
        .values_list("task__film__round")
        .annotate(n=Count("pk"))
    )
    rounds = study.rating_rounds.select_related("time_point", "rubric", "outcome")
    return [_progress(one, states.get(one.pk, {}), raters.get(one.pk, []), open_eyed.get(one.pk, 0)) for one in rounds]


def _progress(round_: RatingRound, states: dict[str, int], raters: list[RaterDone], not_blind: int) -> RoundProgress:
    return RoundProgress(
        round=round_,
        total=sum(states.values()),
        **{state: states.get(state, 0) for state in RatedFilm.State.values},
        not_blind=not_blind,
        raters=tuple(raters),
    )


def differing(study: Study) -> QuerySet[RatedFilm]:
    """Films whose score is not the value that the study holds."""
    rows = RatedFilm.objects.filter(round__study=study, state=RatedFilm.State.DIFFERS)
    return rows.select_related("participant", "round__time_point", "round__outcome").order_by("participant__code")
