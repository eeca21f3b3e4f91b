"""No page sets groups against each other before the study's end, or before its owner looked and said why."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from analysis.frozen.page import deviation_words
from analysis.frozen.services import order_report
from analysis.frozen.snapshot import read_frozen
from analysis.plans.services import first_plan, save_plan
from analysis.tasks import build_report
from studies.closing.looks import may_compare, take_look
from studies.closing.services import close_study, reopen_study
from studies.errors import StudyError
from studies.models import AuditEntry
from tests.factory import (
    Personas,
    make_injury,
    make_measurement,
    make_outcome,
    make_participant,
    make_personas,
    make_study,
    make_user,
)

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

LAST = dt.date(2026, 6, 30)


@pytest.fixture
def people() -> Personas:
    """A running study with three values in each group."""
    made = make_personas()
    outcome = make_outcome(made.study)
    for arm in made.study.arms.all():
        for value in (5.0, 6.0, 8.0):
            make_measurement(outcome, make_participant(made.study, arm=arm), value)
    return made


def code_of(act: object, **kwargs: object) -> str:
    assert callable(act)
    with pytest.raises(StudyError) as caught:
        act(**kwargs)
    return caught.value.code


@pytest.mark.parametrize(("today", "may"), [(LAST, False), (LAST + dt.timedelta(days=1), True)])
def test_groups_are_compared_from_the_day_after_the_last(today: dt.date, may: bool) -> None:
    study = make_study()
    study.ends_on = LAST
    assert may_compare(study, today=today) is may


def test_a_closed_an_unblinded_and_an_invented_study_may_be_compared_and_one_without_an_end_may_not() -> None:
    owner = make_user()
    study = make_study(owner=owner)
    assert not may_compare(study)
    close_study(study=study, by=owner, release_feedback=False)
    assert may_compare(study)
    reopen_study(study=study, by=owner, reason="More to come.")
    assert not may_compare(study)
    for field, value in (("unblinded_at", timezone.now()), ("is_demonstration", True)):
        other = make_study()
        setattr(other, field, value)
        assert may_compare(other)


def test_a_look_needs_a_reason_is_taken_once_and_is_in_the_audit(people: Personas) -> None:
    study, owner = people.study, people.owner
    assert code_of(take_look, study=study, by=owner, reason="  ") == "reason_missing"
    take_look(study=study, by=owner, reason="The safety board asked.")
    assert may_compare(study)
    assert code_of(take_look, study=study, by=owner, reason="Again.") == "look_open"
    entry = AuditEntry.objects.get(study=study, action="groups compared before the end")
    assert entry.actor == owner


@pytest.mark.parametrize("who", ["owner", "instructor", "researcher"])
def test_until_then_report_and_files_hold_no_number_of_a_group(client: Client, people: Personas, who: str) -> None:
    client.force_login(getattr(people, who))
    page = client.get(reverse("analysis:report", args=[people.study.pk]))
    text = page.content.decode()
    assert "The groups are compared when the study is over" in text
    assert "Arm a" not in text
    assert "6.33" not in text
    for route in ("analysis:report-json", "analysis:report-csv"):
        answer = client.get(reverse(route, args=[people.study.pk]))
        assert answer.status_code == 302
    take_look(study=people.study, by=people.owner, reason="The safety board asked.")
    assert "6.33" in client.get(reverse("analysis:report", args=[people.study.pk])).content.decode()
    assert client.get(reverse("analysis:report-csv", args=[people.study.pk])).status_code == 200


def test_a_question_can_be_planned_before_the_look_and_is_answered_after_it(client: Client, people: Personas) -> None:
    client.force_login(people.owner)
    url = reverse("analysis:ask", args=[people.study.pk])
    asked = {
        "question": "average",
        "outcome": people.study.outcomes.get().key,
        "time_point": "",
        "before": "",
        "margin": "",
    }
    before = client.get(url, asked).content.decode()
    assert "Put it into the plan" in before
    assert "The groups are compared when the study is over" in before
    assert "<svg" not in before.split("<main")[1]
    assert client.post(url, asked | {"seen_version": "0"}).status_code == 302
    take_look(study=people.study, by=people.owner, reason="The safety board asked.")
    assert "<svg" in client.get(url, asked).content.decode().split("<main")[1]


def test_a_report_is_refused_before_the_look_and_names_the_early_one(people: Personas) -> None:
    plan = save_plan(study=people.study, by=people.owner, plan=first_plan(people.study))
    assert code_of(order_report, plan=plan, by=people.owner) == "look_not_yet"
    look = take_look(study=people.study, by=people.owner, reason="The AI group complained.")
    report = order_report(plan=plan, by=people.owner)
    build_report(report.pk)
    report.refresh_from_db()
    words = [deviation_words(row) for row in read_frozen(report.document).deviations]
    day = look.at.date().isoformat()
    assert f"The groups were compared before the study was over, from {day} on." in words
    assert "The AI group" not in report.document  # a reason may name a group, and reports are read by the blinded


def test_the_study_page_counts_injuries_of_a_group_only_then(client: Client, people: Personas) -> None:
    make_injury(people.participant)
    client.force_login(people.owner)
    url = reverse("studies:detail", args=[people.study.pk])
    label = '<span class="stat__label">Injuries</span>'
    assert label not in client.get(url).content.decode()
    take_look(study=people.study, by=people.owner, reason="The safety board asked.")
    assert client.get(url).content.decode().count(label) == 2


def test_the_owner_looks_on_a_page_and_must_say_why(client: Client, people: Personas) -> None:
    client.force_login(people.owner)
    url = reverse("studies:look", args=[people.study.pk])
    assert client.post(url, {"reason": "Safety."}).status_code == 422
    assert not may_compare(people.study)
    answer = client.post(url, {"reason": "Safety.", "sure": "on"})
    assert answer["Location"] == reverse("analysis:report", args=[people.study.pk])
    assert "Safety." in client.get(reverse("studies:close", args=[people.study.pk])).content.decode()


def test_programs_look_too(client: Client, people: Personas) -> None:
    client.force_login(people.owner)
    url = reverse("study-look", args=[people.study.pk])
    answer = client.post(url, {"reason": "Safety."})
    assert (answer.status_code, answer.json()["reason"]) == (201, "Safety.")
    again = client.post(url, {"reason": "Safety."})
    assert (again.status_code, again.json()["code"]) == (422, "look_open")
