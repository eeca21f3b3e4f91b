"""Speed, tempo and the alert on a set's page, who chose the level, and what is kept of an upload."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from coaching.exports import reps_csv
from coaching.live import services as live
from coaching.models import PendingUpload, Session
from coaching.models.bar import LossAlertChoice
from coaching.personal.bar_entries import last_entries
from coaching.personal.loss_alert import choose_loss_alert, loss_alert_for, loss_alert_in_set
from tests.coaching.films import film_file, make_session
from tests.coaching.personal.speeds import lifted, velocity
from tests.factory import Personas, make_participant, make_personas

if TYPE_CHECKING:
    from coaching.models import Assessment
    from studies.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Personas:
    return make_personas()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, assessment: Assessment) -> str:
    answer = client_of(user).get(reverse("coaching:session", args=[assessment.run.session_id]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def a_set(people: Personas, *, loss: float | None = None, scale: str = "plate", alert: int | None = None) -> Assessment:
    block = velocity(0.5, 0.42, scale=scale, loss=loss)
    made = lifted(people.participant, 1, 80.0, (0.5, 0.42), velocity=block)
    Session.objects.filter(pk=made.run.session_id).update(loss_alert_percent=alert)
    return made


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        ("plate", "Measured by the plate, 450 mm across"),
        ("height", "Measured by your height, 176 cm."),
        ("body", "bh/s: body heights a second."),
    ],
)
def test_a_films_page_shows_the_speeds_and_by_what_they_were_measured(people: Personas, scale: str, words: str) -> None:
    text = page(people.student, a_set(people, scale=scale))
    assert "0.50 ± 0.02" in text
    assert "0.42 ± 0.02" in text
    assert words in text
    assert "varied by 8 %" in text
    assert "The plate was not found" not in text


def test_a_plate_that_was_not_found_is_said(people: Personas) -> None:
    block = {**velocity(0.5, 0.42, scale="height"), "plate_mm": 450, "plate_seen": False}
    assert "The plate was not found in the film." in page(
        people.student, lifted(people.participant, 1, 80.0, (0.5, 0.42), velocity=block)
    )


@pytest.mark.parametrize(
    ("loss", "alert", "told"),
    [(0.23, 20, True), (0.20, 20, True), (0.19, 20, False), (0.5, 0, False), (0.5, None, False)],
)
def test_the_loss_is_told_with_its_sigma_and_is_an_alert_from_the_chosen_level_on(
    people: Personas, loss: float, alert: int | None, told: bool
) -> None:
    text = page(people.student, a_set(people, loss=loss, alert=alert))
    assert f"The last repetition was {100 * loss:.0f} ± 5 % slower than the best." in text
    assert ("end the next one earlier" in text) == told
    assert ("The alert was at 20 %." in text) == (alert == 20 and not told)


def test_tempo_is_written_in_the_order_of_coaches(people: Personas) -> None:
    made = a_set(people)
    made.document["reps"][0] |= {"eccentric_s": 2.04, "floor_s": 0.96, "concentric_s": 1.5, "top_s": None}
    made.save()
    text = page(people.student, made)
    assert "2.0 - 1.0 - 1.5 - –" in text
    assert "1.5 - – - 1.0 - 0.5" in text  # a result of before the time on the floor was measured


def test_the_table_of_repetitions_has_the_speeds_in_columns_with_units(people: Personas) -> None:
    made = a_set(people)
    head, first, *_ = reps_csv("s", made.document).splitlines()
    row = dict(zip(head.split(","), first.split(","), strict=True))
    assert (row["mcv_m_s"], row["mcv_m_s_sd"], row["mcv_bh_s"], row["velocity_scale"]) == ("0.5", "0.02", "", "plate")
    del made.document["velocity"]
    old = dict(zip(head.split(","), reps_csv("s", made.document).splitlines()[1].split(","), strict=True))
    assert (old["mcv_m_s"], old["floor_s"]) == ("", "")


def test_a_control_students_page_shows_no_speed(people: Personas) -> None:
    control = make_participant(people.study, arm=people.study.arms.get(key="b"))
    made = lifted(control, 1, 80.0, (0.5, 0.42))
    text = page(control.user, made)
    assert "Speed of the bar" not in text
    assert "0.50" not in text
    assert "Speed of the bar" in page(people.instructor, made)


def test_the_lifters_level_goes_before_the_students_and_that_before_the_class(people: Personas) -> None:
    study, student = people.study, people.participant
    assert loss_alert_for(student) is None
    choose_loss_alert(study=study, by=people.instructor, percent=20)
    choose_loss_alert(study=study, by=people.instructor, percent=10, participant=student)
    assert (loss_alert_for(student), loss_alert_for(make_participant(study))) == (10, 20)
    assert [loss_alert_in_set(student, own) for own in (None, 30, 0)] == [10, 30, 0]
    choose_loss_alert(study=study, by=people.instructor, percent=None, participant=student)
    assert loss_alert_for(student) == 20
    assert choose_loss_alert(study=study, by=people.instructor, percent=20) is None
    assert LossAlertChoice.objects.count() == 3


def test_an_instructor_chooses_it_beside_the_strictness_and_a_live_set_begins_with_it(people: Personas) -> None:
    client = client_of(people.instructor)
    url, dial = (reverse(f"coaching:{name}", args=[people.study.pk]) for name in ("loss-alert", "strictness"))
    assert client.post(url, {"percent": "20"}).status_code == 302
    assert client.post(url, {"percent": "15"}).status_code == 422
    assert client.post(url, {"percent": ""}).status_code == 422  # the class has no class
    text = " ".join(client.get(dial).content.decode().split())
    assert "For the class: 20 %." in text
    begun = live.begin_set(participant=people.participant, started_by=people.student)
    assert begun.loss_alert_percent == 20
    assert (
        live.begin_set(
            participant=people.participant, started_by=people.student, loss_alert_percent=0
        ).loss_alert_percent
        == 0
    )


ENTRIES = {"load_kg": "80", "stature_cm": "176.5", "plate_mm": "450", "loss_alert_percent": "30"}
KEPT = (Decimal("176.5"), 450, 30)


def kept(row: Session | PendingUpload) -> tuple[Any, ...]:
    return row.stature_cm, row.plate_mm, row.loss_alert_percent


def test_an_upload_keeps_height_plate_and_level_and_offers_them_the_next_time(people: Personas) -> None:
    client = client_of(people.student)
    url = reverse("coaching:upload")
    assert client.post(url, {**ENTRIES, "file": film_file()}).status_code == 302
    session = Session.objects.get()
    assert kept(session) == KEPT
    assert last_entries(people.participant) == {"stature_cm": "176.5", "plate_mm": "450"}
    text = client.get(url).content.decode()
    assert 'value="176.5"' in text
    assert 'value="450"' in text


def test_an_upload_in_slices_keeps_them_too(people: Personas) -> None:
    about = {**ENTRIES, "name": "set.mp4", "size": "1000", "mark": "m"}
    assert client_of(people.student).post(reverse("coaching:upload-begin"), about).status_code == 201
    assert kept(PendingUpload.objects.get()) == KEPT


@pytest.mark.parametrize("wrong", [{"stature_cm": "17"}, {"plate_mm": "45"}, {"loss_alert_percent": "15"}])
def test_entries_that_make_no_sense_are_refused(people: Personas, wrong: dict[str, str]) -> None:
    answer = client_of(people.student).post(reverse("coaching:upload"), {**ENTRIES, **wrong, "file": film_file()})
    assert answer.status_code == 422
    assert not Session.objects.exists()


def test_last_entries_are_the_students_own(people: Personas) -> None:
    make_session(make_participant(people.study), stature_cm=Decimal(190), plate_mm=400)
    assert last_entries(people.participant) == {"stature_cm": "", "plate_mm": ""}


def test_programs_choose_the_level_of_the_alert_for_the_class_and_for_one_student(people: Personas) -> None:
    client, url = client_of(people.owner), reverse("study-loss-alert", args=[people.study.pk])
    assert client.get(url).json() == {"percent": None}
    assert client.post(url, {"percent": 20}, content_type="application/json").json() == {"percent": 20}
    own = {"percent": 30, "participant": people.participant.pk}
    assert client.post(url, own, content_type="application/json").json() == {"percent": 20}
    assert loss_alert_for(people.participant) == 30
    wrong = client.post(url, {"percent": 15}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown_percent")
    elsewhere = {"percent": 20, "participant": 10**6}
    assert client.post(url, elsewhere, content_type="application/json").json()["code"] == "not_in_this_study"
