"""A run's sign of life, from a thread beside the analysis.

The analysis itself never touches the database: it says where it is, and hears when it has to stop. A stage that is slow
but alive keeps its run; one that has said nothing for minutes loses it to the reaper, as if its process were dead.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from coaching.vision.errors import RunStopped
from config.leaving import leaving_for_s

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from coaching.models import AnalysisRun

logger = logging.getLogger(__name__)


class WorkerLeaves(RunStopped):
    """The worker was asked to leave and its time is over: the run goes back to the queue."""


def interval_s() -> float:
    """Seconds between two signs of life."""
    return float(min(1.0, settings.RUN_STALE_SECONDS / 4))


class Heartbeat:
    """Beats every `interval_s` from entering to leaving. `report` is what the pipeline calls with its progress."""

    def __init__(self, run: AnalysisRun, *, interval_s: float, max_silence_s: float) -> None:
        self._run = run
        self._interval_s = interval_s
        self._max_silence_s = max_silence_s
        self._stage, self._percent = "", 0
        self._heard_at = time.monotonic()
        self._lost = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._loop, name=f"heartbeat-{run.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def report(self, stage: str, percent: int) -> None:
        """Where the analysis is. Raises RunStopped when the run was cancelled or belongs to another worker, and
        WorkerLeaves when this one was asked to leave longer than WORKER_GRACE_SECONDS ago.
        """
        if self._lost.is_set():
            raise RunStopped
        if leaving_for_s() > settings.WORKER_GRACE_SECONDS:
            raise WorkerLeaves
        self._stage, self._percent = stage, max(self._percent, min(percent, 100))
        self._heard_at = time.monotonic()

    def _loop(self) -> None:
        try:
            while not self._lost.is_set():
                self._beat()
                if self._over.wait(self._interval_s):
                    return
        finally:
            connection.close()  # this thread's own

    def _beat(self) -> None:
        if time.monotonic() - self._heard_at > self._max_silence_s:
            logger.error("run %s: no progress in stage %r, its worker stops vouching for it", self._run.pk, self._stage)
            self._lost.set()
            return
        try:
            if not self._run.beat(stage=self._stage, percent=self._percent):
                self._lost.set()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("run %s: heartbeat not written: %s", self._run.pk, error)
            connection.close()
