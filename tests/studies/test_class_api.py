"""The class for programs: enrolling, files, screening, invitations, one student."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from studies.invitations import token_of
from studies.models import Baseline, Participant, RosterImport, ScreeningEntry, User
from tests.factory import Personas, make_injury, make_participant, make_personas, make_staff, make_training_session
from tests.programs import code_of, get, made, post

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

ALMA = {"name": "Alma Bekova", "username": "alma", "year": 2}


@pytest.fixture
def people() -> Personas:
    return make_personas()


# Enrolling


def test_students_are_enrolled_or_each_wrong_one_is_named(client: Client, people: Personas) -> None:
    taken = {"name": "Me Again", "username": people.student.username, "year": 2}
    refused = post(client, people.owner, "study-participants", people.study.pk, students=[ALMA, taken, ALMA])
    assert code_of(refused) == "class_list_refused"
    assert set(refused.json()["students"]) == {"3"}  # before any account is looked at
    refused = post(client, people.owner, "study-participants", people.study.pk, students=[ALMA, taken])
    assert set(refused.json()["students"]) == {"2"}
    assert not User.objects.filter(username="alma").exists()
    rows = made(post(client, people.instructor, "study-participants", people.study.pk, students=[ALMA], section="2A"))
    row = Participant.objects.get(user__username="alma")
    assert (rows[0]["id"], rows[0]["name"], rows[0]["section"], rows[0]["arm"]) == (row.pk, "Alma Bekova", "2A", None)
    assert not row.user.has_usable_password()


def test_an_instructor_of_sections_enrols_into_these_alone(client: Client, people: Personas) -> None:
    user = make_staff(people.study, "instructor", sections=("9Z",))
    for section in ("2A", ""):
        refused = post(client, user, "study-participants", people.study.pk, students=[ALMA], section=section)
        assert (refused.status_code, list(refused.json())) == (400, ["section"])
    made(post(client, user, "study-participants", people.study.pk, students=[ALMA], section="9Z"))


# Files


def send(client: Client, user: User, pk: int, rows: str, name: str = "class.csv") -> Any:
    client.force_login(user)
    return client.post(reverse("study-class-lists", args=[pk]), {"file": SimpleUploadedFile(name, rows.encode())})


def test_a_file_is_read_then_its_good_rows_are_enrolled(client: Client, people: Personas) -> None:
    rows = "name,user name,year,mood\nAlma Bekova,alma,2,good\nBolat Serik,bolat,nine,good\n"
    found = made(send(client, people.instructor, people.study.pk, rows))
    assert {name: found[name] for name in ("rows", "good", "with_warning", "with_error", "state")} == {
        "rows": 2,
        "good": 1,
        "with_warning": 0,
        "with_error": 1,
        "state": "open",
    }
    assert found["not_read"] == ["mood"]
    assert [(one["row"], one["column"], one["level"]) for one in found["problems"]] == [(3, "year", "error")]
    assert not User.objects.filter(username__in=["alma", "bolat"]).exists()
    assert get(client, people.owner, "class-list", people.study.pk, found["id"]) == found
    assert get(client, people.owner, "study-class-lists", people.study.pk)["results"] == [found]
    done = made(post(client, people.instructor, "class-list", people.study.pk, found["id"]), 200)
    assert (done["state"], done["enrolled"], done["rows"]) == ("done", 1, 0)
    assert Participant.objects.filter(study=people.study, user__username="alma").exists()
    assert code_of(post(client, people.instructor, "class-list", people.study.pk, found["id"])) == "import_closed"


def test_rows_with_a_warning_wait_until_somebody_says_otherwise(client: Client, people: Personas) -> None:
    twin = f"name,user name,year\n{people.student.get_full_name()},another,2\n"
    found = made(send(client, people.owner, people.study.pk, twin))
    assert (found["with_warning"], found["problems"][0]["level"]) == (1, "warning")
    assert code_of(post(client, people.owner, "class-list", people.study.pk, found["id"])) == "nothing_to_enrol"
    done = made(post(client, people.owner, "class-list", people.study.pk, found["id"], with_warnings=True), 200)
    assert done["enrolled"] == 1


def test_a_list_is_forgotten_and_a_file_that_is_none_is_refused(client: Client, people: Personas) -> None:
    found = made(send(client, people.owner, people.study.pk, "name,user name,year\nAlma Bekova,alma,2\n"))
    url = reverse("class-list", args=[people.study.pk, found["id"]])
    assert client.delete(url).status_code == 204
    assert RosterImport.objects.get().state == "discarded"
    assert code_of(client.delete(url)) == "import_closed"
    assert code_of(send(client, people.owner, people.study.pk, "a,b\n1,2\n")) == "missing_column"
    as_json = client.post(reverse("study-class-lists", args=[people.study.pk]), {}, content_type="application/json")
    assert as_json.status_code == 415


def test_a_spreadsheet_is_read_too(client: Client, people: Personas) -> None:
    from openpyxl import Workbook

    book, raw = Workbook(), io.BytesIO()
    for row in (["name", "user name", "year"], ["Alma Bekova", "alma", 2]):
        book.active.append(row)
    book.save(raw)
    client.force_login(people.owner)
    sent = {"file": SimpleUploadedFile("class.xlsx", raw.getvalue())}
    assert made(client.post(reverse("study-class-lists", args=[people.study.pk]), sent))["good"] == 1


# Screening and invitations


def test_students_are_confirmed_or_excluded_with_a_reason(client: Client, people: Personas) -> None:
    row = make_participant(people.study)
    screening = ("study-screening", people.study.pk)
    out: dict[str, Any] = {"students": [row.code], "eligible": False}
    assert code_of(post(client, people.instructor, *screening, **out)) == "reason_missing"
    made(post(client, people.instructor, *screening, **out, reason="other", note="Has moved away"))
    made(post(client, people.instructor, *screening, outcome="declined"))
    row.refresh_from_db()
    assert row.eligibility == "excluded"
    found = get(client, people.owner, *screening)["results"]
    assert [(one["code"], one["outcome"], one["note"]) for one in found] == [
        (None, "declined", ""),
        (row.code, "excluded", "Has moved away"),
    ]
    assert {one["note"] for one in get(client, people.researcher, *screening)["results"]} == {None}
    assert get(client, people.owner, *screening, query="?outcome=excluded&reason=other")["count"] == 1
    assert ScreeningEntry.objects.count() == 2


def test_screening_says_what_is_missing(client: Client, people: Personas) -> None:
    for body in ({}, {"students": [people.participant.code]}, {"students": ["NOBODY"], "eligible": True}):
        assert post(client, people.owner, "study-screening", people.study.pk, **body).status_code == 400


def test_an_invitation_is_made_read_and_ended(client: Client, people: Personas) -> None:
    found = made(post(client, people.instructor, "study-invitations", people.study.pk, uses_max=30, days=7))
    row = people.study.invitations.get()
    assert found["code"] == row.code
    assert found["link"] == f"http://testserver/join/{token_of(row)}/"
    assert get(client, people.owner, "study-invitations", people.study.pk)["results"] == [found]
    sections = make_staff(people.study, "instructor", sections=("9Z",))
    assert get(client, sections, "study-invitations", people.study.pk)["count"] == 0
    url = reverse("invitation", args=[people.study.pk, row.pk])
    assert client.delete(url).status_code == 404  # as that instructor
    client.force_login(people.owner)
    assert client.delete(url).status_code == 204
    assert get(client, people.owner, "study-invitations", people.study.pk)["count"] == 0


# One student


def test_a_student_is_shown_as_the_page_shows_them(client: Client, people: Personas) -> None:
    make_training_session(people.participant, minutes=80)
    make_injury(people.participant)
    pk = people.participant.pk
    found = get(client, people.instructor, "student", pk)
    assert found["totals"] == {"lessons": 1, "minutes": 80, "repetitions": 0, "injuries": 1}
    assert (found["name"], found["arm"], found["moves"]) == (people.student.get_full_name(), "a", [])
    own = get(client, people.student, "student", pk)
    assert (own["name"], own["moves"]) == (people.student.get_full_name(), None)
    assert [look["what"] for look in own["looks"]] == ["injuries"]  # the instructor's, above
    blind = get(client, people.researcher, "student", pk)
    assert (blind["name"], blind["looks"], blind["arm"][:6]) == (None, None, "group-")


def test_values_at_the_start_are_written_and_nobody_overwrites_them_unseen(client: Client, people: Personas) -> None:
    start = ("student-baseline", people.participant.pk)
    empty = get(client, people.owner, *start)
    assert (empty["version"], empty["mass_kg"], empty["year"]) == (0, None, 2)
    saved = made(post(client, people.owner, *start, seen_version=0, sex="f", mass_kg=61.5, section="2A"), 200)
    assert (saved["version"], saved["mass_kg"], saved["section"]) == (1, 61.5, "2A")
    assert code_of(post(client, people.instructor, *start, seen_version=0, age_years=20)) == "changed_meanwhile"
    made(post(client, people.instructor, *start, seen_version=1, age_years=20), 200)
    row = Baseline.objects.get()
    assert (row.sex, float(row.mass_kg or 0), row.age_years, row.version) == ("f", 61.5, 20, 2)
    made(post(client, people.instructor, *start, seen_version=2, mass_kg=None), 200)
    row.refresh_from_db()
    assert (row.mass_kg, row.age_years) == (None, 20)
    refused = post(client, people.instructor, *start, seen_version=3, mass_kg=500)
    assert (refused.status_code, list(refused.json())) == (400, ["mass_kg"])


def test_a_student_is_moved_by_hand_with_a_reason(client: Client, people: Personas) -> None:
    group = ("student-group", people.participant.pk)
    assert post(client, people.owner, *group, arm="b").status_code == 400
    assert post(client, people.owner, *group, arm="z", reason="No such group").status_code == 400
    assert code_of(post(client, people.owner, *group, arm="a", reason="Stays")) == "same_arm"
    found = made(post(client, people.instructor, *group, arm="b", reason="Hours of work"), 200)
    assert found["arm"] == "b"
    move = found["moves"][0]
    assert (move["from_arm"], move["to_arm"], move["reason"]) == ("a", "b", "Hours of work")
    blind = get(client, people.researcher, "student", people.participant.pk)["moves"][0]
    assert ({blind["from_arm"], blind["to_arm"]}, blind["reason"]) == ({"group-a", "group-b"}, None)
