"""A served site, a browser, people signed in to it, and one simulated set analysed by the real pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings as project
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.browser.analysed import Analysed, analyse_simulated_set
from tests.browser.chromium import ARGUMENTS, AXE, EXECUTABLE, Complaints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page
    from pytest_django import Settings
    from pytest_django.live_server_helper import LiveServer

    from studies.models import User

    SignIn = Callable[[User], Page]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """All in one worker: the analysed set is made once."""
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)
            if config.pluginmanager.hasplugin("xdist"):
                item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium for this folder's tests.

    It ends with the folder, not with the session: while it lives, Playwright's loop runs in this thread, and a test of
    asynchronous code that follows in the same worker could not start one of its own.
    """
    if not EXECUTABLE.exists():
        pytest.skip(f"no {EXECUTABLE} on this machine")
    if not AXE.exists() or not (project.BASE_DIR / "static" / "built" / "app.js").exists():
        pytest.skip("the front end is not built: npm ci && npm run build")
    # Playwright's loop runs in this thread; Django would refuse its own synchronous calls beside it.
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Analysed:
    return analyse_simulated_set(tmp_path_factory.mktemp("analysed"))


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    """Media, incoming files and broker of one test, in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INCOMING_DIR = settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.BROKER_DIR = tmp_path / "broker"
    settings.INCOMING_DIR.mkdir()


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Collects what the pages' consoles say; the test fails if it was anything."""
    complaints = Complaints()
    yield complaints
    assert complaints.found == []


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer, complaints: Complaints) -> Iterator[Page]:
    """A page of somebody who is not signed in."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    complaints.listen_to(page)
    yield page
    context.close()


def _signed_in(page: Page, user: User, site: str) -> Page:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[project.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": project.SESSION_COOKIE_NAME, "value": cookie, "url": site}])
    return page


@pytest.fixture
def sign_in(visit: Page, live_server: LiveServer) -> SignIn:
    """Signs a user in without the form, and returns the page. Calling it again changes the user."""
    return lambda user: _signed_in(visit, user, live_server.url)


@pytest.fixture
def browser_without_scripts(browser: Browser, live_server: LiveServer) -> Iterator[SignIn]:
    """As `sign_in`, with JavaScript turned off."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    yield lambda user: _signed_in(context.new_page(), user, live_server.url)
    context.close()
