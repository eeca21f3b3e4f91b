"""Status and result pages: what they say in each state, and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from coaching.codes import RUN, UPLOAD
from coaching.models import AnalysisRun, Session
from coaching.services import cancel_run, start_run
from tests.coaching.films import make_result, make_session
from tests.factory import PASSWORD, Personas, make_class, make_personas

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Personas:
    return make_personas()


@pytest.fixture
def session(people: Personas) -> Session:
    return make_session(people.participant)


@pytest.fixture
def student(people: Personas) -> Client:
    client = Client()
    client.login(username=people.student.username, password=PASSWORD)
    return client


def text_of(client: Client, session: Session) -> str:
    answer = client.get(reverse("coaching:session", args=[session.pk]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def poll(client: Client, session: Session, seen: str = "") -> Answer:
    return client.get(reverse("coaching:run-status", args=[session.pk]), {"seen": seen})


def test_a_waiting_film_says_how_many_are_before_it(student: Client, people: Personas, session: Session) -> None:
    for number in range(2):
        start_run(make_session(people.participant, sha256=f"earlier{number}"))
    start_run(session)
    assert "2 films are before yours" in text_of(student, session)


def test_polling_answers_nothing_while_nothing_changed_and_a_reload_at_the_end(
    student: Client, session: Session
) -> None:
    start_run(session)
    run = AnalysisRun.objects.claim(session.runs.get().pk, worker="w")
    assert run is not None
    run.beat(stage="pose", percent=40)
    first = poll(student, session)
    assert first.status_code == 200
    assert "40" in first.content.decode()
    assert poll(student, session, "running-pose-40-0").status_code == 204
    run.beat(stage="pose", percent=41)
    assert poll(student, session, "running-pose-40-0").status_code == 200
    run.close(state=AnalysisRun.State.FAILED, failure_code="truncated")
    last = poll(student, session, "running-pose-41-0")
    assert last.headers["HX-Refresh"] == "true"


def test_asking_to_stop_is_news_to_the_status_page(student: Client, session: Session) -> None:
    run = AnalysisRun.objects.claim(start_run(session).pk, worker="w")
    assert run is not None
    run.beat(stage="pose", percent=40)
    cancel_run(run)
    assert poll(student, session, "running-pose-40-0").status_code == 200


@pytest.mark.parametrize("code", sorted(set(RUN) - {"pipeline_error"}))
def test_a_failed_run_says_what_to_do(student: Client, session: Session, code: str) -> None:
    AnalysisRun.objects.create(session=session, state=AnalysisRun.State.FAILED, failure_code=code)
    page = text_of(student, session)
    assert str(RUN[code]).replace("'", "&#x27;") in page
    assert reverse("coaching:run-again", args=[session.pk]) in page


@pytest.mark.parametrize("code", sorted(set(UPLOAD) - {"no_file"}))
def test_a_refused_upload_keeps_its_page(student: Client, people: Personas, code: str) -> None:
    refused = make_session(people.participant, video="", rejected_code=code)
    page = text_of(student, refused)
    assert str(UPLOAD[code]).replace("'", "&#x27;") in page
    assert reverse("coaching:run-again", args=[refused.pk]) not in page


def test_a_result_shows_its_verdicts_and_cues(student: Client, session: Session) -> None:
    make_result(session)
    page = text_of(student, session)
    assert "Bring your feet closer." in page
    assert "0.93" in page
    assert "0.12" in page


def test_a_refused_film_says_how_to_film_instead(student: Client, session: Session) -> None:
    make_result(session, refused={"code": "no_person", "advice": "engine's words"}, reps=[], feedback=[])
    assert "whole body in the frame" in text_of(student, session)


def test_a_refusal_that_the_table_does_not_know_keeps_the_engines_words(student: Client, session: Session) -> None:
    make_result(session, refused={"code": "new_reason", "advice": "Turn the lamp on."}, reps=[], feedback=[])
    page = text_of(student, session)
    assert "Turn the lamp on." in page
    assert str(RUN["internal"]) not in page


def test_cancel_and_again_are_posts_by_those_who_may_write(student: Client, people: Personas, session: Session) -> None:
    run = start_run(session)
    cancel, again = (reverse(f"coaching:run-{verb}", args=[session.pk]) for verb in ("cancel", "again"))
    assert student.get(cancel).status_code == 405
    reader = Client()
    reader.login(username=people.researcher.username, password=PASSWORD)
    assert reader.post(cancel).status_code == 403
    stranger = Client()
    stranger.login(username=people.other_student.username, password=PASSWORD)
    assert stranger.post(cancel).status_code == 404
    run.refresh_from_db()
    assert run.state == AnalysisRun.State.QUEUED
    assert student.post(cancel).status_code == 302
    run.refresh_from_db()
    assert run.state == AnalysisRun.State.CANCELLED
    assert student.post(again).status_code == 302
    assert session.runs.filter(state=AnalysisRun.State.QUEUED).count() == 1


def test_running_again_keeps_the_earlier_result(student: Client, session: Session) -> None:
    first = make_result(session)
    student.post(reverse("coaching:run-again", args=[session.pk]))
    assert session.runs.count() == 2
    assert first.run.assessment == first


MOST_QUERIES = 18


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("page", ["list", "result", "api"])
def test_a_page_costs_the_same_number_of_queries_however_many_sessions_there_are(
    people: Personas, session: Session, page: str
) -> None:
    client = Client()
    client.login(username=people.instructor.username, password=PASSWORD)
    make_result(session)
    result = reverse("coaching:session", args=[session.pk])
    url = {"list": reverse("coaching:session-list"), "result": result, "api": "/api/sessions/"}[page]
    queries_of(client, url)  # the first look is recorded
    with_one = queries_of(client, url)
    for participant in make_class(people.study, 20):
        make_result(make_session(participant))
    assert queries_of(client, url) == with_one <= MOST_QUERIES


@pytest.mark.parametrize(("name", "said"), [("set.pdf", True), ("set.MP4", False), ("IMG.mov", False), ("set", False)])
def test_a_name_that_does_not_fit_its_content_is_mentioned(
    student: Client, session: Session, name: str, said: bool
) -> None:
    Session.objects.update(original_name=name)
    make_result(session)
    assert ("does not fit what is in it" in text_of(student, session)) is said
