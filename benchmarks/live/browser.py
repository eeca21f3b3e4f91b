"""A real page in front of a fake camera: Chromium plays a simulated set as its camera, and the page lifts it.

The film ends with some seconds of standing, so that one pass of it is one set, whenever the page begins.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
from playwright.sync_api import sync_playwright

from benchmarks.live.site import Site
from coaching.simulator import Camera, LiftSpec, Scene, simulate
from coaching.simulator.clip import render_clip
from coaching.vision.clip import frames, probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

CHROMIUM = Path("/usr/bin/chromium")
MOST_P95_MS = 250.0
LEAST_FPS = 15.0
REST_S = 9.0
COUNTDOWN_S = 3.0
PATIENCE_MS = 120_000


@dataclass(frozen=True, slots=True)
class FakeCamera:
    """film: what an upload would be. pictures: the same and the rest after it, as Chromium reads a camera."""

    film: Path
    pictures: Path
    lift_s: float

    @property
    def loop_s(self) -> float:
        return self.lift_s + REST_S


def film_a_set(folder: Path, *, reps: int = 2, yaw_deg: float = 45.0) -> FakeCamera:
    """A simulated set of `reps`, 480 x 640 at 30 frames a second."""
    film, pictures = folder / "set.mp4", folder / "camera.mjpeg"
    lift = simulate(LiftSpec(reps=reps), seed=1)
    render_clip(lift, Camera(yaw_deg=yaw_deg, fps=30, width=480, height=640), Scene(plate_radius_m=0.12), film)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 90]
    jpegs = [cv2.imencode(".jpg", frame.bgr, quality)[1].tobytes() for frame in frames(probe(film))]
    with pictures.open("wb") as out:
        out.writelines([*jpegs, *[jpegs[-1]] * round(30 * REST_S)])
    return FakeCamera(film, pictures, len(jpegs) / 30.0)


STORED_FRAMES = """() => new Promise((done) => {
    const request = indexedDB.open("liftlab-live", 1);
    request.onsuccess = () => {
        const count = request.result.transaction("frames").objectStore("frames").count();
        count.onsuccess = () => { request.result.close(); done(count.result); };
    };
})"""


@contextmanager
def camera_page(
    site: Site, camera: FakeCamera, *, width: int = 390, height: int = 844, person: int = 0
) -> Iterator[Page]:
    """The signed-in lifter's browser, with the fake camera allowed."""
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera.pictures}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        size = {"width": width, "height": height}
        context = browser.new_context(base_url=site.url, viewport=size, permissions=["camera"])  # type: ignore[arg-type]
        context.add_cookies([{"name": "sessionid", "value": site.people[person]["cookie"], "url": site.url}])
        yield context.new_page()
        browser.close()


@dataclass
class Lifted:
    """What the page showed. values: the page's own figures at the end of the set."""

    count: str = ""
    message: str = ""
    session: str = ""
    values: dict[str, float] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)


def lift(page: Page, camera: FakeCamera, *, shots: Path | None = None, keep_film: bool = False) -> Lifted:
    """Begin, wait for the camera's place in its film, lift one pass of it, finish."""
    seen = Lifted()
    page.on("console", lambda message: seen.said.append(message.text))
    page.goto("/sessions/live/")
    page.get_by_label("Your height, cm").fill("175")
    if keep_film:
        page.get_by_label("Keep the film too", exact=False).check()
    page.get_by_role("button", name="Open the camera").click()
    page.wait_for_selector("[data-live=guide]", state="attached", timeout=PATIENCE_MS)
    page.wait_for_selector("[data-advice]", state="attached", timeout=PATIENCE_MS)
    _shot(page, shots, "guide")
    # The countdown runs in the rest; the set begins before the film does.
    _wait_for(page, camera, camera.lift_s + 1.0, camera.lift_s + REST_S - COUNTDOWN_S - 2.0)
    page.get_by_role("button", name="Start").click()
    page.wait_for_selector("[data-live=set]", state="attached", timeout=PATIENCE_MS)
    _wait_for(page, camera, 0.45 * camera.lift_s, 0.8 * camera.lift_s)
    seen.values["waiting"] = max(_stored_after(page, 0.4 * step) for step in range(5))
    _shot(page, shots, "set")
    _wait_for(page, camera, camera.lift_s + 1.5, camera.loop_s)
    seen.count = page.locator("[data-count]").inner_text()
    root = page.locator("[data-live]")
    for name in ("p50", "p95", "fps", "answers"):
        seen.values[name] = float(root.get_attribute(f"data-{name}") or "nan")
    page.get_by_role("button", name="Finish the set").click()
    page.wait_for_selector("[data-live=done]", state="attached", timeout=PATIENCE_MS)
    if keep_film:
        page.wait_for_selector("[data-film]", state="attached", timeout=PATIENCE_MS)
    seen.values["left"] = _stored_after(page, 1.0)
    seen.message = page.locator("[data-message-text]").inner_text()
    seen.session = root.get_attribute("data-session") or ""
    _shot(page, shots, "done")
    return seen


def _stored_after(page: Page, seconds: float) -> float:
    """Frames in the browser's store: not acknowledged, or not yet told so."""
    page.wait_for_timeout(1000 * seconds)
    return float(page.evaluate(STORED_FRAMES))


def _wait_for(page: Page, camera: FakeCamera, from_s: float, until_s: float) -> None:
    """Until the camera's film is between the two moments."""
    deadline = time.monotonic() + 3 * camera.loop_s + 60
    while time.monotonic() < deadline:
        at = float(page.evaluate("() => document.querySelector('video').currentTime")) % camera.loop_s
        if from_s <= at <= until_s:
            return
        time.sleep(0.1)
    raise TimeoutError("the fake camera never came there")


def _shot(page: Page, shots: Path | None, name: str) -> None:
    if shots:
        shots.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=shots / f"live-{name}-{page.viewport_size['width']}.png")  # type: ignore[index]


def measure(*, reps: int) -> int:
    """Print what a page does; 1 where a bar is missed."""
    with tempfile.TemporaryDirectory(prefix="liftlab-live-") as name:
        folder = Path(name)
        camera = film_a_set(folder, reps=reps)
        with Site(folder / "var", DEBUG="1") as site, camera_page(site, camera) as page:
            seen = lift(page, camera)
            rows: list[dict[str, Any]] = site.look()["sets"]
    values, stored = seen.values, rows[0]["reps"]
    lines = (
        f"page at 390 px, fake camera at 30 frames/s: {values['fps']:.1f} frames/s (bar {LEAST_FPS:g})",
        f"picture to screen p50 {values['p50']:.0f}, p95 {values['p95']:.0f} ms (bar {MOST_P95_MS:.0f})",
        f"repetitions lifted {reps}, counted live {seen.count}, stored {stored}",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    missed = values["p95"] > MOST_P95_MS or values["fps"] < LEAST_FPS
    return int(missed or stored != reps or seen.count != str(reps))
