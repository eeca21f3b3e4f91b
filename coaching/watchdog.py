"""Ends the process of an analysis that hangs, even inside a native library that never gives the interpreter back.

A thread of Python can't help there: it would wait for the interpreter too. `faulthandler` keeps time in a thread of C
that needs nobody; it writes where every thread was, then ends the process. The worker's parent starts another child,
and the reaper finds the run.
"""

from __future__ import annotations

import faulthandler
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_STDERR = 2  # Celery puts an object without a file behind sys.stderr
_AGAIN_AFTER_S = 1.0


class Watchdog:
    """Ends this process when `fed` was not called for `patience_s`. One at a time in a process."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._fed_at = 0.0

    def __enter__(self) -> Self:
        self._wind_up()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        faulthandler.cancel_dump_traceback_later()

    def fed(self) -> None:
        """The analysis goes on. Cheap enough to be said for every picture."""
        if time.monotonic() - self._fed_at > min(_AGAIN_AFTER_S, self._patience_s / 4):
            self._wind_up()

    def _wind_up(self) -> None:
        self._fed_at = time.monotonic()
        faulthandler.dump_traceback_later(self._patience_s, exit=True, file=_STDERR)
