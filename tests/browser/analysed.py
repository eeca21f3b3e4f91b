"""One simulated set, filmed and analysed for real, once; and sessions made of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from coaching.models import AnalysisRun, Assessment, RepetitionRecord, Session, Still, media_path
from coaching.simulator import Camera, Faults, LiftSpec, Scene, simulate
from coaching.simulator.clip import render_clip
from coaching.vision.errors import ModelMissing
from coaching.vision.pipeline import Engines, assess, poster_wanted, render_overlay, save_stills, stills_wanted
from coaching.vision.playable import write_playable

if TYPE_CHECKING:
    from coaching.vision.stills import Wanted
    from studies.models import Participant


@dataclass(frozen=True, slots=True)
class Analysed:
    """The film, and what the pipeline made of it. `series` is the content of `series_file`."""

    film: Path
    document: dict[str, Any]
    series: dict[str, Any]
    series_file: Path
    overlay: Path
    poster: Path
    playable: Path
    stills: tuple[tuple[str, Wanted, Path], ...]


def analyse_simulated_set(folder: Path) -> Analysed:
    """Two repetitions from the lifter's left, small and at 20 frames a second: seconds of work, not minutes."""
    film = folder / "set.mp4"
    lift = simulate(LiftSpec(reps=2, faults=Faults.of(hips_first=0.9), fault_reps=(1,)), seed=1)
    # The plates of a light bar leave hip and knee in sight.
    render_clip(lift, Camera(yaw_deg=75, fps=20, width=360, height=480), Scene(plate_radius_m=0.12), film)
    try:
        engines = Engines.load(models_dir=settings.MODELS_DIR, pose_bundle=settings.POSE_BUNDLE)
    except ModelMissing as missing:
        pytest.skip(f"no result to look at: {missing}")
    found = assess(film, engines)
    overlay, poster, series = folder / "overlay.webm", folder / "poster.jpg", folder / "series.json"
    render_overlay(film, found, overlay)
    wanted = stills_wanted(found.document["feedback"], found.report.reps)
    save_stills(film, found, [poster_wanted(found), *(picture for _purpose, picture in wanted)], folder)
    stills = tuple((purpose, picture, folder / f"{picture.name}.jpg") for purpose, picture in wanted)
    playable = folder / "playable.webm"
    write_playable(found.info, playable)
    series.write_text(json.dumps(found.series_document), encoding="utf-8")
    return Analysed(film, found.document, found.series_document, series, overlay, poster, playable, stills)


def _store(kind: str, source: Path) -> str:
    name = media_path(kind, source.suffix)
    target = Path(settings.MEDIA_ROOT) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return name


def keep_session(participant: Participant, analysed: Analysed, **values: Any) -> Session:
    """A film that was taken; nothing is known of it yet."""
    number = Session.objects.count()
    about = {
        "original_name": "IMG_2041.MOV",
        "container": "mov",
        "load_kg": 80,
        "sha256": f"{number:064x}",
        "stored_sha256": f"{number:064x}",
        "video": _store("video", analysed.film),
        "playable": _store("playable", analysed.playable),
        "size_bytes": analysed.film.stat().st_size,
    }
    return Session.objects.create(participant=participant, **{**about, **values})


def finish(run: AnalysisRun, analysed: Analysed, **changes: Any) -> Assessment:
    """Close the run with the analysed set as its result; `changes` replace parts of the document."""
    document = {**analysed.document, **changes}
    refused = document["refused"]
    assessment = Assessment.objects.create(
        run=run,
        document=document,
        view=document["view"],
        refused_code=refused["code"] if refused else "",
        rep_count=len(document["reps"]),
        series=_store("series", analysed.series_file),
        overlay=_store("overlay", analysed.overlay),
        poster=_store("poster", analysed.poster),
    )
    for rep in document["reps"]:
        times = {key: rep[key] for key in ("start_s", "lockout_s", "end_s", "p_correct")}
        RepetitionRecord.objects.create(
            assessment=assessment, number=rep["index"], verdict=rep["verdict"] or "", **times
        )
    for purpose, picture, path in analysed.stills:
        Still.objects.create(
            assessment=assessment,
            purpose=purpose,
            fault=picture.fault,
            number=picture.rep,
            at_s=picture.at_s,
            image=_store("still", path),
        )
    AnalysisRun.objects.filter(pk=run.pk).update(state=AnalysisRun.State.DONE, percent=100)
    return assessment


def make_result(participant: Participant, analysed: Analysed, **changes: Any) -> Session:
    session = keep_session(participant, analysed)
    run = AnalysisRun.objects.create(session=session, state=AnalysisRun.State.RUNNING, attempt=1)
    finish(run, analysed, **changes)
    return session
