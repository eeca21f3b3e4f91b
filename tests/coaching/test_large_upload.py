"""Three gigabytes against the served application: answered after the head, kept as a row, never on the disk."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.coaching.browser import Browser
from tests.coaching.films import write_film
from tests.coaching.installation import ROOT, Installation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("processes")

GIGABYTES_3 = 3_000_000_000


class Site:
    """The web process, which can be killed and started again."""

    def __init__(self, installation: Installation, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._env, self._log = installation.env, log
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(self.port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._env, stdout=log, stderr=log)
        wait_for(self.port, self._log)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as installation:
        load = [sys.executable, "manage.py", "load_demo_study", "--skip-checks"]
        subprocess.run(load, cwd=ROOT, env=installation.env, check=True, capture_output=True)
        yield installation


@pytest.fixture
def site(installation: Installation, tmp_path: Path) -> Iterator[Site]:
    site = Site(installation, tmp_path / "web.log")
    yield site
    site.kill()


@pytest.fixture
def server(installation: Installation, site: Site) -> tuple[Installation, Browser]:
    return installation, Browser(site.port)


def wait_for(port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace"))


def test_three_gigabytes_are_answered_after_the_head_and_leave_a_row(server: tuple[Installation, Browser]) -> None:
    installation, browser = server
    browser.sign_in("student02")
    sending, head = browser.start_upload(GIGABYTES_3)
    with sending:
        sending.sendall(head + bytes(300_000))
        answer = http.client.HTTPResponse(sending)
        answer.begin()
        said = json.loads(answer.read())
    assert (answer.status, said["code"]) == (413, "too_large")
    assert "720p" in said["advice"]
    assert installation.call("rejected") == [["too_large", GIGABYTES_3, "set.mp4"]]
    assert installation.call("files") == []


def test_an_upload_that_goes_away_in_the_middle_leaves_no_file(server: tuple[Installation, Browser]) -> None:
    installation, browser = server
    browser.sign_in("student02")
    sending, head = browser.start_upload(5_000_000)
    with sending:
        sending.sendall(head + bytes(2_000_000))
    assert browser.request("GET", "/health/").status == 200
    assert installation.call("files") == []


def test_a_film_in_slices_survives_a_broken_connection_and_a_killed_server(
    server: tuple[Installation, Browser], site: Site, tmp_path: Path
) -> None:
    installation, browser = server
    film = write_film(tmp_path / "set.mp4", seconds=12, fps=30, width=640, height=480).read_bytes()
    third = len(film) // 3
    browser.sign_in("student02")

    def begin() -> dict[str, Any]:
        return browser.announce("set.mp4", len(film))

    url = begin()["slice_url"]
    assert browser.send_slice(url, 0, film[:third]).status == 200
    browser.break_off_slice(url, third, film[third:])
    assert begin()["offset"] == third
    site.kill()
    site.start()
    assert begin() == {"slice_url": url, "offset": third, "slice_bytes": 4_000_000}
    answer = browser.send_slice(url, third, film[third:])
    assert answer.status == 201
    page = json.loads(answer.read())["url"]
    assert browser.request("GET", page).status == 200
    stored = installation.call("files")
    assert stored == installation.call("named_files")
    assert [(installation.folder / "media" / name).read_bytes() for name in stored] == [film]
