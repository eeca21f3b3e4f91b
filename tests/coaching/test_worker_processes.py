"""Real workers, real kills: whatever dies, each run ends once, with one assessment, and no file is left half-made.

On what a fresh clone has (SQLite, a broker of files) and on what a server has (PostgreSQL, Redis); skipped
where those do not answer.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis

from coaching.simulator import Camera, LiftSpec, Scene, render_clip, simulate
from tests.coaching.films import write_film
from tests.coaching.installation import ROOT, Installation

if TYPE_CHECKING:
    from collections.abc import Iterator

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("processes")]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One repetition from the front, six seconds: long enough to be killed in the middle of."""
    path = tmp_path_factory.mktemp("films") / "lift.mp4"
    render_clip(simulate(LiftSpec(reps=1), seed=1), Camera(fps=20, width=240, height=320), Scene(seed=1), path)
    return path


@pytest.fixture(scope="module")
def short_films(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("films")
    return [write_film(folder / f"{number}.mp4", seconds=1.5 + number / 10) for number in range(6)]


@pytest.fixture
def database_url() -> Iterator[str]:
    """A PostgreSQL database of its own."""
    name = f"liftlab_test_{uuid.uuid4().hex[:8]}"
    try:
        server = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=2)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL at TEST_POSTGRES_URL: {error}")
    with server:
        server.execute(f"CREATE DATABASE {name}")
        yield urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The Redis database for tests, empty, and to nobody else while the test runs."""
    client = redis.Redis.from_url(REDIS, socket_connect_timeout=2)
    try:
        client.ping()
    except redis.RedisError as error:
        pytest.skip(f"no Redis at TEST_REDIS_URL: {error}")
    with (Path(tempfile.gettempdir()) / "liftlab-test-redis.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        client.flushdb()
        yield REDIS
        client.flushdb()
    client.close()


class OwnRedis:
    """A Redis server that the test can stop and start again."""

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            pytest.skip("no redis-server on this machine")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._command = [binary, "--port", str(self.port), "--save", "", "--dir", str(folder)]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        client = redis.Redis.from_url(self.url)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                client.ping()
                break
            except redis.ConnectionError:
                time.sleep(0.05)
        client.close()

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    server = OwnRedis(tmp_path)
    yield server
    server.stop()


@pytest.fixture(params=["embedded", "server"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    urls: dict[str, str] = {}
    if request.param == "server":
        urls = {name: request.getfixturevalue(name) for name in ("database_url", "redis_url")}
    with Installation(tmp_path, **urls) as made:
        yield made


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as made:
        yield made


def assert_nothing_half_made(installation: Installation) -> None:
    assert installation.call("files") == installation.call("named_files")


def test_a_run_whose_worker_is_killed_in_mid_clip_finishes_once_after_the_restart(
    installation: Installation, film: Path
) -> None:
    worker = installation.start_worker()
    run = installation.submit(film)
    installation.wait_for_middle(run)
    worker.kill_all()
    assert installation.look(run)["state"] == "running"
    installation.start_worker("two")
    end = installation.wait_for_end(run)
    assert (end["state"], end["attempt"], end["assessments"]) == ("done", 2, 1)
    assert end["document"]["sha256"] == hashlib.sha256(film.read_bytes()).hexdigest()
    assert_nothing_half_made(installation)


KILLED_WHILE_STRIPPING = """
import os, signal, sys
import django
django.setup()
from coaching import films, media
from coaching.models import AnalysisRun
from coaching.vision.strip import strip
run, moment = AnalysisRun.objects.claim(int(sys.argv[1]), worker="killed"), sys.argv[2]
def die():
    os.kill(os.getpid(), signal.SIGKILL)
with media.incoming(f"run-{run.pk}-{run.attempt}") as folder:
    with media.local(run.session.video, folder) as film:
        made = strip(film, folder)
    may = die if moment == "before" else lambda: True
    films.replace_by_stripped(run.session, made.path, made.sha256, may=may)
    die()
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_killed_just_before_or_after_the_row_names_the_stripped_film_loses_none(
    embedded: Installation, film: Path, moment: str
) -> None:
    """The two moments at which a film has two files."""
    run = embedded.submit(film)
    sent = embedded.call("named_files")
    killed = [sys.executable, "-c", KILLED_WHILE_STRIPPING, str(run), moment]
    assert subprocess.run(killed, check=False, cwd=ROOT, env=embedded.env).returncode == -signal.SIGKILL
    named = embedded.call("named_files")
    assert set(named) < set(embedded.call("files"))
    assert (named == sent) is (moment == "before")
    embedded.start_worker()
    end = embedded.wait_for_end(run)
    assert (end["state"], end["attempt"], end["assessments"]) == ("done", 2, 1)
    assert end["document"]["sha256"] == hashlib.sha256(film.read_bytes()).hexdigest()
    left = set(embedded.call("files")) - set(embedded.call("named_files"))
    assert len(left) == 1  # what the killed one had in hand: the sweep takes it in a day
    assert all(name.startswith("video/") for name in left)


