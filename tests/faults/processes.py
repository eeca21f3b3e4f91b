"""Rows in which a process of ours dies, hangs, comes twice or is asked to leave."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import psutil

from tests.coaching.browser import Browser
from tests.coaching.installation import STALE_S
from tests.faults.harm import CRASHES, HANGS
from tests.faults.house import PATIENCE_S
from tests.faults.servers import wait_until
from tests.faults.table import row

if TYPE_CHECKING:
    from tests.faults.house import House

UPLOAD_S = 2.0


@row("SIGKILL of a worker in mid-film", "its next attempt does it", "embedded", "server", quick=("embedded",))
def worker_killed(house: House) -> None:
    worker = house.all_up()
    run = house.submit_and_reach_middle()
    worker.kill_all()
    assert house.site.look(run)["state"] == "running"
    house.running("worker")
    assert house.ends(run)["attempt"] == 2


@row("SIGKILL of a worker's child, as the kernel does for memory", "another child does it", "embedded", "server")
def child_killed(house: House) -> None:
    worker = house.all_up()
    run = house.submit_and_reach_middle()
    before = house.site.look(run)["worker"]
    worker.kill_child_at_work(int(before.rpartition(":")[2]))
    end = house.ends(run)
    assert end["attempt"] == 2
    assert end["worker"] != before
    assert worker.lives


@row(
    "SIGTERM of a worker in mid-film",
    "handed back at once, no attempt lost; another worker does it",
    "server",
    quick=("server",),
)
def worker_asked_to_leave(house: House) -> None:
    worker = house.all_up()
    run = house.submit_and_reach_middle()
    worker.ask_to_leave()
    wait_until(lambda: not worker.lives, "the worker has left")
    assert worker.process.returncode == 0
    row = house.site.look(run)
    assert (row["state"], row["attempt"], row["handed_back"]) == ("queued", 1, 1)
    house.running("worker")
    assert house.ends(run)["attempt"] == 2


@row("SIGKILL of the web process in mid-upload", "the page sends on from the last slice", "server")
def web_killed(house: House) -> None:
    house.all_up()
    web = house.running("web")
    browser = Browser(house.port)
    house.sign_in(browser)
    film = house.film(seconds=UPLOAD_S).read_bytes()
    third = len(film) // 3
    place = browser.announce("set.mp4", len(film))
    assert browser.send_slice(place["slice_url"], 0, film[:third]).status == 200
    browser.break_off_slice(place["slice_url"], third, film[third:])
    web.kill_all()
    house.running("web")
    again = browser.announce("set.mp4", len(film))
    assert (again["slice_url"], again["offset"]) == (place["slice_url"], third)
    assert browser.send_slice(place["slice_url"], third, film[third:]).status == 201
    house.ends(house.newest_run())


@row("SIGTERM of the web process in mid-slice", "the slice is answered, then the process ends", "server")
def web_asked_to_leave(house: House) -> None:
    house.all_up()
    web = house.running("web")
    browser = Browser(house.port)
    house.sign_in(browser)
    film = house.film(seconds=UPLOAD_S).read_bytes()
    place = browser.announce("set.mp4", len(film))
    half = len(film) // 2
    with browser.begin_slice(place["slice_url"], 0, len(film)) as sending:
        sending.sendall(film[:half])
        time.sleep(0.5)
        web.ask_to_leave()
        time.sleep(0.5)
        sending.sendall(film[half:])
        assert b" 201 " in sending.recv(4096).split(b"\r\n")[0]
    wait_until(lambda: not web.lives, "the web process has left")
    house.ends(house.newest_run())


@row("SIGKILL of beat, and a worker lost meanwhile", "found when beat is back", "server")
def beat_killed(house: House) -> None:
    worker = house.all_up()
    house.running("beat").kill_all()
    run = house.submit_and_reach_middle()
    worker.kill_all()
    house.running("worker")
    time.sleep(STALE_S)
    assert house.site.look(run)["state"] == "running"
    house.running("beat")
    assert house.ends(run)["attempt"] == 2


@row("Two beats", "whatever is called twice happens once", "server")
def two_beats(house: House) -> None:
    worker = house.all_up()
    house.running("beat-2")
    run = house.submit_and_reach_middle()
    worker.kill_all()
    house.running("worker")
    assert house.ends(run)["attempt"] == 2
    house.stop("beat-2")


@row("A worker that sleeps, and wakes when its run is another's", "the late one stores nothing", "embedded", "server")
def zombie(house: House) -> None:
    house.stop("worker-2")
    sleeper = house.all_up()
    run = house.submit_and_reach_middle()
    sleeper.signal_all(signal.SIGSTOP)
    while not house.site.call("is_writable"):  # stopped in the middle of a heartbeat, with the database in its hand
        sleeper.signal_all(signal.SIGCONT)
        time.sleep(0.2)
        sleeper.signal_all(signal.SIGSTOP)
    house.running("worker-2")
    end = house.ends(run)
    assert end["attempt"] == 2
    stored = house.site.call("files")
    sleeper.signal_all(signal.SIGCONT)
    wait_until(lambda: sleeper.said(f"run {run}, attempt 1: over"), "the late one is through")
    assert house.site.look(run) == end
    assert house.site.call("files") == stored
    house.stop("worker-2")


@row("Every message twice, two workers", "each run once", "embedded", "server", quick=("embedded",))
def messages_twice(house: House) -> None:
    runs = [house.submit() for _ in range(4)]
    for run in runs:
        house.site.call("send_again", run=run)
    workers = [house.all_up(), house.running("worker-2")]
    ends = [house.ends(run) for run in runs]
    for run in runs:
        house.site.call("send_again", run=run)
    late = f"run {runs[-1]}: nothing to do"
    wait_until(lambda: any(worker.said(late) for worker in workers), "a second message came")
    assert [end["attempt"] for end in ends] == [1] * len(runs)
    house.stop("worker-2")


@row("SIGKILL just before the row names the film without sound", "its next attempt does it; no film lost", "embedded")
def killed_before_the_film_changes(house: House) -> None:
    _killed_while_stripping(house, "before")


@row("SIGKILL just after the row names the film without sound", "its next attempt does it; no film lost", "embedded")
def killed_after_the_film_changed(house: House) -> None:
    _killed_while_stripping(house, "after")


def _killed_while_stripping(house: House, moment: str) -> None:
    """The two moments at which a film has two files: one is what the row names, the other the sweep's."""
    house.stop_all()
    run = house.submit()
    sent = house.site.call("named_files")
    house.site.run_and_be_killed("tests.faults.killed_while_stripping", str(run), moment)
    assert (house.site.call("named_files") == sent) is (moment == "before")
    house.all_up()
    assert house.ends(run)["attempt"] == 2
    left = set(house.site.call("files")) - set(house.site.call("named_files"))
    assert [name.partition("/")[0] for name in left] == ["video"]
    house.site.call("sweep")


