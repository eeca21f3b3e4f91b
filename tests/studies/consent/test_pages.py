"""The pages: read, review, sign; say no as easily; take back after seeing what it does; nobody else looks in."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from coaching.models import Session
from studies.consent.scopes import SCOPES
from studies.consent.services import guardian_token
from studies.models import ConsentRecord, ConsentStatus, Job, Membership, PrivacyPolicy
from studies.services import ArmSpec, create_study, enrol
from tests.factory import make_personas, make_staff, make_user
from tests.studies.consent.people import agree, asking_study, student_of, upload, write

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client
    from pytest_django import DjangoAssertNumQueries, Settings

    from studies.models import Participant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INCOMING_DIR = settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.BROKER_DIR = tmp_path / "broker"
    settings.PRIVACY_KEY_FILE = tmp_path / "privacy_key"


def url(name: str, *arguments: object) -> str:
    return reverse(f"studies:{name}", args=list(arguments))


def form_of(student: Participant, **changed: Any) -> dict[str, Any]:
    given = {"scopes": ["research", "teaching"], "read": "on", "typed_name": student.user.get_full_name()}
    return given | changed


def test_the_first_sign_in_leads_to_the_text_before_any_film(client: Client) -> None:
    study, _owner, _text = asking_study()
    student = student_of(study)
    client.force_login(student.user)
    for address in (reverse("home"), reverse("coaching:upload")):
        response = client.get(address)
        assert (response.status_code, response.headers["Location"]) == (302, url("consent", student.pk))
    assert client.get(reverse("home") + "?later=1").status_code == 200


def test_nothing_is_stored_before_the_answer_was_reviewed_and_confirmed(client: Client) -> None:
    study, _owner, _text = asking_study()
    student = student_of(study)
    client.force_login(student.user)
    reviewed = client.post(url("consent", student.pk), form_of(student)).content.decode()
    assert "Confirm and sign" in reviewed
    assert str(SCOPES["video_kept"].without) in reviewed, "what a no to a purpose means is said"
    assert not ConsentRecord.objects.exists()
    assert client.post(url("consent", student.pk), form_of(student, confirm="yes")).status_code == 302
    record = ConsentRecord.objects.get()
    assert (record.scopes, record.made_by) == (["research", "teaching"], student.user)
    copy = client.get(url("consent-copy", student.pk, record.pk))
    assert copy.content.startswith(b"%PDF")
    assert client.get(reverse("home")).status_code == 200


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"scopes": ["teaching"]}, "Tick that you take part"),
        ({"read": ""}, "This field is required"),
        ({"typed_name": "Somebody Else"}, "Type your name as it is written"),
        ({"scopes": ["research", "everything"]}, "Select a valid choice"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(client: Client, changed: dict[str, Any], sentence: str) -> None:
    study, _owner, _text = asking_study()
    student = student_of(study)
    client.force_login(student.user)
    response = client.post(url("consent", student.pk), form_of(student, **changed))
    assert response.status_code == 422
    assert not ConsentRecord.objects.exists()
    if sentence != "Select a valid choice":
        assert sentence in response.content.decode()


def test_a_no_takes_two_clicks_and_no_reason(client: Client) -> None:
    study, _owner, _text = asking_study()
    student = student_of(study)
    client.force_login(student.user)
    assert "You stay in the course" in client.post(url("consent", student.pk), {"decline": "yes"}).content.decode()
    assert not ConsentRecord.objects.exists()
    client.post(url("consent", student.pk), {"decline": "yes", "confirm": "yes"})
    assert ConsentStatus.objects.get(participant=student).kind == "declined"
    assert client.get(reverse("home")).status_code == 200


def test_taking_back_shows_what_goes_before_it_goes(client: Client) -> None:
    study, _owner, text = asking_study()
    student = student_of(study)
    agree(student, text)
    upload(student)
    client.force_login(student.user)
    page = client.get(url("consent-withdraw", student.pk) + "?scope=video_kept").content.decode()
    assert "1 film or picture" in page
    assert "can’t be called back" in page
    assert Session.objects.get().video
    assert (
        client.post(url("consent-withdraw", student.pk), {"scope": "video_kept", "confirm": "yes"}).status_code == 302
    )
    assert not Session.objects.get().video
    assert ConsentStatus.objects.get(participant=student).research


def test_a_guardian_signs_without_an_account(client: Client) -> None:
    study, _owner, text = asking_study()
    student = student_of(study, age=15)
    link = url("guardian", guardian_token(agree(student, text, ["research"])))
    page = client.get(link).content.decode()
    assert str(SCOPES["research"].asks) in page
    assert student.user.last_name not in page
    assert client.post(link, {"read": "on", "typed_name": "Dina", "relation": ""}).status_code == 422
    done = client.post(link, {"read": "on", "typed_name": "Dina", "relation": "mother"})
    assert "stored" in done.content.decode()
    assert ConsentStatus.objects.get(participant=student).research
    assert client.get(link).status_code == 404


def test_nobody_sees_who_agreed_before_grades_are_in(client: Client) -> None:
    study, owner, text = asking_study()
    officer, instructor = make_staff(study, Membership.Role.OFFICER), make_staff(study, Membership.Role.INSTRUCTOR)
    students = [student_of(study) for _student in range(12)]
    for student in students[:6]:
        agree(student, text)
    names = [student.user.last_name for student in students]
    for user, expected in ((owner, 200), (officer, 200), (instructor, 403)):
        client.force_login(user)
        page = client.get(url("consent-overview", study.pk))
        assert page.status_code == expected
        assert not [name for name in names if name in page.content.decode()]
    PrivacyPolicy.objects.filter(study=study).update(consent_visible_from=timezone.localdate())
    for user, shown in ((owner, 12), (officer, 0)):
        client.force_login(user)
        page = client.get(url("consent-overview", study.pk))
        assert sum(name in page.content.decode() for name in names) == shown


def test_a_few_answers_are_not_counted_out(client: Client) -> None:
    study, owner, text = asking_study()
    for number in range(12):
        student = student_of(study)
        if number < 10:
            agree(student, text)
    client.force_login(owner)
    page = client.get(url("consent-overview", study.pk))
    assert dict(page.context["states"])["Agreed"] is None
    assert dict(page.context["states"])["not answered yet"] is None


def test_the_owner_countersigns_once_names_are_shown(client: Client) -> None:
    study, owner, text = asking_study()
    record = agree(student_of(study), text)
    client.force_login(owner)
    address = url("consent-countersign", study.pk, record.pk)
    assert client.post(address).status_code == 403
    PrivacyPolicy.objects.filter(study=study).update(consent_visible_from=timezone.localdate() - dt.timedelta(days=1))
    assert client.post(address).status_code == 302
    record.refresh_from_db()
    assert record.countersigned_by == owner


def test_the_overview_asks_as_often_for_thirty_as_for_one(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    study, owner, text = asking_study(consent_visible_from=dt.date(2024, 1, 1))
    for _student in range(30):
        agree(student_of(study), text)
    client.force_login(owner)
    with django_assert_max_num_queries(20):
        client.get(url("consent-overview", study.pk))


def test_the_owner_writes_publishes_and_asks_anew(client: Client) -> None:
    owner = make_user()
    study = create_study(owner=owner, title="New", arms=[ArmSpec("a", "A"), ArmSpec("b", "B")])
    student = enrol(study=study, user=make_user(), year_of_study=2)
    client.force_login(owner)
    draft = client.get(url("consent-text", study.pk)).context["form"].initial
    given = {**draft, "publish": "yes"}
    assert client.post(url("consent-text", study.pk), given).status_code == 302
    assert study.consent_texts.get().published_at is not None
    client.force_login(student.user)
    assert client.get(reverse("home")).status_code == 302
    client.force_login(owner)
    assert client.post(url("consent-text", study.pk), given).status_code == 422
    assert write(study, owner, study.consent_texts.get().body + "\n\nAnd this.").version == 2


def test_a_students_data_page_counts_what_is_stored_and_who_looked(client: Client) -> None:
    study, owner, text = asking_study(video_days=100, pose_days=200)
    student = student_of(study)
    agree(student, text)
    upload(student)
    client.force_login(owner)
    client.get(url("participant", student.pk))
    client.force_login(student.user)
    response = client.get(url("my-data", student.pk))
    films = response.context["stored"][0]
    assert (films.count, films.first_goes) == (1, timezone.localdate() + dt.timedelta(days=100))
    assert owner.last_name in response.content.decode()
    titles = {str(row.title): row.count for row in response.context["rows"]}
    assert (titles["Your answers about consent"], titles["Who looked at your data"]) == (1, 1)
    assert client.post(url("my-data-file", student.pk)).status_code == 302
    assert Job.objects.get().participant == student


def test_a_request_to_be_erased_is_asked_read_and_decided_by_code(client: Client) -> None:
    study, _owner, text = asking_study()
    officer = make_staff(study, Membership.Role.OFFICER)
    student = student_of(study)
    agree(student, text)
    name = student.user.last_name
    client.force_login(student.user)
    assert client.post(url("erasure-ask", student.pk)).status_code == 422
    assert client.post(url("erasure-ask", student.pk), {"confirm": "yes"}).status_code == 302
    client.force_login(officer)
    page = client.get(url("privacy", study.pk)).content.decode()
    assert student.code in page
    assert name not in page
    decide = url("erasure-decide", study.pk, student.erasure_requests.get().pk)
    given = {"decision": "all", "lawful_basis": "Art. 17(1)(b)", "reason": f"{name} asked for it."}
    assert client.post(decide, given).status_code == 422
    assert client.post(decide, given | {"reason": "The student asked for it."}).status_code == 302
    student.refresh_from_db()
    assert student.user.last_name == ""


def test_an_export_names_its_purpose_and_is_for_owner_and_researcher(client: Client) -> None:
    people = make_personas()
    address = url("study-export", people.study.pk)
    client.force_login(people.instructor)
    assert client.get(address).status_code == 403
    client.force_login(people.researcher)
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"purpose": "analysis", "audit": "on"}).status_code == 302
    assert Job.objects.get().params == {"purpose": "analysis", "pose": False}


def test_programs_read_and_take_back_consent(client: Client) -> None:
    study, _owner, text = asking_study()
    student = student_of(study)
    client.force_login(student.user)
    address = reverse("student-consent", args=[student.pk])
    assert client.get(address).json()["asks_again"] is True
    agree(student, text)
    answer = client.post(address, {"scopes": ["teaching"]}, content_type="application/json").json()
    assert "teaching" not in answer["scopes"]
    assert answer["answer"] == "given"
    again = client.post(address, {"scopes": ["teaching"]}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (422, "nothing_to_withdraw")
