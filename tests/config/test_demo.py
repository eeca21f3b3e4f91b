"""`manage.py demo` with a clip of somebody's own: the printout, the exit code, and no process left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.coaching.films import write_film

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.xdist_group("processes"), pytest.mark.timeout(400)]


def demo(folder: Path, video: Path, **variables: str) -> subprocess.Popen[str]:
    without_server = {"DATABASE_URL": "", "REDIS_URL": "", "PYTHONWARNINGS": "ignore"}
    env = {**os.environ, **without_server, "LIFTLAB_TEST_VAR": str(folder), **variables}
    command = [sys.executable, "manage.py", "demo", "--skip-checks", "--video", str(video)]
    return subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def test_it_prints_the_clip_the_papers_tables_and_the_logins(tmp_path: Path) -> None:
    film = write_film(tmp_path / "empty-room.mp4", seconds=1.5)
    process = demo(tmp_path / "var", film, SERVE="0")
    said, _ = process.communicate()
    assert process.returncode == 0, said
    for text in ("empty-room.mp4", "no_person", "9.271", "36.299", "180.893", "6.7e-18", "student02", "deadlift-demo"):
        assert text in said, text


def test_a_clip_that_is_no_film_is_said_and_makes_the_exit_code_1(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("just words")
    process = demo(tmp_path / "var", text, SERVE="0")
    said, _ = process.communicate()
    assert process.returncode == 1
    assert "(not_a_video)" in said


def test_it_serves_until_it_is_told_to_end_and_takes_its_children_along(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = tmp_path / "notes.mp4"
    text.write_text("just words")
    process = demo(tmp_path / "var", text, SERVE="1", PORT=str(port), DEBUG="1")
    wait_for(f"http://127.0.0.1:{port}/health/", process)
    children = family(process)
    assert {"celery", "uvicorn"} <= {child.cmdline()[2] for child in children if len(child.cmdline()) > 2}
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    _gone, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        assert process.poll() is None
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.3)
    raise AssertionError(f"{url} does not answer")