@row("A run is cancelled in mid-film", "it stops within seconds, keeps nothing, and the worker goes on", "embedded")
def cancelled(house: House) -> None:
    house.all_up()
    run = house.submit_and_reach_middle()
    house.site.call("cancel", run=run)
    end = house.ends(run, "cancelled")
    assert (end["attempt"], end["assessments"]) == (1, 0)
    assert house.ends(house.submit())["worker"] == end["worker"]


@row("A message is lost in the broker's folder", "called again by the reaper", "embedded")
def message_lost(house: House) -> None:
    house.stop_all()
    run = house.submit()
    for message in (house.site.folder / "broker" / "runs").glob("*.msg"):
        message.unlink()
    house.all_up()
    assert house.ends(run)["attempt"] == 1


@row("All that python -m config.stack started is asked to leave", "the film is handed back, all end", "server")
def stack_asked_to_leave(house: House) -> None:
    house.stop_all()
    stack = house.stack()
    wait_until(lambda: stack.said("ready"), "the stack is ready", patience_s=PATIENCE_S)
    web = next(pid for pid in stack.pids() if "uvicorn" in psutil.Process(pid).cmdline())
    os.kill(web, signal.SIGKILL)
    wait_until(lambda: stack.said("web ended with -9: started again"), "the stack starts what ended")
    run = house.submit_and_reach_middle()
    children = stack.pids()
    stack.ask_to_leave()
    wait_until(lambda: not stack.lives, "the stack has left", patience_s=PATIENCE_S)
    assert stack.process.returncode == 0
    assert [pid for pid in children if psutil.pid_exists(pid)] == []
    row = house.site.look(run)
    assert (row["state"], row["handed_back"]) == ("queued", 1)
    house.all_up()
    house.ends(run)


def _beside_a_broken_library(house: House, harm: bytes, **variables: str) -> None:
    """A film that harms the library of a worker, and one behind it."""
    house.all_up()
    house.stop("worker")
    film = house.folder / "harm.mp4"
    film.write_bytes(house.film().read_bytes() + harm)
    bad, good = house.submit(film), house.submit()
    worker = house.worker_with_broken_library(**variables)
    try:
        assert house.ends(good)["attempt"] == 1
        assert house.ends(bad, "failed", code="worker_lost")["attempt"] == 2
        assert worker.lives
        house.ends(house.submit())  # and whoever comes next tidies up after the dead
    finally:
        worker.stop()


@row(
    "A film on which a native library crashes",
    "its child dies; it fails as worker_lost, the queue goes on",
    "server",
)
def library_crashes(house: House) -> None:
    _beside_a_broken_library(house, CRASHES)


@row(
    "A film on which a native library hangs", "its child is ended; it fails as worker_lost, the queue goes on", "server"
)
def library_hangs(house: House) -> None:
    _beside_a_broken_library(house, HANGS, RUN_SILENT_SECONDS="6")
