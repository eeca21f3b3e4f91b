"""From file to class: previewed, compared with the study, enrolled in bulk or not at all."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from studies.errors import StudyError
from studies.models import AccessRecord, Baseline, Membership, RosterImport, Study, User
from studies.roster.imports import discard, enrol_rows, preview, students_of
from studies.roster.tables import FileRefused
from tests.factory import (
    PASSWORD,
    Personas,
    make_participant,
    make_personas,
    make_staff,
    make_study,
    make_user,
)

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

LIST = (
    "name,user name,e-mail,year,section,sex,mass kg,measured on\n"
    "Alma Bekova,alma,alma@uni.edu,2,2A,f,61.5,2024-09-01\n"
    "Bolat Omarov,bolat,,3,2B,,,\n"
    "Cem Ortega,,cem@uni.edu,9,,,,\n"
    "BEKOVA Alma,alma2,,2,2A,,,\n"
)


def read(study: Study, text: str = LIST) -> RosterImport:
    return preview(study=study, by=make_user(), raw=text.encode())


def found_problems(found: RosterImport) -> list[tuple[int, str, str]]:
    return [(p.row, p.column, p.level) for student in students_of(found) for p in student.problems]


def test_reading_a_file_enrols_nobody() -> None:
    study = make_study()
    before = User.objects.count()
    found = read(study)
    assert (found.state, len(found.rows)) == ("open", 4)
    assert study.participants.count() == 0
    assert User.objects.count() == before + 1  # who read it
    assert found_problems(found) == [(4, "year", "error"), (5, "name", "warning")]


def test_the_good_rows_are_enrolled_with_their_values_and_the_list_is_forgotten() -> None:
    study = make_study()
    found = read(study)
    assert enrol_rows(found=found, by=make_user()) == 2
    alma, bolat = study.participants.select_related("user", "baseline").order_by("user__username")
    assert (alma.user.get_full_name(), alma.user.email) == ("Alma Bekova", "alma@uni.edu")
    assert (alma.year_of_study, alma.section, alma.eligibility, alma.arm) == (2, "2A", "eligible", None)
    assert (alma.baseline.sex, alma.baseline.mass_kg) == ("f", Decimal("61.5"))
    assert alma.baseline.measured_on == dt.date(2024, 9, 1)
    assert not Baseline.objects.filter(participant=bolat).exists()
    assert not alma.user.has_usable_password()
    assert len(alma.code) == 4
    assert (found.state, found.rows, found.enrolled) == ("done", [], 2)
    with pytest.raises(StudyError, check=lambda error: error.code == "import_closed"):
        enrol_rows(found=found, by=make_user())


def test_rows_with_a_warning_come_only_when_said_so() -> None:
    study = make_study()
    assert enrol_rows(found=read(study), by=make_user(), with_warnings=True) == 3
    assert set(study.participants.values_list("user__username", flat=True)) == {"alma", "bolat", "alma2"}


def test_a_list_without_a_good_row_enrols_nobody() -> None:
    study = make_study()
    found = read(study, "name,user name,year\nAlma,alma,nine\n")
    with pytest.raises(StudyError, check=lambda error: error.code == "nothing_to_enrol"):
        enrol_rows(found=found, by=make_user())
    found.refresh_from_db()
    assert found.state == "open"


def test_a_row_is_compared_with_accounts_and_class() -> None:
    study = make_study()
    make_participant(study, user=make_user("here", first_name="Here", last_name="Already"))
    make_staff(study, Membership.Role.RESEARCHER, user=make_user("staff"))
    make_user("boss", is_superuser=True)
    make_user("known", first_name="Known", last_name="Account")
    mailed = make_user("mailed")
    mailed.email = "Same@uni.edu"
    mailed.save()
    text = (
        "name,user name,e-mail,year\n"
        "Here Already,here,,2\n"
        "Some Body,staff,,2\n"
        "The Boss,boss,,2\n"
        "known ACCOUNT,known,,2\n"
        "Other Person,known2,same@uni.edu,2\n"
        "already here,here2,,2\n"
    )
    assert found_problems(read(study, text)) == [
        (2, "username", "error"),
        (3, "username", "error"),
        (4, "username", "error"),
        (6, "email", "warning"),
        (7, "name", "warning"),  # of row 2
        (7, "name", "warning"),  # of the class
    ]


def test_an_account_under_another_name_is_a_warning_and_keeps_its_name_and_password() -> None:
    study, known = make_study(), make_user("alma", first_name="Somebody", last_name="Else")
    found = read(study, "name,user name,year\nAlma Bekova,alma,2\n")
    assert found_problems(found) == [(2, "username", "warning")]
    assert "Somebody" not in " ".join(p.text for s in students_of(found) for p in s.problems)
    enrol_rows(found=found, by=make_user(), with_warnings=True)
    known.refresh_from_db()
    assert (known.first_name, known.check_password(PASSWORD)) == ("Somebody", True)
    assert study.participants.get().user == known


def test_what_changed_between_preview_and_decision_is_seen() -> None:
    study = make_study()
    found = read(study)
    make_participant(study, user=make_user("bolat"))
    assert enrol_rows(found=found, by=make_user()) == 1
    assert study.participants.count() == 2


def test_a_forgotten_list_leaves_nothing() -> None:
    study = make_study()
    found = read(study)
    discard(found=found, by=make_user())
    found.refresh_from_db()
    assert (found.state, found.rows) == ("discarded", [])
    assert study.participants.count() == 0
    with pytest.raises(StudyError, check=lambda error: error.code == "import_closed"):
        discard(found=found, by=make_user())


def test_an_undecided_list_goes_after_a_day() -> None:
    study = make_study()
    old, young = read(study), read(study)
    RosterImport.objects.filter(pk=old.pk).update(created_at=timezone.now() - dt.timedelta(hours=25))
    read(study)
    assert set(RosterImport.objects.values_list("pk", flat=True)) >= {young.pk}
    assert not RosterImport.objects.filter(pk=old.pk).exists()


def test_queries_do_not_grow_with_the_class() -> None:
    counts = []
    for size in (10, 400):
        rows = "".join(f"First{n} Last{size}x{n},user{size}x{n},2,{60 + n % 9}\n" for n in range(size))
        found = read(make_study(), "name,user name,year,mass\n" + rows)
        with CaptureQueriesContext(connection) as queries:
            assert enrol_rows(found=found, by=make_user()) == size
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 15  # more batches of rows, but never a query a student
    assert counts[1] < 40


def test_codes_of_a_class_are_all_different() -> None:
    study = make_study()
    rows = "".join(f"First{n} Last{n},user{n},2\n" for n in range(1_000))
    enrol_rows(found=read(study, "name,user name,year\n" + rows), by=make_user())
    assert len(set(study.participants.values_list("code", flat=True))) == 1_000


# The pages


def upload(client: Client, study: Study, raw: bytes, name: str = "class.csv") -> str:
    url = reverse("studies:roster-file", args=[study.pk])
    response = client.post(url, {"file": SimpleUploadedFile(name, raw)}, follow=True)
    return response.content.decode()


def test_the_pages_show_rows_and_problems_and_enrol(client: Client) -> None:
    study = make_study()
    client.force_login(make_staff(study, "instructor"))
    text = " ".join(upload(client, study, LIST.encode("utf-16")).split())
    assert "Read as CSV, utf-16, comma." in text
    assert '<span class="stat__value">2</span> <span class="stat__label">rows are fine' in text
    assert "The year of study is a number from 1 to 8." in text
    assert "Perhaps the same student as in row 2." in text
    assert "Enrol 2 students" in text
    found = study.roster_imports.get()
    text = client.post(reverse("studies:roster-import", args=[study.pk, found.pk]), {}, follow=True).content.decode()
    assert "2 students enrolled." in text
    assert text.count("/welcome/") == 2
    text = client.get(reverse("studies:roster-import", args=[study.pk, found.pk])).content.decode()
    assert "This list was decided: 2 students enrolled. Its rows are not kept." in text
    assert "Bekova" not in text


def test_a_file_that_cannot_be_read_is_explained(client: Client) -> None:
    study = make_study()
    client.force_login(make_staff(study, "instructor"))
    assert "Save the list as XLSX or CSV" in upload(client, study, b"%PDF-1.7", "class.pdf")
    assert study.roster_imports.count() == 0


def test_a_list_is_forgotten_from_its_page(client: Client) -> None:
    study = make_study()
    client.force_login(make_staff(study, "owner"))
    upload(client, study, LIST.encode())
    found = study.roster_imports.get()
    url = reverse("studies:roster-import", args=[study.pk, found.pk])
    assert "forgotten" in client.post(url, {"discard": "1"}, follow=True).content.decode()
    assert study.participants.count() == 0


def test_a_list_of_another_study_is_not_found(client: Client) -> None:
    study, other = make_study(), make_study()
    client.force_login(make_staff(study, "owner"))
    found = read(other)
    assert client.get(reverse("studies:roster-import", args=[study.pk, found.pk])).status_code == 404


def rows_of(client: Client, personas: Personas, who: str) -> list[list[str]]:
    client.force_login(getattr(personas, who))
    response = client.get(reverse("studies:roster", args=[personas.study.pk]))
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_the_roster_leaves_guarded_and_recorded(client: Client) -> None:
    personas = make_personas()
    User.objects.filter(pk=personas.student.pk).update(first_name="=1+1", last_name="Bekova")
    Baseline.objects.create(participant=personas.participant, mass_kg="61.5", sex="f")
    header, *rows = rows_of(client, personas, "owner")
    row = dict(zip(header, next(row for row in rows if row[0] == personas.participant.code), strict=True))
    assert (row["first_name"], row["last_name"], row["mass_kg"], row["arm"]) == ("'=1+1", "Bekova", "61.5", "a")
    assert AccessRecord.objects.filter(user=personas.owner, what="roster").count() == 2


def test_a_researcher_gets_the_roster_by_code(client: Client) -> None:
    personas = make_personas()
    header, *rows = rows_of(client, personas, "researcher")
    assert header[:3] == ["code", "year", "section"]
    assert personas.student.username not in str(rows)


def test_reading_refuses_what_is_no_list() -> None:
    with pytest.raises(FileRefused):
        preview(study=make_study(), by=make_user(), raw=b"")
