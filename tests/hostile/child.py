"""One hostile file through all that a worker does to a film before the pose, in a process of its own with limits."""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

MEMORY_BYTES = 3_000_000_000
WALL_S = 60


@dataclass(frozen=True, slots=True)
class End:
    """How it ended: a typed code, "read" (a film that is judged like any other), or what must not be."""

    code: str
    seconds: float
    peak_mb: float

    @property
    def is_bad(self) -> bool:
        return self.code.startswith(("crash", "hang", "untyped"))


def go_through(path: Path) -> str:
    """Sniff, strip, probe, decode to the end. Returns the code, or "read"."""
    from coaching.vision.clip import Limits, frames, probe
    from coaching.vision.container import demuxer_for
    from coaching.vision.errors import PipelineError
    from coaching.vision.strip import NotStripped, strip

    limits = Limits(max_duration_s=300.0)
    try:
        demuxer_for(path)
        with tempfile.TemporaryDirectory() as folder:
            film = path
            with suppress(NotStripped):  # then it is kept as it was sent
                film = strip(path, Path(folder), limits).path
            for _picture in frames(probe(film, limits)):
                pass
    except PipelineError as error:
        return error.code
    return "read"


def in_a_child(path: Path) -> End:
    """Fork, go through, and say how it ended. A child that dies or hangs is an end too, not ours.

    Its peak is without what this process had in memory when it forked.
    """
    read, write = os.pipe()
    began = time.monotonic()
    had_mb = psutil.Process().memory_info().rss / 1e6
    pid = os.fork()
    if pid == 0:
        os.close(read)
        _child(path, write)
    os.close(write)
    with os.fdopen(read) as answers:
        said = answers.read()
    _pid, status, usage = os.wait4(pid, 0)
    took_s = time.monotonic() - began
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        said = f"hang after {took_s:.0f} s" if number == signal.SIGALRM else f"crash: {signal.Signals(number).name}"
    return End(said or f"crash: exit {os.waitstatus_to_exitcode(status)}", took_s, usage.ru_maxrss * 1.024e-3 - had_mb)


def _child(path: Path, write: int) -> None:
    """Never returns."""
    faulthandler.disable()  # pytest's would tell of a crash at length
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(WALL_S)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        said = go_through(path)
    except MemoryError:
        said = "out_of_memory"
    except BaseException as error:
        said = f"untyped {type(error).__name__}: {error}".replace("\n", " ")[:200]
    os.write(write, said.encode())
    os._exit(0)
