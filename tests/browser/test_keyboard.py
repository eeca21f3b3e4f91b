"""The whole way without a mouse: sign in, upload a film, read and step through a result."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import TimeoutError as TooLate
from playwright.sync_api import expect

from tests.browser.analysed import make_result
from tests.factory import PASSWORD, make_personas

if TYPE_CHECKING:
    from playwright.sync_api import FileChooser, Page

    from tests.browser.analysed import Analysed
    from tests.browser.conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)


def tab_to(page: Page, selector: str, *, at_most: int = 40) -> None:
    """Press Tab until the element has the focus, and see that the focus shows at every stop."""
    for _press in range(at_most):
        page.keyboard.press("Tab")
        if not page.evaluate(FOCUS_SHOWS):
            where = page.evaluate("() => document.activeElement.outerHTML.slice(0, 120)")
            raise AssertionError(f"the focus is invisible on {where}")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")


# The outline may be the element's own, or drawn by a label or a card around it.
FOCUS_SHOWS = """() => {
  const here = document.activeElement;
  if (here === document.body) return true;
  const outlined = (element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const around = [here, here.closest(".session-card"), ...(here.parentElement?.querySelectorAll("label") ?? [])];
  return here.tagName === "VIDEO" || around.some((element) => element && outlined(element));
}"""


def file_chooser(page: Page) -> FileChooser:
    """Opened by the space bar on the focused field. On a machine with no time to spare Chromium lets a first press go
    by when the page has only just been drawn; a person presses again, and so does this, once.
    """
    try:
        with page.expect_file_chooser(timeout=10_000) as chooser:
            page.keyboard.press("Space")
    except TooLate:
        with page.expect_file_chooser() as chooser:
            page.keyboard.press("Space")
    return chooser.value


def test_sign_in_upload_and_result_by_keyboard_alone(visit: Page, analysed: Analysed) -> None:
    people = make_personas()
    page = visit
    page.goto("/login/")
    tab_to(page, "#id_username")
    page.keyboard.type(people.student.username)
    tab_to(page, "#id_password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"//[^/]+/$"))

    tab_to(page, ".main-nav a[href='/sessions/new/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sessions/new/")
    tab_to(page, "#id_file")
    file_chooser(page).set_files(analysed.film)
    expect(page.get_by_role("button", name="Upload and analyse")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"))
    expect(page.get_by_role("heading", name="Waiting for its turn")).to_be_visible()


def test_the_result_is_reached_read_and_stepped_through_by_keyboard_alone(sign_in: SignIn, analysed: Analysed) -> None:
    people = make_personas()
    session = make_result(people.participant, analysed)
    page = sign_in(people.student)
    page.goto("/sessions/")
    tab_to(page, f"main a[href='/sessions/{session.pk}/']")
    page.keyboard.press("Enter")
    page.locator("[data-ready]").wait_for()
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    tab_to(page, "[role=slider]")
    page.keyboard.press("PageUp")
    expect(page.locator("[data-time]")).to_have_text("0:01.0")
    tab_to(page, "button[data-play-from]")
    page.keyboard.press("Enter")
    first = analysed.document["reps"][0]["start_s"]
    page.wait_for_function(f"() => document.querySelector('video').currentTime > {first}")
    tab_to(page, "details.checks summary")
    page.keyboard.press("Enter")
    expect(page.locator("details.checks").first).to_have_attribute("open", "")


def test_the_skip_link_comes_first_and_leads_to_the_content(sign_in: SignIn) -> None:
    page = sign_in(make_personas().student)
    page.goto("/sessions/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_account_menu_closes_on_escape_and_gives_the_focus_back(sign_in: SignIn) -> None:
    page = sign_in(make_personas().student)
    page.goto("/")
    tab_to(page, ".menu > summary")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(page.locator(".menu > summary")).to_be_focused()


def test_the_theme_button_keeps_its_choice_over_pages(sign_in: SignIn) -> None:
    page = sign_in(make_personas().student)
    page.emulate_media(color_scheme="light")
    page.goto("/")
    button = page.get_by_role("button", name="Dark theme")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    page.goto("/sessions/")
    expect(page.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(14, 18, 23)"
