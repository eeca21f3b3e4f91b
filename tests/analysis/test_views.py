from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studies.models import AccessRecord, Measurement, Outcome, Participant, User
from tests.factory import make_measurement, make_outcome, make_participant, make_personas, make_study

if TYPE_CHECKING:
    from django.test import Client

    from studies.models import Study

pytestmark = pytest.mark.django_db
ROUTES = ("analysis:report", "analysis:report-json", "analysis:report-csv")


def _sign_in(client: Client, username: str) -> None:
    client.force_login(User.objects.get(username=username))


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("owner", 200),
        ("instructor", 200),
        ("researcher", 200),
        ("superuser", 200),
        ("student", 403),
        ("classmate", 403),
        ("other_student", 404),
        ("other_instructor", 404),
    ],
)
def test_the_report_is_for_the_people_who_work_in_the_study(client: Client, route: str, who: str, status: int) -> None:
    people = make_personas(ended=True)
    client.force_login(getattr(people, who))
    assert client.get(reverse(route, args=[people.study.pk])).status_code == status


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_reads_a_report_without_signing_in(client: Client, route: str) -> None:
    response = client.get(reverse(route, args=[make_study().pk]))
    assert response.status_code == 302
    assert reverse("login") in response["Location"]


@pytest.mark.parametrize("route", ROUTES)
def test_a_report_is_only_read(client: Client, route: str) -> None:
    people = make_personas(ended=True)
    client.force_login(people.owner)
    assert client.post(reverse(route, args=[people.study.pk])).status_code == 405


def _cells(page: str) -> list[str]:
    return [
        " ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[dh].*?</t[dh]>", page, re.DOTALL)
    ]


def test_the_page_shows_both_tables_in_the_papers_skin(client: Client, demo: Study) -> None:
    _sign_in(client, "researcher")
    page = client.get(reverse("analysis:report", args=[demo.pk]), {"skin": "paper"}).content.decode()
    cells = " ".join(_cells(page))
    assert "9.271 .004 7.303 48 .000 2.520 .345 1.826 3.214" in cells
    assert "7.303 36.299 .000 2.520 .345 1.820 3.220" in cells
    assert "364.500 1 364.500 180.893 6.7e-18 a" in cells
    assert "96.720 48 2.015" in cells
    assert "461.220 49" in cells
    assert "can&#x27;t belong to F(1, 48) = 180.893" in page


def test_the_default_page_prints_no_p_of_zero(client: Client, demo: Study) -> None:
    _sign_in(client, "researcher")
    page = client.get(reverse("analysis:report", args=[demo.pk])).content.decode()
    ours = " ".join(re.findall(r'<table class="[^"]*stat-table.*?</table>', page, re.DOTALL))
    assert _cells(ours).count("&lt; .001") == 2
    assert ".000" not in _cells(ours)


def test_an_unknown_skin_is_the_default_one(client: Client, demo: Study) -> None:
    _sign_in(client, "researcher")
    response = client.get(reverse("analysis:report", args=[demo.pk]), {"skin": "<script>"})
    assert response.status_code == 200
    assert response.context["skin"] == "default"


def test_every_table_of_the_page_has_a_caption_and_scopes(client: Client, demo: Study) -> None:
    _sign_in(client, "owner")
    page = client.get(reverse("analysis:report", args=[demo.pk])).content.decode()
    tables = re.findall(r"<table.*?</table>", page, re.DOTALL)
    assert len(tables) >= 10
    assert all(re.search(r"<caption>\s*\S", table) for table in tables)
    assert all("scope=" in header for header in re.findall(r"<th\b[^>]*>", page))


def test_the_page_has_no_inline_style_or_script(client: Client, demo: Study) -> None:
    """The content security policy forbids both: they would silently do nothing."""
    _sign_in(client, "owner")
    response = client.get(reverse("analysis:report", args=[demo.pk]))
    page = response.content.decode()
    assert " style=" not in page
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert "unsafe-inline" not in response["Content-Security-Policy"]


