"""A student's load-velocity line from stored sets: which sets count, what is told, and to whom."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from coaching.live.models import LiveSet
from coaching.models import AnalysisRun, Session
from coaching.personal.load_velocity import load_velocity_of, set_points
from coaching.vision.load_velocity import Estimate, Line, load_velocity_line
from studies.models import AccessRecord
from tests.coaching.personal.sets import START, lesson
from tests.coaching.personal.speeds import LINE, a_line, lifted, velocity
from tests.factory import Personas, make_participant, make_personas

if TYPE_CHECKING:
    from studies.models import Participant, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Personas:
    return make_personas()


def page(user: User, participant: Participant, *, status: int = 200, **query: str) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse("coaching:load-velocity", args=[participant.pk]), query)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def test_the_line_goes_through_the_best_repetition_of_each_set(people: Personas) -> None:
    a_line(people.participant)
    found = load_velocity_of(people.participant)
    assert [(point.load_kg, point.m_s) for point in found.points] == list(LINE)
    assert found.line == load_velocity_line(LINE)
    assert found.maximum == found.line.maximum() if found.line else False
    assert [one.load_kg for one in found.loads] == [60, 70, 80, 90, 100, 110, 120, 130, 140]


def test_a_set_without_load_metres_or_judgement_is_no_point(people: Personas) -> None:
    student = people.participant
    lifted(student, 1, None, (0.5, 0.4))
    lifted(student, 2, 80.0, (0.3, 0.2), velocity=velocity(0.3, 0.2, scale="body"))
    lifted(student, 3, 80.0, (0.5, 0.4), refused={"code": "no_lift", "advice": "Lift."})
    lesson(student, 4, [2.0, 2.0], load_kg=80.0)  # of before speeds were measured in films
    again = lifted(student, 5, 80.0, (0.5, 0.4))
    AnalysisRun.objects.create(session=again.run.session, state=AnalysisRun.State.QUEUED)
    lifted(make_participant(people.study), 6, 80.0, (0.5, 0.4))
    assert set_points(student) == []


def test_a_live_set_gives_way_to_its_film(people: Personas) -> None:
    student = people.participant
    live = lifted(student, 1, 80.0, (0.52, 0.5), velocity=velocity(0.52, 0.5, scale="height")).run.session
    row = LiveSet.objects.create(participant=student, state=LiveSet.State.FINISHED, session=live)
    assert [point.scale for point in set_points(student)] == ["height"]
    film = lifted(student, 2, 80.0, (0.48, 0.45)).run.session
    LiveSet.objects.filter(pk=row.pk).update(film=film)
    assert [(point.scale, point.m_s) for point in set_points(student)] == [("plate", 0.48)]
    # A film that could not be judged takes no live result away.
    Session.objects.filter(pk=film.pk).update(load_kg=None)
    assert [point.scale for point in set_points(student)] == ["height"]


def test_a_live_set_of_before_documents_had_speeds_counts_too(people: Personas) -> None:
    session = lesson(people.participant, 1, [2.0, 2.0], load_kg=80.0).run.session
    Session.objects.filter(pk=session.pk).update(container="live")
    block = {"unit": "m/s", "repetitions": [{"number": 1, "mean": 0.5, "sigma": 0.03}], "loss": None}
    LiveSet.objects.create(
        participant=people.participant, state=LiveSet.State.FINISHED, session=session, velocity=block
    )
    assert [(point.m_s, point.scale) for point in set_points(people.participant)] == [(0.5, "height")]


def test_the_page_says_it_in_words_with_plot_and_table(people: Personas) -> None:
    a_line(people.participant)
    text = page(people.student, people.participant)
    line = load_velocity_line(LINE)
    assert isinstance(line, Line)
    maximum = line.maximum()
    assert isinstance(maximum, Estimate)
    assert "A set with 100 kg moves at about 0.46 m/s." in text
    assert f"Estimated maximum: {maximum.value:.0f} kg" in text
    assert text.count('<circle class="set-plot__dot"') == len(LINE)
    assert text.count('<circle class="line-plot__maximum"') == 1
    assert '<polygon class="set-plot__band"' in text
    for _load, best in LINE:
        assert f"{best:.2f} ± 0.02" in text


def test_a_reason_stands_where_there_is_no_line_and_the_sets_are_shown(people: Personas) -> None:
    for day, (load, best) in enumerate(LINE[:2]):
        lifted(people.participant, day, load, (best, best))
    text = page(people.student, people.participant)
    assert "so far there are 2" in text
    assert text.count('<circle class="set-plot__dot"') == 2
    assert "Estimated maximum" not in text
    assert "<polygon" not in text


def test_without_any_set_the_page_says_what_is_needed(people: Personas) -> None:
    text = page(people.student, people.participant)
    assert "so far there are 0" in text
    assert "line-plot" not in text


def test_no_maximum_is_told_far_beyond_the_heaviest_set(people: Personas) -> None:
    for day, (load, best) in enumerate([(40.0, 1.0), (60.0, 0.85), (80.0, 0.70), (100.0, 0.55)]):
        lifted(people.participant, day, load, (best, best))
    text = page(people.student, people.participant)
    assert "A set with 70 kg moves at about 0.78 m/s." in text
    assert "No maximum is told: the line would have to reach 155 kg" in text


def test_older_sets_can_be_left_out_and_the_speed_of_a_maximum_chosen(people: Personas) -> None:
    lifted(people.participant, -40, 60.0, (0.2, 0.2))
    a_line(people.participant)
    day = (START - dt.timedelta(days=1)).date().isoformat()
    assert load_velocity_of(people.participant).code == "not_a_line"
    text = page(people.student, people.participant, since=day, v_at_1rm="0.20")
    assert "where a maximum moves at 0.20 m/s" in text
    assert "Enter a valid date" in page(people.student, people.participant, since="yesterday")


def test_a_control_student_gets_none_of_it_and_the_instructor_all(people: Personas) -> None:
    control = make_participant(people.study, arm=people.study.arms.get(key="b"))
    a_line(control)
    page(control.user, control, status=403)
    assert "A set with 100 kg" in page(people.instructor, control)
    record = AccessRecord.objects.get(user=people.instructor, participant=control)
    assert record.what == "progress"


def test_programs_get_what_the_page_shows(people: Personas) -> None:
    a_line(people.participant)
    client = Client()
    client.force_login(people.student)
    url = reverse("student-load-velocity", args=[people.participant.pk])
    told = client.get(url, {"v_at_1rm": "0.2"}).json()
    assert told["line"]["slope_kg_s_m"] == pytest.approx(load_velocity_line(LINE).slope_kg_s_m)  # type: ignore[union-attr]
    assert told["v_at_1rm"] == 0.2
    assert [point["load_kg"] for point in told["points"]] == [60.0, 90.0, 120.0, 140.0]
    assert told["maximum"]["low"] < told["maximum"]["value"] < told["maximum"]["high"]
    assert client.get(url, {"v_at_1rm": "2"}).status_code == 400
