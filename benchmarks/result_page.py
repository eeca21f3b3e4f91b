"""How long a browser waits for the first byte of the pages about films, served as `make demo` serves them.

`python -m benchmarks.result_page` after `make demo SERVE=0`: starts the web server on a copy of the demonstration's
database, signs in as its instructor, and asks for the newest result and the list 40 times each (bar: the median at most
at most 150 ms). Then it adds 500 sessions and measures again: the pages must not grow slower with them.
"""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
MAX_MS = 150.0
ROUNDS = 40
MORE_SESSIONS = 500
USER, PASSWORD = "instructor", "deadlift-demo"


class Browser:
    """One kept-open connection with cookies."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: str = "") -> tuple[float, int, str]:
        """Milliseconds to the first byte of the answer, its status, its text."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.perf_counter()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        first = answer.read(1)
        waited_ms = (time.perf_counter() - started) * 1000
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition("=")
            self._cookies[name] = value.split(";")[0]
        return waited_ms, answer.status, (first + answer.read()).decode(errors="replace")

    def sign_in(self) -> None:
        page = self.ask("GET", "/login/")[2]
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        form = f"csrfmiddlewaretoken={token[1] if token else ''}&username={USER}&password={PASSWORD}"
        if self.ask("POST", "/login/", form)[1] != 302:
            raise SystemExit("The demonstration's instructor can't sign in: run make demo SERVE=0 first.")


@contextmanager
def served(var: Path) -> Iterator[Browser]:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port), "--log-level", "error"]
    web = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "LIFTLAB_VAR": str(var)})
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        browser = Browser(port)
        browser.sign_in()
        yield browser
    finally:
        web.terminate()
        web.wait()


def newest_result(database: Path) -> str:
    """The id of the newest session with an assessment, as in its address."""
    with closing(sqlite3.connect(database)) as rows:
        found = rows.execute(
            "SELECT r.session_id FROM coaching_assessment a JOIN coaching_analysisrun r ON r.id = a.run_id "
            "ORDER BY a.id DESC LIMIT 1"
        ).fetchone()
    if found is None:
        raise SystemExit(f"No result in {database}: run make demo SERVE=0 first.")
    return str(uuid.UUID(found[0]))


def add_sessions(database: Path, number: int) -> None:
    """Copies of the newest result, row by row, older than it."""
    with closing(sqlite3.connect(database)) as rows, rows:
        session = uuid.UUID(newest_result(database)).hex
        for _ in range(number):
            copy = uuid.uuid4().hex
            _copy(rows, "coaching_session", f"id = '{session}'", {"id": copy, "sha256": copy})
            _copy(rows, "coaching_analysisrun", f"session_id = '{session}' AND state = 'done'", {"session_id": copy})
            run = rows.execute("SELECT max(id) FROM coaching_analysisrun").fetchone()[0]
            _copy(rows, "coaching_assessment", "id = (SELECT min(id) FROM coaching_assessment)", {"run_id": run})


def _copy(rows: sqlite3.Connection, table: str, where: str, changes: dict[str, object]) -> None:
    names = [column[1] for column in rows.execute(f"PRAGMA table_info({table})")]
    kept = [name for name in names if name in changes or name != "id"]
    values = ", ".join(f"'{changes[name]}'" if name in changes else name for name in kept)
    rows.execute(f"INSERT INTO {table} ({', '.join(kept)}) SELECT {values} FROM {table} WHERE {where} LIMIT 1")


def measure(browser: Browser, path: str) -> float:
    """Median wait in ms, after two warm-up requests."""
    waits = []
    for _ in range(ROUNDS + 2):
        waited_ms, status, _text = browser.ask("GET", path)
        if status != 200:
            raise SystemExit(f"{path} answers {status}")
        waits.append(waited_ms)
    return statistics.median(waits[2:])


def main() -> int:
    source = Path(os.environ.get("LIFTLAB_VAR") or ROOT / "var") / "db.sqlite3"
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder)
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(var / "db.sqlite3")) as copy:
            live.backup(copy)
        shutil.copy(source.with_name("secret_key"), var) if source.with_name("secret_key").exists() else None
        pages = {"result": f"/sessions/{newest_result(source)}/", "list": "/sessions/"}
        for label, more in (("demonstration", 0), (f"and {MORE_SESSIONS} sessions more", MORE_SESSIONS)):
            add_sessions(var / "db.sqlite3", more)
            with served(var) as browser:
                for name, path in pages.items():
                    median_ms = measure(browser, path)
                    worst = max(worst, median_ms)
                    print(f"{label:<28} {name:<8} first byte after {median_ms:6.1f} ms (median of {ROUNDS})")
    print(f"bar {MAX_MS:.0f} ms: {'kept' if worst <= MAX_MS else 'missed'}")
    return 0 if worst <= MAX_MS else 1


if __name__ == "__main__":
    sys.exit(main())
