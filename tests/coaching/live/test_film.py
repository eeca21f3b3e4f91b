"""The film of a set that was lifted live: linked before it can be analysed, so that set and film count once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from coaching.live import services
from coaching.live.models import LiveSet
from coaching.models import AnalysisRun, PendingUpload, Session
from coaching.pipeline import store_result
from studies.models import TrainingSession
from tests.coaching.films import MP4_HEAD, document, make_result
from tests.coaching.live.test_pages import left_set, signed_in
from tests.factory import Personas, make_personas

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

FILM = MP4_HEAD + bytes(range(256)) * 40


@pytest.fixture
def people() -> Personas:
    return make_personas()


def announce(client: Client, live_set: LiveSet, **changes: Any) -> Any:
    fields = {"name": "live-set.mp4", "size": len(FILM), "mark": "1", "live_set": live_set.pk, **changes}
    return client.post(reverse("coaching:upload-begin"), fields)


def send(client: Client, url: str, offset: int, content: bytes) -> Any:
    headers = {"Upload-Offset": str(offset)}
    return client.post(url, content, content_type="application/octet-stream", headers=headers)


def test_an_analysis_that_ends_at_once_finds_the_film_linked_and_counts_the_set_once(
    people: Personas, monkeypatch: pytest.MonkeyPatch
) -> None:
    live_set = services.finish_set(left_set(people.participant))
    assert TrainingSession.objects.values_list("sets", "repetitions").get() == (1, 2)

    def at_once(run_id: int) -> None:
        """A worker that is done before the answer to the last slice is."""
        run = AnalysisRun.objects.get(pk=run_id)
        assert LiveSet.objects.get(pk=live_set.pk).film == run.session
        AnalysisRun.objects.filter(pk=run_id).update(state=AnalysisRun.State.RUNNING)
        run.refresh_from_db()
        assert store_result(run, document(), {})

    monkeypatch.setattr("coaching.services._call_worker", at_once)
    client = signed_in(people.student)
    slices = announce(client, live_set).json()["slice_url"]
    send(client, slices, 0, FILM[:4000])
    # The page is reloaded in the middle, and announces the film again.
    slices = announce(client, live_set).json()["slice_url"]
    assert send(client, slices, 4000, FILM[4000:]).status_code == 201
    assert not PendingUpload.objects.exists()
    film = Session.objects.get(container="mov")
    assert film.latest_run is not None
    reps = len(film.latest_run.assessment.document["reps"])
    assert TrainingSession.objects.values_list("sets", "repetitions").get() == (1, reps)


def test_the_film_stands_beside_the_live_result(people: Personas) -> None:
    live_set = services.finish_set(left_set(people.participant))
    client = signed_in(people.student)
    send(client, announce(client, live_set).json()["slice_url"], 0, FILM)
    film = Session.objects.get(container="mov")
    make_result(film)
    page = client.get(reverse("coaching:session", args=[live_set.session_id])).content.decode()
    assert reverse("coaching:session", args=[film.pk]) in page
    assert "analysed in full" in page


def test_a_film_is_taken_neither_for_another_students_set_nor_for_one_that_goes_on(people: Personas) -> None:
    classmate = people.study.participants.get(user=people.classmate)
    others, open_one = services.finish_set(left_set(classmate)), left_set(people.participant)
    teacher = signed_in(people.instructor)
    for live_set in (others, open_one):
        answer = announce(teacher, live_set, participant=people.participant.pk)
        assert (answer.status_code, answer.json()["advice"]) == (422, "This film is not of this set.")
    assert not PendingUpload.objects.exists()
