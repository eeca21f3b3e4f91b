"""The report's HTML file as somebody opens it from a folder, on a desktop and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analysis.render.formats import render
from tests.analysis.render.made import outcome
from tests.analysis.render.made import report as made
from tests.browser.chromium import inspect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def test_the_report_opens_from_a_folder_and_is_accessible(visit: Page, tmp_path: Path) -> None:
    values = {"a": [1, 2, 4, 7, 5, 5], "b": [3, 5, 9, 9, 8, 6]}
    report = made(
        outcome("accuracy", values, arm_names={"a": "AI coaching", "b": "Traditional instruction"}),
        outcome("injuries", values, test="anova"),
        study="Deadlift",
        is_demonstration=True,
    )
    path = tmp_path / "report.html"
    path.write_bytes(render(report, "html"))
    visit.goto(path.as_uri())
    assert visit.locator("img").count() == 5
    shown = visit.evaluate("() => [...document.images].every(image => image.complete && image.naturalWidth > 100)")
    assert shown is True
    visit.get_by_text("The values of this figure").first.click()
    assert visit.get_by_role("cell", name="7.000").first.is_visible()
    assert inspect(visit, "report-file") == []
