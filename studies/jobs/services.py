"""Asking for a file, making it, ending it. Callers have authorised the person; `Kind.may` guards the file itself."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import os
import socket
import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies import files
from studies.errors import StudyError
from studies.jobs.kinds import JobStopped, Kind, Made, Work, kind_of
from studies.models import Job

if TYPE_CHECKING:
    from studies.models import Participant, Study, User

logger = logging.getLogger(__name__)

FOLDER = "export"
STALE_S = 600.0
ATTEMPTS_MAX = 3
CALLED_AT_ONCE = 20

ADVICE = {
    "storage_full": _("The server had no room for the file. Tell the course staff, then ask for it again."),
    "worker_lost": _("The work was interrupted several times. Ask for the file again, or tell the course staff."),
    "kind_unknown": _("This version of LiftLab can't make this file any more. Ask for it again."),
    "not_allowed": _("You may not have this file any more."),
    "internal": _("Something went wrong on our side. Ask for the file again, or tell the course staff."),
}
"""What each code of a job that has no file says to the person."""


def start(
    *,
    kind: str,
    by: User,
    study: Study | None = None,
    participant: Participant | None = None,
    params: dict[str, Any] | None = None,
) -> Job:
    """Queue a job and ring for it after the commit. The same request that is still open is returned as it is.

    Raises StudyError kind_unknown.
    """
    if kind_of(kind) is None:
        raise StudyError("kind_unknown", ADVICE["kind_unknown"])
    asked = {"kind": kind, "requested_by": by, "study": study, "participant": participant}
    for job in Job.objects.open().filter(**asked, cancel_requested=False):
        if job.params == (params or {}):
            return job
    job = Job.objects.create(**asked, params=params or {})
    _ring(job.pk)
    return job


def _ring(pk: uuid.UUID) -> None:
    from studies.tasks import run_job  # tasks -> services; this way only here

    transaction.on_commit(lambda: run_job.delay(str(pk)), robust=True)


def cancel(job: Job) -> None:
    """Stop a job: a waiting one at once, a running one at its next sign of life. One that is over stays."""
    Job.objects.open().filter(pk=job.pk).update(cancel_requested=True)
    Job.objects.filter(pk=job.pk, state=Job.State.QUEUED, cancel_requested=True).update(
        state=Job.State.CANCELLED, finished_at=timezone.now()
    )


def run(pk: uuid.UUID | str) -> None:
    """Make a job's file, if it still waits; a message that comes twice, or late, does nothing."""
    job = Job.objects.claim(uuid.UUID(str(pk)), worker=f"{socket.gethostname()}:{os.getpid()}"[:100])
    if job is None:
        return
    kind = kind_of(job.kind)
    try:
        if kind is None:
            _fail(job, "kind_unknown")
        elif job.requested_by is None or not kind.may(job.requested_by, job):
            _fail(job, "not_allowed")
        else:
            _make(job, kind)
    except JobStopped:
        job.close(state=Job.State.CANCELLED)
    except StudyError as error:
        _fail(job, error.code)
    except OSError as error:
        logger.exception("job %s: the operating system refused", job.pk)
        _fail(job, "storage_full" if files.is_full(error) else "internal")
    except Exception:
        logger.exception("job %s: unexpected", job.pk)
        _fail(job, "internal")


def _make(job: Job, kind: Kind) -> None:
    """The file gets its place first, then the row: what dies between leaves a file for the sweep, and no row."""
    with files.incoming(f"job-{job.pk.hex}") as folder:
        made = kind.make(Work(job, folder))
        about = _about(made)
        if not job.beat(99):
            raise JobStopped
        name = f"{FOLDER}/{uuid.uuid4().hex}{made.path.suffix}"
        files.keep(made.path, name)
    expires_at = timezone.now() + dt.timedelta(days=kind.keep_days)
    if not job.close(state=Job.State.DONE, percent=100, file=name, expires_at=expires_at, **about):
        files.discard(name)
        raise JobStopped


def _about(made: Made) -> dict[str, Any]:
    with made.path.open("rb") as handle:
        sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
    size = made.path.stat().st_size
    return {"file_name": made.name, "content_type": made.content_type, "size_bytes": size, "sha256": sha256}


def _fail(job: Job, code: str) -> None:
    if not job.close(state=Job.State.FAILED, error_code=code[:40]):
        job.close(state=Job.State.CANCELLED)


def reap() -> int:
    """Queue jobs of dead workers again (three times at most), ring for those that wait long. Returns how many."""
    now = timezone.now()
    silent_since = now - dt.timedelta(seconds=STALE_S)
    touched = 0
    for job in Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__lt=silent_since):
        same = Job.objects.filter(
            pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING, heartbeat_at=job.heartbeat_at
        )
        if job.cancel_requested:
            touched += same.update(state=Job.State.CANCELLED, finished_at=now)
        elif job.attempt >= ATTEMPTS_MAX:
            touched += same.update(state=Job.State.FAILED, error_code="worker_lost", finished_at=now)
        elif same.update(state=Job.State.QUEUED, dispatched_at=now, percent=0):
            _ring(job.pk)
            touched += 1
    waited = now - dt.timedelta(seconds=settings.RUN_STALE_SECONDS)
    for job in Job.objects.filter(state=Job.State.QUEUED, dispatched_at__lt=waited)[:CALLED_AT_ONCE]:
        same = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED, dispatched_at=job.dispatched_at)
        if same.update(dispatched_at=now):
            _ring(job.pk)
            touched += 1
    return touched


def expire() -> int:
    """Delete the files whose time is over, and files that no row names. The rows stay. Returns how many files went."""
    gone = 0
    for job in Job.objects.filter(state=Job.State.DONE, expires_at__lte=timezone.now()):
        gone += drop(job)
    named = set(Job.objects.exclude(file="").values_list("file", flat=True))
    return gone + files.sweep_folder(FOLDER, named)


def drop(job: Job) -> bool:
    """Delete the job's file now; the row says so. False when there was none."""
    with transaction.atomic():
        same = Job.objects.filter(pk=job.pk, state=Job.State.DONE, file=job.file).exclude(file="")
        if not same.update(state=Job.State.EXPIRED, file=""):
            return False
    files.discard(job.file)
    return True


def advice_of(job: Job) -> str:
    """What a job without a file says to the person; empty while it is on its way or ready."""
    if job.state != Job.State.FAILED:
        return ""
    return str(ADVICE.get(job.error_code, ADVICE["internal"]))
