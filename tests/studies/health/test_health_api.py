"""Lessons, training, a week's questions and the limits of alerts for programs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from studies.models import HealthAnswer, HealthProblem, HealthWeek, Injury, Participant
from tests.factory import Personas, make_personas, make_staff
from tests.programs import code_of, get, made, post

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2024, 3, 4)
DAY = dt.timedelta(days=1)


@pytest.fixture
def people() -> Personas:
    people = make_personas()
    Participant.objects.filter(study=people.study).update(enrolled_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    return people


def test_a_lesson_is_logged_read_and_corrected(client: Client, people: Personas) -> None:
    code = people.participant.code
    lessons = ("study-lessons", people.study.pk)
    first = made(
        post(client, people.instructor, *lessons, held_on="2024-03-04", minutes=90, students=[{"student": code}])
    )
    made(post(client, people.instructor, *lessons, held_on="2024-03-11", minutes=60, students=[{"student": code}]))
    assert [row["held_on"] for row in get(client, people.researcher, *lessons)["results"]] == [
        "2024-03-11",
        "2024-03-04",
    ]
    assert get(client, people.owner, *lessons, query="?since=2024-03-05&until=2024-03-11")["count"] == 1
    client.force_login(people.owner)
    assert client.get(f"/api/studies/{people.study.pk}/lessons/?since=soon").status_code == 400
    lesson = ("study-lesson", people.study.pk, first["id"])
    shown = get(client, people.instructor, *lesson)
    assert (shown["version"], [row["student"] for row in shown["students"]]) == (1, [code])
    change: dict[str, Any] = {
        "held_on": "2024-03-05",
        "minutes": 80,
        "students": [{"student": code, "attendance": "absent"}],
    }
    saved = made(post(client, people.instructor, *lesson, seen_version=1, **change), 200)
    assert (saved["version"], saved["minutes"], saved["students"][0]["attendance"]) == (2, 80, "absent")
    assert code_of(post(client, people.owner, *lesson, seen_version=1, **change)) == "changed_meanwhile"
    stranger = change | {"students": [{"student": people.classmate.participations.get().code}]}
    assert post(client, people.owner, *lesson, seen_version=2, **stranger).status_code == 400  # was not in it
    own = get(client, people.student, "student-training", people.participant.pk, query="?since=2024-03-06")["results"]
    assert [(row["day"], row["minutes"]) for row in own] == [("2024-03-11", 60)]
    assert get(client, people.owner, "study-training", people.study.pk, query=f"?code={code}")["count"] == 2


def test_a_week_tells_who_is_missing_and_a_problem_becomes_an_injury_once(client: Client, people: Personas) -> None:
    week = HealthWeek.objects.create(
        study=people.study, starts_on=MONDAY, opens_on=MONDAY + 6 * DAY, due_on=MONDAY + 9 * DAY
    )
    given = HealthAnswer.objects.create(week=week, participant=people.participant)
    common = {"answer": given, "kind": "injury", "participation": 2, "substantial": False}
    HealthProblem.objects.create(**common, region="knee", severity=20)
    worst = HealthProblem.objects.create(**common, region="shoulder", severity=70)
    shown = get(client, people.researcher, "study-week", people.study.pk, week.pk)
    assert (shown["answers"], shown["missing"]) == (1, [people.classmate.participations.get().code])
    assert [(one["code"], one["region"], one["severity"]) for one in shown["problems"]] == [
        (people.participant.code, "shoulder", 70),
        (people.participant.code, "knee", 20),
    ]
    sections = make_staff(people.study, "instructor", sections=("9Z",))
    assert get(client, sections, "study-week", people.study.pk, week.pk)["problems"] == []
    becomes = ("weekly-problem-injury", worst.pk)
    injury = made(post(client, people.instructor, *becomes, occurred_on="2024-03-06"))
    assert (injury["region"], Injury.objects.get().pk) == ("shoulder", injury["id"])
    assert code_of(post(client, people.instructor, *becomes, occurred_on="2024-03-06")) == "logged_already"


def test_the_owner_sets_from_when_on_an_alert_is_raised(client: Client, people: Personas) -> None:
    limits = ("study-alert-limits", people.study.pk)
    usual = get(client, people.instructor, *limits)
    assert usual == {"pain_from": 7, "score_from": 40, "days_lost_from": 8, "injuries_a_week": 3}
    assert post(client, people.instructor, *limits, **usual).status_code == 403
    assert made(post(client, people.owner, *limits, **usual | {"pain_from": 5}), 200)["pain_from"] == 5
    assert get(client, people.instructor, *limits)["pain_from"] == 5
    assert post(client, people.owner, *limits, **usual | {"pain_from": 11}).status_code == 400
