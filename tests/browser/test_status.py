"""The waiting page: what it says, that it survives a reload, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from coaching.models import AnalysisRun
from tests.browser.analysed import finish, keep_session
from tests.factory import make_personas

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.analysed import Analysed
    from tests.browser.conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)

STATE = AnalysisRun.State


@pytest.fixture
def run(analysed: Analysed) -> AnalysisRun:
    """The student's set, 42 % done."""
    session = keep_session(make_personas().participant, analysed)
    return AnalysisRun.objects.create(session=session, state=STATE.RUNNING, stage="pose", percent=42, attempt=1)


@pytest.fixture
def waiting(sign_in: SignIn, run: AnalysisRun) -> Page:
    page = sign_in(run.session.participant.user)
    page.goto(f"/sessions/{run.session.pk}/")
    return page


def move(run: AnalysisRun, **values: object) -> None:
    """What a worker writes."""
    AnalysisRun.objects.filter(pk=run.pk).update(**values)


def test_stage_and_percent_survive_a_reload(waiting: Page) -> None:
    for _time in range(2):
        expect(waiting.get_by_role("heading", name="Finding the skeleton…")).to_be_visible()
        assert waiting.get_by_role("progressbar", name="Analysis").evaluate("bar => bar.value") == 42
        expect(waiting.get_by_text("42 %")).to_be_visible()
        waiting.reload()


def test_a_new_stage_appears_by_itself_and_is_said_once(waiting: Page, run: AnalysisRun) -> None:
    move(run, stage="classify", percent=74)
    expect(waiting.get_by_role("heading", name="Judging each repetition…")).to_be_visible(timeout=10_000)
    expect(waiting.get_by_role("status")).to_have_text("Judging each repetition…")
    expect(waiting.locator("[data-step=done]")).to_have_count(3)


def test_the_result_takes_the_page_s_place_when_it_is_there(
    waiting: Page, run: AnalysisRun, analysed: Analysed
) -> None:
    finish(run, analysed)
    expect(waiting.get_by_role("heading", name="Repetitions")).to_be_visible(timeout=15_000)
    asked: list[str] = []
    waiting.on("request", lambda request: asked.append(request.url))
    waiting.wait_for_timeout(3_000)
    assert not [url for url in asked if "/status/" in url], "the finished page still asks"


def test_a_queued_run_says_how_many_are_before_it(sign_in: SignIn, run: AnalysisRun, analysed: Analysed) -> None:
    participant = run.session.participant
    later = keep_session(participant, analysed)
    AnalysisRun.objects.create(session=later)
    page = sign_in(participant.user)
    page.goto(f"/sessions/{later.pk}/")
    expect(page.get_by_text("1 film is before yours.")).to_be_visible()


def test_cancelling_asks_the_worker_to_stop_and_the_page_says_so(waiting: Page, run: AnalysisRun) -> None:
    waiting.get_by_role("button", name="Cancel the analysis").click()
    expect(waiting.get_by_role("heading", name="Stopping…")).to_be_visible()
    run.refresh_from_db()
    assert run.cancel_requested
    move(run, state=STATE.CANCELLED)
    expect(waiting.get_by_role("button", name="Run again")).to_be_visible(timeout=10_000)


def test_a_failed_run_tells_its_code_and_what_to_do_and_can_run_again(waiting: Page, run: AnalysisRun) -> None:
    move(run, state=STATE.FAILED, failure_code="truncated")
    expect(waiting.get_by_text("The file ends too early.")).to_be_visible(timeout=10_000)
    expect(waiting.locator("main code")).to_have_text("truncated")
    expect(waiting.get_by_role("link", name="Try another clip")).to_have_attribute("href", "/sessions/new/")
    waiting.get_by_role("button", name="Run again").click()
    expect(waiting.get_by_role("heading", name="Waiting for its turn")).to_be_visible()
    assert run.session.runs.count() == 2
