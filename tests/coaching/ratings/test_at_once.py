"""People who press at the same moment: two raters of one film, and a student on two devices."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from coaching.models.ratings import RatedFilm
from coaching.ratings.services import rate
from studies.errors import StudyError
from studies.models import AnswerSheet, Measurement
from studies.questionnaires.services import keep_answers
from tests.coaching.ratings.dealt import make_dealt, points
from tests.studies.questionnaires.asked import make_asked, raw

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one transaction at a time anyway"),
]


def at_once(*actions: Callable[[], object]) -> list[str]:
    """Run all in threads that start together; the codes of the refusals."""
    refused: list[str] = []
    start = threading.Barrier(len(actions))

    def run(action: Callable[[], object]) -> None:
        start.wait()
        try:
            action()
        except StudyError as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_two_raters_at_the_same_moment_make_one_score_and_neither_is_lost() -> None:
    dealt = make_dealt(1)
    film = dealt.film("S00")
    tasks = [(rater, dealt.task(rater, film)) for rater in dealt.raters]
    refused = at_once(
        *(lambda r=rater, t=task: rate(task=t, by=r, points=points(2, 2, 2, 2, 2)) for rater, task in tasks)
    )
    assert refused == []
    film.refresh_from_db()
    assert (film.state, film.score) == (RatedFilm.State.SCORED, 10.0)
    assert Measurement.objects.get().value == 10.0


def test_one_student_on_two_devices_keeps_one_of_the_two_and_is_told() -> None:
    asked = make_asked()
    student = asked.people.participant

    def save(answer: int) -> None:
        keep_answers(wave=asked.wave, participant=student, raw=raw(answer), seen_edition=0, complete=False)

    refused = at_once(lambda: save(1), lambda: save(5))
    assert refused == ["changed_meanwhile"]
    sheet = AnswerSheet.objects.get()
    assert (sheet.edition, sheet.answers["q1"] in {1, 5}) == (1, True)
