"""Naming staff, working blinded, unblinding and keys for programs: by keyboard, on a desktop and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from studies.models import Participant
from tests.browser.chromium import inspect
from tests.factory import PASSWORD, make_class, make_personas, make_user

if TYPE_CHECKING:
    from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]


def test_an_owner_names_an_instructor_of_a_section_and_unblinds_the_study_by_keyboard(sign_in: SignIn) -> None:
    people = make_personas()
    make_class(people.study, 4, allocate=True)
    Participant.objects.filter(pk=people.participant.pk).update(section="2A")
    colleague = make_user("dana.serik", first_name="Dana", last_name="Serik")
    wrong: list[str] = []
    page = sign_in(people.researcher)
    page.goto(f"/studies/{people.study.pk}/")
    page.get_by_role("heading", name="Group A").wait_for()
    assert "Arm a" not in page.content()
    wrong += inspect(page, "roles-researcher")
    page.goto(f"/studies/{people.study.pk}/groups/")
    page.get_by_text("You work blinded").wait_for()

    page = sign_in(people.owner)
    page.goto(f"/studies/{people.study.pk}/")
    page.get_by_role("link", name="Who works here").press("Enter")
    page.get_by_label("User name or e-mail").fill("dana.serik")
    page.get_by_label("Sections").fill("2a")
    page.keyboard.press("Enter")
    page.get_by_role("row", name="Dana Serik").get_by_text("2A").wait_for()
    wrong += inspect(page, "roles-staff")
    page.get_by_role("link", name="Change Dana Serik").press("Enter")
    page.get_by_role("heading", name="Dana Serik").wait_for()
    wrong += inspect(page, "roles-change")

    page.goto(f"/studies/{people.study.pk}/unblind/")
    page.get_by_label("Reason").fill("The analysis is written down.")
    page.get_by_label("I understand").press("Space")
    page.get_by_label("Your password").fill(PASSWORD)
    wrong += inspect(page, "roles-unblind")
    page.get_by_role("button", name="Unblind for good").press("Enter")
    page.get_by_text("Unblinded on").wait_for()
    page = sign_in(people.researcher)
    page.goto(f"/studies/{people.study.pk}/")
    page.get_by_role("heading", name="Arm a").wait_for()

    page = sign_in(colleague)
    page.goto(f"/studies/{people.study.pk}/")
    page.get_by_text("Your sections: 2A").wait_for()
    assert page.get_by_role("row").count() == 2
    wrong += inspect(page, "roles-section")
    assert not wrong, "\n".join(wrong)


def test_officer_and_assessor_have_a_page_and_a_key_is_made_by_keyboard(sign_in: SignIn) -> None:
    people = make_personas()
    wrong: list[str] = []
    for who, name in ((people.officer, "roles-officer"), (people.assessor, "roles-assessor")):
        page = sign_in(who)
        page.goto(f"/studies/{people.study.pk}/")
        page.get_by_role("heading", name=people.study.title).wait_for()
        wrong += inspect(page, name)
    page = sign_in(people.officer)
    page.goto(f"/studies/{people.study.pk}/")
    page.get_by_role("link", name="Who looked").press("Enter")
    page.get_by_text("You work blinded").wait_for()
    wrong += inspect(page, "roles-audit")

    page = sign_in(people.researcher)
    page.goto("/account/tokens/")
    page.get_by_label("Name").fill("Weekly export")
    page.get_by_label("Read reports").press("Space")
    page.get_by_role("button", name="Make the key").press("Enter")
    page.get_by_role("heading", name="Your new key").wait_for()
    wrong += inspect(page, "roles-key")
    page.get_by_role("button", name="Revoke Weekly export").press("Enter")
    page.get_by_text("revoked", exact=True).wait_for()
    assert not wrong, "\n".join(wrong)
