"""The paper's experiment from the first page to the last: created, 50 students, consent, 25/25, both arms trained and
rated alike, an injury, the end, the flow of students, and the published list drawn again by a stranger.

What fifty students and two raters do alike is done through the services; one of each walks the pages.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from coaching.models.ratings import RatingTask
from coaching.ratings.rounds import Terms, deal
from coaching.ratings.services import rate
from studies.exposure.services import Attended, log_lesson
from studies.models import Injury, Measurement, Membership, Study
from tests.browser.chromium import inspect
from tests.coaching.films import document, make_result
from tests.coaching.ratings.dealt import film_at, points
from tests.factory import make_staff, make_user
from tests.studies.consent.people import agree, write
from tests.studies.test_verify_allocation import verify

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page
    from pytest_django import Settings

    from studies.models import User
    from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

SIZE = 50
SCORES = {"experimental": (2, 2, 2, 1, 1), "control": (1, 1, 2, 1, 1)}
"""Points of a rated film by arm: 8 and 6 of 10."""


@pytest.fixture(autouse=True)
def key_file(settings: Settings, tmp_path: Path) -> None:
    settings.PRIVACY_KEY_FILE = tmp_path / "privacy_key"


def create(page: Page) -> Study:
    """The six steps, as they come from the paper's design."""
    page.goto("/studies/new/")
    page.get_by_role("button", name="Begin").click()
    for _step in range(6):
        here = page.url
        page.get_by_role("button", name=re.compile("^Save and (go on|look it over)$")).click()
        page.wait_for_url(lambda url, here=here: url != here)  # type: ignore[misc]
    page.get_by_role("button", name="Create the study").click()
    page.wait_for_url(re.compile(r"/studies/\d+/$"))
    return Study.objects.get()


def enrol(page: Page, study: Study, folder: Path) -> None:
    """A class list as a file, looked at, taken."""
    rows = [f"First{n:02d} Last{n:02d},student{n:02d},{2 + n % 3},20" for n in range(SIZE)]
    path = folder / "class.csv"
    path.write_text("name,user name,year,age\n" + "\n".join(rows) + "\n")
    page.goto(f"/studies/{study.pk}/enrol/file/")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("button", name=re.compile("^Enrol")).click()
    page.wait_for_url(re.compile("/enrol/"))
    assert study.participants.count() == SIZE


def consent(page: Page, sign_in: SignIn, study: Study, owner: User) -> None:
    """One student by the page, the others as it does."""
    text = write(study, owner)
    first, *others = study.participants.order_by("pk")
    sign_in(first.user)
    page.goto(f"/students/{first.pk}/consent/")
    page.get_by_role("checkbox", name="I take part").check()
    page.get_by_role("checkbox", name="I have read the text").check()
    page.get_by_label("Your full name, as your signature").fill(first.user.get_full_name())
    page.get_by_role("button", name="Review my answer").click()
    page.get_by_role("button", name="Confirm and sign").click()
    page.get_by_text("Thank you. Your answer is stored").wait_for()
    for student in others:
        agree(student, text)


def draw(page: Page, study: Study) -> None:
    """A design of fixed sizes, its hash published, everybody assigned."""
    page.goto(f"/studies/{study.pk}/groups/design/")
    page.get_by_label(re.compile("^The whole class at once")).check()
    page.get_by_role("button", name="Fix it and get the hash").click()
    page.wait_for_url(re.compile(r"/groups/$"))
    plan = study.plans.get()
    page.get_by_role("button", name="Randomise").click()
    page.wait_for_load_state()
    sizes = [arm.participants.count() for arm in study.arms.all()]
    assert sizes == [25, 25]
    assert plan.assignments.count() == SIZE


def train(study: Study, owner: User) -> None:
    """One lesson for all, and a film of everybody, analysed in both arms."""
    study.starts_on = timezone.localdate()
    everybody = list(study.participants.select_related("arm"))
    log_lesson(
        study=study, by=owner, held_on=timezone.localdate(), minutes=90, rows=[Attended(row) for row in everybody]
    )
    day = study.time_points.get(key="after").opens_on
    assert day is not None
    for student in everybody:
        make_result(film_at(student, day), document=document())


def rate_all(study: Study, owner: User) -> None:
    """Two blinded raters give the same points for every film."""
    raters = [make_staff(study, Membership.Role.ASSESSOR) for _rater in range(2)]
    outcome = study.outcomes.get(key="training_accuracy")
    deal(time_point=study.time_points.get(key="after"), by=owner, raters=raters, terms=Terms(outcome=outcome))
    for task in RatingTask.objects.select_related("film__participant__arm", "rater"):
        arm = task.film.participant.arm
        assert arm is not None
        rate(task=task, by=task.rater, points=points(*SCORES[arm.key]))
    values = Measurement.objects.filter(outcome=outcome)
    assert values.count() == SIZE
    for key, total in (("experimental", 8.0), ("control", 6.0)):
        assert set(values.filter(participant__arm__key=key).values_list("value", flat=True)) == {total}


def hurt(page: Page, study: Study) -> None:
    page.goto(f"/studies/{study.pk}/injuries/new/")
    page.keyboard.type("last07")
    page.locator('[data-region="shoulder"][data-side="right"]').first.click()
    page.get_by_text("Suddenly, in one moment").click()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The injury is in the log.").wait_for()
    assert Injury.objects.get().participant.user.username == "student07"


def end(page: Page, study: Study) -> None:
    page.goto(f"/studies/{study.pk}/close/")
    page.get_by_role("textbox").last.fill("The semester is over.")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Close the study").click()
    page.get_by_text("Closed on").wait_for()


def reveal(page: Page, study: Study) -> dict[str, object]:
    """The design is closed, its seed told; the published file as anybody gets it."""
    plan = study.plans.get()
    page.goto(f"/studies/{study.pk}/groups/plans/{plan.pk}/close/")
    page.get_by_role("textbox").first.fill("Everybody is in a group.")
    page.get_by_role("button", name="Close and reveal").click()
    page.wait_for_url(re.compile(r"/groups/$"))
    answer = page.request.get(f"/studies/{study.pk}/groups/plans/{plan.pk}.json")
    found: dict[str, object] = json.loads(answer.text())
    return found


def test_the_papers_experiment_from_the_first_page_to_the_last(sign_in: SignIn, tmp_path: Path) -> None:
    owner = make_user("teacher", is_superuser=True)
    page = sign_in(owner)
    study = create(page)
    enrol(page, study, tmp_path)
    consent(page, sign_in, study, owner)
    sign_in(owner)
    draw(page, study)
    train(study, owner)
    rate_all(study, owner)
    hurt(page, study)
    published = reveal(page, study)
    end(page, study)

    page.goto(f"/studies/{study.pk}/flow/")
    text = page.locator("main").inner_text()
    assert re.search(r"Randomised\D+50", text)
    assert text.count("25") >= 4
    assert inspect(page, "experiment-flow") == []

    done = verify(tmp_path, published)
    assert (done.returncode, done.stderr) == (0, "")
    assert "50 students drawn again" in done.stdout
