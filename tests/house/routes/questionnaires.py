"""Questionnaires: builder, windows, answers, reliability. The study runs: who gives grades reads no answers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from studies.models import Questionnaire, QuestionnaireWave, TimePoint
from studies.questionnaires.services import keep_answers, make_from_template, open_wave
from tests.house.world import participant, study

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.world import World

TABLE = """
studies:questionnaires                    GET    302 403 403 404 200 404 403 200 403 200 200
studies:questionnaires                    POST   302 403 403 404 422 404 403 403 403 422 422
studies:questionnaire                     GET    302 403 403 404 200 404 403 200 403 200 200
studies:questionnaire                     POST   302 403 403 404 422 404 403 403 403 422 422
studies:wave-new                          POST   302 403 403 404 422 404 403 403 403 422 422
studies:wave                              GET    302 403 403 404 200 404 403 200 403 200 200
studies:wave                              POST   302 403 403 404 403 404 403 403 403 422 422
studies:wave-file                         GET    302 403 403 404 403 404 403 200 403 403 403
studies:answer                            GET    302 200 404 404 403 404 404 403 404 403 403
studies:answer                            POST   302 302 404 404 403 404 404 403 404 403 403
analysis:reliability                      GET    302 403 403 404 403 404 403 200 403 403 403
study-questionnaires                      GET    403 403 403 404 200 404 403 200 403 200 200
study-questionnaires                      POST   403 403 403 404 400 404 403 403 403 400 400
study-questionnaire                       GET    403 403 403 404 200 404 403 200 403 200 200
study-questionnaire                       POST   403 403 403 404 400 404 403 403 403 400 400
questionnaire-windows                     GET    403 403 403 404 200 404 403 200 403 200 200
questionnaire-windows                     POST   403 403 403 404 400 404 403 403 403 400 400
study-window                              GET    403 403 403 404 200 404 403 200 403 200 200
study-window                              POST   403 403 403 404 403 404 403 403 403 400 400
wave-scores                               GET    403 403 403 404 403 404 403 200 403 403 403
wave-reliability                          GET    403 403 403 404 403 404 403 200 403 403 403
student-questionnaires                    GET    403 200 404 404 200 404 404 200 404 200 200
student-answers                           GET    403 200 404 404 403 404 404 403 404 403 403
student-answers                           POST   403 400 404 404 403 404 404 403 404 403 403
"""


def prepare(world: World) -> None:
    """The ready-made questionnaire on satisfaction, open now, sent by the control student."""
    people = world.people
    today = dt.date.today()  # noqa: DTZ011 - a window around it
    day = dt.timedelta(days=1)
    made = make_from_template(study=people.study, by=people.owner, template="satisfaction")
    at = TimePoint.objects.create(study=people.study, key="end", name="End of term")
    wave = open_wave(questionnaire=made, by=people.owner, time_point=at, opens_on=today - day, closes_on=today + day)
    raw = {f"q{n}": "4" for n in range(1, 6)}
    control = world.session_of_control.participant
    keep_answers(wave=wave, participant=control, raw=raw, seen_edition=0, complete=True)


def _questionnaire(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "questionnaire": Questionnaire.objects.get().pk}


def _wave(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "wave": QuestionnaireWave.objects.get().pk}


def _answer(world: World) -> dict[str, object]:
    return {"pk": world.people.participant.pk, "wave": QuestionnaireWave.objects.get().pk}


ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {
    "studies:questionnaires": study,
    "studies:questionnaire": _questionnaire,
    "studies:wave": _wave,
    "studies:wave-new": _questionnaire,
    "studies:answer": _answer,
    "analysis:reliability": _wave,
    "study-questionnaires": study,
    "wave-": _wave,
    "student-questionnaires": participant,
    "student-answers": _answer,
    "study-questionnaire": _questionnaire,
    "questionnaire-windows": _questionnaire,
    "study-window": _wave,
}
