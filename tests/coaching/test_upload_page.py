"""The upload as a browser does it: a plain form post, a script's request, and the API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from coaching.models import AnalysisRun, Session
from studies.models import Participant
from tests.coaching.films import MP4_HEAD, files_left
from tests.factory import PASSWORD, Personas, make_participant, make_personas, make_study

if TYPE_CHECKING:
    from django.http import HttpResponse
    from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

pytestmark = pytest.mark.django_db

UPLOAD = "/sessions/new/"


@pytest.fixture
def people() -> Personas:
    return make_personas()


@pytest.fixture
def student(people: Personas) -> Client:
    client = Client()
    client.login(username=people.student.username, password=PASSWORD)
    return client


def post(
    client: Client, content: bytes | None = MP4_HEAD, *, name: str = "set.mp4", script: bool = False, **fields: Any
) -> Any:
    data = dict(fields)
    if content is not None:
        data["file"] = SimpleUploadedFile(name, content, content_type="video/mp4")
    headers = {"Accept": "application/json"} if script else {"Accept": "text/html"}
    return client.post(UPLOAD, data, headers=headers)


def test_a_plain_form_post_leads_to_the_sessions_page(student: Client, people: Personas) -> None:
    answer = post(student, load_kg="62.5", note="third set")
    session = Session.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("coaching:session", args=[session.pk])
    assert (session.participant, session.uploaded_by) == (people.participant, people.student)
    assert (str(session.load_kg), session.note) == ("62.5", "third set")
    assert session.runs.get().state == AnalysisRun.State.QUEUED


def test_a_script_is_told_where_to_go(student: Client) -> None:
    answer = post(student, script=True)
    assert answer.status_code == 201
    assert answer.json() == {"url": reverse("coaching:session", args=[Session.objects.get().pk])}


def test_the_worker_is_called_once_the_row_is_there(
    student: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        post(student)
    assert len(callbacks) == 1


@pytest.mark.parametrize("script", [False, True], ids=["form", "script"])
@pytest.mark.parametrize(
    ("content", "code", "status"),
    [(b"", "empty_file", 422), (b"just text", "not_a_video", 415)],
)
def test_a_refused_film_says_why_and_its_row_stays(
    student: Client, content: bytes, code: str, status: int, script: bool
) -> None:
    answer = post(student, content, script=script)
    session = Session.objects.get()
    assert answer.status_code == status
    assert (session.rejected_code, session.video, session.runs.count()) == (code, "", 0)
    assert files_left() == []
    if script:
        assert answer.json()["code"] == code
        assert answer.json()["advice"].endswith(".")
    else:
        assert "upload" in answer.content.decode().lower()


def test_a_duplicate_leads_to_the_first_upload(student: Client) -> None:
    first = post(student, script=True).json()["url"]
    answer = post(student, script=True)
    assert answer.status_code == 409
    assert (answer.json()["code"], answer.json()["existing_url"]) == ("duplicate", first)
    assert Session.objects.filter(rejected_code="duplicate").count() == 1


def test_the_form_without_scripts_links_to_the_first_upload_and_keeps_what_was_filled_in(student: Client) -> None:
    first = post(student).headers["Location"]
    page = post(student, load_kg="62.5", note="third set").content.decode()
    assert f'<p data-existing >\n          <a href="{first}">' in page
    assert 'value="62.5"' in page
    assert 'value="third set"' in page


def test_a_film_over_the_limit_is_refused_by_its_announced_length_before_it_is_read(
    student: Client, settings: Settings
) -> None:
    settings.UPLOAD_MAX_MB = 1
    answer = post(student, MP4_HEAD + bytes(2_000_000), script=True)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"
    session = Session.objects.get()
    assert (session.rejected_code, session.original_name) == ("too_large", "set.mp4")
    assert session.size_bytes >= 2_000_000
    assert files_left() == []


def test_a_film_a_little_over_the_limit_is_stopped_while_reading(student: Client, settings: Settings) -> None:
    settings.UPLOAD_MAX_MB = 1
    answer = post(student, MP4_HEAD + bytes(1_000_001), script=True)
    assert answer.json()["code"] == "too_large"
    assert files_left() == []


def test_an_upload_that_breaks_off_leaves_a_row_and_no_file(student: Client) -> None:
    whole = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="set.mp4"\r\n'
        b"Content-Type: video/mp4\r\n\r\n" + MP4_HEAD + bytes(100_000)
    )
    headers = {"Accept": "application/json"}
    answer = student.generic("POST", UPLOAD, whole, content_type="multipart/form-data; boundary=x", headers=headers)
    assert answer.status_code == 422
    assert json.loads(answer.content)["code"] == "upload_interrupted"
    assert Session.objects.get().rejected_code == "upload_interrupted"
    assert files_left() == []


def test_nothing_chosen_is_said_and_makes_no_row(student: Client) -> None:
    answer = post(student, None, script=True)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_file")
    assert not Session.objects.exists()


def test_two_file_fields_with_one_filled_are_one_upload(student: Client) -> None:
    """A page offers the gallery and the camera under one name; the browser sends the other one empty."""
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\r\n"
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="set.mp4"\r\n'
        b"Content-Type: video/mp4\r\n\r\n" + MP4_HEAD + b"\r\n--x--\r\n"
    )
    student.generic("POST", UPLOAD, body, content_type="multipart/form-data; boundary=x")
    assert Session.objects.get().rejected_code == ""


def test_an_instructor_says_whose_film_it_is(people: Personas) -> None:
    client = Client()
    client.login(username=people.instructor.username, password=PASSWORD)
    assert post(client, script=True).json()["code"] == "invalid"
    assert post(client, script=True, participant=people.participant.pk).status_code == 201
    session = Session.objects.get()
    assert (session.participant, session.uploaded_by) == (people.participant, people.instructor)


@pytest.mark.parametrize("who", ["classmate", "other_student", "other_instructor", "researcher"])
def test_nobody_uploads_for_a_student_who_is_not_theirs(people: Personas, who: str) -> None:
    client = Client()
    client.login(username=getattr(people, who).username, password=PASSWORD)
    answer = post(client, script=True, participant=people.participant.pk)
    assert answer.status_code == 422
    assert not Session.objects.filter(participant=people.participant).exists()


def test_a_student_of_two_studies_chooses(people: Personas, student: Client) -> None:
    other = make_participant(make_study("Second"), user=people.student)
    assert post(student, script=True).json()["code"] == "invalid"
    assert post(student, script=True, participant=other.pk).status_code == 201
    assert Session.objects.get().participant == other


def test_the_token_against_forged_requests_is_checked(people: Personas) -> None:
    client = Client(enforce_csrf_checks=True)
    client.login(username=people.student.username, password=PASSWORD)
    assert post(client).status_code == 403
    client.get(UPLOAD)
    token = client.cookies["csrftoken"].value
    assert post(client, csrfmiddlewaretoken=token).status_code == 302
    headers = {"X-CSRFToken": token, "Accept": "application/json"}
    other = SimpleUploadedFile("b.mp4", MP4_HEAD + b"b", content_type="video/mp4")
    assert client.post(UPLOAD, {"file": other}, headers=headers).status_code == 201


def test_a_visitor_uploads_nothing() -> None:
    assert post(Client()).headers["Location"].startswith(reverse("login"))
    assert not Session.objects.exists()


@pytest.fixture
def api(student: Client) -> Client:
    return student


def upload_by_api(client: Client, content: bytes = MP4_HEAD, **fields: Any) -> HttpResponse:
    file = SimpleUploadedFile("set.mp4", content, content_type="video/mp4")
    return client.post("/api/sessions/", {"file": file, **fields})  # type: ignore[return-value]


def test_the_api_takes_a_film_and_says_that_it_waits(api: Client, people: Personas) -> None:
    answer = upload_by_api(api)
    body = json.loads(answer.content)
    assert answer.status_code == 201
    assert (body["status"], body["run"]["state"]) == ("waiting", "queued")
    assert body["participant_code"] == people.participant.code
    assert body["url"] == f"http://testserver/api/sessions/{Session.objects.get().pk}/"


def test_the_api_refuses_with_the_same_codes(api: Client, settings: Settings) -> None:
    assert json.loads(upload_by_api(api, b"text").content)["code"] == "not_a_video"
    upload_by_api(api)
    duplicate = upload_by_api(api)
    first = Session.objects.get(rejected_code="")
    assert (duplicate.status_code, json.loads(duplicate.content)["existing"]) == (409, str(first.pk))
    settings.UPLOAD_MAX_MB = 1
    assert upload_by_api(api, MP4_HEAD + bytes(3_000_000)).status_code == 413
    assert files_left() == [first.video]


def test_the_api_needs_the_token_too(people: Personas) -> None:
    client = Client(enforce_csrf_checks=True)
    client.login(username=people.student.username, password=PASSWORD)
    assert upload_by_api(client).status_code == 403
    assert not Session.objects.exists()


def test_the_api_lists_only_what_the_user_may_see(api: Client, people: Personas) -> None:
    upload_by_api(api)
    stranger = Client()
    stranger.login(username=people.other_student.username, password=PASSWORD)
    assert json.loads(api.get("/api/sessions/").content)["count"] == 1
    assert json.loads(stranger.get("/api/sessions/").content)["count"] == 0
    assert stranger.get(f"/api/sessions/{Session.objects.get().pk}/").status_code == 404
    assert Client().get("/api/sessions/").status_code in {302, 403}


def test_the_label_of_a_choice_names_the_student_for_the_instructor(people: Personas) -> None:
    client = Client()
    client.login(username=people.instructor.username, password=PASSWORD)
    page = client.get(UPLOAD).content.decode()
    for participant in Participant.objects.filter(study=people.study):
        assert participant.user.last_name in page
