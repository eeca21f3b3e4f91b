"""A broker that needs no server: a folder a queue, a file a message.

kombu's own filesystem transport writes a message in place (a worker that looks at the wrong moment reads half of one
and stops), takes it through the machine's shared temporary folder (a copy, where that is another disk), and keeps
tables of bindings on disk that two processes starting at once can empty. Here a message appears by rename and is taken
by rename, so that one reader gets it whole, and bindings live in each process. What a killed worker had in its hands is
lost; that is allowed, because the rows say what is to be done and the reaper calls again.
"""

from __future__ import annotations

import json
import logging
import os
import time
import uuid
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, virtual

logger = logging.getLogger(__name__)

SCHEME = "spool"
SUFFIX = ".msg"


class Channel(virtual.Channel):
    """One connection's view of the folders under transport option `folder`."""

    supports_fanout = False

    def _folder(self, queue: str) -> Path:
        if not queue.replace("_", "").replace("-", "").replace(".", "").isalnum() or queue.startswith("."):
            raise ValueError(f"queue name {queue!r} can't be a folder")
        folder = Path(self.connection.client.transport_options["folder"]) / queue
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def _waiting(self, queue: str) -> list[Path]:
        return sorted(self._folder(queue).glob(f"*{SUFFIX}"))

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        target = self._folder(queue) / f"{time.time_ns():020d}-{uuid.uuid4().hex}{SUFFIX}"
        half = target.with_suffix(".half")
        half.write_text(json.dumps(message))
        half.replace(target)

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        for path in self._waiting(queue):
            taken = path.with_suffix(f".{os.getpid()}")
            with suppress(FileNotFoundError):  # another worker was first
                path.rename(taken)
                try:
                    message: dict[str, Any] = json.loads(taken.read_text())
                except ValueError:
                    logger.exception("dropped a message that is not JSON: %s", path.name)
                    continue
                finally:
                    taken.unlink()
                return message
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._waiting(queue))

    def _purge(self, queue: str) -> int:
        waiting = self._waiting(queue)
        for path in waiting:
            path.unlink(missing_ok=True)
        return len(waiting)


class Transport(virtual.Transport):
    """`spool://` with transport options `folder` and `polling_interval` (seconds)."""

    Channel = Channel
    driver_type = SCHEME
    driver_name = SCHEME

    def driver_version(self) -> str:
        return "1"


def register() -> None:
    """Make `spool://` a broker address that kombu knows."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
