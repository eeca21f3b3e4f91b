"""A worker that was asked to leave, as its children see it: they finish what they have, or hand it back in time.

The parent hears SIGTERM, the children do the work. One number in memory that they inherit tells them since when.
"""

from __future__ import annotations

import mmap
import struct
import time
from typing import Any

from celery.signals import worker_init, worker_shutting_down

_SINCE = struct.Struct("d")
_shared = mmap.mmap(-1, _SINCE.size)  # anonymous: shared with every process forked from here on


@worker_init.connect  # type: ignore[untyped-decorator]
def stay(**_: Any) -> None:
    _SINCE.pack_into(_shared, 0, 0.0)


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def leave(**_: Any) -> None:
    """Called in the parent's signal handler."""
    _SINCE.pack_into(_shared, 0, time.monotonic())


def leaving_for_s() -> float:
    """Seconds since the worker was asked to leave; 0.0 while it is not. One clock for all processes of a machine."""
    (since,) = _SINCE.unpack_from(_shared, 0)
    return time.monotonic() - since if since else 0.0
