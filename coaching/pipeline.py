"""The only place where Django meets vision: claim a run, assess its film, store the result, close the run.

Whatever happens to this process, a result is stored whole or not at all, and once: the attempt number is the fence.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import OperationalError, transaction

from coaching import media
from coaching.heartbeat import Heartbeat
from coaching.models import AnalysisRun, Assessment, RepetitionRecord
from coaching.uploads import max_bytes
from coaching.vision.errors import PipelineError, RunStopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from coaching.vision.pipeline import ClipAssessment, Engines
    from coaching.vision.types import Stage

    Progress = Callable[[Stage, float], None]

logger = logging.getLogger(__name__)

# Where each stage ends on the way from 0 to 100: shares of the time that a phone clip takes.
STAGE_ENDS: dict[str, tuple[int, int]] = {
    "probe": (0, 2),
    "pose": (2, 76),
    "features": (76, 78),
    "form": (78, 79),
    "classify": (79, 80),
    "overlay": (80, 98),
    "store": (98, 100),
}
_STORE_TRIES = 3


@functools.cache
def engines() -> Engines:
    """The models, loaded on first use and kept for the life of the worker's child. Raises ModelMissing."""
    from coaching.vision.pipeline import Engines

    return Engines.load(models_dir=Path(settings.MODELS_DIR), pose_bundle=Path(settings.POSE_BUNDLE))


def run_analysis(run_id: int) -> None:
    """Analyse a run if it is still waiting; a message that comes twice, or late, does nothing.

    Every end is a state of the row. Raises only when the database can't be written; then the reaper takes over.
    """
    run = AnalysisRun.objects.claim(run_id, worker=f"{socket.gethostname()}:{os.getpid()}"[:100])
    if run is None:
        logger.info("run %s: nothing to do", run_id)
        return
    started = time.monotonic()
    try:
        _analyse(run)
    except RunStopped:
        run.close(state=AnalysisRun.State.CANCELLED)
    except PipelineError as error:
        logger.info("run %s: %s: %s", run.pk, error.code, error.detail)
        _fail(run, error.code)
    except MemoryError:
        logger.exception("run %s: out of memory", run.pk)
        _fail(run, "out_of_memory")
    except media.FilmMissingError:
        logger.warning("run %s: its film is not in the storage", run.pk)
        _fail(run, "film_missing")
    except OSError as error:
        logger.exception("run %s: the operating system refused", run.pk)
        _fail(run, "storage_full" if media.is_full(error) else "internal")
    except Exception:
        logger.exception("run %s: unexpected", run.pk)
        _fail(run, "internal")
    logger.info("run %s, attempt %s: over after %.1f s", run.pk, run.attempt, time.monotonic() - started)


def _fail(run: AnalysisRun, code: str) -> None:
    if not run.close(state=AnalysisRun.State.FAILED, failure_code=code):
        run.close(state=AnalysisRun.State.CANCELLED)  # if that was asked; else the run is not ours any more


def _analyse(run: AnalysisRun) -> None:
    """Make the result and store it. Raises RunStopped when the run is no longer ours; then no file of it stays."""
    from coaching.vision.pipeline import Limits, assess

    limits = Limits(max_bytes=max_bytes(), max_duration_s=float(settings.CLIP_MAX_SECONDS))
    interval_s = min(1.0, settings.RUN_STALE_SECONDS / 4)
    media.clear_incoming(f"run-{run.pk}")  # of an attempt whose process is gone
    with media.incoming(f"run-{run.pk}-{run.attempt}") as folder, media.Shelf() as shelf:
        with Heartbeat(run, interval_s=interval_s) as heart:
            progress = _progress(heart)
            progress("probe", 0.0)
            with media.local(run.session.video, folder) as film:
                assessed = assess(film, engines(), limits=limits, on_progress=progress, name=str(run.session_id))
                document = assessed.document
                made = _make_files(film, assessed, folder, progress, judged=not document["refused"])
            progress("store", 0.0)
            for path in made:
                shelf.put(path.stem, path)
            progress("store", 1.0)
        if not _store(run, document, shelf.names):
            raise RunStopped


def _progress(heart: Heartbeat) -> Progress:
    """What the pipeline calls, in a stage's own 0..1, as one percentage of the whole."""

    def report(stage: Stage, fraction: float) -> None:
        first, last = STAGE_ENDS[stage]
        heart.report(stage, round(first + (last - first) * min(max(fraction, 0.0), 1.0)))

    return report


def _make_files(film: Path, assessed: ClipAssessment, folder: Path, progress: Progress, *, judged: bool) -> list[Path]:
    """Write what belongs to a result into `folder`, each under the name of its kind."""
    from coaching.vision.pipeline import render_overlay, save_poster

    series, arrays, poster = folder / "series.json", folder / "arrays.npz", folder / "poster.jpg"
    series.write_text(json.dumps(assessed.series_document, allow_nan=False, separators=(",", ":")))
    assessed.save_arrays(arrays)
    save_poster(film, assessed, poster)
    if not judged:  # a skeleton over a film that was not judged would look like a judgement
        return [series, arrays, poster]
    overlay = folder / "overlay.webm"
    render_overlay(film, assessed, overlay, progress)
    return [series, arrays, poster, overlay]


def _store(run: AnalysisRun, document: dict[str, Any], files: dict[str, str]) -> bool:
    """Close the run and write its result in one transaction. False when the run is no longer ours: nothing was written.

    A database that is locked for a moment is asked again: minutes of work hang on it.
    """
    for left in reversed(range(_STORE_TRIES)):
        try:
            with transaction.atomic():
                return _write(run, document, files)
        except OperationalError:
            if not left:
                raise
            time.sleep(1.0)
    raise AssertionError("unreachable")


def _write(run: AnalysisRun, document: dict[str, Any], files: dict[str, str]) -> bool:
    model = document["model"]
    if not run.close(state=AnalysisRun.State.DONE, pipeline_version=str(model["pipeline_version"])[:40]):
        return False
    refused = document["refused"]
    assessment = Assessment.objects.create(
        run=run,
        document=document,
        view=document["view"] or "",
        refused_code=refused["code"] if refused else "",
        rep_count=len(document["reps"]),
        model_sha256=model["sha256"] or "",
        **files,
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
            faults=rep["faults"],
        )
        for number, rep in enumerate(document["reps"], start=1)
    )
    return True
