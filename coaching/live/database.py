"""The database as the sockets ask it: in its own thread, over a connection that stays open while sets go on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

from asgiref.sync import SyncToAsync
from django.db import close_old_connections, connections

if TYPE_CHECKING:
    from collections.abc import Callable

IDLE_S = 10.0
P = ParamSpec("P")
R = TypeVar("R")


class _Rows(SyncToAsync[P, R]):
    """Closes a connection that failed, or that was idle for IDLE_S and may have been cut meanwhile, before a call."""

    used_s: ClassVar[float] = 0.0

    def thread_handler(self, loop: Any, *args: Any, **kwargs: Any) -> Any:
        idle_s = time.monotonic() - _Rows.used_s
        if idle_s > IDLE_S or any(one.errors_occurred for one in connections.all(initialized_only=True)):
            close_old_connections()
        try:
            ask: Any = super().thread_handler
            return ask(loop, *args, **kwargs)
        finally:
            _Rows.used_s = time.monotonic()


def rows_to_async(ask: Callable[P, R]) -> _Rows[P, R]:
    """As Channels' `database_sync_to_async`, which opens and closes a connection at each call.

    That costs several times what is asked, and SQLite empties its write-ahead log whenever the last one closes.
    """
    return _Rows(ask)
