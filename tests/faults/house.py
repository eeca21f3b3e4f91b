"""A whole LiftLab on servers of its own, kept up between the rows of the table, and looked over after each."""

from __future__ import annotations

import http.client
import shutil
import tempfile
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from config.processes import BEAT, FILMS, UPKEEP, WEB, Service
from tests.coaching.films import write_film
from tests.coaching.installation import Installation, Process
from tests.factory import PASSWORD
from tests.faults.clock import Clock
from tests.faults.servers import Bucket, Postgres, Redis, free_port, wait_until

if TYPE_CHECKING:
    from tests.coaching.browser import Browser

Kind = Literal["embedded", "server"]
PATIENCE_S = 300.0


class House:
    """Everything that a row may break. `embedded`: SQLite and a broker of files; `server`: PostgreSQL, Redis and an
    object store.

    `running` starts a service, or returns the one that runs. A process that a row kills is gone until a row asks again.
    """

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._stack = ExitStack()
        self._processes: dict[str, Process] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.folder = Path(tempfile.mkdtemp(prefix=f"liftlab-{self.kind}-"))
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            var = self.folder / "var"
            var.mkdir()
            self.clock = Clock(self.folder)
            urls = self._servers(stack) if self.kind == "server" else {}
            self.port = free_port()
            self.site = stack.enter_context(Installation(var, **urls, **_QUICK, **self.clock.env))
            self._stack = stack.pop_all()
        return self

    def _servers(self, stack: ExitStack) -> dict[str, str]:
        self.redis, self.bucket = Redis(self.folder), Bucket(self.folder)
        self.postgres = Postgres(self.folder, self.clock.env)
        for server in (self.redis, self.postgres, self.bucket):
            stack.callback(server.stop)
            server.start()
        return {"database_url": self.postgres.url, "redis_url": self.redis.url, **self.bucket.env}

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def running(self, name: str) -> Process:
        """web, worker, worker-2, ..., upkeep or beat; embedded, every worker has all queues and a beat of its own."""
        process = self._processes.get(name)
        if process is None or not process.lives:
            process = self._processes[name] = self._start(name)
        return process

    def _start(self, name: str) -> Process:
        if self.kind == "embedded":
            return self.site.start_worker(name)
        process = self.site.start(self._service(name))
        if name == "web":
            wait_until(self.is_ready, "the web process is ready", patience_s=PATIENCE_S)
        return process

    def _service(self, name: str) -> Service:
        kind, _, _number = name.partition("-")
        if kind == "web":
            return WEB.with_options("--host", "127.0.0.1", "--port", str(self.port))
        if kind == "beat":
            return BEAT.with_options(name=name)
        service = {"worker": FILMS, "upkeep": UPKEEP}[kind]
        return service.with_options("--hostname", f"{name}@test", name=name)

    def worker_with_broken_library(self, **variables: str) -> Process:
        service = replace(self._service("worker-broken"), module="tests.faults.broken_decoder")
        return self.site.start(service, **variables)

    def stack(self) -> Process:
        """`python -m config.stack` in this house."""
        service = Service("stack", "config.stack", ("--port", str(self.port)))
        return self.site.start(service, LIFTLAB_VAR=str(self.site.folder))

    def all_up(self) -> Process:
        """Everything that runs on a server. Returns the worker for films."""
        for name in ("upkeep", "beat") if self.kind == "server" else ():
            self.running(name)
        return self.running("worker")

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with suppress(OSError):
            connection.request("GET", "/ready/")
            return connection.getresponse().status == http.HTTPStatus.OK
        return False

    def stop(self, name: str) -> None:
        process = self._processes.pop(name, None)
        if process:
            process.stop()

    def stop_all(self) -> None:
        for name in list(self._processes):
            self.stop(name)

    def reset(self) -> None:
        """After a row that failed: processes gone, what they stand on as it was."""
        self.stop_all()
        self.clock.set(0.0)
        if self.kind == "server":
            for server in (self.redis, self.postgres):
                server.stop()
                server.start()
            self.bucket.open()
        self.site.call("sweep")

    def film(self, *, seconds: float = 1.5) -> Path:
        """An empty room, refused as such after a second of work; longer, after seconds."""
        path = self.folder / f"{seconds}.mp4"
        return path if path.exists() else write_film(path, seconds=seconds)

    def submit(self, film: Path | None = None) -> int:
        return self.site.submit(film or self.film())

    def submit_and_reach_middle(self) -> int:
        """A run that has begun and is far from its end."""
        run = self.submit(self.film(seconds=LONG_S))
        self.site.wait_for_middle(run)
        return run

    def newest_run(self) -> int:
        run: int = self.site.call("newest_run")
        return run

    def ends(self, run: int, state: str = "done", *, code: str = "") -> dict[str, Any]:
        """Wait for the run's end, which must be this one. A film of nobody is done, with a result that says so."""
        end = self.site.wait_for_end(run)
        assert (end["state"], end["failure_code"]) == (state, code), end
        if state == "done":
            assert end["assessments"] == 1
            assert end["document"]["refused"]["code"] == "no_person"
        return end

    def sign_in(self, browser: Browser) -> None:
        browser.sign_in(self.site.call("student"), PASSWORD)

    def is_sound(self) -> None:
        """What must hold after every row: no run lost, no result twice, nothing stuck, no file too many or too few."""
        for session in self.site.call("everything"):
            if session["rejected_code"]:
                assert session["runs"] == [], session
                continue
            assert session["runs"], f"no run: {session}"
            assert not {"queued", "running"} & set(session["runs"]), f"stuck: {session}"
            assert session["assessments"] == session["runs"].count("done") <= 1, f"stored wrongly: {session}"
        assert self.site.call("files") == self.site.call("named_files")

    def logs(self) -> str:
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}" for path in self._log_files())

    def _log_files(self) -> list[Path]:
        return sorted(self.site.folder.glob("*.log"))


LONG_S = 25.0
_QUICK = {"RUN_MAX_ATTEMPTS": "2", "RUN_SILENT_SECONDS": "60", "WORKER_GRACE_SECONDS": "1"}
