"""The pages through the door users use: what each role reads, writes, and never sees."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from studies import randomise
from studies.closing.looks import take_look
from studies.models import AccessRecord, Injury, Reassignment
from studies.unblinding import unblind
from tests.factory import (
    PASSWORD,
    Personas,
    make_class,
    make_injury,
    make_participant,
    make_personas,
    make_study,
    make_training_session,
    make_user,
)

if TYPE_CHECKING:
    from django.test import Client

    from studies.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def personas() -> Personas:
    return make_personas()


def page(client: Client, user: User, name: str, *args: object) -> str:
    client.force_login(user)
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200, response.status_code
    return response.content.decode()


# Home


def test_a_visitor_is_asked_to_sign_in_and_then_gets_the_page(client: Client) -> None:
    user = make_user("alma", first_name="Alma")
    response = client.get("/")
    assert response.status_code == 302
    assert response.headers["Location"] == "/login/?next=/"
    assert "Sign in" in client.get("/login/").content.decode()
    response = client.post("/login/", {"username": user.username, "password": PASSWORD, "next": "/"}, follow=True)
    assert response.redirect_chain == [("/", 302)]
    assert "Hello, Alma" in response.content.decode()


def test_a_wrong_password_is_said_so(client: Client) -> None:
    make_user("alma")
    response = client.post("/login/", {"username": "alma", "password": "wrong"})
    assert response.status_code == 200
    assert "correct username and password" in response.content.decode()


def test_a_students_home_leads_to_uploading_a_set(client: Client, personas: Personas) -> None:
    make_training_session(personas.participant, minutes=90)
    make_training_session(personas.participant, minutes=45)
    text = page(client, personas.student, "home")
    assert "Upload a set" in text
    assert reverse("coaching:upload") in text
    assert "Own study" in text
    assert "Other study" not in text
    assert "2.3" in text  # 135 minutes in hours


def test_a_member_of_staff_sees_their_studies_with_counts(client: Client, personas: Personas) -> None:
    make_participant(personas.study)
    make_injury(personas.participant)
    text = " ".join(page(client, personas.instructor, "home").split())
    assert "Own study" in text
    assert "Other study" not in text
    assert "1 without a group" in text
    assert '<span class="stat__value">3</span> <span class="stat__label">Students</span>' in text
    assert '<span class="stat__value">1</span> <span class="stat__label">Injuries</span>' in text


def test_somebody_without_a_study_is_told_whom_to_ask(client: Client) -> None:
    assert "Ask your instructor" in page(client, make_user(), "home")


# A study


def test_the_class_table_shows_totals_that_several_logs_do_not_multiply(client: Client, personas: Personas) -> None:
    for day in range(1, 4):
        make_training_session(personas.participant, held_on=dt.date(2024, 3, day), minutes=60)
    for _injury in range(2):
        make_injury(personas.participant)
    take_look(study=personas.study, by=personas.owner, reason="Safety.")
    client.force_login(personas.instructor)
    response = client.get(reverse("studies:detail", args=[personas.study.pk]))
    row = next(row for row in response.context["participants"] if row.pk == personas.participant.pk)
    assert (row.lessons, row.minutes, row.injury_count) == (3, 180, 2)
    arm = next(row for row in response.context["arms"] if row.arm.key == "a")
    assert (arm.size, arm.lessons, arm.minutes, arm.injury_count) == (1, 3, 180, 2)


@pytest.mark.parametrize("who", ["owner", "instructor", "superuser"])
def test_staff_of_the_study_read_names(client: Client, personas: Personas, who: str) -> None:
    text = page(client, getattr(personas, who), "studies:detail", personas.study.pk)
    assert personas.student.last_name in text
    assert personas.other_student.last_name not in text


RESEARCH_PAGES = ("studies:detail", "studies:allocate")


def test_a_researcher_reads_codes_and_never_a_name_or_free_text(client: Client, personas: Personas) -> None:
    make_injury(personas.participant, note="Fell over Bolat's dumbbell")
    for name in RESEARCH_PAGES:
        text = page(client, personas.researcher, name, personas.study.pk)
        for student in (personas.student, personas.classmate):
            assert student.last_name not in text
            assert student.username not in text
    text = page(client, personas.researcher, "studies:participant", personas.participant.pk)
    assert personas.participant.code in text
    assert "Knee" in text
    assert "dumbbell" not in text
    assert personas.student.last_name not in text
    assert personas.student.username not in text
    assert "Filmed sets" not in text


def test_a_student_is_sent_from_the_study_to_their_own_page(client: Client, personas: Personas) -> None:
    client.force_login(personas.student)
    response = client.get(reverse("studies:detail", args=[personas.study.pk]))
    assert response.headers["Location"] == reverse("studies:participant", args=[personas.participant.pk])


def test_the_label_of_a_demonstration_is_on_its_pages(client: Client, personas: Personas) -> None:
    personas.study.is_demonstration, personas.study.data_note = True, "Reconstruction, not measured."
    personas.study.save()
    assert "Reconstruction, not measured." in page(client, personas.owner, "studies:detail", personas.study.pk)
    assert "Reconstruction, not measured." in page(
        client, personas.student, "studies:participant", personas.participant.pk
    )


def queries_of(client: Client, user: User, name: str, *args: object) -> int:
    page(client, user, name, *args)  # signs in, and writes today's access records
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse(name, args=args))
    return len(queries)


@pytest.mark.parametrize(("name", "most"), [("studies:detail", 14), ("studies:allocate", 15), ("studies:enrol", 7)])
def test_the_number_of_queries_does_not_grow_with_the_class(client: Client, name: str, most: int) -> None:
    owner = make_user()
    counts = []
    for size in (2, 20):
        study = make_study(owner=owner)
        for participant in make_class(study, size, allocate=True):
            make_training_session(participant)
            make_injury(participant)
        make_participant(study)
        counts.append(queries_of(client, owner, name, study.pk))
    assert counts[0] == counts[1] <= most


def test_the_number_of_queries_of_a_students_page_does_not_grow_with_the_log(client: Client) -> None:
    personas = make_personas()
    counts = []
    for size in (1, 20):
        for _row in range(size):
            make_training_session(personas.participant)
            make_injury(personas.participant)
        counts.append(queries_of(client, personas.owner, "studies:participant", personas.participant.pk))
    assert counts[0] == counts[1] <= 24


def test_the_number_of_queries_of_home_does_not_grow_with_studies(client: Client) -> None:
    user = make_user()
    counts = []
    for _round in range(2):
        for _study in range(3):
            make_class(make_study(owner=user), 2)
            make_participant(make_study(), user=user)
        counts.append(queries_of(client, user, "home"))
    assert counts[0] == counts[1] <= 19


# A student


def test_a_student_reads_their_own_injuries_and_who_looked_at_them(client: Client, personas: Personas) -> None:
    make_injury(personas.participant, note="Warm up longer")
    page(client, personas.instructor, "studies:participant", personas.participant.pk)
    text = page(client, personas.student, "studies:participant", personas.participant.pk)
    assert "Warm up longer" in text
    assert personas.instructor.last_name in text
    assert AccessRecord.objects.filter(participant=personas.participant).count() == 1


@pytest.mark.parametrize(("who", "records"), [("owner", 1), ("instructor", 1), ("researcher", 1), ("student", 0)])
def test_opening_a_student_is_recorded_for_everybody_but_the_student(
    client: Client, personas: Personas, who: str, records: int
) -> None:
    page(client, getattr(personas, who), "studies:participant", personas.participant.pk)
    assert AccessRecord.objects.filter(participant=personas.participant, what="injuries").count() == records


def test_a_refused_look_is_not_recorded(client: Client, personas: Personas) -> None:
    client.force_login(personas.other_instructor)
    assert client.get(reverse("studies:participant", args=[personas.participant.pk])).status_code == 404
    assert AccessRecord.objects.count() == 0


def test_the_class_table_is_recorded_for_each_student(client: Client, personas: Personas) -> None:
    page(client, personas.instructor, "studies:detail", personas.study.pk)
    page(client, personas.instructor, "studies:detail", personas.study.pk)
    assert AccessRecord.objects.count() == personas.study.participants.count() == 2


# Logs


def test_an_instructor_logs_an_injury(client: Client, personas: Personas) -> None:
    client.force_login(personas.instructor)
    url = reverse("studies:injury-add", args=[personas.participant.pk])
    assert personas.student.last_name in client.get(url).content.decode()
    today = timezone.localdate().isoformat()
    given = {"occurred_on": today, "region": "lower_back", "days_lost": 2, "form_related": "yes", "note": "ice"}
    response = client.post(url, given)
    assert response.headers["Location"] == reverse("studies:participant", args=[personas.participant.pk])
    injury = Injury.objects.get()
    assert (injury.region, injury.form_related, injury.note) == ("lower_back", True, "ice")
    assert (injury.participant, injury.logged_by) == (personas.participant, personas.instructor)


@pytest.mark.parametrize(("chosen", "stored"), [("", None), ("yes", True), ("no", False)])
def test_not_known_is_not_no(client: Client, personas: Personas, chosen: str, stored: bool | None) -> None:
    client.force_login(personas.owner)
    today = timezone.localdate().isoformat()
    given = {"occurred_on": today, "region": "knee", "days_lost": 0, "form_related": chosen}
    client.post(reverse("studies:injury-add", args=[personas.participant.pk]), given)
    assert Injury.objects.get().form_related is stored


def test_an_injury_of_tomorrow_is_refused_with_advice(client: Client, personas: Personas) -> None:
    client.force_login(personas.instructor)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    given = {"occurred_on": tomorrow.isoformat(), "region": "knee", "days_lost": 0}
    response = client.post(reverse("studies:injury-add", args=[personas.participant.pk]), given)
    assert response.status_code == 422
    assert "in the future" in response.content.decode()
    assert Injury.objects.count() == 0


# Groups


def test_an_instructor_assigns_a_class_and_gets_seed_and_hash(client: Client, personas: Personas) -> None:
    make_class(personas.study, 10)
    client.force_login(personas.instructor)
    url = reverse("studies:allocate", args=[personas.study.pk])
    assert "10 students without a group" in client.get(url).content.decode()
    text = client.post(url, follow=True).content.decode()
    allocation = personas.study.allocation_lists.first()
    assert allocation is not None
    assert f"{allocation.seed}" in text
    assert allocation.sha256 in text
    assert allocation.algorithm in text
    assert "made again just now: the same" in text
    assert personas.study.participants.unassigned().count() == 0


def test_drawing_again_needs_the_tick_and_the_reason(client: Client, personas: Personas) -> None:
    make_class(personas.study, 6, allocate=True)
    before = personas.study.allocation_lists.count()
    client.force_login(personas.owner)
    url = reverse("studies:allocate", args=[personas.study.pk])
    assert "already" in client.post(url).content.decode()
    response = client.post(url, {"again": "on"})
    assert response.status_code == 422
    assert "Say why" in response.content.decode()
    assert personas.study.allocation_lists.count() == before
    assert client.post(url, {"again": "on", "reason": "wrong class list"}).status_code == 302
    assert personas.study.allocation_lists.count() == before + 1


def test_a_researcher_checks_the_draw_once_unblinded_but_cannot_make_one(client: Client, personas: Personas) -> None:
    make_class(personas.study, 4, allocate=True, seed=9)
    allocation = personas.study.allocation_lists.first()
    assert allocation is not None
    client.force_login(personas.researcher)
    url = reverse("studies:allocation-list", args=[personas.study.pk, allocation.pk])
    assert client.get(url).status_code == 403
    unblind(study=personas.study, by=personas.owner, reason="Analysis is done")
    assert client.post(reverse("studies:allocate", args=[personas.study.pk])).status_code == 403
    response = client.get(url)
    given = json.loads(response.content)
    assert given["allocation"] == randomise.allocate(given["ids"], given["arms"], int(given["seed"]))
    assert given["sha256"] == randomise.commitment(given["ids"], given["arms"], int(given["seed"]))


def test_a_list_is_found_only_under_its_own_study(client: Client, personas: Personas) -> None:
    make_class(personas.other_study, 4, allocate=True)
    foreign = personas.other_study.allocation_lists.first()
    assert foreign is not None
    client.force_login(personas.owner)
    url = reverse("studies:allocation-list", args=[personas.study.pk, foreign.pk])
    assert client.get(url).status_code == 404


def test_an_instructor_moves_a_student_with_a_reason(client: Client, personas: Personas) -> None:
    target = personas.study.arms.get(key="b")
    client.force_login(personas.instructor)
    url = reverse("studies:move", args=[personas.participant.pk])
    assert client.post(url, {"arm": target.pk, "reason": ""}).status_code == 422
    foreign = personas.other_study.arms.get(key="b")
    assert client.post(url, {"arm": foreign.pk, "reason": "x"}).status_code == 422
    assert Reassignment.objects.count() == 0
    assert client.post(url, {"arm": target.pk, "reason": "Timetable"}).status_code == 302
    personas.participant.refresh_from_db()
    assert personas.participant.arm == target
    assert Reassignment.objects.get().changed_by == personas.instructor
    text = page(client, personas.owner, "studies:participant", personas.participant.pk)
    assert "Timetable" in text
