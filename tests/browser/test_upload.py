"""Sending a film: chosen, dropped, too large, cancelled, and without scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from coaching import resumable
from coaching.models import AnalysisRun, PendingUpload, Session
from tests.factory import make_personas

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page, Response
    from pytest_django import Settings

    from tests.browser.analysed import Analysed
    from tests.browser.chromium import Complaints
    from tests.browser.conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)

SESSION_PAGE = re.compile(r"/sessions/[0-9a-f-]{36}/$")
SLICE = re.compile(r"/sessions/uploads/[0-9a-f-]{36}/$")
FILE = "#id_file"
SEND = "Upload and analyse"


def slow_down(page: Page, bytes_a_second: int) -> Callable[[bool], None]:
    """A phone's connection: without it an upload to this machine is over before anybody sees the bar.

    Returns what takes the connection away (True) and brings it back (False).
    """
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def set_offline(offline: bool) -> None:
        limits = {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
        network.send("Network.emulateNetworkConditions", limits)

    set_offline(False)
    return set_offline


def is_of_a_slice(response: Response) -> bool:
    return response.request.method == "POST" and SLICE.search(response.url) is not None


def wait_for_percent(page: Page, percent: int) -> None:
    page.wait_for_function(f"() => document.querySelector('progress').value >= {percent}", timeout=60_000)


def test_a_film_is_sent_with_a_moving_bar_and_its_page_says_that_it_waits(sign_in: SignIn, analysed: Analysed) -> None:
    people = make_personas()
    page = sign_in(people.student)
    page.goto("/sessions/new/")
    page.set_input_files(FILE, analysed.film)
    expect(page.locator("[data-chosen-name]")).to_have_text("set.mp4")
    page.get_by_label("Load on the bar").fill("82.5")
    slow_down(page, analysed.film.stat().st_size // 3)
    page.get_by_role("button", name=SEND).click()
    bar = page.get_by_role("progressbar", name="Uploading")
    seen = {bar.evaluate("bar => bar.value")}
    page.wait_for_function("() => { const v = document.querySelector('progress').value; return v > 5 && v < 100; }")
    seen.add(bar.evaluate("bar => bar.value"))
    assert len(seen) == 2, "the bar stood still"
    page.wait_for_url(SESSION_PAGE, timeout=30_000)
    expect(page.get_by_role("heading", name="Waiting for its turn")).to_be_visible()
    session = Session.objects.get()
    assert str(session.pk) in page.url
    assert (session.participant, session.uploaded_by, float(session.load_kg or 0)) == (
        people.participant,
        people.student,
        82.5,
    )
    assert session.size_bytes == analysed.film.stat().st_size
    assert AnalysisRun.objects.get().state == AnalysisRun.State.QUEUED


def test_a_cancelled_upload_leaves_nothing(sign_in: SignIn, analysed: Analysed) -> None:
    page = sign_in(make_personas().student)
    page.goto("/sessions/new/")
    page.set_input_files(FILE, analysed.film)
    slow_down(page, analysed.film.stat().st_size // 20)
    page.get_by_role("button", name=SEND).click()
    page.wait_for_function("() => document.querySelector('progress').value > 1")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("status")).to_have_text("Upload cancelled. Nothing was kept.")
    expect(page.get_by_role("button", name=SEND)).to_be_focused()
    assert not Session.objects.exists()
    page.goto("/sessions/new/")
    assert not PendingUpload.objects.exists()


@pytest.fixture
def in_small_slices(analysed: Analysed, monkeypatch: pytest.MonkeyPatch) -> int:
    """Ten slices of the small film, as a phone's film would be."""
    size = analysed.film.stat().st_size // 10 + 1
    monkeypatch.setattr(resumable, "SLICE_BYTES", size)
    return size


def kept_as_filmed(analysed: Analysed) -> bool:
    session = Session.objects.get()
    return session.rejected_code == "" and session.sha256 == hashlib.sha256(analysed.film.read_bytes()).hexdigest()


