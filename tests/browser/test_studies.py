"""The pages of a study's administration, in both themes, on a desktop and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from studies.access import record_access
from studies.demo import load_demo_study
from studies.invitations import invite, join, token_of
from studies.models import Membership, User
from studies.plans import assign_waiting, close_plan, commit_plan
from studies.randomise.design import BLOCKS, Design, Factor
from studies.roster.imports import preview
from studies.screening import log_not_enrolled, save_baseline, screen
from tests.browser.chromium import check_pages, inspect
from tests.factory import make_class, make_participant, make_study, make_user

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from studies.models import Study
    from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

DESIGN = Design(BLOCKS, {"a": 1, "b": 1}, (Factor("year", ("2", "3", "4")),), (2, 4, 6))

CLASS_LIST = """name,user name,year,section
Alma Bekova,alma,2,2A
Iván Núñez,ivan,3,2B
Cem,cem,nine,2B
bekova ALMA,alma2,2,2A
"""


def study_of(owner: User) -> Study:
    """With a closed plan, one in force, and a student who waits."""
    study = make_study("Deadlift, sections A to D", owner=owner)
    plan = commit_plan(study=study, by=owner, design=DESIGN)
    make_class(study, 8)
    assign_waiting(plan=plan, by=owner)
    close_plan(plan=plan, by=owner, reason="Everybody of the first term has a group.")
    commit_plan(study=study, by=owner, design=DESIGN)
    make_participant(study)
    return study


def test_pages_of_randomisation(sign_in: SignIn) -> None:
    demo = load_demo_study()
    owner = User.objects.get(memberships__study=demo.study, memberships__role=Membership.Role.OWNER)
    study = study_of(owner)
    base = f"/studies/{study.pk}/groups"
    waiting = study.participants.unassigned().get()
    check_pages(
        sign_in(owner),
        {
            "groups-plans": f"{base}/",
            "design": f"{base}/design/",
            "simulation": f"{base}/simulation/?students=50",
            "plan-close": f"{base}/plans/{study.plans.first().pk}/close/",  # type: ignore[union-attr]
            "student-waiting": f"/students/{waiting.pk}/",
        },
    )


def test_pages_of_the_roster(sign_in: SignIn, visit: Page) -> None:
    owner = make_participant(make_study()).user
    study = make_study("Deadlift, sections A to D", owner=owner)
    waiting = make_class(study, 3)
    join(invitation=invite(study=study, by=owner, uses_max=30, days=7), user=make_user(), year_of_study=2)
    screen(participants=waiting[:1], by=owner, eligible=False, reason="injury")
    log_not_enrolled(study=study, by=owner, outcome="declined")
    save_baseline(participant=waiting[1], by=owner, seen_version=0, values={"sex": "f", "mass_kg": 61})
    found = preview(study=study, by=owner, raw=CLASS_LIST.encode())
    base, link = f"/studies/{study.pk}", f"/join/{token_of(study.invitations.get())}/"
    check_pages(visit, {"join": link, "join-code": "/join/"})
    pages = {
        "enrol-ways": f"{base}/enrol/",
        "roster-file": f"{base}/enrol/file/",
        "roster-import": f"{base}/enrol/file/{found.pk}/",
        "invitations": f"{base}/invitations/",
        "screening": f"{base}/screening/",
        "baseline": f"/students/{waiting[1].pk}/baseline/",
        "student-start": f"/students/{waiting[1].pk}/",
        "join-known": link,
    }
    check_pages(sign_in(owner), pages)


def test_pages_of_the_audit(sign_in: SignIn) -> None:
    owner = make_participant(make_study()).user
    study = study_of(owner)
    for participant in study.participants.all()[:60]:
        record_access(owner, participant, "injuries")
    pages = {"audit": f"/studies/{study.pk}/audit/", "audit-none": f"/studies/{study.pk}/audit/?subject=nobody"}
    check_pages(sign_in(owner), pages | {"study-owner": f"/studies/{study.pk}/"})


def test_a_class_list_goes_from_file_to_students(sign_in: SignIn, tmp_path: Path) -> None:
    owner = make_participant(make_study()).user
    study = make_study("From a file", owner=owner)
    (tmp_path / "class.csv").write_text(CLASS_LIST, encoding="utf-16")
    page = sign_in(owner)
    page.goto(f"/studies/{study.pk}/enrol/")
    page.get_by_role("link", name="Class list as a file").click()
    page.get_by_label("Class list (XLSX or CSV)").set_input_files(tmp_path / "class.csv")
    page.get_by_role("button", name="Read the file").click()
    page.get_by_text("Perhaps the same student as in row 2").wait_for()
    assert study.participants.count() == 0
    page.get_by_role("button", name="Enrol 2 students").click()
    page.get_by_text("2 students enrolled.").wait_for()
    assert set(study.participants.values_list("user__last_name", flat=True)) == {"Bekova", "Núñez"}


def test_a_design_is_chosen_simulated_and_fixed_by_keyboard(sign_in: SignIn) -> None:
    owner = make_participant(make_study()).user
    study = make_study("By keyboard", owner=owner)
    page = sign_in(owner)
    page.goto(f"/studies/{study.pk}/groups/design/")
    page.get_by_role("radio", name="One by one, in blocks").focus()
    page.keyboard.press("Space")
    page.get_by_role("checkbox", name="Year of study").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Simulate 10 000 runs").press("Enter")
    page.get_by_role("table", name="Balance and predictability").wait_for()
    assert page.get_by_role("radio", name="One by one, in blocks").is_checked()
    wrong = inspect(page, "design-simulated")
    page.get_by_role("button", name="Fix it and get the hash").press("Enter")
    page.get_by_text("in force, sealed").wait_for()
    plan = study.plans.get()
    assert page.get_by_text(plan.commitment).count() == 1
    assert wrong == []
