"""Plans, frozen reports and dry runs, by keyboard, on a desktop and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analysis.frozen.building import build
from analysis.models import FrozenReport
from analysis.tasks import build_report
from studies.models import Membership
from tests.analysis.plans.classes import forget, measured_class
from tests.browser.chromium import inspect
from tests.factory import make_injury, make_staff

if TYPE_CHECKING:
    from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def test_from_a_question_to_a_frozen_report_and_behind_its_numbers(sign_in: SignIn) -> None:
    study, students = measured_class(24)
    forget(students[0])
    make_injury(students[1])
    page = sign_in(make_staff(study, Membership.Role.OWNER))
    page.goto(f"/studies/{study.pk}/ask/")
    page.get_by_role("button", name="Show").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Is the average of the groups different?").wait_for()
    assert inspect(page, "ask") == []
    page.get_by_role("button", name="Put it into the plan").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Version 1").wait_for()
    page.goto(f"/studies/{study.pk}/plan/")
    assert inspect(page, "plan") == []
    page.goto(f"/studies/{study.pk}/reports/")
    page.get_by_role("button", name="Make a report by version 1 of the plan").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Waiting for its turn").wait_for()
    assert inspect(page, "report-waiting") == []
    report = FrozenReport.objects.get()
    build(report.pk)
    page.get_by_role("heading", name="Plan and deviations").wait_for()  # by itself, without a key
    assert inspect(page, "report-frozen") == []
    page.get_by_role("link", name="Every value behind this").click()
    page.get_by_role("heading", name="Every value").wait_for()
    assert inspect(page, "report-values") == []
    page.get_by_role("link", name=students[1].code, exact=True).click()
    page.get_by_role("heading", name=students[1].code).wait_for()
    assert inspect(page, "report-person") == []
    page.goto(f"/reports/{report.pk}/")
    page.get_by_role("button", name="Make it again from the rows of now").click()
    build(FrozenReport.objects.latest("pk").pk)
    page.goto(f"/studies/{study.pk}/reports/")
    assert inspect(page, "reports") == []
    page.get_by_role("button", name="What changed?").click()
    page.get_by_text("The same, to every digit.").wait_for()
    assert inspect(page, "reports-compare") == []


def test_a_dry_run_is_made_and_read(sign_in: SignIn) -> None:
    study, _students = measured_class(12)
    page = sign_in(make_staff(study, Membership.Role.OWNER))
    page.goto(f"/studies/{study.pk}/dry-run/")
    page.get_by_label("Simulated studies").fill("100")
    page.get_by_role("button", name="Simulate").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Waiting for its turn").wait_for()
    build_report(FrozenReport.objects.get().pk)
    page.get_by_role("heading", name="Plan and deviations").wait_for()
    assert inspect(page, "dry-run-report") == []
    page.goto(f"/studies/{study.pk}/dry-run/")
    page.get_by_role("link", name="The filled report").wait_for()
    assert inspect(page, "dry-run") == []
