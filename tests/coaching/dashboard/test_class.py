"""The class at a glance, and a student's own training on home."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from coaching.access import record_look
from coaching.dashboard.class_rows import ClassRow, class_rows
from coaching.dashboard.own import own_training
from coaching.models import AnalysisRun, Assessment, RepetitionRecord, Session
from studies.health.services import answer
from studies.models import AccessRecord, HealthWeek, Injury, Participant, TrainingSession
from tests.factory import Personas, make_participant, make_personas

if TYPE_CHECKING:
    from django.test import Client

    from studies.models import User

pytestmark = pytest.mark.django_db


def film(participant: Participant, verdicts: str, *, days: int = 1, refused: str = "", cue: str = "") -> Session:
    """An analysed set: c is a correct repetition, i an incorrect one, - one without a verdict."""
    session = Session.objects.create(
        participant=participant, uploaded_at=timezone.now() - dt.timedelta(days=days), video="film/a.mp4"
    )
    analysed(session, verdicts, refused=refused, cue=cue)
    return session


def analysed(session: Session, verdicts: str, *, refused: str = "", cue: str = "") -> None:
    run = AnalysisRun.objects.create(session=session, state=AnalysisRun.State.DONE)
    document = {"refused": None, "reps": [], "feedback": [{"text": cue}] if cue else []}
    assessment = Assessment.objects.create(run=run, document=document, refused_code=refused)
    words = {"c": "correct", "i": "incorrect", "-": ""}
    for number, letter in enumerate(verdicts, start=1):
        times = {"start_s": 1.0, "lockout_s": 2.0, "end_s": 3.0}
        RepetitionRecord.objects.create(assessment=assessment, number=number, verdict=words[letter], **times)


def trained(participant: Participant, days: int) -> None:
    day = timezone.localdate() - dt.timedelta(days=days)
    TrainingSession.objects.create(participant=participant, held_on=day, minutes=90)


def row_of(personas: Personas, user: User) -> ClassRow:
    rows = class_rows(personas.study, user)
    return next(row for row in rows if row.participant.pk == personas.participant.pk)


@pytest.mark.parametrize(("days", "idle"), [(0, False), (10, False), (11, True), (None, True)])
def test_who_has_not_trained_for_more_than_ten_days_needs_help(days: int | None, idle: bool) -> None:
    personas = make_personas()
    if days is not None:
        trained(personas.participant, days)
    assert ("idle" in row_of(personas, personas.owner).reasons) is idle


def test_being_missing_is_no_training() -> None:
    personas = make_personas()
    today = timezone.localdate()
    TrainingSession.objects.create(
        participant=personas.participant, held_on=today, minutes=0, attendance=TrainingSession.Attendance.ABSENT
    )
    assert row_of(personas, personas.owner).last_trained is None


def test_the_week_begins_on_monday() -> None:
    personas = make_personas()
    monday = timezone.localdate() - dt.timedelta(days=timezone.localdate().weekday())
    trained(personas.participant, (timezone.localdate() - monday).days + 1)  # Sunday
    assert row_of(personas, personas.owner).this_week is False
    TrainingSession.objects.create(participant=personas.participant, held_on=monday, minutes=90)
    assert row_of(personas, personas.owner).this_week is True


def test_verdicts_of_sets_that_an_instructor_may_still_review_blind_are_in_no_share() -> None:
    personas = make_personas()
    sealed = film(personas.participant, "iiiiiiiiii")
    opened = film(personas.participant, "cccccciiii")
    record_look(personas.instructor, opened, "session")
    row = row_of(personas, personas.instructor)
    assert (row.films, row.share, row.reasons) == (2, (4, 10), ("idle",))
    record_look(personas.instructor, sealed, "session")
    row = row_of(personas, personas.instructor)
    assert (row.share, row.share.per_cent) == ((14, 20), 70)
    assert row.reasons == ("incorrect", "idle")
    assert row_of(personas, personas.researcher).share == (14, 20)


def test_a_share_of_few_repetitions_says_nothing() -> None:
    personas = make_personas()
    film(personas.participant, "iiiiiiiii-")
    row = row_of(personas, personas.researcher)
    assert (row.share, row.share.per_cent) == ((9, 9), None)
    assert "incorrect" not in row.reasons


def test_the_newest_analysis_of_a_film_counts_alone() -> None:
    personas = make_personas()
    session = film(personas.participant, "iiiiiiiiii", refused="")
    analysed(session, "cccccccccc")
    row = row_of(personas, personas.researcher)
    assert (row.films, row.share) == (1, (0, 10))


@pytest.mark.parametrize(
    ("now", "before", "trend"),
    [
        ("i" * 2 + "c" * 8, "i" * 5 + "c" * 5, "better"),
        ("i" * 5 + "c" * 5, "i" * 2 + "c" * 8, "worse"),
        ("i" * 5 + "c" * 6, "i" * 5 + "c" * 5, "same"),
        ("i" * 5 + "c" * 5, "i" * 5, ""),
    ],
)
def test_the_trend_is_of_two_fortnights(now: str, before: str, trend: str) -> None:
    personas = make_personas()
    film(personas.participant, now, days=13)
    film(personas.participant, before, days=15)
    film(personas.participant, "c" * 50, days=29)
    assert row_of(personas, personas.researcher).trend == trend


def test_two_films_that_could_not_be_judged_call_for_help() -> None:
    personas = make_personas()
    film(personas.participant, "", refused="no_person")
    assert "not_judged" not in row_of(personas, personas.owner).reasons
    session = Session.objects.create(participant=personas.participant, video="film/b.mp4")
    AnalysisRun.objects.create(session=session, state=AnalysisRun.State.FAILED)
    row = row_of(personas, personas.owner)
    assert (row.films, row.not_judged) == (2, 2)
    assert "not_judged" in row.reasons


def test_who_has_an_open_injury_comes_first_and_a_closed_one_is_past() -> None:
    personas = make_personas()
    control = Participant.objects.get(user=personas.classmate)
    common = {"occurred_on": timezone.localdate(), "region": "knee"}
    Injury.objects.create(participant=control, **common)
    Injury.objects.create(participant=personas.participant, status="closed", **common)
    rows = class_rows(personas.study, personas.owner)
    assert [(row.participant.pk, row.reasons) for row in rows] == [
        (control.pk, ("injury", "idle")),
        (personas.participant.pk, ("idle",)),
    ]


def test_who_has_not_answered_the_newest_open_week() -> None:
    personas = make_personas()
    assert row_of(personas, personas.owner).has_answered is None
    today, day = timezone.localdate(), dt.timedelta(days=1)
    week = HealthWeek.objects.create(study=personas.study, starts_on=today - 6 * day, opens_on=today, due_on=today)
    HealthWeek.objects.create(study=personas.study, starts_on=today + day, opens_on=today + 7 * day, due_on=today)
    answer(week=week, participant=personas.participant, problem=None)
    said = {row.participant.pk: row.has_answered for row in class_rows(personas.study, personas.owner)}
    assert said == {personas.participant.pk: True, Participant.objects.get(user=personas.classmate).pk: False}


def test_the_page_costs_the_same_for_any_class_and_is_recorded(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    personas = make_personas()
    for _student in range(10):
        row = make_participant(personas.study)
        film(row, "ci")
        trained(row, 1)
    client.force_login(personas.researcher)
    url = reverse("coaching:class", args=[personas.study.pk])
    text = client.get(url).content.decode()
    assert personas.student.last_name not in text
    assert AccessRecord.objects.filter(user=personas.researcher, what="training of the class").count() == 12
    with django_assert_max_num_queries(18):
        client.get(url)


# Home


def test_home_shows_the_share_of_correct_repetitions_and_the_next_cue() -> None:
    personas = make_personas()
    again = film(personas.participant, "iiii", days=3)
    analysed(again, "ccci")
    film(personas.participant, "cc--", days=2)
    film(personas.participant, "----", days=1)
    film(personas.participant, "ci", days=0, cue="Keep the bar close.")
    (own,) = own_training(personas.student)
    assert own.per_cent == (75, 100, 50)
    assert own.cue == "Keep the bar close."
    assert own.points == "5.0,14.5 120.0,5.0 235.0,24.0"


def test_home_withholds_both_from_the_arm_without_feedback_until_it_is_released(client: Client) -> None:
    personas = make_personas()
    control = Participant.objects.get(user=personas.classmate)
    film(control, "ci", cue="Keep the bar close.")
    client.force_login(personas.classmate)
    assert "Keep the bar close." not in client.get(reverse("home")).content.decode()
    assert own_training(personas.classmate) == []
    personas.study.feedback_released_at = timezone.now()
    personas.study.save()
    assert "Keep the bar close." in client.get(reverse("home")).content.decode()


@pytest.mark.parametrize("name", ["studies:detail", "coaching:class"])
def test_a_class_of_more_than_a_hundred_has_pages_and_whom_nobody_saw_has_no_record(client: Client, name: str) -> None:
    personas = make_personas()
    for _student in range(101):
        make_participant(personas.study)
    client.force_login(personas.researcher)
    url = reverse(name, args=[personas.study.pk])
    assert "Page 1 of 2" in " ".join(client.get(url).content.decode().split())
    assert AccessRecord.objects.filter(user=personas.researcher).count() == 100
    client.get(url, {"page": 2})
    assert AccessRecord.objects.filter(user=personas.researcher).count() == 103
