"""Reviewing before the verdict in a browser: with the keyboard, on a phone, without scripts, and as the pages look."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from coaching.models import AnalysisRun, RepetitionReview
from coaching.reviews.selectors import current_assessment
from coaching.reviews.services import Opinion, review_repetition
from tests.browser.analysed import finish, make_result
from tests.browser.chromium import inspect, show_in
from tests.factory import make_participant, make_personas

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from coaching.models import Session
    from studies.models import User
    from tests.browser.analysed import Analysed
    from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]


def film_is_ready(page: Page) -> None:
    page.locator("[data-blind][data-ready]").wait_for()
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")


def press(page: Page, name: str, key: str = "Enter", *, role: str = "button") -> None:
    page.locator("#blind-step").get_by_role(role, name=name, exact=True).first.focus()  # type: ignore[arg-type]
    page.keyboard.press(key)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_set_is_reviewed_by_keyboard_before_its_verdict(sign_in: SignIn, analysed: Analysed, width: int) -> None:
    people = make_personas()
    session = make_result(people.participant, analysed)
    first, second = analysed.document["reps"]
    page = sign_in(people.instructor)
    show_in(page, "light", width)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/sessions/to-review/")
    page.get_by_role("rowheader").get_by_role("link").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/blind/$"))
    film_is_ready(page)
    page.wait_for_function(
        "at => Math.abs(document.querySelector('video').currentTime - at) < 0.1", arg=first["start_s"]
    )
    press(page, "Play this repetition")
    page.wait_for_function("at => document.querySelector('video').currentTime > at + 0.2", arg=first["start_s"])
    page.wait_for_function("() => document.querySelector('video').paused")
    at = page.evaluate("() => document.querySelector('video').currentTime")
    # A player tells the time four times a second, a busy machine less often.
    assert -0.1 < at - first["end_s"] < 1.0, "it stops where the repetition ends"
    press(page, "Incorrect", "Space", role="radio")
    press(page, "Hips rise first", "Space", role="checkbox")
    press(page, "Save and go on")
    expect(page.locator("#step-title")).to_contain_text("Repetition 2 of 2")
    expect(page.locator("#step-title")).to_be_focused()
    expect(page.locator("[data-announcements]")).to_have_text("Your review of repetition 1 is saved.")
    page.wait_for_function(
        "at => Math.abs(document.querySelector('video').currentTime - at) < 0.1", arg=second["start_s"]
    )
    press(page, "Correct", "Space", role="radio")
    press(page, "Save and go on")
    expect(page.locator("#step-title")).to_contain_text("You have judged every repetition")
    expect(page.locator("#step-title")).to_be_focused()  # the focus is where the page puts it, and stays where we do
    assert [(row.number, row.decision, row.blind) for row in RepetitionReview.objects.all()] == [
        (1, "incorrect", True),
        (2, "correct", True),
    ]
    films = {url.rpartition("/")[2] for url in asked if str(session.pk) in url}
    assert films <= {"", "video"}, "no poster, no overlay, no curves were fetched"
    press(page, "Show the coach's verdict", role="link")
    page.wait_for_url(re.compile("/blind/verdict/$"))
    expect(page.get_by_role("table")).to_contain_text("Hips rise first")


def test_a_set_is_reviewed_without_scripts(browser_without_scripts: SignIn, analysed: Analysed) -> None:
    people = make_personas()
    session = make_result(people.participant, analysed)
    page = browser_without_scripts(people.instructor)
    page.goto(f"/sessions/{session.pk}/blind/")
    for number in (1, 2):
        expect(page.locator("#step-title")).to_contain_text(f"Repetition {number} of 2")
        page.locator("#blind-step form").first.get_by_label("Correct", exact=True).check()
        page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("link", name="Show the coach's verdict").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The coach's verdict")
    assert RepetitionReview.objects.filter(blind=True).count() == 2


def say(session: Session, by: User, *decisions: str, unseen: bool = False) -> None:
    assessment = current_assessment(session)
    assert assessment is not None
    for rep, decision in zip(assessment.repetitions.all(), decisions, strict=True):
        faults = ("hips_first",) if decision == "incorrect" else ()
        opinion = Opinion(decision, faults, rep.start_s, rep.lockout_s, rep.end_s, unseen=unseen)
        review_repetition(assessment=assessment, number=rep.number, by=by, opinion=opinion)


def test_the_pages_are_accessible_and_fit(sign_in: SignIn, analysed: Analysed) -> None:
    people = make_personas()
    sessions = [make_result(make_participant(people.study), analysed) for _ in range(4)]
    for session, said in zip(sessions, (("incorrect", "correct"), ("incorrect",) * 2, ("correct",) * 2), strict=False):
        say(session, people.instructor, *said, unseen=True)
        say(session, people.owner, "incorrect", "not_a_repetition")
    page = sign_in(people.instructor)
    wrong: list[str] = []
    place = f"/sessions/{sessions[3].pk}/blind/"
    page.goto(place)
    film_is_ready(page)
    wrong += inspect(page, "blind")
    page.locator("#blind-add > summary").click()
    wrong += inspect(page, "blind-adding")
    say(sessions[3], people.instructor, "incorrect", "correct", unseen=True)
    page.goto(place)
    wrong += inspect(page, "blind-end")
    page.goto(f"{place}verdict/")
    wrong += inspect(page, "blind-verdict")
    run = AnalysisRun.objects.create(session=sessions[3], state=AnalysisRun.State.RUNNING, attempt=1)
    finish(run, analysed, reps=analysed.document["reps"][:1])
    page.goto(f"/sessions/{sessions[3].pk}/#reviews")
    page.locator("[data-ready]").wait_for()
    wrong += inspect(page, "review-carry")
    page.goto(f"/studies/{people.study.pk}/agreement/")
    wrong += inspect(page, "agreement-two")
    page.goto("/sessions/to-review/?by=me")
    wrong += inspect(page, "to-review-mine")
    assert not wrong, "\n".join(wrong)
