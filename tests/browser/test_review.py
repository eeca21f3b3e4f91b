"""Reviewing a set in a browser: with the keyboard, without scripts, and as the pages look."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from coaching.models import RepetitionReview
from tests.browser.analysed import make_result
from tests.browser.chromium import inspect
from tests.factory import make_personas

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.analysed import Analysed
    from tests.browser.conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)


def summary(page: Page, number: int) -> str:
    return f"#review-{number} > summary"


def test_a_repetition_is_reviewed_by_keyboard_with_its_bounds_taken_from_the_film(
    sign_in: SignIn, analysed: Analysed
) -> None:
    people = make_personas()
    session = make_result(people.participant, analysed)
    page = sign_in(people.instructor)
    page.goto(f"/sessions/{session.pk}/")
    page.locator("[data-clock]").wait_for()
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    page.locator(summary(page, 1)).focus()
    page.keyboard.press("Enter")
    form = page.locator("#review-1")
    form.get_by_label("Incorrect", exact=True).focus()
    page.keyboard.press("Space")
    form.get_by_label("Hips rise first").focus()
    page.keyboard.press("Space")
    page.evaluate("() => { document.querySelector('video').currentTime = 0.5; }")
    page.wait_for_function("() => !document.querySelector('video').seeking")
    expect(form.locator("[data-film-time]").first).to_have_text("0:00.5")
    form.get_by_role("button", name="as Lift-off").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-announcements]")).to_have_text("Lift-off set to 0:00.5")
    taken = form.get_by_label("Lift-off", exact=True).input_value()
    assert abs(float(taken) - 0.5) < 0.06
    form.get_by_role("button", name=re.compile("Save")).focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-announcements]")).to_have_text("Your review of repetition 1 is saved.")
    expect(page.locator(summary(page, 1))).to_be_focused()
    expect(page.locator(summary(page, 1))).to_contain_text("Incorrect")
    row = RepetitionReview.objects.get()
    assert (row.decision, row.faults, row.start_s) == ("incorrect", ["hips_first"], float(taken))
    page.keyboard.press("Enter")  # the buttons of the form that htmx brought work like the first one's
    page.locator("#review-1").get_by_role("button", name="Show in the film the time of Lockout").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "at => Math.abs(document.querySelector('video').currentTime - at) < 0.1",
        arg=analysed.document["reps"][0]["lockout_s"],
    )
    assert inspect(page, "review-open") == []


def test_a_set_is_reviewed_without_scripts(browser_without_scripts: SignIn, analysed: Analysed) -> None:
    people = make_personas()
    session = make_result(people.participant, analysed)
    page = browser_without_scripts(people.instructor)
    page.goto(f"/sessions/{session.pk}/")
    page.locator(summary(page, 2)).click()
    form = page.locator("#review-2")
    expect(form.get_by_role("button", name="as Lift-off")).to_be_hidden()
    form.get_by_label("Correct", exact=True).check()
    form.get_by_label("Bar back down").fill("0.1")
    form.get_by_role("button", name=re.compile("Save")).click()
    expect(page.locator("#review-2")).to_contain_text("Lift-off comes before the lockout")
    page.locator("#review-2").get_by_label("Bar back down").fill(str(analysed.document["reps"][1]["end_s"]))
    page.locator("#review-2").get_by_role("button", name=re.compile("Save")).click()
    page.wait_for_url(re.compile("#review-2$"))
    expect(page.get_by_text("Your review of repetition 2 is saved.")).to_be_visible()
    assert RepetitionReview.objects.get().decision == "correct"