def test_a_child_killed_for_its_memory_is_replaced_and_its_run_finishes(embedded: Installation, film: Path) -> None:
    worker = embedded.start_worker()
    run = embedded.submit(film)
    row = embedded.wait_for_middle(run)
    worker.kill_child_at_work(int(row["worker"].rpartition(":")[2]))
    end = embedded.wait_for_end(run)
    assert (end["state"], end["attempt"], end["assessments"]) == ("done", 2, 1)
    assert end["worker"] != row["worker"]
    assert_nothing_half_made(embedded)


def test_two_workers_on_one_queue_store_each_run_once_and_a_second_message_does_nothing(
    installation: Installation, short_films: list[Path]
) -> None:
    runs = [installation.submit(film) for film in short_films]
    for run in runs:
        installation.call("send_again", run=run)
    one, two = installation.start_worker("one", beat=False), installation.start_worker("two", beat=True)
    ends = [installation.wait_for_end(run) for run in runs]
    for run in runs:
        installation.call("send_again", run=run)
    deadline = time.monotonic() + 30
    while not (one.said("nothing to do") or two.said("nothing to do")) and time.monotonic() < deadline:
        time.sleep(0.1)
    ends = [installation.look(run) for run in runs]
    assert [(end["state"], end["attempt"], end["assessments"]) for end in ends] == [("done", 1, 1)] * len(runs)
    assert {end["document"]["refused"]["code"] for end in ends} == {"no_person"}
    assert len({end["worker"] for end in ends}) == 2
    assert_nothing_half_made(installation)


def test_a_worker_that_wakes_up_after_its_run_was_taken_over_stores_nothing(embedded: Installation, film: Path) -> None:
    zombie = embedded.start_worker("zombie", beat=False)
    run = embedded.submit(film)
    embedded.wait_for_middle(run)
    zombie.signal_all(signal.SIGSTOP)
    while not embedded.call("is_writable"):  # stopped in the middle of a heartbeat, with the database in its hand
        zombie.signal_all(signal.SIGCONT)
        time.sleep(0.2)
        zombie.signal_all(signal.SIGSTOP)
    embedded.start_worker("heir")
    end = embedded.wait_for_end(run)
    assert (end["state"], end["attempt"]) == ("done", 2)
    stored = embedded.call("files")
    zombie.signal_all(signal.SIGCONT)
    deadline = time.monotonic() + 60
    while not zombie.said("attempt 1: over") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert zombie.said("attempt 1: over")
    after = embedded.look(run)
    assert (after["state"], after["attempt"], after["assessments"]) == ("done", 2, 1)
    assert after["worker"] == end["worker"]
    assert embedded.call("files") == stored == embedded.call("named_files")


def test_a_run_cancelled_in_mid_clip_stops_and_leaves_nothing_and_the_worker_goes_on(
    embedded: Installation, film: Path, short_films: list[Path]
) -> None:
    embedded.start_worker()
    run = embedded.submit(film)
    embedded.wait_for_middle(run)
    embedded.call("cancel", run=run)
    end = embedded.wait_for_end(run)
    assert (end["state"], end["attempt"], end["assessments"]) == ("cancelled", 1, 0)
    following = embedded.wait_for_end(embedded.submit(short_films[0]))
    assert following["state"] == "done"
    assert following["worker"] == end["worker"]
    assert_nothing_half_made(embedded)


def test_a_film_sent_while_no_worker_runs_and_its_message_is_lost_is_found_by_the_reaper(
    embedded: Installation, short_films: list[Path]
) -> None:
    run = embedded.submit(short_films[0])
    messages = list((embedded.folder / "broker").rglob("*.msg"))
    assert len(messages) == 1
    messages[0].unlink()
    embedded.start_worker()
    assert embedded.wait_for_end(run)["state"] == "done"


def test_a_film_sent_while_the_broker_is_dead_waits_and_is_analysed_when_it_is_back(
    own_redis: OwnRedis, tmp_path: Path, short_films: list[Path]
) -> None:
    own_redis.start()
    with Installation(tmp_path, redis_url=own_redis.url) as installation:
        installation.start_worker()
        first = installation.wait_for_end(installation.submit(short_films[0]))
        assert first["state"] == "done"
        own_redis.stop()
        started = time.monotonic()
        run = installation.submit(short_films[1])
        assert time.monotonic() - started < 10  # the page that sent it does not hang
        assert installation.look(run)["state"] == "queued"
        own_redis.start()
        end = installation.wait_for_end(run)
        assert (end["state"], end["assessments"]) == ("done", 1)
