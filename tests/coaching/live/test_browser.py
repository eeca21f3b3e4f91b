"""The page itself: Chromium with a fake camera that plays a simulated set, a real server, the real pose model."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from benchmarks.live.browser import CHROMIUM, PATIENCE_MS, camera_page, film_a_set, lift
from benchmarks.live.lifter import Lifter
from benchmarks.live.site import Site
from coaching.vision.clip import probe
from coaching.vision.coach import analyse
from coaching.vision.tracks import extract
from tests.browser.chromium import AXE, SCREENSHOTS, WIDTHS, Complaints, axe_violations, inspect, show_in
from tests.coaching.live.sets import a_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.live.browser import FakeCamera

LEAST_FPS = 10.0
"""Below this the page itself says that it has too few pictures: nothing can be concluded about the count."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("live-browser"),
]


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> FakeCamera:
    return film_a_set(tmp_path_factory.mktemp("camera"), reps=2)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if not CHROMIUM.exists() or not AXE.exists():
        pytest.skip(f"no {CHROMIUM} on this machine, or the front end is not built")
    if not settings.POSE_BUNDLE.is_file():
        pytest.skip(f"{settings.POSE_BUNDLE} has not been built")
    with Site(tmp_path_factory.mktemp("site") / "var", lifters=3, DEBUG="1") as running:
        yield running


def test_the_page_counts_a_set_like_the_upload_of_its_film(site: Site, camera: FakeCamera) -> None:
    with camera_page(site, camera) as page:
        seen = lift(page, camera, shots=SCREENSHOTS)
    track, _people = extract(probe(camera.film), settings.POSE_BUNDLE)
    uploaded = len(analyse(track).reps)
    row = site.look()["sets"][-1]
    assert row["session"] == seen.session
    assert row["stored"] == row["frames"]
    # Frames wait in the browser's own store until the server has them, and no longer.
    assert seen.values["waiting"] > 0
    assert seen.values["left"] == 0
    assert [text for text in seen.said if "Content Security Policy" in text] == []
    if seen.values["fps"] < LEAST_FPS:
        pytest.skip(f"this machine gave {seen.values['fps']} frames a second")
    assert (seen.count, row["count"], row["reps"]) == (str(uploaded), uploaded, uploaded)


def test_setup_guide_and_wall_are_accessible_on_a_phone_and_a_laptop(site: Site, camera: FakeCamera) -> None:
    with camera_page(site, camera) as page:
        complaints = Complaints()
        complaints.listen_to(page)
        page.goto("/sessions/live/")
        wrong = inspect(page, "live-setup")
        assert complaints.found == []
        page.get_by_role("button", name="Open the camera").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-live=guide]", state="attached", timeout=PATIENCE_MS)
        for width in WIDTHS:
            show_in(page, "light", width)
            page.wait_for_timeout(500)
            wrong += [f"guide, {width}: {one}" for one in axe_violations(page)]
            page.screenshot(path=SCREENSHOTS / f"live-stage-{width}.png")
        page.get_by_role("button", name="Back").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-live=setup]", timeout=PATIENCE_MS)
        page.context.clear_cookies()
        page.context.add_cookies([{"name": "sessionid", "value": site.teacher, "url": site.url}])
        page.goto(f"/sessions/live/studies/{site.study}/wall/")
        page.get_by_text("Everybody who lifts live appears here.").wait_for(timeout=PATIENCE_MS)
        wrong += inspect(page, "live-wall")
    assert wrong == []


def test_the_wall_shows_a_class_that_lifts(site: Site, camera: FakeCamera) -> None:
    """Three lifters over real sockets; the instructor's page is told of each."""
    with camera_page(site, camera) as page:
        page.context.clear_cookies()
        page.context.add_cookies([{"name": "sessionid", "value": site.teacher, "url": site.url}])
        page.goto(f"/sessions/live/studies/{site.study}/wall/")
        page.get_by_text("Everybody who lifts live appears here.").wait_for(timeout=PATIENCE_MS)
        lifting = threading.Thread(target=lambda: asyncio.run(_lesson(site)))
        lifting.start()
        page.locator(".wall__set").nth(2).wait_for(timeout=PATIENCE_MS)
        lifting.join()
        page.locator(".wall__set[data-on=false]").nth(2).wait_for(timeout=PATIENCE_MS)
        assert page.locator(".wall__count").all_inner_texts() == ["2", "2", "2"]
        assert page.locator(".wall__name").all_inner_texts() == ["First Last0", "First Last1", "First Last2"]
        assert inspect(page, "live-wall-class") == []


async def _lesson(site: Site) -> None:
    frames = a_set(2, yaw_deg=75.0, faults={"hips_first": 0.95})
    people = [Lifter(site.url, site.people[i]["cookie"], site.begin(i, stature_cm="175"), frames) for i in range(3)]
    await asyncio.gather(*(person.lift() for person in people))


def test_a_browser_without_webgl_is_sent_to_the_upload(site: Site, camera: FakeCamera) -> None:
    with camera_page(site, camera) as page:
        page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
        page.goto("/sessions/live/")
        page.get_by_role("alert").get_by_role("link", name="Upload a film instead").wait_for(timeout=PATIENCE_MS)
        assert page.get_by_role("button", name="Open the camera").is_disabled()


NO_CAMERA = {
    "NotAllowedError": "The camera is not allowed",
    "NotFoundError": "No camera was found",
    "NotReadableError": "The camera does not start",
}


def test_a_camera_that_is_refused_missing_or_busy_is_explained(site: Site, camera: FakeCamera) -> None:
    with camera_page(site, camera) as page:
        for error, text in NO_CAMERA.items():
            page.goto("/sessions/live/")
            refuse = "() => Promise.reject(new DOMException('no', error))"
            page.evaluate(f"error => {{ navigator.mediaDevices.getUserMedia = {refuse} }}", error)
            page.get_by_role("button", name="Open the camera").click()
            page.get_by_role("alert").get_by_text(text).wait_for(timeout=PATIENCE_MS)
