"""A whole LiftLab beside the test's own: database, broker, media and worker processes that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psutil

from config.processes import Service

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
STALE_S = 6
PATIENCE_S = 180.0


class Process:
    """One service with its children: a process group of its own."""

    def __init__(self, service: Service, env: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", service.module, *service.arguments],
                cwd=ROOT,
                env=env,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def lives(self) -> bool:
        return self.process.poll() is None

    def pids(self) -> list[int]:
        """Of the process and all that it started."""
        return [self.process.pid, *(child.pid for child in psutil.Process(self.process.pid).children(recursive=True))]

    def ask_to_leave(self) -> None:
        """SIGTERM to the parent alone, as a supervisor sends it."""
        self.process.terminate()

    def signal_all(self, number: signal.Signals) -> None:
        os.killpg(self.process.pid, number)

    def kill_all(self) -> None:
        """What a power cut does, as far as a process can tell."""
        self.signal_all(signal.SIGKILL)
        self.process.wait()

    def kill_child_at_work(self, pid: int) -> None:
        """What the kernel does when memory runs out."""
        assert pid in self.pids()[1:]
        os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        if self.lives:
            self.signal_all(signal.SIGCONT)
            started = self.pids()
            self.kill_all()
            for pid in started:  # also those with a group of their own, as a stack's services have
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def said(self, text: str) -> bool:
        return text in self.log.read_text(errors="replace")


class Installation:
    """`call` reaches into it through `tests.coaching.console`."""

    def __init__(self, folder: Path, *, database_url: str = "", redis_url: str = "", **variables: str) -> None:
        self.folder = folder
        self.env = {
            **os.environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "LIFTLAB_TEST_VAR": str(folder),
            "SECRET_KEY": "tests only",
            "RUN_STALE_SECONDS": str(STALE_S),
            "REAPER_SECONDS": "1",
            "PYTHONWARNINGS": "ignore",
            **variables,
        }
        self.processes: list[Process] = []

    def __enter__(self) -> Self:
        migrate = [sys.executable, "manage.py", "migrate", "-v", "0", "--skip-checks"]
        subprocess.run(migrate, cwd=ROOT, env=self.env, check=True, capture_output=True)
        with (self.folder / "console.log").open("ab") as log:
            self._console = subprocess.Popen(
                [sys.executable, "-m", "tests.coaching.console"],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop_processes()
        self._console.kill()
        self._console.wait()
        for pipe in (self._console.stdin, self._console.stdout):
            if pipe:
                pipe.close()

    def call(self, name: str, **arguments: Any) -> Any:
        assert self._console.stdin
        assert self._console.stdout
        self._console.stdin.write(json.dumps({"call": name, **arguments}) + "\n")
        self._console.stdin.flush()
        while line := self._console.stdout.readline():
            if line.startswith('{"answer"'):
                return json.loads(line)["answer"]
        raise AssertionError(f"the console died in {name}")

    def start(self, service: Service, **variables: str) -> Process:
        process = Process(service, self.env | variables, self.folder / f"{service.name}.log")
        self.processes.append(process)
        return process

    def run_and_be_killed(self, module: str, *arguments: str) -> None:
        """Something that ends by its own SIGKILL."""
        command = [sys.executable, "-m", module, *arguments]
        assert subprocess.run(command, check=False, cwd=ROOT, env=self.env).returncode == -signal.SIGKILL

    def start_worker(self, name: str = "one", *, beat: bool = True) -> Process:
        """A worker for every queue, with its own beat if asked: what runs where nothing is set."""
        options = ("--concurrency", "1", "--hostname", f"{name}@test", *(["-B"] if beat else []))
        arguments = ("-A", "config", "worker", "--pool", "prefork", "--loglevel", "INFO", *options)
        return self.start(Service(name, "celery", arguments))

    def stop_processes(self) -> None:
        for process in self.processes:
            process.stop()
        self.processes.clear()

    def submit(self, film: Path) -> int:
        run: int = self.call("submit", path=str(film))["run"]
        return run

    def look(self, run: int) -> dict[str, Any]:
        row: dict[str, Any] = self.call("look", run=run)
        return row

    def wait(
        self, run: int, until: Callable[[dict[str, Any]], bool], *, patience_s: float = PATIENCE_S
    ) -> dict[str, Any]:
        """Look at the run until it is so. The worker's log is part of the complaint when it never is."""
        deadline = time.monotonic() + patience_s
        while not until(row := self.look(run)):
            if time.monotonic() > deadline:
                logs = "\n".join(path.read_text(errors="replace")[-3000:] for path in self.folder.glob("*.log"))
                raise AssertionError(f"still {row} after {patience_s:.0f} s\n{logs}")
            time.sleep(0.2)
        return row

    def wait_for_end(self, run: int) -> dict[str, Any]:
        return self.wait(run, lambda row: row["state"] not in {"queued", "running"})

    def wait_for_middle(self, run: int) -> dict[str, Any]:
        """In the middle of the film: pictures have been analysed, more are to come."""
        row = self.wait(run, lambda row: row["percent"] >= 10 or row["state"] not in {"queued", "running"})
        assert row["state"] == "running", row
        return row
