"""Three gigabytes against the served application: answered after the head, kept as a row, never on the disk."""

from __future__ import annotations

import http.client
import json
import re
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from studies.demo import PASSWORD
from tests.coaching.films import write_film
from tests.coaching.installation import ROOT, Installation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("processes")

GIGABYTES_3 = 3_000_000_000


class Browser:
    """Signed in over HTTP, with cookies; then raw, because no client library sends half a body."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def request(self, method: str, path: str, body: str | bytes = "", **more: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie_header()}
        connection.request(method, path, body, headers | {name.replace("_", "-"): more[name] for name in more})
        response = connection.getresponse()
        for value in response.headers.get_all("Set-Cookie") or []:
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.split(";")[0]
        return response

    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def sign_in(self, username: str) -> None:
        page = self.request("GET", "/login/").read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        form = f"csrfmiddlewaretoken={token[1]}&username={username}&password={PASSWORD}"
        assert self.request("POST", "/login/", form).status == 302

    def send_slice(self, url: str, offset: int, content: bytes) -> http.client.HTTPResponse:
        kind = {"Content_Type": "application/octet-stream", "Upload_Offset": str(offset)}
        return self.request("POST", url, content, X_CSRFToken=self.cookies["csrftoken"], **kind)

    def break_off_slice(self, url: str, offset: int, content: bytes) -> None:
        """A slice of which half is sent when the connection goes."""
        lines = (
            f"POST {url} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Cookie: {self.cookie_header()}",
            f"X-CSRFToken: {self.cookies['csrftoken']}",
            "Content-Type: application/octet-stream",
            f"Upload-Offset: {offset}",
            f"Content-Length: {len(content)}",
            "",
            "",
        )
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as sending:
            sending.sendall("\r\n".join(lines).encode() + content[: len(content) // 2])

    def start_upload(self, announced: int) -> tuple[socket.socket, bytes]:
        """The head of a form post with a film; the connection stays open for more."""
        head = (
            '--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
            f"{self.cookies['csrftoken']}\r\n"
            '--x\r\nContent-Disposition: form-data; name="file"; filename="set.mp4"\r\n'
            "Content-Type: video/mp4\r\n\r\n"
        )
        lines = (
            "POST /sessions/new/ HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Cookie: {self.cookie_header()}",
            "Accept: application/json",
            "Content-Type: multipart/form-data; boundary=x",
            f"Content-Length: {announced}",
            "",
            "",
        )
        sending = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        sending.sendall("\r\n".join(lines).encode())
        return sending, head.encode()


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
        announced = f"name=set.mp4&size={len(film)}&mark=1"
        answer = browser.request("POST", "/sessions/uploads/", announced, X_CSRFToken=browser.cookies["csrftoken"])
        place: dict[str, Any] = json.loads(answer.read())
        return place

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
