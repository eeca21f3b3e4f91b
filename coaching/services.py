"""What can be done with films and their runs. One door for the page, the API and the demonstration.

Callers have authorised the person through `coaching.access`. Nothing here waits for a worker or for the broker.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import shutil
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import KombuError

from coaching import media
from coaching.live.models import LiveSet
from coaching.models import AnalysisRun, Assessment, PendingUpload, Session, Still, media_path
from coaching.models.runs import clock
from coaching.personal.loss_alert import loss_alert_in_set
from coaching.uploads import max_bytes
from coaching.vision.container import demuxer_for
from coaching.vision.errors import NoFrames, NotAVideo
from config.celery import app as celery
from config.errors import StoreDownError
from studies.closing.rules import is_closed, refuse_closed
from studies.consent.selectors import takes_films
from studies.errors import StudyError

if TYPE_CHECKING:
    from decimal import Decimal

    from django.core.files import File

    from studies.models import Participant, User

logger = logging.getLogger(__name__)

SUFFIXES = {"mov": ".mp4", "matroska": ".mkv", "avi": ".avi", "mpegts": ".ts", "mpeg": ".mpg"}
REDISPATCH_AT_ONCE = 20
UNREFERENCED_AFTER_S = 24 * 3600.0


class RefusedError(Exception):
    """The film is not taken; `code` is in `coaching.codes.UPLOAD`."""

    def __init__(self, code: str, *, size: int = 0, sha256: str = "", duplicate_of: Session | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.size = size
        self.sha256 = sha256
        self.duplicate_of = duplicate_of


@dataclass(frozen=True, slots=True)
class AboutBarEntries:
    """What was told about lifter and bar; loss_alert_percent None: as the instructor chose."""

    stature_cm: Decimal | None = None
    plate_mm: int | None = None
    loss_alert_percent: int | None = None

    def fields(self, participant: Participant) -> dict[str, Any]:
        """For a row of `models.bar.AboutBar`, with the alert that holds for the student now."""
        return {
            "stature_cm": self.stature_cm,
            "plate_mm": self.plate_mm,
            "loss_alert_percent": loss_alert_in_set(participant, self.loss_alert_percent),
        }


@dataclass(frozen=True, slots=True)
class Received:
    """A film on this disk, whole, not yet among the media."""

    path: Path
    size: int
    sha256: str
    container: str


def submit_video(
    *,
    participant: Participant,
    uploaded_by: User | None,
    file: File[bytes],
    name: str,
    load_kg: Decimal | None = None,
    note: str = "",
    bar: AboutBarEntries | None = None,
    live_set: LiveSet | None = None,
) -> Session:
    """Keep a film, or a row that says why it was not kept (`rejected_code`). No analysis is started.

    live_set: the finished set of which this is the film. It is linked before any analysis can be queued, for what a
    set and its film add to the student's training is counted once (`coaching.pipeline.store_result`).

    `duplicate_of` of a row with the code `duplicate` is the session that holds the same film already.
    """
    about: dict[str, Any] = {
        "participant": participant,
        "uploaded_by": uploaded_by,
        "original_name": clean_name(name),
        "load_kg": load_kg,
        "note": note[:200],
        **(bar or AboutBarEntries()).fields(participant),
    }
    try:
        check_consent(participant)
        with media.incoming("upload") as folder:
            return _keep(_receive(file, folder), about, live_set)
    except RefusedError as refused:
        return _rejected(refused, about)


def check_consent(participant: Participant, *, lock: bool = False) -> None:
    """Raises RefusedError no_consent when no film of this student may be taken now, or with `lock` until the commit."""
    if not takes_films(participant, lock=lock):
        raise RefusedError("no_consent")


def refuse_video(*, participant: Participant, uploaded_by: User | None, name: str, size: int, code: str) -> Session:
    """The row of a film that was refused before it arrived: too large, no room, broken off."""
    about = {"participant": participant, "uploaded_by": uploaded_by, "original_name": clean_name(name)}
    return _rejected(RefusedError(code, size=size), about)


def clean_name(name: str) -> str:
    """A file's name without its path and without what can't be printed, at most 255 characters."""
    return "".join(char for char in Path(name).name if char.isprintable())[-255:]


def _receive(file: File[bytes], folder: Path) -> Received:
    """Bring the film to this disk while counting and hashing. A temporary upload is there already and is only read."""
    given = getattr(file, "temporary_file_path", None)
    path = Path(given()) if given else folder / "film"
    digest, size = hashlib.sha256(), 0
    try:
        with nullcontext() if given else path.open("wb") as copy:
            for chunk in file.chunks(1 << 20):
                size += len(chunk)
                if size > max_bytes():
                    raise RefusedError("too_large", size=max(size, file.size or 0))
                digest.update(chunk)
                if copy:
                    copy.write(chunk)
        return Received(path, size, digest.hexdigest(), demuxer_for(path))
    except NoFrames:
        raise RefusedError("empty_file") from None
    except NotAVideo:
        raise RefusedError(NotAVideo.code, size=size, sha256=digest.hexdigest()) from None
    except OSError as error:
        if media.is_full(error):
            raise RefusedError("storage_full", size=size) from error
        raise


def _keep(film: Received, about: dict[str, Any], live_set: LiveSet | None) -> Session:
    """The file gets its place first, then the row: what dies between leaves a file that `sweep` finds, and no row."""
    if is_closed(about["participant"].study_id):
        raise RefusedError("study_closed", size=film.size, sha256=film.sha256)
    _refuse_duplicate(film, about["participant"])
    name = media_path("video", SUFFIXES[film.container])
    try:
        media.keep(film.path, name)
    except StoreDownError as error:
        raise RefusedError("storage_down", size=film.size, sha256=film.sha256) from error
    except OSError as error:
        if media.is_full(error):
            raise RefusedError("storage_full", size=film.size, sha256=film.sha256) from error
        raise
    try:
        with transaction.atomic():
            refuse_closed(about["participant"].study_id)
            check_consent(about["participant"], lock=True)  # taken back while the film was on its way
            session = Session.objects.create(
                **about, size_bytes=film.size, sha256=film.sha256, video=name, container=film.container
            )
            if live_set is not None:
                LiveSet.objects.filter(pk=live_set.pk).update(film=session)
            return session
    except BaseException as error:
        media.discard(name)
        if isinstance(error, IntegrityError):  # the same film came twice at the same moment
            _refuse_duplicate(film, about["participant"])
        if isinstance(error, StudyError):  # somebody closed the study at the same moment
            raise RefusedError(error.code, size=film.size, sha256=film.sha256) from error
        raise


def _refuse_duplicate(film: Received, participant: Participant) -> None:
    kept = Session.objects.filter(participant=participant, sha256=film.sha256, rejected_code="").first()
    if kept is not None:
        raise RefusedError("duplicate", size=film.size, sha256=film.sha256, duplicate_of=kept)


def _rejected(refused: RefusedError, about: dict[str, Any]) -> Session:
    return Session.objects.create(
        **about,
        size_bytes=refused.size,
        sha256=refused.sha256,
        rejected_code=refused.code,
        duplicate_of=refused.duplicate_of,
    )


def start_run(session: Session) -> AnalysisRun:
    """Queue an analysis of a kept film and call the worker once the row is committed. An open run is returned as it is.

    A broker that does not answer costs seconds, not the run: the reaper calls again. Raises ValueError without a film,
    RefusedError `study_closed`.
    """
    if not session.video:
        raise ValueError("a rejected session has no film to analyse")
    try:
        with transaction.atomic():
            refuse_closed(session.participant.study_id)
            run = AnalysisRun.objects.create(session=session)
    except IntegrityError:
        return AnalysisRun.objects.open().get(session=session)
    except StudyError as error:
        raise RefusedError(error.code) from error
    _call_worker(run.pk)
    return run


def _call_worker(run_id: int) -> None:
    from coaching.tasks import process_run  # tasks -> services; this way only here

    # A lambda: a failing functools.partial breaks robust=True on Django 5.2.
    transaction.on_commit(lambda: process_run.delay(run_id), robust=True)


def cancel_run(run: AnalysisRun) -> None:
    """Ask a run to stop: a waiting one is closed at once, a running one within seconds, a finished one stays."""
    AnalysisRun.objects.open().filter(pk=run.pk).update(cancel_requested=True)
    # Nobody can claim it any more, so that this can't race with a worker.
    AnalysisRun.objects.filter(pk=run.pk, state=AnalysisRun.State.QUEUED, cancel_requested=True).update(
        state=AnalysisRun.State.CANCELLED, finished_at=timezone.now()
    )


def hand_back(run: AnalysisRun) -> None:
    """The worker has to leave: another one shall have its run at once."""
    if run.hand_back():
        _call_worker(run.pk)
    else:
        run.close(state=AnalysisRun.State.CANCELLED)  # if that was asked


@dataclass(frozen=True, slots=True)
class Reaped:
    """How many runs the reaper found in each case."""

    requeued: int = 0
    lost: int = 0
    cancelled: int = 0
    called_again: int = 0


def reap(*, look_again_s: float = 0.0) -> Reaped:
    """The one recovery path. Runs without a heartbeat go back to the queue, fail after the last attempt, or end as
    cancelled if that was asked; runs that wait too long get another message. Safe to run anywhere, any number at once.

    `look_again_s`: how long to wait before a run is taken from its worker. A clock that was put forward, or a database
    that was away, makes every worker look silent; whoever gives a sign of life meanwhile keeps its run.
    """
    silence = dt.timedelta(seconds=settings.RUN_STALE_SECONDS)
    silent = list(AnalysisRun.objects.stale(silence))
    if silent:
        time.sleep(look_again_s)
    ends = [_end_stale(run) for run in silent]
    called = 0
    for run in AnalysisRun.objects.waiting(silence)[: _messages_missing()]:
        same = AnalysisRun.objects.filter(pk=run.pk, state=AnalysisRun.State.QUEUED, dispatched_at=run.dispatched_at)
        if same.update(dispatched_at=clock()):
            _call_worker(run.pk)
            called += 1
    states = AnalysisRun.State
    return Reaped(ends.count(states.QUEUED), ends.count(states.FAILED), ends.count(states.CANCELLED), called)


def _messages_missing() -> int:
    """How many more messages the queued runs need, at most REDISPATCH_AT_ONCE. A run behind an hour of others has its
    own in the queue: calling again every minute would fill the broker.
    """
    queued = AnalysisRun.objects.filter(state=AnalysisRun.State.QUEUED, cancel_requested=False).count()
    if not queued:
        return 0
    with celery.connection_for_read() as broker:
        try:
            there = int(broker.default_channel.queue_declare("runs").message_count)
        except (KombuError, OSError, *broker.connection_errors):
            logger.warning("the broker does not answer; %s runs wait", queued)
            return 0
    return min(max(queued - there, 0), REDISPATCH_AT_ONCE)


def _end_stale(run: AnalysisRun) -> str:
    """Take the run from its silent worker. Returns its new state; empty when the worker spoke up in between."""
    states = AnalysisRun.State
    values: dict[str, Any]
    if run.cancel_requested:
        values = {"state": states.CANCELLED, "finished_at": clock()}
    elif run.attempt - run.handed_back >= settings.RUN_MAX_ATTEMPTS:
        values = {"state": states.FAILED, "failure_code": "worker_lost", "finished_at": clock()}
    else:
        values = {"state": states.QUEUED, "dispatched_at": clock(), "stage": "", "percent": 0}
    same = AnalysisRun.objects.filter(
        pk=run.pk,
        state=states.RUNNING,
        attempt=run.attempt,
        heartbeat_at=run.heartbeat_at,
        cancel_requested=run.cancel_requested,
    )
    if not same.update(**values):
        return ""
    if values["state"] == states.QUEUED:
        _call_worker(run.pk)
    return str(values["state"])


def clear_dead_attempts() -> None:
    """Remove what attempts that are over, or were taken from a dead process, had in the making on this machine."""
    folders = media.attempts_in_the_making()  # before the question: whoever begins after it is not among them
    running = AnalysisRun.objects.filter(state=AnalysisRun.State.RUNNING).values_list("pk", "attempt")
    alive = {media.attempt_folder(pk, attempt) for pk, attempt in running}
    for folder in folders:
        if folder.name.rpartition("-")[0] not in alive:
            shutil.rmtree(folder, ignore_errors=True)


def sweep() -> int:
    """Delete files that no row names and that are a day old: what killed processes and deleted rows left behind, and
    films of which nothing has come for a day.
    """
    names: set[str] = set()
    for films in Session.objects.exclude(video="").values_list("video", "playable"):
        names.update(films)
    for row in Assessment.objects.values_list("series", "arrays", "overlay", "poster"):
        names.update(row)
    names.update(Still.objects.values_list("image", flat=True))
    gone = media.sweep(names, older_than_s=UNREFERENCED_AFTER_S)
    day_ago = timezone.now() - dt.timedelta(seconds=UNREFERENCED_AFTER_S)
    for pending in PendingUpload.objects.filter(started_at__lt=day_ago):
        if not media.pending_folder(pending.pk).exists():
            pending.delete()
    return gone
