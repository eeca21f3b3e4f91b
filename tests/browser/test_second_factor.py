"""Setting up a second factor and signing in with it, on a desktop and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import inspect
from tests.factory import PASSWORD, make_personas
from tests.studies.test_second_factor import code_of

if TYPE_CHECKING:
    from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def test_a_second_factor_is_set_up_and_given_by_keyboard(sign_in: SignIn) -> None:
    owner = make_personas().owner
    page = sign_in(owner)
    page.goto("/account/second-factor/")
    assert inspect(page, "second-factor") == []
    page.get_by_role("link", name="Set up a second factor").press("Enter")
    page.get_by_role("heading", name="Set up a second factor").wait_for()
    assert inspect(page, "second-factor-set-up") == []
    page.get_by_label("Code").fill(code_of(owner))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your codes on paper").wait_for()
    assert inspect(page, "second-factor-codes") == []
    paper = page.locator(".codes li").first.inner_text()
    page.context.clear_cookies()
    page.goto("/login/")
    page.get_by_label("Username").fill(owner.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your second factor").wait_for()
    assert inspect(page, "second-factor-verify") == []
    page.keyboard.insert_text(paper)  # the field has the focus
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Second factor").wait_for(state="detached")
    page.goto("/account/second-factor/")
    page.get_by_text("You have 9 codes on paper").wait_for()
