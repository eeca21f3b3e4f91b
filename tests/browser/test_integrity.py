"""The check of a published table, by keyboard, on a desktop and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.analysis.stats.integrity.test_checker import ANOVA, GROUPS, TABLE_1
from tests.browser.chromium import inspect
from tests.factory import make_user

if TYPE_CHECKING:
    from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def test_a_pasted_table_is_checked_by_keyboard(sign_in: SignIn) -> None:
    page = sign_in(make_user())
    page.goto("/integrity/")
    assert inspect(page, "integrity") == []
    page.get_by_label("Table or text").focus()
    page.keyboard.insert_text(GROUPS + "\n" + TABLE_1 + ANOVA)
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Findings").wait_for()
    assert page.get_by_role("status").inner_text() == "17 figures checked; 1 of them does not fit the others."
    assert page.get_by_label("Table or text").input_value().startswith("Group Statistics")
    assert inspect(page, "integrity-findings") == []
