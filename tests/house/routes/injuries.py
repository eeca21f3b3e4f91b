"""Injuries, weekly questions, safety alerts, training."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from studies.models import HealthAnswer, HealthProblem, HealthWeek, Injury, Lesson, SafetyAlert
from tests.house.world import participant, study

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.world import World

TABLE = """
studies:injuries                          GET    302 403 403 404 200 404 403 200 403 200 200
studies:injury-quick                      GET    302 403 403 404 200 404 403 403 403 200 200
studies:injury-quick                      POST   302 403 403 404 422 404 403 403 403 422 422
studies:injury-add                        GET    302 403 404 404 200 404 404 403 404 200 200
studies:injury-add                        POST   302 403 404 404 422 404 404 403 404 422 422
studies:hurt                              GET    302 200 404 404 403 404 404 403 404 403 403
studies:hurt                              POST   302 422 404 404 403 404 404 403 404 403 403
studies:injury                            GET    302 200 404 404 200 404 404 200 404 200 200
studies:injury                            POST   302 403 404 404 422 404 404 403 404 422 422
studies:injury-strike                     POST   302 403 404 404 302 404 404 403 404 302 302
studies:problem-injury                    POST   302 403 404 404 302 404 404 403 404 302 302
studies:health-weeks                      GET    302 403 403 404 200 404 403 200 403 200 200
studies:health-week                       GET    302 403 403 404 200 404 403 200 403 200 200
studies:health                            GET    302 200 404 404 403 404 404 403 404 403 403
studies:health                            POST   302 422 404 404 403 404 404 403 404 403 403
studies:alerts                            GET    302 403 403 404 200 404 403 403 403 200 200
studies:alerts                            POST   302 403 403 404 403 404 403 403 403 422 422
studies:alert-acknowledge                 POST   302 403 403 404 302 404 403 403 403 302 302
studies:lesson-add                        GET    302 403 403 404 200 404 403 403 403 200 200
studies:lesson-add                        POST   302 403 403 404 422 404 403 403 403 422 422
studies:lesson                            GET    302 403 403 404 200 404 403 403 403 200 200
studies:lesson                            POST   302 403 403 404 422 404 403 403 403 422 422
studies:calendar                          GET    302 403 403 404 200 404 403 200 403 200 200
studies:student-calendar                  GET    302 200 404 404 200 404 404 200 404 200 200
studies:exposure                          GET    302 403 403 404 200 404 403 200 403 200 200
coaching:class                            GET    302 403 403 404 200 404 403 200 403 200 200
analysis:injuries                         GET    302 403 403 404 200 404 403 200 403 200 200
study-injuries                            GET    403 403 403 404 200 404 403 200 403 200 200
study-injuries                            POST   403 403 403 404 400 404 403 403 403 400 400
injury-detail                             GET    403 200 404 404 200 404 404 200 404 200 200
injury-detail                             POST   403 403 404 404 400 404 404 403 404 400 400
own-report                                POST   403 400 404 404 403 404 404 403 404 403 403
study-weeks                               GET    403 403 403 404 200 404 403 200 403 200 200
weekly-answer                             POST   403 400 404 404 403 404 404 403 404 403 403
study-alerts                              GET    403 403 403 404 200 404 403 403 403 200 200
acknowledge-alert                         POST   403 403 403 404 400 404 403 403 403 400 400
study-training                            GET    403 403 403 404 200 404 403 200 403 200 200
study-lessons                             POST   403 403 403 404 400 404 403 403 403 400 400
study-lessons                             GET    403 403 403 404 200 404 403 200 403 200 200
study-lesson                              GET    403 403 403 404 200 404 403 403 403 200 200
study-lesson                              POST   403 403 403 404 400 404 403 403 403 400 400
student-training                          GET    403 200 404 404 200 404 404 200 404 200 200
study-week                                GET    403 403 403 404 200 404 403 200 403 200 200
weekly-problem-injury                     POST   403 403 404 404 400 404 404 403 404 400 400
study-alert-limits                        GET    403 403 403 404 200 404 403 403 403 200 200
study-alert-limits                        POST   403 403 403 404 403 404 403 403 403 400 400
study-class                               GET    403 403 403 404 200 404 403 200 403 200 200
study-injury-rates                        GET    403 403 403 404 200 404 403 200 403 200 200
"""

MONDAY = dt.date(2024, 3, 4)


def prepare(world: World) -> None:
    """An injury, an answered week with a problem, an alert, a lesson."""
    people = world.people
    Injury.objects.create(participant=people.participant, occurred_on=MONDAY, region=Injury.Region.KNEE)
    day = dt.timedelta(days=1)
    later = HealthWeek.objects.create(
        study=people.study, starts_on=dt.date(2999, 1, 7), opens_on=dt.date(2999, 1, 13), due_on=dt.date(2999, 1, 16)
    )
    week = HealthWeek.objects.create(
        study=people.study, starts_on=MONDAY, opens_on=MONDAY + 6 * day, due_on=MONDAY + 9 * day
    )
    assert later.pk != week.pk
    answer = HealthAnswer.objects.create(week=week, participant=people.participant)
    HealthProblem.objects.create(
        answer=answer, kind="injury", region="knee", participation=3, severity=100, substantial=True
    )
    SafetyAlert.objects.create(
        study=people.study, participant=people.participant, kind="score", key="problem 1", value=100, limit=40
    )
    lesson = Lesson.objects.create(study=people.study, held_on=MONDAY, minutes=90)
    lesson.rows.create(participant=people.participant, held_on=MONDAY, minutes=90)


def _injury(world: World) -> dict[str, object]:
    return {"pk": Injury.objects.filter(participant=world.people.participant).latest("pk").pk}


def _problem(world: World) -> dict[str, object]:
    return {"pk": HealthProblem.objects.get(answer__participant=world.people.participant).pk}


def _week(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "week_pk": HealthWeek.objects.earliest("starts_on").pk}


def _own_week(world: World) -> dict[str, object]:
    return {"pk": world.people.participant.pk, "week_pk": HealthWeek.objects.latest("starts_on").pk}


def _alert(world: World) -> dict[str, object]:
    return {"pk": SafetyAlert.objects.get(study=world.people.study).pk}


def _lesson(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "lesson_pk": Lesson.objects.get(study=world.people.study).pk}


ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {
    "studies:injury-add": participant,
    "studies:injury-quick": study,
    "studies:hurt": participant,
    "studies:injury": _injury,
    "studies:injury-strike": _injury,
    "studies:injuries": study,
    "studies:problem-injury": _problem,
    "studies:health-week": _week,
    "studies:health-weeks": study,
    "studies:health": _own_week,
    "studies:alert-acknowledge": _alert,
    "studies:lesson": _lesson,
    "studies:lesson-add": study,
    "studies:student-calendar": participant,
    "coaching:class": study,
    "injury-detail": _injury,
    "own-report": participant,
    "weekly-answer": _own_week,
    "acknowledge-alert": _alert,
    "study-lesson": _lesson,
    "study-lessons": study,
    "study-week": _week,
    "study-weeks": study,
    "weekly-problem-injury": _problem,
}