def test_a_connection_that_breaks_costs_a_slice_and_not_the_film(
    sign_in: SignIn, analysed: Analysed, in_small_slices: int, complaints: Complaints
) -> None:
    page = sign_in(make_personas().student)
    page.goto("/sessions/new/")
    page.set_input_files(FILE, analysed.film)
    set_offline = slow_down(page, analysed.film.stat().st_size // 8)
    sent: list[int] = []
    page.on("request", lambda request: sent.append(int(request.headers.get("upload-offset", "-1"))))
    page.get_by_role("button", name=SEND).click()
    wait_for_percent(page, 30)
    set_offline(True)
    expect(page.locator("[data-progress-text]")).to_have_text(
        "No connection. It is tried again; what was sent is kept."
    )
    here = resumable.arrived(PendingUpload.objects.get())
    assert here >= 2 * in_small_slices
    before = len(sent)
    set_offline(False)
    page.wait_for_url(SESSION_PAGE, timeout=60_000)
    assert min(offset for offset in sent[before:] if offset >= 0) >= here
    assert kept_as_filmed(analysed)
    complaints.found[:] = [line for line in complaints.found if "ERR_" not in line]


def test_a_page_that_is_reloaded_goes_on_where_it_stopped_when_the_file_is_chosen_again(
    sign_in: SignIn, analysed: Analysed, in_small_slices: int
) -> None:
    page = sign_in(make_personas().student)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/sessions/new/")
    page.set_input_files(FILE, analysed.film)
    slow_down(page, analysed.film.stat().st_size // 8)
    page.get_by_role("button", name=SEND).click()
    wait_for_percent(page, 40)
    page.reload()
    # The slice that was on its way when the page was left may still arrive after the new page was made.
    told = re.fullmatch(r"set\.mp4: (\d+) % are here", page.get_by_text("% are here").inner_text())
    assert told is not None
    size = analysed.film.stat().st_size
    assert int(told[1]) >= int(100 * 3 * in_small_slices / size)
    assert resumable.arrived(PendingUpload.objects.get()) >= 3 * in_small_slices
    sent: list[int] = []
    page.on("request", lambda request: sent.append(int(request.headers.get("upload-offset", "-1"))))
    page.set_input_files(FILE, analysed.film)
    page.get_by_role("button", name=SEND).click()
    page.wait_for_url(SESSION_PAGE, timeout=60_000)
    assert int(100 * min(offset for offset in sent if offset >= 0) / size) >= int(told[1])
    assert kept_as_filmed(analysed)


def test_a_dropped_film_is_taken(sign_in: SignIn, analysed: Analysed) -> None:
    page = sign_in(make_personas().student)
    page.goto("/sessions/new/")
    content = base64.b64encode(analysed.film.read_bytes()).decode()
    dropped = page.evaluate_handle(
        """content => {
          const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], "dropped.mp4", { type: "video/mp4" }));
          return transfer;
        }""",
        content,
    )
    page.dispatch_event("[data-drop-zone]", "drop", {"dataTransfer": dropped})
    expect(page.locator("[data-chosen-name]")).to_have_text("dropped.mp4")
    page.get_by_role("button", name=SEND).click()
    page.wait_for_url(SESSION_PAGE)
    assert Session.objects.get().original_name == "dropped.mp4"


def test_a_film_over_the_limit_is_stopped_before_it_is_sent(
    sign_in: SignIn, settings: Settings, tmp_path: Path
) -> None:
    settings.UPLOAD_MAX_MB = 1
    film = tmp_path / "long.mp4"
    film.write_bytes(bytes(1_200_000))
    page = sign_in(make_personas().student)
    page.goto("/sessions/new/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.set_input_files(FILE, film)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("This film has 1.2 MB; at most 1.0 MB can be sent.")
    expect(page.get_by_role("button", name=SEND)).to_be_disabled()
    assert "POST" not in sent
    assert not Session.objects.exists()


def test_what_the_server_refuses_is_said_on_the_page_and_a_duplicate_leads_to_the_first(
    sign_in: SignIn, analysed: Analysed, complaints: Complaints
) -> None:
    page = sign_in(make_personas().student)
    for _time in range(2):
        page.goto("/sessions/new/")
        page.set_input_files(FILE, analysed.film)
        with page.expect_response(is_of_a_slice) as answer:
            page.get_by_role("button", name=SEND).click()
        if answer.value.status == 201:
            page.wait_for_url(SESSION_PAGE)
    assert answer.value.status == 409
    expect(page.get_by_role("alert")).to_contain_text("You have uploaded this film before.")
    page.get_by_role("link", name="Open the earlier upload").click()
    page.wait_for_url(SESSION_PAGE)
    first = Session.objects.exclude(video="").get()
    assert str(first.pk) in page.url
    # The console names the refused request; that is the browser's doing.
    complaints.found[:] = [line for line in complaints.found if "409" not in line]


def test_staff_choose_who_lifts_and_are_asked_when_they_forget(sign_in: SignIn, analysed: Analysed) -> None:
    people = make_personas()
    page = sign_in(people.instructor)
    page.goto("/sessions/new/")
    page.set_input_files(FILE, analysed.film)
    page.get_by_role("button", name=SEND).click()
    assert page.url.endswith("/sessions/new/")
    page.get_by_label("Student").select_option(str(people.participant.pk))
    page.get_by_role("button", name=SEND).click()
    page.wait_for_url(SESSION_PAGE)
    session = Session.objects.get()
    assert (session.participant, session.uploaded_by) == (people.participant, people.instructor)


def test_the_phone_s_camera_is_offered_beside_the_file(sign_in: SignIn) -> None:
    page = sign_in(make_personas().student)
    page.goto("/sessions/new/")
    camera = page.get_by_label("Film now")
    assert camera.get_attribute("capture") == "environment"
    assert camera.get_attribute("accept") == "video/*"


def test_without_scripts_a_plain_form_sends_the_film(browser_without_scripts: SignIn, analysed: Analysed) -> None:
    page = browser_without_scripts(make_personas().student)
    page.goto("/sessions/new/")
    page.set_input_files(FILE, analysed.film)
    page.get_by_role("button", name=SEND).click()
    page.wait_for_url(SESSION_PAGE)
    assert Session.objects.get().size_bytes == analysed.film.stat().st_size
