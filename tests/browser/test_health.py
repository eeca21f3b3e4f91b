"""Injuries, weekly questions, alerts, training in a browser: quick entry on a phone, without scripts, by keyboard."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from studies.exposure.services import Attended, log_lesson
from studies.health.services import Problem, answer
from studies.injuries.services import correct_injury, log_injury, report_injury
from studies.models import HealthProblem, HealthWeek, Injury, Measurement, Outcome, Participant, TimePoint
from tests.browser.chromium import WIDTHS, check_pages, inspect
from tests.factory import Personas, make_class, make_personas, make_training_session

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]


def world() -> Personas:
    """A class with injuries, an open alert, two weeks of answers, lessons."""
    personas = make_personas()
    today = timezone.localdate()
    Participant.objects.filter(study=personas.study).update(enrolled_at=timezone.now() - dt.timedelta(days=60))
    rows = make_class(personas.study, 4)
    _measured_before(personas, today)
    injury = log_injury(
        participant=Participant.objects.get(pk=personas.participant.pk),
        occurred_on=today - dt.timedelta(days=4),
        region="knee",
        side="left",
        by=personas.instructor,
        onset="acute_sudden",
    )
    correct_injury(injury=injury, by=personas.instructor, seen_version=1, values={"form_related": True, "note": "ice"})
    report_injury(participant=personas.participant, occurred_on=today, region="lower_back", pain=8)
    for weeks in (1, 0):
        starts = today - dt.timedelta(days=today.weekday(), weeks=weeks + 1)
        week = HealthWeek.objects.create(
            study=personas.study, starts_on=starts, opens_on=starts + dt.timedelta(days=6), due_on=today
        )
        other = Participant.objects.get(user=personas.classmate)
        answer(week=week, participant=other, problem=Problem("injury", 2, 2, 1, 1, region="shoulder", side="right"))
    lesson_rows = [Attended(rows[0], repetitions=20), *(Attended(row, attendance="absent") for row in rows[1:])]
    log_lesson(study=personas.study, by=personas.owner, held_on=today, minutes=90, rows=lesson_rows)
    return personas


def _measured_before(personas: Personas, today: dt.date) -> None:
    """The study's weeks, two times of an outcome, and one value of the two who have a group."""
    personas.study.starts_on, personas.study.ends_on = today - dt.timedelta(days=40), today + dt.timedelta(days=60)
    personas.study.save()
    day, later = personas.study.starts_on, personas.study.ends_on
    before = TimePoint.objects.create(study=personas.study, key="before", name="Before", opens_on=day, closes_on=day)
    after = TimePoint.objects.create(study=personas.study, key="after", name="After", opens_on=later, position=1)
    outcome = Outcome.objects.create(study=personas.study, key="form", name="Training accuracy", main_time_point=after)
    for weeks in (5, 4, 2, 1):
        make_training_session(personas.participant, held_on=today - dt.timedelta(weeks=weeks))
    Measurement.objects.create(outcome=outcome, participant=personas.participant, time_point=before, value=5)


def test_pages_of_staff(sign_in: SignIn) -> None:
    personas = world()
    base = f"/studies/{personas.study.pk}"
    week = HealthWeek.objects.latest("starts_on")
    pages = {
        "injury-quick": f"{base}/injuries/new/",
        "injuries": f"{base}/injuries/",
        "data-so-far": f"{base}/overview/",
        "report-not-yet": f"{base}/report/",
        "look-early": f"{base}/look/",
        "injury": f"/injuries/{Injury.objects.get(region='knee').pk}/",
        "injury-rates": f"{base}/injuries/rates/",
        "alerts": f"{base}/alerts/",
        "weeks": f"{base}/weeks/",
        "study-week": f"{base}/weeks/{week.pk}/",
        "lesson": f"{base}/lessons/new/",
        "calendar": f"{base}/calendar/",
        "study-health": f"{base}/",
        "home-alert": "/",
    }
    check_pages(sign_in(personas.owner), pages)


