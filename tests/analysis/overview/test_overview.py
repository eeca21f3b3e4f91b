"""How complete the data are: counted from the rows, all groups together, and nothing that sets groups apart."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analysis.overview.counts import overview
from analysis.overview.plot import weeks_plot
from coaching.models import AnalysisRun
from coaching.models.ratings import RatedFilm, RatingRound, Rubric
from studies.models import (
    HealthAnswer,
    HealthWeek,
    Measurement,
    Outcome,
    Participant,
    SafetyAlert,
    TimePoint,
    TrainingSession,
)
from tests.coaching.films import make_session
from tests.factory import Personas, make_class, make_outcome, make_personas, make_training_session

if TYPE_CHECKING:
    from django.test import Client

    from studies.models import Study

pytestmark = pytest.mark.django_db

BEGIN, TODAY = dt.date(2026, 9, 7), dt.date(2026, 9, 23)
"""A Monday, and the Wednesday of the third week."""


@pytest.fixture
def people() -> Personas:
    """A class of ten that began on a Monday, with two times of one outcome."""
    made = make_personas()
    make_class(made.study, 8, allocate=True)
    made.study.starts_on, made.study.ends_on = BEGIN, BEGIN + dt.timedelta(weeks=12)
    made.study.save()
    before = TimePoint.objects.create(
        study=made.study, key="before", name="Before", opens_on=BEGIN, closes_on=BEGIN + dt.timedelta(days=4)
    )
    after = TimePoint.objects.create(
        study=made.study, key="after", name="After", opens_on=dt.date(2026, 11, 23), closes_on=dt.date(2026, 11, 27)
    )
    outcome = make_outcome(made.study)
    outcome.name, outcome.main_time_point = "Form", after
    outcome.save()
    for number, student in enumerate(students(made.study)[:7]):
        day = BEGIN + dt.timedelta(days=number)
        Measurement.objects.create(outcome=outcome, participant=student, time_point=before, value=5, measured_on=day)
    return made


def students(study: Study) -> list[Participant]:
    return list(Participant.objects.filter(study=study).order_by("pk"))


def test_values_are_counted_by_outcome_and_time_with_those_outside_the_window(people: Personas) -> None:
    """Seven of ten on days 0 to 6 of a window of five days: two late, three missing. The later window is not due."""
    before, after = overview(people.study, people.researcher, today=TODAY).visits
    assert (before.time, before.window, before.expected, before.measured) == ("Before", "closed", 10, 7)
    assert (before.outside, before.lost, before.missing, before.percent) == (2, 0, 3, 70)
    assert (after.time, after.window, after.measured, after.missing) == ("After", "later", 0, 0)


@pytest.mark.parametrize(
    ("day", "window", "missing"),
    [
        (dt.date(2026, 11, 22), "later", 0),
        (dt.date(2026, 11, 23), "open", 0),
        (dt.date(2026, 11, 27), "open", 0),
        (dt.date(2026, 11, 28), "closed", 10),
    ],
)
def test_a_value_is_missing_once_its_window_is_closed(
    people: Personas, day: dt.date, window: str, missing: int
) -> None:
    after = overview(people.study, people.owner, today=day).visits[1]
    assert (after.window, after.missing) == (window, missing)


def test_who_left_before_being_measured_is_lost_and_not_missing(
    people: Personas, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_others, last = students(people.study)
    monkeypatch.setattr("studies.losses.LOSSES", [lambda _study: {first.pk: "moved away", last.pk: "moved away"}])
    found = overview(people.study, people.owner, today=TODAY)
    assert (found.randomised, found.lost, found.still_in, found.losses) == (10, 2, 8, (("moved away", 2),))
    before = found.visits[0]
    assert (before.measured, before.lost, before.missing) == (7, 1, 2)


def test_who_reads_by_code_gets_no_small_count_of_a_reason(people: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = dict.fromkeys([row.pk for row in students(people.study)[:6]], "ill")
    gone[students(people.study)[9].pk] = "moved away"
    monkeypatch.setattr("studies.losses.LOSSES", [lambda _study: gone])
    assert overview(people.study, people.owner, today=TODAY).losses == (("ill", 6), ("moved away", 1))
    by_code = overview(people.study, people.researcher, today=TODAY)
    assert dict(by_code.losses) == {"ill": None, "moved away": None}  # 6 is hidden too: the total is told


def test_weeks_run_from_the_first_to_the_present_one(people: Personas) -> None:
    """A Sunday belongs to the week before; who trained twice counts once; who was missing does not."""
    one, two, three, *_rest = students(people.study)
    make_training_session(one, held_on=BEGIN)
    make_training_session(one, held_on=BEGIN + dt.timedelta(days=2))
    make_training_session(two, held_on=BEGIN + dt.timedelta(days=6))
    TrainingSession.objects.create(participant=three, held_on=BEGIN, minutes=0, attendance="absent")
    make_training_session(three, held_on=TODAY)
    week = HealthWeek.objects.create(
        study=people.study, starts_on=BEGIN, opens_on=BEGIN, due_on=BEGIN + dt.timedelta(days=9)
    )
    HealthAnswer.objects.create(week=week, participant=one)
    Participant.objects.filter(study=people.study).update(enrolled_at=dt.datetime(2026, 9, 1, tzinfo=dt.UTC))
    weeks = overview(people.study, people.researcher, today=TODAY).weeks
    assert [(row.starts_on, row.trained, row.students, row.answered, row.asked) for row in weeks] == [
        (BEGIN, 2, 10, 1, 10),
        (dt.date(2026, 9, 14), 0, 10, None, 0),
        (dt.date(2026, 9, 21), 1, 10, None, 0),
    ]
    plot = weeks_plot(weeks)
    assert plot is not None
    first, second, _third = plot.bars
    assert (first.high_trained, first.y_trained) == ("40.0", "170.0")  # 20 % of 200 px over the floor at 210
    assert (first.high_answered, second.y_answered) == ("20.0", None)


def test_before_the_first_day_there_are_no_weeks_and_no_plot(people: Personas) -> None:
    weeks = overview(people.study, people.owner, today=BEGIN - dt.timedelta(days=1)).weeks
    assert weeks == ()
    assert weeks_plot(weeks) is None


def test_what_is_to_do_is_counted(people: Personas) -> None:
    Participant.objects.create(study=people.study, user=people.superuser, code="NEW", year_of_study=1)
    SafetyAlert.objects.create(study=people.study, kind="week", key="week:1", value=3, limit=3)
    todo = {row.kind: row.n for row in overview(people.study, people.owner, today=TODAY).todo}
    assert todo == {"alerts": 1, "waiting": 1, "baseline": 11}


@pytest.mark.parametrize("who", ["researcher", "owner"])
def test_the_page_names_no_group_and_no_student(client: Client, people: Personas, who: str) -> None:
    Outcome.objects.filter(study=people.study).update(name="Form & posture")
    client.force_login(getattr(people, who))
    response = client.get(reverse("analysis:overview", args=[people.study.pk]))
    text = response.content.decode()
    assert "Form &amp; posture" in text
    assert "The groups are compared when the study is over, after 30 November 2026." in text
    for word in ("Arm a", "Arm b", "Group A", "Group B", people.student.last_name, people.participant.code):
        assert word not in text


def test_programs_get_the_same_counts(client: Client, people: Personas) -> None:
    client.force_login(people.researcher)
    answer = client.get(reverse("study-overview", args=[people.study.pk])).json()
    assert (answer["randomised"], answer["may_compare"], answer["todo"]) == (10, False, [{"kind": "baseline", "n": 10}])
    assert [(row["time"], row["measured"], row["outside"]) for row in answer["visits"]] == [
        ("Before", 7, 2),
        ("After", 0, 0),
    ]


def test_queries_do_not_grow_with_the_class(client: Client, people: Personas) -> None:
    client.force_login(people.owner)
    url = reverse("analysis:overview", args=[people.study.pk])
    client.get(url)
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
        for student in make_class(people.study, 3):
            make_training_session(student)
    assert counts[0] == counts[1]


def test_ratings_and_films_are_counted_by_what_became_of_them(people: Personas) -> None:
    """A value that the study has otherwise is a score too. Of two runs of a film the newer one counts."""
    rubric = Rubric.objects.create(study=people.study, version=1, criteria=[])
    time = people.study.time_points.get(key="before")
    rating = RatingRound.objects.create(study=people.study, time_point=time, rubric=rubric, seed=1)
    states = ["waiting", "disputed", "scored", "scored", "differs", "unrateable"]
    for state, student in zip(states, students(people.study), strict=False):
        film = make_session(student)
        score = 7.0 if state in {"scored", "differs"} else None
        RatedFilm.objects.create(round=rating, participant=student, session=film, batch=1, state=state, score=score)
        AnalysisRun.objects.create(session=film, state="failed")
        if state != "waiting":
            AnalysisRun.objects.create(session=film, state="done")
    found = overview(people.study, people.researcher, today=TODAY)
    (row,) = found.ratings
    assert (row.time, row.total, row.scored, row.waiting, row.disputed, row.unrateable) == ("Before", 6, 3, 1, 1, 1)
    assert (found.films, found.films_not_judged) == (6, 1)
    assert {todo.kind: todo.n for todo in found.todo} == {"baseline": 10, "disputed": 1, "films": 1}
