"""The clock that rings for upkeep: remembers nothing between starts, shows that it ticks, dies with its worker."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from celery import beat
from celery.signals import beat_embedded_init
from django.conf import settings

PUT_BACK_S = 1.0

_embedded_in: int | None = None


@beat_embedded_init.connect  # type: ignore[untyped-decorator]
def _remember_worker(**_: Any) -> None:
    """With `celery worker -B` beat is the worker's child; a worker killed alone would leave it ringing for ever."""
    global _embedded_in  # noqa: PLW0603
    _embedded_in = os.getppid()


class Scheduler(beat.Scheduler):  # type: ignore[misc]
    """Celery's in-memory scheduler; its file-keeping one can be locked out by a process that is gone.

    Every tick touches `beat-schedule` under var/: an old one is a beat that hangs (docker-compose.yml looks at it).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._off_s = _wall_off_s()

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if _embedded_in is not None and os.getppid() != _embedded_in:
            raise SystemExit("the worker that this beat belongs to is gone")
        Path(settings.VAR_DIR, "beat-schedule").touch()
        self._follow_the_clock()
        seconds: float = super().tick(*args, **kwargs)
        return min(seconds, 5.0)

    def _follow_the_clock(self) -> None:
        """A clock that was put back an hour must not keep everything waiting for an hour: all begins from now."""
        before, self._off_s = self._off_s, _wall_off_s()
        if self._off_s < before - PUT_BACK_S:
            for entry in self.schedule.values():
                entry.last_run_at = self.app.now()
            self._heap = None  # of times by the old clock


def _wall_off_s() -> float:
    """How far the wall clock is from the one that never jumps."""
    return time.time() - time.monotonic()
