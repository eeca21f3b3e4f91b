"""Ratings of form, differences, the instructor's feedback. `assessor` has a task of their own here."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from coaching.models.ratings import RatedFilm, RatingTask
from coaching.ratings.rounds import Terms, deal
from studies.models import Membership, TimePoint
from tests.factory import make_staff
from tests.house.world import participant, study

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.world import World

TABLE = """
coaching:ratings                          GET    302 200 200 200 200 200 200 200 200 200 200
coaching:rating                           GET    302 404 404 404 404 404 200 404 404 404 404
coaching:rating                           POST   302 404 404 404 404 404 422 404 404 404 404
coaching:rating-film                      GET    302 404 404 404 404 404 200 404 404 404 404
coaching:settle                           GET    302 403 403 404 403 404 200 403 403 403 403
coaching:settle                           POST   302 403 403 404 403 404 422 403 403 403 403
coaching:disputed-film                    GET    302 403 403 404 403 404 200 403 403 403 403
coaching:rating-rounds                    GET    302 403 403 404 403 404 403 403 403 200 200
coaching:rating-rounds                    POST   302 403 403 404 403 404 403 403 403 422 422
coaching:rating-decide                    POST   302 403 403 404 403 404 403 403 403 302 302
coaching:rating-hand-over                 POST   302 403 403 404 403 404 403 403 403 302 302
coaching:rubric                           GET    302 403 403 404 403 404 403 403 403 200 200
coaching:rubric                           POST   302 403 403 404 403 404 403 403 403 422 422
coaching:instructor-film                  GET    302 403 404 404 200 404 404 403 404 200 200
coaching:instructor-film                  POST   302 403 404 404 422 404 404 403 404 422 422
coaching:instructor-film[of control]      GET    302 404 403 404 200 404 404 403 404 200 200
coaching:instructor-film[of control]      POST   302 404 403 404 422 404 404 403 404 422 422
coaching:instructor-lesson                GET    302 403 404 404 200 404 404 403 404 200 200
coaching:instructor-lesson                POST   302 403 404 404 422 404 404 403 404 422 422
rating-list                               GET    403 200 200 200 200 200 200 200 200 200 200
rating-detail                             GET    403 404 404 404 404 404 200 404 404 404 404
rating-detail                             POST   403 404 404 404 404 404 422 404 404 404 404
rating-film                               GET    403 404 404 404 404 404 200 404 404 404 404
difference-film                           GET    403 403 403 404 403 404 200 403 403 403 403
study-rubric                              GET    403 403 403 404 403 404 403 403 403 200 200
study-rubric                              POST   403 403 403 404 403 404 403 403 403 400 400
study-differing                           GET    403 403 403 404 403 404 403 403 403 200 200
rated-film-score                          POST   403 403 403 404 403 404 403 403 403 400 400
round-hand-over                           POST   403 403 403 404 403 404 403 403 403 400 400
difference-list                           GET    403 200 200 200 200 200 200 200 200 200 200
difference-detail                         POST   403 403 403 404 403 404 400 403 403 403 403
study-ratings                             GET    403 403 403 404 403 404 403 403 403 200 200
study-ratings                             POST   403 403 403 404 403 404 403 403 403 400 400
session-instructor-feedback               GET    403 200 404 404 200 404 404 403 404 200 200
session-instructor-feedback               POST   403 403 404 404 422 404 404 403 404 422 422
session-instructor-feedback[of control]   GET    403 404 200 404 200 404 404 403 404 200 200
session-instructor-feedback[of control]   POST   403 404 403 404 422 404 404 403 404 422 422
student-instructor-feedback               GET    403 200 404 404 200 404 404 403 404 200 200
student-instructor-feedback               POST   403 403 404 404 400 404 404 403 404 400 400
analysis:raters                           GET    302 403 403 404 200 404 403 200 403 200 200
study-raters                              GET    403 403 403 404 200 404 403 200 403 200 200
"""


def prepare(world: World) -> None:
    """Films of both groups with the assessor and a second one; the control student's is disputed."""
    people = world.people
    today = dt.date.today()  # noqa: DTZ011 - a window around it
    week = dt.timedelta(days=7)
    after = TimePoint.objects.create(
        study=people.study, key="after", name="After", opens_on=today - week, closes_on=today + week
    )
    second = make_staff(people.study, Membership.Role.ASSESSOR)
    terms = Terms(film="first")
    deal(time_point=after, by=people.owner, raters=[people.assessor, second], terms=terms)
    RatedFilm.objects.filter(session=world.session_of_control).update(state=RatedFilm.State.DISPUTED)


def _film(world: World) -> RatedFilm:
    return RatedFilm.objects.get(participant=world.people.participant)


def _task(world: World) -> dict[str, object]:
    return {"pk": RatingTask.objects.get(film=_film(world), rater=world.people.assessor).pk}


def _disputed(world: World) -> dict[str, object]:
    return {"pk": RatedFilm.objects.get(session=world.session_of_control).pk}


def _decide(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "film": _film(world).pk}


def _round(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "round_pk": _film(world).round_id}


def _session(world: World) -> dict[str, object]:
    return {"pk": world.session.pk}


ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {
    "coaching:rating": _task,
    "coaching:rating-film": _task,
    "coaching:settle": _disputed,
    "coaching:disputed-film": _disputed,
    "coaching:rating-rounds": study,
    "coaching:rating-decide": _decide,
    "coaching:rating-hand-over": _round,
    "coaching:rubric": study,
    "coaching:instructor-film": _session,
    "coaching:instructor-lesson": participant,
    "rating-detail": _task,
    "difference-detail": _disputed,
    "study-ratings": study,
    "session-instructor-feedback": _session,
    "student-instructor-feedback": participant,
    "study-raters": study,
    "rating-film": _task,
    "difference-film": _disputed,
    "rated-film-score": _decide,
    "round-hand-over": _round,
}
WITHOUT_ARGUMENTS = {"coaching:ratings", "rating-list", "difference-list"}
