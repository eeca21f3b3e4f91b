"""Is this process well? `python -m config.health web [PORT] | worker [NODE] | beat` ends with 0 or 1.

Light on purpose, because it is asked every few seconds: only the question to a worker loads anything of ours.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

BEAT_SILENT_S = 120.0
ANSWER_S = 3.0


def web(port: str = "8000") -> bool:
    """The database answers and knows all tables: a proxy may send people here."""
    # As a proxy asks: without the header a server that wants HTTPS would lead elsewhere.
    headers = {"X-Forwarded-Proto": "https", "Host": "localhost"}
    with closing(HTTPConnection("127.0.0.1", int(port), timeout=ANSWER_S)) as connection:
        connection.request("GET", "/ready/", headers=headers)
        return connection.getresponse().status == HTTPStatus.OK


def worker(node: str = "") -> bool:
    """The worker of this host (or the node) hears the broker and answers."""
    from config.celery import app

    name = node or f"celery@{os.environ.get('HOSTNAME') or os.uname().nodename}"
    return bool(app.control.ping(destination=[name], timeout=ANSWER_S))


def beat() -> bool:
    """The clock ticks: it touches its file at every tick."""
    ticked = Path(os.environ.get("LIFTLAB_VAR") or "var", "beat-schedule")
    return time.time() - ticked.stat().st_mtime < BEAT_SILENT_S


def main(arguments: list[str]) -> int:
    asks = {"web": web, "worker": worker, "beat": beat}
    if not arguments or arguments[0] not in asks:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        return 0 if asks[arguments[0]](*arguments[1:]) else 1
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
