"""A film in slices: what is here is kept, whatever breaks; and at the end it is the same film through the same door."""

from __future__ import annotations

import io
import os
import resource
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as project
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client

from coaching import media, resumable, services
from coaching.models import AnalysisRun, PendingUpload, Session
from tests.coaching.films import MP4_HEAD, files_left
from tests.factory import PASSWORD, Personas, make_participant, make_personas

if TYPE_CHECKING:
    from django.http import HttpResponse
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

BEGIN = "/sessions/uploads/"
FILM = MP4_HEAD + bytes(range(256)) * 40
THIRD = len(FILM) // 3


@pytest.fixture
def people() -> Personas:
    return make_personas()


@pytest.fixture
def student(people: Personas) -> Client:
    return signed_in(people, "student")


def signed_in(people: Personas, who: str) -> Client:
    client = Client()
    client.login(username=getattr(people, who).username, password=PASSWORD)
    return client


def begin(client: Client, content: bytes = FILM, **fields: Any) -> Any:
    return client.post(BEGIN, {"name": "set.mp4", "size": len(content), "mark": "1-video/mp4", **fields})


def send(client: Client, url: str, offset: int | str, content: bytes) -> HttpResponse:
    headers = {"Upload-Offset": str(offset)}
    return client.post(url, content, content_type="application/octet-stream", headers=headers)  # type: ignore[return-value]


def test_slices_make_the_film_and_its_analysis_is_queued(student: Client, people: Personas) -> None:
    place = begin(student, load_kg="62.5", note="third set").json()
    assert place["offset"] == 0
    for start in range(0, len(FILM), 4000):
        answer = send(student, place["slice_url"], start, FILM[start : start + 4000])
        assert answer.status_code in {200, 201}
    session = Session.objects.get()
    assert (answer.status_code, answer.json()) == (201, {"url": f"/sessions/{session.pk}/"})  # type: ignore[attr-defined]
    with default_storage.open(session.video) as film:
        assert film.read() == FILM
    assert (session.participant, session.uploaded_by) == (people.participant, people.student)
    assert (session.original_name, str(session.load_kg), session.note) == ("set.mp4", "62.5", "third set")
    assert session.runs.get().state == AnalysisRun.State.QUEUED
    assert files_left() == [session.video]
    assert not PendingUpload.objects.exists()


def test_after_a_reload_the_same_file_goes_on_where_it_stopped(student: Client) -> None:
    first = begin(student).json()
    send(student, first["slice_url"], 0, FILM[:THIRD])
    again = begin(student).json()
    assert again == {**first, "offset": THIRD}
    assert student.get(again["slice_url"]).json() == again
    assert f"{int(100 * THIRD / len(FILM))} % are here" in student.get("/sessions/new/").content.decode()
    assert send(student, again["slice_url"], THIRD, FILM[THIRD:]).status_code == 201


def test_another_file_of_the_same_name_and_size_is_another_upload(student: Client) -> None:
    first = begin(student).json()
    send(student, first["slice_url"], 0, FILM[:THIRD])
    assert begin(student, mark="2-video/mp4").json()["offset"] == 0
    assert PendingUpload.objects.count() == 2


def test_a_slice_that_comes_twice_or_too_early_is_told_where_to_begin_and_changes_nothing(student: Client) -> None:
    url = begin(student).json()["slice_url"]
    send(student, url, 0, FILM[:THIRD])
    for offset in (0, THIRD - 1, THIRD + 1):
        answer = send(student, url, offset, FILM[offset:])
        assert (answer.status_code, answer.json()["offset"]) == (409, THIRD)  # type: ignore[attr-defined]
    assert send(student, url, THIRD, FILM[THIRD:]).status_code == 201


@pytest.mark.parametrize("offset", ["", "-1", "x", "1.5"])
def test_a_slice_without_a_place_is_refused(student: Client, offset: str) -> None:
    url = begin(student).json()["slice_url"]
    assert send(student, url, offset, FILM).status_code == 400
    assert student.get(url).json()["offset"] == 0


def test_a_film_that_is_too_large_is_refused_before_it_is_sent(student: Client, settings: Settings) -> None:
    settings.UPLOAD_MAX_MB = 1
    answer = begin(student, size=1_000_001)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    session = Session.objects.get()
    assert (session.rejected_code, session.size_bytes, session.original_name) == ("too_large", 1_000_001, "set.mp4")
    assert not PendingUpload.objects.exists()


def test_more_bytes_than_were_announced_end_the_upload(student: Client) -> None:
    url = begin(student).json()["slice_url"]
    answer = send(student, url, 0, FILM + b"x")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")  # type: ignore[attr-defined]
    assert files_left() == []
    assert student.get(url).status_code == 404


def test_what_is_no_film_is_refused_when_it_is_whole(student: Client) -> None:
    text = b"Dear coach, the video is attached. " * 40
    url = begin(student, text).json()["slice_url"]
    send(student, url, 0, text[:100])
    answer = send(student, url, 100, text[100:])
    assert (answer.status_code, answer.json()["code"]) == (415, "not_a_video")  # type: ignore[attr-defined]
    assert files_left() == []


def test_a_film_that_was_sent_before_leads_to_the_first(student: Client) -> None:
    url = begin(student).json()["slice_url"]
    first = send(student, url, 0, FILM).json()["url"]  # type: ignore[attr-defined]
    url = begin(student).json()["slice_url"]
    answer = send(student, url, 0, FILM)
    assert answer.status_code == 409
    assert (answer.json()["code"], answer.json()["existing_url"]) == ("duplicate", first)  # type: ignore[attr-defined]


