"""Consent and privacy in a browser: both widths, both themes, and the whole way by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from studies.access import record_access
from studies.consent.services import guardian_token
from studies.models import ConsentStatus, Membership
from studies.privacy.erasure import ask
from tests.browser.chromium import check_pages, inspect
from tests.factory import make_staff
from tests.studies.consent.people import agree, analysed, asking_study, student_of, upload

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page
    from pytest_django import Settings

    from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]


@pytest.fixture(autouse=True)
def key_file(settings: Settings, tmp_path: Path) -> None:
    settings.PRIVACY_KEY_FILE = tmp_path / "privacy_key"


def test_pages_of_consent_and_privacy(sign_in: SignIn, visit: Page) -> None:
    study, owner, text = asking_study(video_days=10, pose_days=200, contact="privacy@example.edu")
    officer = make_staff(study, Membership.Role.OFFICER)
    student, minor, new = student_of(study), student_of(study, age=15), student_of(study, age=None)
    agree(student, text)
    assent = agree(minor, text)
    analysed(upload(student))
    record_access(owner, student, "injuries")
    check_pages(visit, {"consent-guardian": f"/consent/guardian/{guardian_token(assent)}/"})
    base = f"/students/{student.pk}"
    pages = {
        "consent-given": f"{base}/consent/",
        "consent-withdraw": f"{base}/consent/withdraw/",
        "my-data": f"{base}/data/",
        "erasure-ask": f"{base}/data/erase/",
    }
    check_pages(sign_in(student.user), pages)
    check_pages(sign_in(minor.user), {"consent-waits": f"/students/{minor.pk}/consent/"})
    check_pages(sign_in(new.user), {"consent": f"/students/{new.pk}/consent/"})
    request = ask(participant=new, by=new.user)
    staff = f"/studies/{study.pk}"
    check_pages(sign_in(officer), {"erasure-decide": f"{staff}/privacy/erasure/{request.pk}/"})
    pages = {
        "consent-text": f"{staff}/consent/text/",
        "consent-overview": f"{staff}/consent/",
        "privacy": f"{staff}/privacy/",
        "study-export": f"{staff}/export/",
        "files": "/files/",
    }
    check_pages(sign_in(owner), pages)


def test_a_student_agrees_and_takes_back_by_keyboard(sign_in: SignIn) -> None:
    study, _owner, _text = asking_study()
    student = student_of(study)
    page = sign_in(student.user)
    page.goto("/")
    page.get_by_role("heading", name="Your consent").wait_for()
    page.get_by_role("checkbox", name="I take part").focus()
    page.keyboard.press("Space")
    page.get_by_role("checkbox", name="I have read the text").focus()
    page.keyboard.press("Space")
    page.get_by_label("Your full name, as your signature").fill(student.user.get_full_name())
    page.get_by_role("button", name="Review my answer").press("Enter")
    page.get_by_text("You do not agree to").wait_for()
    wrong = inspect(page, "consent-review")
    page.get_by_role("button", name="Confirm and sign").press("Enter")
    page.get_by_text("Thank you. Your answer is stored").wait_for()
    assert ConsentStatus.objects.get(participant=student).research
    page.get_by_role("link", name="Take everything back").press("Enter")
    page.get_by_role("button", name="Take it back now").press("Enter")
    page.get_by_text("You took your consent back").wait_for()
    assert not ConsentStatus.objects.get(participant=student).research
    assert wrong == []
