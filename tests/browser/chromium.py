"""Debian's Chromium as these tests drive it, and what every page must be: accessible, as wide as its window, silent."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

EXECUTABLE = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = Path(settings.BASE_DIR) / "var" / "screenshots"
WIDTHS = {1280: 900, 390: 844}
"""Width and height of a desktop window and of a phone."""
THEMES = ("light", "dark")


@dataclass  # no slots: Playwright keeps its wrapper on the listener
class Complaints:
    """What a page's console said: refused styles and scripts, failed requests, exceptions."""

    found: list[str] = field(default_factory=list)

    def listen_to(self, page: Page) -> None:
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.found.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.found.append(f"{message.type}: {message.text}")


def axe_violations(page: Page) -> list[str]:
    """Rule, what is wrong and where, for WCAG 2.2 A and AA and axe's good practices."""
    if not page.evaluate("() => 'axe' in window"):
        # Not as a script tag: the page's Content-Security-Policy is one of the things under test.
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run(document)).violations")
    return [
        f"{rule['id']} ({rule['impact']}): {', '.join(' '.join(map(str, node['target'])) for node in rule['nodes'])}"
        for rule in found
    ]


def sideways_overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    wider: int = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider


def show_in(page: Page, theme: str, width: int) -> None:
    """Turn the page's theme and width, and wait until it is drawn so."""
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.wait_for_function(
        "([theme, width]) => matchMedia(`(prefers-color-scheme: ${theme})`).matches && innerWidth === width",
        arg=[theme, width],
    )
    # Colours fade; one measured half way is nobody's.
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_function("() => document.getAnimations().every((fade) => fade.playState !== 'running')")


def inspect(page: Page, name: str) -> list[str]:
    """What is wrong with the open page in both themes at both widths. Leaves a screenshot of each."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    for width in WIDTHS:
        for theme in THEMES:
            show_in(page, theme, width)
            here = f"{name}, {theme}, {width} px"
            if overflow := sideways_overflow(page):
                wrong.append(f"{here}: {overflow} px too wide")
            wrong += [f"{here}: {violation}" for violation in axe_violations(page)]
            page.screenshot(path=SCREENSHOTS / f"{name}-{theme}-{width}.png", full_page=True)
    return wrong


def check_pages(page: Page, pages: dict[str, str]) -> None:
    """Open each address and inspect it under its name; a "result..." once its film's script is there."""
    wrong: list[str] = []
    for name, address in pages.items():
        page.goto(address)
        page.wait_for_load_state()
        if name.startswith("result"):
            page.locator("[data-ready]").wait_for()
        wrong += inspect(page, name)
    assert not wrong, "\n".join(wrong)
