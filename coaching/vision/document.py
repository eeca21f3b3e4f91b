"""The result as JSON: what is stored, shown and exported. Every field is described in docs/pipeline.md."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from coaching.vision.reference import Reference
from coaching.vision.stance import LEAN_CLASSES, STANCE_CLASSES, steady_labels
from coaching.vision.tempo import spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.vision.errors import PipelineError
    from coaching.vision.personal import Personal
    from coaching.vision.progress import Change, SetMeasure
    from coaching.vision.settings_table import FormSettings
    from coaching.vision.types import (
        ClipInfo,
        Cue,
        Fault,
        FormReport,
        Label,
        Moment,
        Refusal,
        Rep,
        Track,
        ViewEstimate,
    )
    from coaching.vision.velocity import SetSpeed

    Json = dict[str, Any]

SCHEMA = 1
PIPELINE_VERSION = "1.0"
SERIES_HZ = 30.0


def number(value: float | None, digits: int = 4) -> float | None:
    """A finite number, rounded; None otherwise, because JSON has no NaN."""
    return round(float(value), digits) if value is not None and math.isfinite(value) else None


def numbers(values: NDArray[Any], digits: int) -> list[float | None]:
    return [number(value, digits) for value in values.tolist()]


def model_block(
    name: str | None, version: str | None, sha256: str | None, pose: str, pose_sha256: str | None = None
) -> Json:
    classifier = {"name": name, "version": version, "sha256": sha256}
    return {**classifier, "pose": pose, "pose_sha256": pose_sha256, "pipeline_version": PIPELINE_VERSION}


def clip_document(clip: str, info: ClipInfo, track: Track, report: FormReport, model: Json, *, speed: SetSpeed) -> Json:
    """The document of an analysed clip, refused or judged."""
    return {
        "schema": SCHEMA,
        "clip": clip,
        "sha256": info.sha256,
        "fps": number(info.fps),
        "duration_s": number(info.duration_s),
        "width": info.width,
        "height": info.height,
        "analysed": {
            "fps": number(track.fps),
            "frames": int(track.time_s.size),
            "width": track.width,
            "height": track.height,
            "detected": number(float(track.detected.mean()) if track.detected.size else 0.0),
        },
        "view": report.view.label,
        "view_detail": _view(report.view),
        "refused": _refusal(report.refused) if report.refused else None,
        "notices": [_refusal(notice) for notice in report.notices],
        "stance": _label(report.stance),
        "lean": _label(report.lean),
        "reps": [_rep(rep) for rep in report.reps],
        "velocity": velocity_block(speed, report.reps) if report.reps else None,
        "feedback": [_cue(cue) for cue in report.cues],
        "coaching": _personal(report.personal) if report.personal else None,
        "model": model,
    }


def failed_document(clip: str, error: PipelineError, model: Json) -> Json:
    """The document of a file that could not be read: the same fields, with nothing in them but the reason."""
    unseen: Json = {
        "label": None,
        "score": None,
        "observable": False,
        "scores": {},
        "value": None,
        "sigma": None,
        "unit": "",
        "advice": "",
        "reason": "The file could not be read.",
    }
    return {
        "schema": SCHEMA,
        "clip": clip,
        "sha256": None,
        "fps": None,
        "duration_s": None,
        "width": None,
        "height": None,
        "analysed": None,
        "view": None,
        "view_detail": None,
        "refused": {"code": error.code, "advice": error.advice},
        "notices": [],
        "stance": dict(unseen),
        "lean": dict(unseen),
        "reps": [],
        "velocity": None,
        "feedback": [],
        "coaching": None,
        "model": model,
    }


def _refusal(refusal: Refusal) -> Json:
    return {"code": refusal.code, "advice": refusal.advice}


def _view(view: ViewEstimate) -> Json:
    return {
        "yaw_deg": number(view.yaw_deg, 1),
        "shoulder_ratio": number(view.shoulder_ratio, 3),
        "p": number(view.p, 3),
    }


def _label(label: Label) -> Json:
    return {
        "label": label.label,
        "score": number(label.score),
        "observable": label.observable,
        "scores": {name: number(p) for name, p in label.scores.items()},
        "value": number(label.value),
        "sigma": number(label.sigma),
        "unit": label.unit,
        "advice": label.advice,
        "reason": label.reason,
    }


def _fault(fault: Fault) -> Json:
    return {
        "name": fault.name,
        "p": number(fault.p),
        "observable": fault.observable,
        "value": number(fault.value),
        "sigma": number(fault.sigma),
        "unit": fault.unit,
        "at_s": number(fault.at_s, 3),
        "reason": fault.reason,
    }


def _rep(rep: Rep) -> Json:
    return {
        "index": rep.index,
        "start_s": number(rep.start_s, 3),
        "lockout_s": number(rep.lockout_s, 3),
        "end_s": number(rep.end_s, 3),
        "verdict": rep.verdict,
        "p_correct": number(rep.p_correct),
        "unjudged_reason": rep.unjudged_reason,
        "confidence": number(rep.confidence),
        "concentric_s": number(rep.concentric_s, 3),
        "top_s": number(rep.top_s, 3),
        "eccentric_s": number(rep.eccentric_s, 3),
        "floor_s": number(rep.floor_s, 3),
        "faults": [_fault(fault) for fault in rep.faults],
    }


def velocity_block(speed: SetSpeed, reps: Sequence[Rep]) -> Json:
    """Mean concentric velocities of a set, the scale they are told by, and how the set held its speed and tempo."""
    stature, plate = speed.measures.stature_m, speed.measures.plate_m
    return {
        "unit": speed.unit,
        "scale": speed.scale,
        "stature_cm": None if stature is None else number(100.0 * stature, 1),
        "plate_mm": None if plate is None else round(1000.0 * plate),
        "plate_seen": speed.plate_seen,
        "repetitions": [
            {"number": one.number, "mean": number(one.shown, 3), "sigma": number(one.shown_sigma, 3)}
            for one in speed.reps
        ],
        "best": number(speed.best.shown, 3) if speed.best else None,
        "loss": number(speed.loss[0], 3) if speed.loss else None,
        "loss_sigma": number(speed.loss[1], 3) if speed.loss else None,
        "concentric_cv": number(spread(reps), 3),
    }


def _cue(cue: Cue) -> Json:
    return {
        "code": cue.code,
        "text": cue.text,
        "rep": cue.rep,
        "at_s": number(cue.at_s, 3),
        "p": number(cue.p),
        "from_s": number(cue.from_s, 3),
        "to_s": number(cue.to_s, 3),
        "seen_in": list(cue.seen_in),
        "judged_in": cue.judged_in,
        "own": cue.own,
        "better_at": _moment(cue.better_at) if cue.better_at else None,
    }


def _moment(moment: Moment) -> Json:
    return {"session": moment.session, "rep": moment.rep, "at_s": number(moment.at_s, 3)}


def _personal(personal: Personal) -> Json:
    known, progress = personal.reference, personal.progress
    speaks = isinstance(known, Reference)
    return {
        "strictness": personal.strictness,
        "settings": personal.settings_version,
        "reference": {
            "speaks": speaks,
            "repetitions": known.repetitions if isinstance(known, Reference) else known.found,
            "films": known.films if isinstance(known, Reference) else None,
            "reviewed": known.reviewed if isinstance(known, Reference) else None,
            "needed": None if isinstance(known, Reference) else known.needed,
        },
        "load_kg": number(personal.load_kg, 1),
        "since": None if progress is None else _since(progress.since.key, progress.since.at, progress.since.load_kg),
        "changes": [] if progress is None else [_change(change) for change in progress.changes],
        "better": personal.better,
    }


def _since(session: str, at: str, load_kg: float | None) -> Json:
    return {"session": session, "at": at, "load_kg": number(load_kg, 1)}


def _change(change: Change) -> Json:
    return {
        "name": change.name,
        "direction": change.direction,
        "unit": change.unit,
        "sdc": number(change.sdc),
        "before": _set_measure(change.before),
        "now": _set_measure(change.now),
    }


def _set_measure(measure: SetMeasure) -> Json:
    return {"median": number(measure.median), "clear": measure.clear, "judged": measure.judged}


def thinned(time_s: NDArray[Any], most_hz: float = SERIES_HZ) -> NDArray[np.intp]:
    """Indices of the frames to keep so that there are at most `most_hz` a second."""
    kept: list[int] = []
    last = -math.inf
    for i, time in enumerate(time_s.tolist()):
        if time - last >= 0.9 / most_hz:
            kept.append(i)
            last = time
    return np.asarray(kept, dtype=np.intp)


def labelled_series(report: FormReport, form: FormSettings) -> Json:
    """`series_document` with the labels of stance and lean in each frame, by the bands of `form`."""
    stance = steady_labels(np.asarray(report.series.stance_ratio), form.stance, STANCE_CLASSES)
    lean = steady_labels(np.asarray(report.series.lean_deg), form.lean_deg, LEAN_CLASSES)
    return series_document(report, stance, lean)


def series_document(report: FormReport, stance: Sequence[tuple[str, float] | None], lean: Any) -> Json:
    """Curves for the page, one value for each kept frame; null where nothing was measured.

    `stance` and `lean`: winning class and its probability for each frame of the report's series.
    """
    series = report.series
    keep = thinned(series.time_s)
    out: Json = {"time_s": numbers(series.time_s[keep], 3)}
    for name, digits in (("extension", 3), ("p_up", 3), ("hip_deg", 1), ("knee_deg", 1), ("trunk_deg", 1)):
        out[name] = numbers(getattr(series, name)[keep], digits)
    out["rep_count"] = [int(count) for count in series.rep_count[keep]]
    out["stance_ratio"] = numbers(series.stance_ratio[keep], 3)
    out["lean_deg"] = numbers(series.lean_deg[keep], 1)
    out["phase"] = [None if p is None else ("up" if p >= 0.5 else "down") for p in out["p_up"]]
    for name, labels in (("stance", stance), ("lean", lean)):
        chosen = [labels[i] for i in keep.tolist()]
        out[name] = [pair[0] if pair else None for pair in chosen]
        out[f"{name}_score"] = [number(pair[1], 3) if pair else None for pair in chosen]
    return out
