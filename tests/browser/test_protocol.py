"""The protocol, the steps of a new study, its size, flow and end, in both themes, on a desktop and on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from studies.allocation import allocate_arms
from studies.models import Measurement, Outcome, ProtocolDraft, Study
from studies.protocol.document import completed, mark_of, part_of
from studies.protocol.services import create_from_draft, draft_of, keep_part, save_version, start_draft
from studies.screening import log_not_enrolled
from tests.browser.chromium import check_pages
from tests.factory import make_class, make_participant, make_training_session, make_user

if TYPE_CHECKING:
    from studies.models import User
    from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]


def amended_study(owner: User) -> Study:
    """The paper's design with a class of 12, drawn and partly measured, and an amendment."""
    study = create_from_draft(draft=start_draft(by=owner), by=owner)
    for reason in ("illness", "injury"):
        log_not_enrolled(study=study, by=owner, outcome="excluded", reason=reason)
    make_class(study, 12)
    allocate_arms(study=study, by=owner, seed=3)
    outcome = Outcome.objects.get(study=study, key="training_accuracy")
    for number, participant in enumerate(study.participants.all()):
        make_training_session(participant)
        if number % 5:
            about = {"outcome": outcome, "participant": participant, "time_point": outcome.main_time_point}
            Measurement.objects.create(**about, value=5 + number % 4)
    draft = draft_of(study)
    document = completed(draft.document)
    values = part_of(document, "training") | {"weeks": 14}
    keep_part(draft=draft, by=owner, part="training", values=values, seen=mark_of(document, "training"))
    save_version(study=study, by=owner, reason="The hall is closed for two weeks.")
    make_participant(study)
    return study


def test_the_pages_of_a_protocol_are_accessible_and_fit(sign_in: SignIn) -> None:
    owner = make_user(first_name="Aigerim", last_name="Suleimenova", is_superuser=True)
    study = amended_study(owner)
    check_pages(
        sign_in(owner),
        {
            "protocol": f"/studies/{study.pk}/protocol/",
            "protocol-version": f"/studies/{study.pk}/protocol/versions/2/",
            "protocol-edit-groups": f"/studies/{study.pk}/protocol/edit/groups/",
            "protocol-save": f"/studies/{study.pk}/protocol/save/",
            "protocol-about": f"/studies/{study.pk}/about/",
            "protocol-size": f"/studies/{study.pk}/sample-size/",
            "protocol-flow": f"/studies/{study.pk}/flow/",
            "protocol-consort": f"/studies/{study.pk}/consort/",
            "protocol-close": f"/studies/{study.pk}/close/",
            "protocol-release": f"/studies/{study.pk}/release/",
        },
    )


def test_the_steps_of_a_new_study_are_accessible_and_fit(sign_in: SignIn) -> None:
    owner = make_user(is_superuser=True)
    draft = start_draft(by=owner)
    steps = ("about", "groups", "outcomes", "training", "people", "ethics", "review")
    pages = {f"new-{step}": f"/studies/new/{draft.pk}/{step}/" for step in steps}
    check_pages(sign_in(owner), {"new": "/studies/new/"} | pages)


def test_a_teacher_makes_the_papers_study_with_the_keyboard_alone(sign_in: SignIn) -> None:
    """Enter goes on from any field; nothing needs a mouse, and the first step's change is still there at the end."""
    owner = make_user(is_superuser=True)
    page = sign_in(owner)
    page.goto("/studies/new/")
    page.get_by_role("button", name="Begin").press("Enter")
    page.get_by_label("Title").fill("Deadlift, spring term")
    page.get_by_label("Title").press("Enter")
    page.wait_for_url(re.compile("/groups/$"))
    for _step in range(5):
        here = page.url
        page.get_by_role("button", name=re.compile("^Save and (go on|look it over)$")).press("Enter")
        page.wait_for_url(lambda url, here=here: url != here)  # type: ignore[misc]
    page.get_by_role("button", name="Create the study").press("Enter")
    page.wait_for_url(re.compile(r"/studies/\d+/$"))
    study = Study.objects.get()
    assert study.title == "Deadlift, spring term"
    assert study.arms.count() == 2
    assert ProtocolDraft.objects.get().study == study


def test_the_calculators_result_reaches_the_step_it_was_opened_from(sign_in: SignIn) -> None:
    owner = make_user(is_superuser=True)
    draft = start_draft(by=owner)
    page = sign_in(owner)
    page.goto(f"/studies/new/{draft.pk}/people/")
    page.get_by_label("Why so many").fill("As many as the class has.")
    page.get_by_role("button", name="Save and open the calculator").click()
    page.get_by_label("Students you could enrol").fill("60")
    page.get_by_role("button", name="Calculate").click()
    page.get_by_role("button", name="Keep it in the protocol").click()
    page.wait_for_url(re.compile("/people/$"))
    assert page.get_by_label("Students, all groups together").input_value() == "60"
    assert page.get_by_label("Why so many").input_value() == "As many as the class has."
    assert page.get_by_text("With 60 students the power is 86 %").count() == 1
