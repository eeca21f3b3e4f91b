"""Child processes of a command: each in a group of its own, with a log file, and gone when the command ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

GRACE_S = 8.0

# One analysis at a time; nobody listens to gossip over a broker of files.
WORKER = ("celery", "-A", "config", "worker", "-B", "--pool", "prefork", "--concurrency", "1")
WORKER_OPTIONS = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO")


class Children:
    """Start with `start`; leaving the block ends them all, kindly first. Ctrl-C reaches only the parent."""

    def __init__(self, *, cwd: Path, log_dir: Path) -> None:
        self._cwd = cwd
        self._log_dir = log_dir
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def start(self, name: str, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Run `python -m module arguments`, with its output in `name`.log."""
        self._log_dir.mkdir(parents=True, exist_ok=True)
        with self.log(name).open("wb") as log:
            child = subprocess.Popen(  # noqa: S603 - our own modules, no shell
                [sys.executable, "-m", module, *arguments],
                cwd=self._cwd,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._running.append(child)
        return child

    def log(self, name: str) -> Path:
        return self._log_dir / f"{name}.log"

    def tail(self, name: str, lines: int = 15) -> str:
        """The end of a child's log, for a message about its death."""
        return "\n".join(self.log(name).read_text(errors="replace").splitlines()[-lines:])

    def stop(self) -> None:
        """End every child with all its own children. A second Ctrl-C while waiting makes it short."""
        try:
            self._signal(self._running, signal.SIGTERM)
            _wait(self._running)
        finally:
            self._signal(self._running, signal.SIGKILL, groups=True)
            for child in self._running:
                child.wait()
            self._running.clear()

    @staticmethod
    def _signal(children: Sequence[subprocess.Popen[bytes]], number: signal.Signals, *, groups: bool = False) -> None:
        for child in children:
            with suppress(ProcessLookupError):
                if groups:  # what the child left behind
                    os.killpg(child.pid, number)
                elif child.poll() is None:
                    child.send_signal(number)


def _wait(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=GRACE_S)