def test_a_full_disk_in_a_slice_is_said_and_leaves_no_half_film(student: Client) -> None:
    """The operating system refuses to let a file grow, as on a full disk or behind a quota."""
    content = MP4_HEAD + bytes(5_000_000)
    url = begin(student, content).json()["slice_url"]
    send(student, url, 0, content[:2_500_000])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, hard))
    try:
        answer = send(student, url, 2_500_000, content[2_500_000:])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")  # type: ignore[attr-defined]
    session = Session.objects.get()
    assert (session.rejected_code, session.size_bytes) == ("storage_full", len(content))
    assert files_left() == []


def test_a_slice_that_breaks_off_is_not_kept(people: Personas) -> None:
    class Broken:
        def __init__(self) -> None:
            self._left = [FILM[:1000], FILM[1000:2000]]

        def read(self, size: int, /) -> bytes:
            if not self._left:
                raise ConnectionResetError
            return self._left.pop()

    pending = announced(people)
    assert resumable.append(pending, 0, media_of(FILM[:THIRD])) == THIRD
    with pytest.raises(ConnectionResetError):
        resumable.append(pending, THIRD, Broken())
    assert resumable.arrived(pending) == THIRD


def announced(people: Personas) -> PendingUpload:
    about = {"name": "set.mp4", "size": len(FILM), "mark": ""}
    return resumable.begin(participant=people.participant, uploaded_by=people.student, **about)  # type: ignore[arg-type]


def media_of(content: bytes) -> resumable.Readable:

    return io.BytesIO(content)


def test_cancelling_forgets_what_came(student: Client) -> None:
    url = begin(student).json()["slice_url"]
    send(student, url, 0, FILM[:THIRD])
    assert student.delete(url).status_code == 204
    assert files_left() == []
    assert student.get(url).status_code == 404
    assert begin(student).json()["offset"] == 0


@pytest.mark.parametrize("who", ["classmate", "other_student", "instructor", "owner", "researcher", "superuser"])
def test_an_upload_is_only_for_who_began_it(people: Personas, student: Client, who: str) -> None:
    url = begin(student).json()["slice_url"]
    stranger = signed_in(people, who)
    assert stranger.get(url).status_code == 404
    assert send(stranger, url, 0, FILM).status_code == 404
    assert stranger.delete(url).status_code == 404
    assert student.get(url).json()["offset"] == 0


def test_an_instructor_who_left_the_study_can_not_end_the_upload(people: Personas) -> None:
    client = signed_in(people, "instructor")
    url = begin(client, participant=people.participant.pk).json()["slice_url"]
    people.instructor.memberships.all().delete()
    assert send(client, url, 0, FILM).status_code == 404
    assert not Session.objects.exists()


def test_the_token_against_forged_requests_is_checked(people: Personas) -> None:
    client = Client(enforce_csrf_checks=True)
    client.login(username=people.student.username, password=PASSWORD)
    assert begin(client).status_code == 403
    url = f"{BEGIN}{announced(people).pk}/"
    assert send(client, url, 0, FILM).status_code == 403
    assert client.delete(url).status_code == 403


def test_at_most_ten_films_of_one_person_are_on_their_way(student: Client) -> None:
    urls = [begin(student, mark=str(number)).json()["slice_url"] for number in range(11)]
    assert student.get(urls[0]).status_code == 404
    assert [student.get(url).status_code for url in urls[1:]] == [200] * 10


def test_the_sweep_takes_an_upload_of_which_nothing_came_for_a_day_and_no_other(people: Personas) -> None:
    participant = make_participant(people.study)
    old, fresh = announced(people), None
    resumable.append(old, 0, media_of(FILM[:THIRD]))
    about = {"name": "set.mp4", "size": len(FILM), "mark": ""}
    fresh = resumable.begin(participant=participant, uploaded_by=people.owner, **about)  # type: ignore[arg-type]
    resumable.append(fresh, 0, media_of(FILM[:THIRD]))
    PendingUpload.objects.update(started_at="2024-01-01T00:00:00Z")
    then = time.time() - 48 * 3600
    os.utime(media.pending_folder(old.pk), (then, then))
    services.sweep()
    assert list(PendingUpload.objects.all()) == [fresh]
    assert resumable.arrived(fresh) == THIRD
    assert [path.name for path in Path(project.INCOMING_DIR).iterdir()] == [media.pending_folder(fresh.pk).name]


def test_a_film_that_was_whole_when_the_server_died_is_finished_by_an_empty_slice(
    student: Client, people: Personas
) -> None:
    pending = resumable.begin(
        participant=people.participant, uploaded_by=people.student, name="set.mp4", size=len(FILM), mark="1-video/mp4"
    )
    resumable.append(pending, 0, media_of(FILM))
    place = begin(student).json()
    assert place["offset"] == len(FILM)
    assert send(student, place["slice_url"], len(FILM), b"").status_code == 201
    assert Session.objects.get().size_bytes == len(FILM)


@pytest.mark.django_db(transaction=True)
def test_the_same_last_slice_from_two_connections_makes_one_film() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("threads share no in-memory database")
    people = make_personas()
    url = f"{BEGIN}{announced(people).pk}/"
    clients = [signed_in(people, "student") for _ in range(4)]
    statuses: list[int] = []

    def last(client: Client) -> None:
        statuses.append(send(client, url, 0, FILM).status_code)
        connection.close()

    threads = [threading.Thread(target=last, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 404, 409}
    assert files_left() == [Session.objects.get().video]
