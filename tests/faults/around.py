"""Rows in which what LiftLab stands on goes away and comes back: broker, database, disk, media storage, clock."""

from __future__ import annotations

import resource
import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.coaching.browser import Browser
from tests.coaching.installation import STALE_S
from tests.faults.servers import wait_until
from tests.faults.table import row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.coaching.installation import Process
    from tests.faults.house import House

HOUR_S = 3600.0
NO_ROOM_BYTES = 1000


@row(
    "Redis goes while films come, and comes back empty",
    "the uploads are kept; analysed when it is back",
    "server",
    quick=("server",),
)
def redis_down(house: House) -> None:
    house.all_up()
    before = house.submit()
    house.redis.stop()
    began = time.monotonic()
    during = house.submit()
    assert time.monotonic() - began < 20  # the page that sent it does not hang
    assert house.site.look(during)["state"] == "queued"
    house.redis.start()
    for run in (before, during, house.submit()):
        house.ends(run)


@row("Redis is flushed with messages waiting", "called again by the reaper", "server")
def redis_flushed(house: House) -> None:
    house.all_up()
    house.stop("worker")
    run = house.submit()
    house.redis.flush()
    house.running("worker")
    assert house.ends(run)["attempt"] == 1


@row("PostgreSQL crashes in mid-film and is started again", "the run goes on, or its next attempt does it", "server")
def postgres_restarted(house: House) -> None:
    house.all_up()
    house.running("web")
    run = house.submit_and_reach_middle()
    house.postgres.stop()
    wait_until(lambda: not house.is_ready(), "the web process says that it is not ready")
    house.postgres.start()
    wait_until(house.is_ready, "the web process is ready again")
    house.ends(run)
    house.ends(house.submit())


@row("The table of runs locked for longer than a worker may be silent", "the living keep their runs", "server")
def postgres_locked(house: House) -> None:
    house.all_up()
    run = house.submit_and_reach_middle()
    with house.postgres.connect() as holder:
        holder.execute("LOCK TABLE coaching_analysisrun IN ACCESS EXCLUSIVE MODE")
        time.sleep(STALE_S + 3)
    assert house.ends(run)["attempt"] == 1


@row("SQLite locked for longer than anybody waits for it", "asked again; the run goes on", "embedded")
def sqlite_locked(house: House) -> None:
    house.all_up()
    run = house.submit_and_reach_middle()
    holder = sqlite3.connect(house.site.folder / "db.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    time.sleep(STALE_S + 2)
    holder.execute("ROLLBACK")
    holder.close()
    house.ends(run)


@contextmanager
def no_room(*processes: Process) -> Iterator[None]:
    """What they write, log included, is refused as on a full disk. Only the soft limit moves: it can go back."""
    pids = [pid for process in processes for pid in process.pids()]
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    for pid, (_soft, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (NO_ROOM_BYTES, hard))
    yield
    for pid, limits in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


@row(
    "The disk is full where a worker writes",
    "the run waits and is done when there is room",
    "embedded",
    "server",
)
def disk_full_for_worker(house: House) -> None:
    worker = house.all_up()
    house.ends(house.submit())  # the child that will have no room is there
    with no_room(worker):
        run = house.submit()
        if house.kind == "server":
            house.site.wait(run, lambda row: row["handed_back"] >= 1)
        else:  # the database is on the disk that is full: nobody can even claim the run
            time.sleep(3.0)
        assert house.site.look(run)["state"] in {"queued", "running"}
    house.ends(run)


@row("The disk is full where a film arrives", "refused with storage_full; taken when there is room", "server")
def disk_full_for_web(house: House) -> None:
    house.all_up()
    web = house.running("web")
    browser = Browser(house.port)
    house.sign_in(browser)
    film = house.film().read_bytes()
    place = browser.announce("set.mp4", len(film))
    with no_room(web):
        assert browser.send_slice(place["slice_url"], 0, film).status == 507
    assert ["storage_full", len(film), "set.mp4"] in house.site.call("rejected")
    again = browser.announce("set.mp4", len(film))
    assert browser.send_slice(again["slice_url"], 0, film).status == 201
    house.ends(house.newest_run())


@row("The media folder is not there (a disk is not mounted)", "the run waits and is done when it is back", "embedded")
def media_not_mounted(house: House) -> None:
    house.all_up()
    house.stop("worker")
    run = house.submit()
    media = house.site.folder / "media"
    away = media.rename(house.folder / "away")
    house.running("worker")
    house.site.wait(run, lambda row: row["handed_back"] >= 1)
    assert not (media / "video").exists()
    if media.exists():
        media.rmdir()
    away.rename(media)
    house.ends(run)


@row(
    "The object store refuses",
    "films refused with storage_down, runs wait; done when it is back",
    "server",
    quick=("server",),
)
def store_refuses(house: House) -> None:
    house.all_up()
    house.stop("worker")
    run = house.submit()
    house.bucket.close()
    house.running("worker")
    house.site.wait(run, lambda row: row["handed_back"] >= 1)
    refused = house.site.call("submit", path=str(house.film()))
    assert (refused["rejected_code"], refused["run"]) == ("storage_down", None)
    house.bucket.open()
    house.ends(run)


@row("The clock jumps an hour ahead in mid-film", "the living keep their runs", "server")
def clock_ahead(house: House) -> None:
    house.all_up()
    run = house.submit_and_reach_middle()
    house.clock.jump(HOUR_S)
    assert house.ends(run)["attempt"] == 1
    house.ends(house.submit())


@row("The clock is put back an hour, and a worker dies", "found in seconds, not in an hour", "server")
def clock_back(house: House) -> None:
    worker = house.all_up()
    house.clock.jump(HOUR_S)
    run = house.submit_and_reach_middle()
    house.clock.jump(0.0)
    worker.kill_all()
    house.running("worker")
    assert house.ends(run)["attempt"] == 2
