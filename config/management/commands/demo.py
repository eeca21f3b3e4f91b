"""`make demo`: what the project claims, on this machine, with the real processes."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files import File
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from coaching.codes import advice_for, upload_advice
from coaching.models import AnalysisRun, Session
from coaching.printout import result_lines
from coaching.services import start_run, submit_video
from config.env import env_bool, env_int
from config.processes import WORKER, WORKER_OPTIONS, Children
from studies.demo import CONTROL, EXPERIMENTAL, DemoStudy, load_demo_study
from studies.errors import StudyError
from studies.models import Participant

if TYPE_CHECKING:
    import subprocess
    from argparse import ArgumentParser
    from typing import NoReturn

PATIENCE_S = 900.0
START_S = 30.0


@dataclass(frozen=True, slots=True)
class Film:
    """A film to show. `reps` is the truth where the film was made here, None for somebody's own."""

    title: str
    path: Path
    reps: int | None = None
    arguments: tuple[str, ...] = ()


def simulated(folder: Path) -> list[Film]:
    rounded = ("--view", "side", "--reps", "3", "--seed", "2", "--fault", "rounded_upper_back:1")
    return [
        Film("Front view, a clean set", folder / "front.mp4", 3, ("--view", "front", "--reps", "3", "--seed", "1")),
        Film("Side view, the upper back rounds", folder / "side-rounded.mp4", 3, rounded),
    ]