def test_every_student_is_a_dot_of_the_plot(client: Client, demo: Study) -> None:
    _sign_in(client, "owner")
    page = client.get(reverse("analysis:report", args=[demo.pk])).content.decode()
    assert page.count("<circle") == 100


@pytest.mark.parametrize("route", ROUTES)
def test_no_students_name_leaves_with_a_report(client: Client, demo: Study, route: str) -> None:
    _sign_in(client, "researcher")
    text = client.get(reverse(route, args=[demo.pk])).content.decode()
    # One's own name stands in the page's head, and a short name may be part of a word: surnames of students only.
    for row in Participant.objects.filter(study=demo).select_related("user"):
        assert row.user.username not in text
        assert f"{row.user.first_name} {row.user.last_name}" not in text


def test_the_csv_is_the_file_that_the_hash_is_of(client: Client, demo: Study) -> None:
    _sign_in(client, "researcher")
    snapshot = json.loads(client.get(reverse("analysis:report-json", args=[demo.pk])).content)
    response = client.get(reverse("analysis:report-csv", args=[demo.pk]))
    assert hashlib.sha256(response.content).hexdigest() == snapshot["provenance"]["data_sha256"]
    assert (
        snapshot["provenance"]["data_sha256"] in client.get(reverse("analysis:report", args=[demo.pk])).content.decode()
    )
    assert len(list(csv.DictReader(io.StringIO(response.content.decode())))) == 100


def test_reconstructed_data_are_named_so_in_the_file_name(client: Client, demo: Study) -> None:
    _sign_in(client, "researcher")
    for route, suffix in (("analysis:report-csv", "csv"), ("analysis:report-json", "json")):
        response = client.get(reverse(route, args=[demo.pk]))
        assert f'-{demo.pk}-reconstruction.{suffix}"' in response["Content-Disposition"]
        assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("route", ["analysis:report-csv", "analysis:report-json"])
def test_a_download_of_values_is_written_down_for_each_student(client: Client, demo: Study, route: str) -> None:
    _sign_in(client, "researcher")
    client.get(reverse(route, args=[demo.pk]))
    records = AccessRecord.objects.filter(user__username="researcher", participant__study=demo)
    assert records.count() == 50
    assert set(records.values_list("what", flat=True)) == {"outcomes of the class, downloaded"}


def test_those_left_out_are_listed_with_their_reason(client: Client, demo: Study) -> None:
    Measurement.objects.filter(outcome__key="training_accuracy", participant__code="P03").delete()
    _sign_in(client, "researcher")
    page = client.get(reverse("analysis:report", args=[demo.pk])).content.decode()
    assert "Left out: 1 student" in page
    cells = _cells(page)
    assert cells[cells.index("P03") + 2] == "no value measured"


def test_a_study_without_outcomes_says_so(client: Client) -> None:
    people = make_personas(ended=True)
    client.force_login(people.owner)
    assert "Nothing is measured yet" in client.get(reverse("analysis:report", args=[people.study.pk])).content.decode()


def test_a_half_measured_study_has_a_page_with_the_reason(client: Client) -> None:
    people = make_personas(ended=True)
    make_measurement(make_outcome(people.study), people.participant, 4.0)
    client.force_login(people.instructor)
    page = client.get(reverse("analysis:report", args=[people.study.pk])).content.decode()
    assert "at least 2 values are needed" in page
    assert page.count("<circle") == 1


def test_markup_in_a_name_is_shown_not_run(client: Client) -> None:
    people = make_personas(ended=True)
    Outcome.objects.create(study=people.study, key="x", name="<script>alert(1)</script>")
    client.force_login(people.owner)
    page = client.get(reverse("analysis:report", args=[people.study.pk])).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("route", ROUTES)
def test_queries_do_not_grow_with_the_class(client: Client, route: str) -> None:
    counts = []
    for size in (4, 24):
        people = make_personas(ended=True)
        outcome = make_outcome(people.study)
        arms = list(people.study.arms.all())
        for number in range(size):
            participant = make_participant(people.study, arm=arms[number % 2])
            make_measurement(outcome, participant, float(number * number))
        client.force_login(people.researcher)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse(route, args=[people.study.pk])).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 25  # with the first entries of the study's audit
