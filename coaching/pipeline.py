"""The only place where Django meets vision: claim a run, strip and assess its film, store the result, close the run.

Whatever happens to this process, a result is stored whole or not at all, and once: the attempt number is the fence.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import logging
import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from coaching import films, media, services
from coaching.heartbeat import Heartbeat, WorkerLeaves, interval_s
from coaching.models import AnalysisRun, Assessment, RepetitionRecord, Session, Still
from coaching.personal.history import lifter_of
from coaching.uploads import max_bytes
from coaching.vision.errors import PipelineError, RunStopped
from coaching.watchdog import Watchdog
from config.errors import StoreDownError
from studies.exposure.services import count_upload

if TYPE_CHECKING:
    from collections.abc import Callable

    from coaching.vision.personal import Lifter
    from coaching.vision.pipeline import ClipAssessment, Engines, Limits
    from coaching.vision.stills import Wanted
    from coaching.vision.types import ClipInfo, Stage

    Progress = Callable[[Stage, float], None]

logger = logging.getLogger(__name__)

# Where each stage ends on the way from 0 to 100: shares of the time that a phone clip takes.
STAGE_ENDS: dict[str, tuple[int, int]] = {
    "ingest": (0, 2),
    "probe": (2, 3),
    "pose": (3, 76),
    "features": (76, 78),
    "form": (78, 79),
    "classify": (79, 80),
    "overlay": (80, 93),
    "playable": (93, 98),
    "store": (98, 100),
}
_STORE_TRIES = 3
PATIENCE = dt.timedelta(days=1)
"""How long a run waits for a storage that is full or away, before it fails with that code."""
_STRIPPED_A_DAY = 50


@functools.cache
def engines() -> Engines:
    """The models, loaded on first use and kept for the life of the worker's child. Raises ModelMissing."""
    from coaching.vision.pipeline import Engines

    return Engines.load(models_dir=Path(settings.MODELS_DIR), pose_bundle=Path(settings.POSE_BUNDLE))


def run_next(run_id: int) -> None:
    """Analyse what should come next. A message tells that something waits; which run that is, is decided here and now,
    fair between students. `run_id`, for which the message was sent, where nothing else waits.
    """
    pause = dt.timedelta(seconds=settings.RUN_STALE_SECONDS)
    while (fairest := AnalysisRun.objects.fairest(pause)) is not None:
        if run := _claim(fairest):
            _attempt(run)
            return
    run_analysis(run_id)


def run_analysis(run_id: int) -> None:
    """Analyse a run if it is still waiting; a message that comes twice, or late, does nothing."""
    if run := _claim(run_id):
        _attempt(run)
    else:
        logger.info("run %s: nothing to do", run_id)


def _claim(run_id: int) -> AnalysisRun | None:
    return AnalysisRun.objects.claim(run_id, worker=f"{socket.gethostname()}:{os.getpid()}"[:100])


def _attempt(run: AnalysisRun) -> None:
    """Every end is a state of the row. Raises only when the database can't be written; then the reaper takes over."""
    started = time.monotonic()
    try:
        _analyse(run)
    except WorkerLeaves:
        logger.info("run %s: handed back, this worker was asked to leave", run.pk)
        services.hand_back(run)
    except RunStopped:
        run.close(state=AnalysisRun.State.CANCELLED)
    except PipelineError as error:
        logger.info("run %s: %s: %s", run.pk, error.code, error.detail)
        _fail(run, error.code)
    except media.FilmMissingError:
        logger.warning("run %s: its film is not in the storage", run.pk)
        _fail(run, "film_missing")
    except (MemoryError, OSError, OperationalError, InterfaceError) as error:
        logger.exception("run %s: refused by what it stands on", run.pk)
        _without_ground(run, error)
    except Exception:
        logger.exception("run %s: unexpected", run.pk)
        _fail(run, "internal")
    logger.info("run %s, attempt %s: over after %.1f s", run.pk, run.attempt, time.monotonic() - started)


def _fail(run: AnalysisRun, code: str) -> None:
    if not run.close(state=AnalysisRun.State.FAILED, failure_code=code):
        run.close(state=AnalysisRun.State.CANCELLED)  # if that was asked; else the run is not ours any more


def _without_ground(run: AnalysisRun, error: Exception) -> None:
    """Memory, disk, media storage or database gave way. Raises where the database is away: the reaper finds the run."""
    if isinstance(error, MemoryError):
        _fail(run, "out_of_memory")
    elif isinstance(error, StoreDownError):
        _wait(run, "storage_down")
    elif not isinstance(error, OSError):
        connection.close()
        _wait(run, "internal")
    elif media.is_full(error):
        _wait(run, "storage_full")
    else:
        _fail(run, "internal")