def test_pages_of_the_student(sign_in: SignIn) -> None:
    personas = world()
    own = f"/students/{personas.participant.pk}"
    week = HealthWeek.objects.latest("starts_on")
    page = sign_in(personas.student)
    pages = {
        "hurt": f"{own}/hurt/",
        "home-due": "/",
        "student-calendar": f"{own}/calendar/",
        "student-health": f"{own}/",
    }
    check_pages(page, pages | {"weekly": f"{own}/weeks/{week.pk}/"})
    page.get_by_label("Full participation, but with a health problem").check()
    assert inspect(page, "weekly-open") == []


class Hand:
    """Counts what a person does: every touch, every key."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.done = 0

    def touch(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.done += 1

    def type(self, text: str) -> None:
        for key in text:
            self.page.keyboard.press(key)
            self.done += 1


def test_an_injury_is_logged_on_a_phone_with_eight_touches_and_keys_at_most(sign_in: SignIn) -> None:
    personas = world()
    personas.student.last_name = "Zhumabaev"
    personas.student.save()
    page = sign_in(personas.instructor)
    page.set_viewport_size({"width": 390, "height": WIDTHS[390]})
    page.goto(f"/studies/{personas.study.pk}/")
    hand = Hand(page)
    hand.touch("text=Log an injury")
    page.wait_for_url("**/injuries/new/")
    hand.type("zhu")  # the field has the focus
    hand.touch('[data-region="shoulder"][data-side="right"]')
    hand.touch("text=Suddenly, in one moment")
    hand.touch("button:has-text('Save')")
    page.get_by_text("The injury is in the log.").wait_for()
    assert hand.done <= 8
    made = Injury.objects.latest("pk")
    assert (made.participant, made.region, made.side) == (personas.participant, "shoulder", "right")
    assert (made.onset, made.occurred_on, made.days_lost) == ("acute_sudden", timezone.localdate(), 0)


def test_the_body_map_shows_the_choice_of_the_list_and_works_without_scripts(browser_without_scripts: SignIn) -> None:
    personas = world()
    page = browser_without_scripts(personas.student)
    page.goto(f"/students/{personas.participant.pk}/hurt/")
    spot = page.locator('[data-region="ankle"][data-side="left"]').first
    before = spot.evaluate("(spot) => getComputedStyle(spot).backgroundColor")
    page.get_by_role("radio", name="Ankle").check()
    assert spot.evaluate("(spot) => getComputedStyle(spot).backgroundColor") != before
    page.locator('[data-region="thigh"]').first.click()
    assert page.get_by_role("radio", name="Thigh").is_checked()
    page.get_by_role("radio", name="Left").check()
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Thank you.").wait_for()
    made = Injury.objects.latest("pk")
    assert (made.region, made.side, made.source) == ("thigh", "left", "student")


def test_the_weekly_questions_ask_only_what_the_first_answer_leaves_open(sign_in: SignIn) -> None:
    personas = world()
    week = HealthWeek.objects.latest("starts_on")
    page = sign_in(personas.student)
    page.goto(f"/students/{personas.participant.pk}/weeks/{week.pk}/")
    more = page.get_by_role("group", name="To what extent did health problems affect your performance?")
    part = page.get_by_role("group", name="Part of the body")
    for choice, asks_more, asks_where in (
        ("Full participation without health problems", False, False),
        ("Could not participate due to a health problem", False, True),
        ("Reduced participation due to a health problem", True, True),
    ):
        page.get_by_label(choice).focus()
        page.keyboard.press("Space")
        assert (more.is_visible(), part.is_visible()) == (asks_more, asks_where), choice
    page.get_by_label("Could not participate due to a health problem").check()
    page.get_by_role("radio", name="Knee").check()
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Another problem").wait_for()
    assert HealthProblem.objects.latest("pk").severity == 100