class Command(BaseCommand):
    help = "Load the demonstration study, analyse two simulated clips (or --video) with a real worker, and serve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--video", type=Path, help="analyse this clip instead of the two simulated ones")

    def handle(self, *args: Any, video: Path | None, **options: Any) -> None:
        serve = env_bool(os.environ, "SERVE", default=True)
        port = env_int(os.environ, "PORT", default=8000)
        if not settings.EMBEDDED:
            raise CommandError("The demonstration has a public password: unset DATABASE_URL and REDIS_URL first.")
        if video is not None and not video.is_file():
            raise CommandError(f"There is no file {video}.")
        if serve and _is_taken(port):
            raise CommandError(f"Port {port} is in use. Choose another: PORT={port + 1} make demo")
        signal.signal(signal.SIGTERM, _leave)
        with Children(cwd=settings.BASE_DIR, log_dir=settings.VAR_DIR / "log") as children:
            problems = self._show(children, video)
            for problem in problems:
                self.stderr.write(self.style.ERROR(problem))
            if serve:
                self._serve(children, port)
        if problems:
            raise CommandError(f"{len(problems)} of the steps above did not work.")

    def _show(self, children: Children, video: Path | None) -> list[str]:
        """The whole printout. Returns what did not work."""
        call_command("migrate", verbosity=0)
        try:
            demo = load_demo_study()
        except StudyError as error:
            raise CommandError(str(error)) from error
        worker = children.start("worker", *WORKER, *WORKER_OPTIONS)
        films = [Film(video.name, video)] if video else self._render(children)
        queued = [(film, _upload(film, demo)) for film in films]
        problems: list[str] = []
        for film, session in queued:
            self._heading(film.title)
            problems += self._result(film, session, children, worker)
        self._heading("The paper's tables, computed from the study's rows")
        call_command("paper_tables", stdout=self.stdout)
        self._logins(demo)
        return problems

    def _render(self, children: Children) -> list[Film]:
        """Film the simulated lifter, both views at once; films of an earlier run are used again."""
        films = simulated(settings.VAR_DIR / "demo")
        started = []
        for film in films:
            if not film.path.with_suffix(".truth.json").is_file():  # written when the film is whole
                name = f"simulator-{film.path.stem}"
                started.append((name, children.start(name, "coaching.simulator", str(film.path), *film.arguments)))
        if started:
            self.stdout.write("Filming two simulated sets ...")
        for name, process in started:
            if process.wait():
                raise CommandError(f"The simulator failed:\n{children.tail(name)}")
        return films

    def _result(self, film: Film, session: Session, children: Children, worker: subprocess.Popen[bytes]) -> list[str]:
        if session.rejected_code:
            return [f"{film.title}: {upload_advice(session.rejected_code)} ({session.rejected_code})"]
        run = session.runs.latest("created_at")
        self._wait(run, children, worker)
        if run.state != AnalysisRun.State.DONE:
            return [f"{film.title}: {advice_for(run.failure_code)} ({run.failure_code or run.state})"]
        document = run.assessment.document
        for line in result_lines(document):
            self.stdout.write(line)
        found = len(document["reps"])
        if film.reps is None or (found == film.reps and all(rep["verdict"] for rep in document["reps"])):
            return []
        return [f"{film.title}: {film.reps} repetitions were simulated; {found} found, or not all were judged."]

    def _wait(self, run: AnalysisRun, children: Children, worker: subprocess.Popen[bytes]) -> None:
        """Show the worker's progress until the run is over. Raises CommandError when it can't come to an end."""
        deadline, live, shown = time.monotonic() + PATIENCE_S, sys.stdout.isatty(), ""
        while True:
            run.refresh_from_db()
            line = (
                f"  {run.get_state_display()}: {run.stage} {run.percent} %" if live else f"  {run.stage or run.state}"
            )
            if line != shown:
                self.stdout.write(f"\r\x1b[K{line}" if live else line, ending="" if live else "\n")
                self.stdout.flush()
                shown = line
            if not run.is_open:
                self.stdout.write("\r\x1b[K" if live else "", ending="")
                return
            if worker.poll() is not None or time.monotonic() > deadline:
                raise CommandError(f"The worker did not finish. The end of its log:\n{children.tail('worker')}")
            time.sleep(0.3)

    def _logins(self, demo: DemoStudy) -> None:
        self._heading(f"Sign in with the password {demo.password}")
        for login in demo.logins:
            if login.role != "student":
                self.stdout.write(f"  {login.username:<12} {login.role}")
        for arm, sees in ((EXPERIMENTAL, "sees the AI coach's feedback"), (CONTROL, "does not see it")):
            self.stdout.write(f"  {demo.student_of(arm):<12} student, {arm} arm: {sees}")

    def _serve(self, children: Children, port: int) -> None:
        """Until Ctrl-C. The worker goes on in the background."""
        url = f"http://127.0.0.1:{port}"
        options = ("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning")
        web = children.start("web", "uvicorn", "config.asgi:application", *options)
        deadline = time.monotonic() + START_S
        while not _answers(f"{url}/health/"):
            if web.poll() is not None or time.monotonic() > deadline:
                raise CommandError(f"The web server did not start:\n{children.tail('web')}")
            time.sleep(0.2)
        self._heading(f"LiftLab serves on {url}  (Ctrl-C ends it)")
        try:
            web.wait()
        except KeyboardInterrupt:
            self.stdout.write("\nStopping")
            return
        raise CommandError(f"The web server ended by itself:\n{children.tail('web')}")

    def _heading(self, text: str) -> None:
        self.stdout.write("")
        self.stdout.write(self.style.MIGRATE_HEADING(text))
        self.stdout.flush()


def _upload(film: Film, demo: DemoStudy) -> Session:
    """Through the same door as the web page. A film that is there already is analysed again, in the same session."""
    student = demo.student_of(EXPERIMENTAL)
    participant = Participant.objects.get(study=demo.study, user__username=student)
    with film.path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
        session = Session.objects.filter(participant=participant, sha256=digest, rejected_code="").first()
        if session is None:
            handle.seek(0)
            file = File(handle)
            session = submit_video(
                participant=participant, uploaded_by=participant.user, file=file, name=film.path.name
            )
    if not session.rejected_code:
        start_run(session)
    return session


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
            return True
    except (urllib.error.URLError, ConnectionError):
        return False


def _leave(*_: object) -> NoReturn:
    """On SIGTERM: as if the program ended, so that the children are stopped."""
    raise SystemExit(143)