def _wait(run: AnalysisRun, code: str) -> None:
    """Not the film's fault: back to the queue, unrung, so that the reaper calls in RUN_STALE_SECONDS. For a day."""
    if timezone.now() - run.created_at > PATIENCE or not run.hand_back():
        _fail(run, code)


def _analyse(run: AnalysisRun) -> None:
    """Make the result and store it. Raises RunStopped when the run is no longer ours; then no file of it stays."""
    limits = _limits()
    silence_s = float(settings.RUN_SILENT_SECONDS)
    lifter = lifter_of(run.session)
    services.clear_dead_attempts()
    with media.incoming(media.attempt_folder(run.pk, run.attempt)) as folder, media.Shelf() as shelf:
        heartbeat = Heartbeat(run, interval_s=interval_s(), max_silence_s=silence_s)
        with heartbeat as heart, Watchdog(silence_s) as watchdog:
            progress = _progress(heart, watchdog)
            _ingest(run, folder, limits, progress)
            progress("probe", 0.0)
            with media.local(run.session.video, folder) as film:
                assessed = _assess(run.session, film, limits, progress, lifter)
                document = assessed.document
                made = _make_files(film, assessed, folder, progress)
                made += _make_playable(run.session, assessed, folder, progress)
            progress("store", 0.0)
            for path in made:
                shelf.put(path)
            progress("store", 1.0)
        if not _store(run, document, shelf.names):
            raise RunStopped


def _limits() -> Limits:
    from coaching.vision.pipeline import Limits

    return Limits(max_bytes=max_bytes(), max_duration_s=float(settings.CLIP_MAX_SECONDS))


def _ingest(run: AnalysisRun, folder: Path, limits: Limits, progress: Progress) -> None:
    """Take sound, place and date out of the film, once in its life. Raises RunStopped when the run is no longer ours.

    A film that can't be stripped stays as it was sent, with the reason; what is wrong with it the analysis will say.
    """
    progress("ingest", 0.0)
    if run.session.stored_sha256:
        return
    sent = run.session.video
    stripped = _strip(run.session, folder, limits, lambda fraction: progress("ingest", fraction))
    if stripped is None:
        return

    def still_ours() -> bool:
        return run.beat(stage="ingest", percent=STAGE_ENDS["ingest"][1])

    if not films.replace_by_stripped(run.session, stripped.path, stripped.sha256, may=still_ours):
        raise RunStopped
    media.discard(sent)


def _strip(
    session: Session, folder: Path, limits: Limits, on_progress: Callable[[float], None] | None = None
) -> ClipInfo | None:
    """The film's copy in `folder`; None when there can be none, which is noted. Raises OSError for want of room."""
    from coaching.vision.strip import NotStripped, strip

    with media.local(session.video, folder) as film:
        try:
            return strip(film, folder, limits, on_progress)
        except NotStripped as error:
            logger.warning("session %s: kept as it was sent: %s: %s", session.pk, error.code, error)
            films.note_kept_as_sent(session, error.code)
            return None


def strip_left_films() -> int:
    """Strip the films that no run has come to: stopped while they waited, or sent before films were stripped at all.

    Returns how many. The old files stay for the sweep: a run that begins at this moment may have one of them open.
    """
    count = 0
    for session in films.left_as_sent()[:_STRIPPED_A_DAY]:
        with media.incoming("strip") as folder, suppress(media.FilmMissingError):
            stripped = _strip(session, folder, _limits())
            if stripped is not None:
                idle = functools.partial(films.has_no_open_run, session)
                count += films.replace_by_stripped(session, stripped.path, stripped.sha256, may=idle)
    return count


def _assess(session: Session, film: Path, limits: Limits, progress: Progress, lifter: Lifter) -> ClipAssessment:
    from coaching.vision.pipeline import assess
    from coaching.vision.velocity import Measures

    name, sha256 = str(session.pk), session.sha256 or None
    stature_m = None if session.stature_cm is None else float(session.stature_cm) / 100.0
    measures = Measures(stature_m, None if session.plate_mm is None else session.plate_mm / 1000.0)
    return assess(
        film,
        engines(),
        limits=limits,
        on_progress=progress,
        name=name,
        sha256=sha256,
        lifter=lifter,
        measures=measures,
    )


def _progress(heart: Heartbeat, watchdog: Watchdog) -> Progress:
    """What the pipeline calls, in a stage's own 0..1, as one percentage of the whole."""

    def report(stage: Stage, fraction: float) -> None:
        watchdog.fed()
        first, last = STAGE_ENDS[stage]
        heart.report(stage, round(first + (last - first) * min(max(fraction, 0.0), 1.0)))

    return report


