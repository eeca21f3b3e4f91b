"""What runs on a server, as commands; and child processes of a command of ours.

`docker-compose.yml` starts the same services (tests/house/test_compose.py compares them), `python -m config.stack`
starts them on one machine without containers.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

GRACE_S = 8.0

# One analysis at a time; nobody listens to gossip over a broker of files.
WORKER = ("celery", "-A", "config", "worker", "-B", "--pool", "prefork", "--concurrency", "1")
WORKER_OPTIONS = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO")


@dataclass(frozen=True, slots=True)
class Service:
    """`python -m module arguments`. `stop_s`: how long it may take to end after SIGTERM."""

    name: str
    module: str
    arguments: tuple[str, ...]
    stop_s: int = 10

    def with_options(self, *options: str, name: str = "") -> Service:
        return replace(self, name=name or self.name, arguments=(*self.arguments, *options))


_PAGES = ("--proxy-headers", "--no-server-header", "--timeout-graceful-shutdown", "20")
_SOCKETS = ("--ws-per-message-deflate", "false", "--ws-max-size", "65536")
_CELERY_WORKER = ("-A", "config", "worker", "--pool", "prefork", "--loglevel", "INFO")

MIGRATE = Service("migrate", "manage", ("migrate", "--no-input"))
WEB = Service("web", "uvicorn", ("config.asgi:application", *_PAGES, *_SOCKETS), stop_s=30)
FILMS = Service("worker", "celery", (*_CELERY_WORKER, "--queues", "runs"), stop_s=90)
# Apart from the films: behind a queue of them, or one that hangs, the reaper would come too late.
UPKEEP = Service("upkeep", "celery", (*_CELERY_WORKER, "--queues", "upkeep,jobs", "--concurrency", "1"), stop_s=90)
BEAT = Service("beat", "celery", ("-A", "config", "beat", "--loglevel", "INFO", "--pidfile="))
SERVICES = (WEB, FILMS, UPKEEP, BEAT)


class Children:
    """Start with `start`; leaving the block ends them all, kindly first. Ctrl-C reaches only the parent."""

    def __init__(
        self, *, cwd: Path, log_dir: Path, env: Mapping[str, str] | None = None, grace_s: float = GRACE_S
    ) -> None:
        self._cwd = cwd
        self._log_dir = log_dir
        self._env = env
        self._grace_s = grace_s
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def start(self, name: str, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Run `python -m module arguments`, with its output in `name`.log."""
        self._log_dir.mkdir(parents=True, exist_ok=True)
        with self.log(name).open("ab") as log:
            child = subprocess.Popen(  # noqa: S603 - our own modules, no shell
                [sys.executable, "-m", module, *arguments],
                cwd=self._cwd,
                env=self._env,
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
            _wait(self._running, self._grace_s)
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


def _wait(children: Sequence[subprocess.Popen[bytes]], grace_s: float) -> None:
    deadline = time.monotonic() + grace_s
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=max(0.0, deadline - time.monotonic()))
