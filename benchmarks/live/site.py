"""A LiftLab of its own for measurements and tests: a database, people who are signed in, and a real web server that can
be killed. Everything is in one folder.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN_S = 180.0

PEOPLE = """
import json, os, sys
import django
django.setup()
from django.conf import settings
from django.test import Client
from studies.models import AllocationList, Arm, Membership, Participant, Study, User
lifters = int(sys.argv[1])
study = Study.objects.create(title="Live")
arms = [
    Arm.objects.create(study=study, key=k, name=k, position=i, gives_ai_feedback=i == 0) for i, k in enumerate("ab")
]
allocation = AllocationList.objects.create(study=study, seed=0, algorithm="test", sha256="0" * 64)
def signed_in(user):
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value
people = []
for i in range(lifters + 1):
    user = User.objects.create_user(username=f"lifter{i}", password=None, first_name="First", last_name=f"Last{i}")
    arm = arms[1] if i == lifters else arms[0]
    row = Participant.objects.create(
        study=study, user=user, code=f"L{i}", year_of_study=2, arm=arm, allocation=allocation)
    people.append({"participant": row.pk, "cookie": signed_in(user)})
teacher = User.objects.create_user(username="teacher", password=None, first_name="Tea", last_name="Cher")
Membership.objects.create(study=study, user=teacher, role=Membership.Role.INSTRUCTOR)
print(json.dumps({"study": study.pk, "people": people, "teacher": signed_in(teacher)}))
"""

LOOK = """
import json, sys
import django
django.setup()
from coaching.live.models import LiveChunk, LiveSet
rows = []
for one in LiveSet.objects.order_by("started_at").select_related("session"):
    run = one.session.latest_run if one.session else None
    document = run.assessment.document if run else None
    rows.append({"id": str(one.pk), "state": one.state, "frames": one.frames, "count": one.count,
        "dropped": one.dropped, "session": str(one.session_id), "film": str(one.film_id),
        "reps": len(document["reps"]) if document else None,
        "stored": document["analysed"]["frames"] if document else None})
print(json.dumps({"sets": rows, "chunks": LiveChunk.objects.count()}))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """One installation under `folder`, served on loopback. `cores`: the server is kept on these."""

    def __init__(self, folder: Path, *, lifters: int = 1, cores: set[int] | None = None, **env: str) -> None:
        self.folder, self.port, self.cores = folder, free_port(), cores
        self.lifters = lifters
        self.env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LIFTLAB_VAR": str(folder),
            "SECRET_KEY": "measurements only",
            "POSE_BUNDLE": str(ROOT / "var" / "models" / "pose_landmarker_full.task"),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "DEBUG": "0",
            "HTTPS": "0",
            "ALLOWED_HOSTS": "127.0.0.1",
            **env,
        }
        self.server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        (self.folder / "incoming").mkdir(parents=True, exist_ok=True)
        self._python("manage.py", "migrate", "-v", "0", "--skip-checks")
        made = json.loads(self._python("-c", PEOPLE, str(self.lifters)).splitlines()[-1])
        self.study: int = made["study"]
        self.people: list[dict[str, Any]] = made["people"]
        self.teacher: str = made["teacher"]
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.kill()

    def _python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.env, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        return done.stdout

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self) -> None:
        """Start the web server, and wait until it answers."""
        sockets = ["--ws-per-message-deflate", "false", "--ws-max-size", "65536"]  # as the Dockerfile starts it
        arguments = ["-m", "uvicorn", "config.asgi:application", "--port", str(self.port), *sockets]
        arguments += ["--log-level", "warning"]
        with self.log.open("ab") as log:
            self.server = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env=self.env, stdout=log, stderr=subprocess.STDOUT
            )
        if self.cores:
            os.sched_setaffinity(self.server.pid, self.cores)
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not self._answers():
            if time.monotonic() > deadline or self.server.poll() is not None:
                raise RuntimeError(self.log.read_text(errors="replace")[-3000:])
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/health/")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def kill(self) -> None:
        """What a power cut does, as far as a process can tell."""
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGKILL)
            self.server.wait()

    def begin(self, person: int, **about: str) -> dict[str, Any]:
        """A new set of a lifter, as the page begins it."""
        cookie = self.people[person]["cookie"]
        fields = {"participant": str(self.people[person]["participant"]), **about}
        body = "&".join(f"{name}={value}" for name, value in fields.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        token = "t" * 32
        headers = {
            "Cookie": f"sessionid={cookie}; csrftoken={token}",
            "X-CSRFToken": token,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection.request("POST", "/sessions/live/begin/", body, headers)
        answer = connection.getresponse()
        said: dict[str, Any] = json.loads(answer.read())
        if answer.status != 201:
            raise RuntimeError(f"{answer.status}: {said}")
        return said

    def look(self) -> dict[str, Any]:
        """What the database knows of the live sets, oldest first."""
        found: dict[str, Any] = json.loads(self._python("-c", LOOK).splitlines()[-1])
        return found
