"""Whole lifts in landmark tables: cut into repetitions, judged by the coach's rules and by the shipped classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import medfilt

from coaching.vision.classifier import Classifier
from coaching.vision.coach import analyse
from coaching.vision.errors import ModelMissing
from coaching.vision.layouts import facing_away_deg, track_of, turned_about_vertical
from coaching.vision.repetition_inputs import UnusableRepetition
from coaching.vision.verdict import FRONTAL, SAGITTAL, combined_p_correct

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.training.landmark_tables import LandmarkTable
    from coaching.vision.types import FormReport, Rep, Track

    Array = NDArray[np.float64]

DEPTH_IS_REAL = frozenset({"kinect17"})
# Where depth is real the lifter can be seen from anywhere: faults of the frontal plane from the front, the rest here.
VIRTUAL_VIEWS_DEG = (0.0, 90.0)
SPIKE_FRAMES = 7  # a depth camera's joints jump for up to three frames at a time


def tracks_of(table: LandmarkTable, layout: str, fps: float) -> list[Track]:
    """The table as the camera saw it; where depth is real, as cameras in front and at the lifter's side would."""
    if layout not in DEPTH_IS_REAL:
        return [track_of(table.landmarks, fps)]
    steady = without_spikes(table.landmarks)
    turn = facing_away_deg(steady)
    return [track_of(turned_about_vertical(steady, turn - view), fps) for view in VIRTUAL_VIEWS_DEG]


def without_spikes(landmarks: Array) -> Array:
    """Each coordinate's median over SPIKE_FRAMES frames; single missing points are bridged, long gaps stay."""
    out = landmarks.copy()
    for point in range(landmarks.shape[1]):
        for axis in range(3):
            values = landmarks[:, point, axis]
            known = np.flatnonzero(np.isfinite(values))
            if len(known) < SPIKE_FRAMES:
                continue
            filled = np.interp(np.arange(len(values)), known, values[known])
            half = SPIKE_FRAMES // 2
            calm = medfilt(np.pad(filled, half, mode="edge"), SPIKE_FRAMES)[half:-half]
            out[:, point, axis] = np.where(np.isfinite(values), calm, np.nan)
    return out


def judge_form(
    track: Track, classifier: Classifier | None, report: FormReport | None = None
) -> list[tuple[Rep, float]]:
    """Each repetition of a track with the probability that it was correct, as users read it.

    Where the network can't be asked (a layout without elbows, say) the measures speak alone; NaN where they can't.
    """
    report = report or analyse(track)
    return [(rep, _p_correct(track, report, rep, classifier)) for rep in report.reps]


def _p_correct(track: Track, report: FormReport, rep: Rep, classifier: Classifier | None) -> float:
    if classifier is None:
        return float("nan")
    try:
        return classifier.judge(track, None, rep, report.view.label)
    except UnusableRepetition:
        decisive = any(fault.observable and fault.name in SAGITTAL | FRONTAL for fault in rep.faults)
        return combined_p_correct(None, rep.faults, classifier.info.combination) if decisive else float("nan")


def judge_sequence(table: LandmarkTable, layout: str, fps: float, models: Path | None) -> Iterator[tuple[object, ...]]:
    """Rows of the `form` output: one a repetition and view, or one that says why nothing was judged."""
    classifier, missing = _classifier(models)
    if not np.isfinite(table.landmarks[..., 0]).any():
        yield (table.name, "", "", "", "", "", "", "", "unusable: no landmark in any row")
        return
    for track in tracks_of(table, layout, fps):
        report = analyse(track)
        if report.refused:
            yield (table.name, "", "", "", "", report.view.label, "", "", f"unusable: {report.refused.code}")
            continue
        for rep, p in judge_form(track, classifier, report):
            seen = [f for f in rep.faults if f.p is not None]
            faults = " ".join(f"{f.name}={f.p:.2f}" for f in seen if f.p is not None)
            said = "" if np.isfinite(p) else (missing or "the classifier has no inputs here")
            times = (f"{t:.2f}" for t in (rep.start_s, rep.lockout_s, rep.end_s))
            known = f"{p:.4f}" if np.isfinite(p) else ""
            yield (table.name, rep.index, *times, report.view.label, known, faults, said)


def _classifier(models: Path | None) -> tuple[Classifier | None, str]:
    if models is None:
        return None, "no classifier asked for"
    try:
        return Classifier.load(models), ""
    except ModelMissing as problem:
        return None, str(problem)
