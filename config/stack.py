"""What docker-compose.yml starts, on one machine without containers: `python -m config.stack`.

Needs DATABASE_URL and REDIS_URL of servers that run already. Migrates, starts web, workers, upkeep and beat, says when
all are well, starts again what ends by itself, and on SIGTERM or Ctrl-C lets each finish or hand back what it has.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from config.processes import BEAT, FILMS, MIGRATE, UPKEEP, WEB, Children, Service

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
START_S = 300.0
AGAIN_AFTER_S = 2.0


def services(*, port: int, workers: int) -> dict[Service, tuple[str, ...]]:
    """Each service with the question that `config.health` asks about it. Names are unique on this machine."""
    asked: dict[Service, tuple[str, ...]] = {
        WEB.with_options("--host", "127.0.0.1", "--port", str(port)): ("web", str(port)),
        BEAT: ("beat",),
    }
    for service, count in ((FILMS, workers), (UPKEEP, 1)):
        for number in range(1, count + 1):
            name = f"{service.name}-{number}"
            node = f"{name}@{os.uname().nodename}"
            asked[service.with_options("--hostname", node, name=name)] = ("worker", node)
    return asked


def wait_until_well(questions: Sequence[tuple[str, ...]], *, patience_s: float = START_S) -> list[tuple[str, ...]]:
    """Ask until all are well or the patience is over. Returns what is not."""
    deadline = time.monotonic() + patience_s
    waiting = list(questions)
    while waiting and time.monotonic() < deadline:
        waiting = [question for question in waiting if not is_well(question)]
    return waiting


def is_well(question: tuple[str, ...]) -> bool:
    ask = [sys.executable, "-m", "config.health", *question]
    time.sleep(0.2)
    asked = subprocess.run(ask, cwd=ROOT, check=False, capture_output=True)  # noqa: S603 - our own module, no shell
    return asked.returncode == 0


def keep_running(children: Children, asked: dict[Service, tuple[str, ...]]) -> NoReturn:
    running = {service: children.start(service.name, service.module, *service.arguments) for service in asked}
    missing = wait_until_well(list(asked.values()))
    say(f"not well: {missing}" if missing else "ready")
    while True:
        time.sleep(AGAIN_AFTER_S)
        for service, process in running.items():
            if process.poll() is not None:
                say(f"{service.name} ended with {process.returncode}: started again")
                running[service] = children.start(service.name, service.module, *service.arguments)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def leave(*_: object) -> NoReturn:
    raise SystemExit(0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m config.stack", description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8000, help="of the web process, on 127.0.0.1 (default: 8000)")
    parser.add_argument(
        "--workers", type=int, default=1, help="for films; WORKER_CONCURRENCY processes each (default: 1)"
    )
    chosen = parser.parse_args()
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        parser.error("set DATABASE_URL and REDIS_URL first (docs/configuration.md); `make demo` needs neither")
    signal.signal(signal.SIGTERM, leave)
    asked = services(port=chosen.port, workers=chosen.workers)
    log_dir = Path(os.environ.get("LIFTLAB_VAR") or ROOT / "var") / "log"
    with Children(cwd=ROOT, log_dir=log_dir, grace_s=max(service.stop_s for service in asked)) as children:
        if children.start(MIGRATE.name, MIGRATE.module, *MIGRATE.arguments).wait():
            say(f"the migrations failed:\n{children.tail(MIGRATE.name)}")
            return 1
        keep_running(children, asked)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