def _make_files(film: Path, assessed: ClipAssessment, folder: Path, progress: Progress) -> list[Path]:
    """Write what belongs to a result into `folder`, each under the name of its kind."""
    from coaching.vision.pipeline import poster_wanted, render_overlay, save_stills

    series, arrays = folder / "series.json", folder / "arrays.npz"
    series.write_text(json.dumps(assessed.series_document, allow_nan=False, separators=(",", ":")))
    assessed.save_arrays(arrays)
    wanted = [poster_wanted(assessed), *(picture for _purpose, picture in _stills_of(assessed.document))]
    made = [series, arrays, *save_stills(film, assessed, wanted, folder)]
    if assessed.document["refused"]:  # a skeleton over a film that was not judged would look like a judgement
        return made
    overlay = folder / "overlay.webm"
    render_overlay(film, assessed, overlay, progress)
    return [*made, overlay]


def _stills_of(document: dict[str, Any]) -> list[tuple[str, Wanted]]:
    from coaching.vision.history import judged_set
    from coaching.vision.pipeline import stills_wanted

    return stills_wanted(document["feedback"], judged_set(document, key="", at="").reps)


def _make_playable(session: Session, assessed: ClipAssessment, folder: Path, progress: Progress) -> list[Path]:
    """A copy for browsers, once in a film's life, where they can't play the film, or where it may not be shown."""
    from coaching.vision.playable import plays_in_browsers, write_playable

    if session.playable or (plays_in_browsers(assessed.info) and not session.kept_as_sent):
        return []
    playable = folder / "playable.webm"
    write_playable(assessed.info, playable, assessed.limits, progress)
    return [playable]


def _store(run: AnalysisRun, document: dict[str, Any], files: dict[str, str]) -> bool:
    """Close the run and write its result in one transaction. False when the run is no longer ours: nothing was written.

    A database that is locked for a moment is asked again: minutes of work hang on it.
    """
    for left in reversed(range(_STORE_TRIES)):
        try:
            with transaction.atomic():
                return store_result(run, document, files)
        except OperationalError:
            if not left:
                raise
            time.sleep(1.0)
    raise AssertionError("unreachable")


def store_result(run: AnalysisRun, document: dict[str, Any], files: dict[str, str]) -> bool:
    """Close a run and write its result; for a caller with a transaction of its own. False: the run is not ours."""
    model = document["model"]
    if not run.close(state=AnalysisRun.State.DONE, pipeline_version=str(model["pipeline_version"])[:40]):
        return False
    if playable := files.get("playable"):
        Session.objects.filter(pk=run.session_id).update(playable=playable)
    refused = document["refused"]
    assessment = Assessment.objects.create(
        run=run,
        document=document,
        view=document["view"] or "",
        refused_code=refused["code"] if refused else "",
        rep_count=len(document["reps"]),
        model_sha256=model["sha256"] or "",
        **{kind: files.get(kind, "") for kind in ("series", "arrays", "overlay", "poster")},
    )
    Still.objects.bulk_create(
        Still(
            assessment=assessment,
            purpose=purpose,
            fault=wanted.fault,
            number=wanted.rep,
            at_s=wanted.at_s,
            image=files[wanted.name],
        )
        for purpose, wanted in _stills_of(document)
        if wanted.name in files
    )
    RepetitionRecord.objects.bulk_create(
        RepetitionRecord(
            assessment=assessment,
            number=number,
            start_s=rep["start_s"],
            lockout_s=rep["lockout_s"],
            end_s=rep["end_s"],
            verdict=rep["verdict"] or "",
            p_correct=rep["p_correct"],
            concentric_s=rep["concentric_s"],
            top_s=rep["top_s"],
            eccentric_s=rep["eccentric_s"],
            floor_s=rep["floor_s"],
            faults=rep["faults"],
        )
        for number, rep in enumerate(document["reps"], start=1)
    )
    _count(run.session, len(document["reps"]))
    return True


def _count(session: Session, repetitions: int) -> None:
    """What the film adds to the student's training. It has no date of its own: the day of the upload stands for it.

    The film of a set that was lifted live is that set again, and takes the place of what was counted live.
    """
    live = session.filmed_live_sets.filter(session__isnull=False).first()
    count_upload(
        participant=session.participant,
        film=str(live.session_id if live else session.pk),
        held_on=timezone.localdate(session.uploaded_at),
        repetitions=repetitions,
        load_kg=session.load_kg,
    )
