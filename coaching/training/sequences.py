"""Whole lifts in landmark tables: cut into repetitions, judged by the coach's rules and by the shipped classifier."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import medfilt

from coaching.vision.classifier import Classifier
from coaching.vision.coach import analyse
from coaching.vision.layouts import facing_away_deg, track_of, turned_about_vertical
from coaching.vision.repetition_inputs import UnusableRepetition
from coaching.vision.verdict import FRONTAL, SAGITTAL, combined_p_correct

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.training.landmark_tables import LandmarkTable
    from coaching.vision.types import FormReport, Rep, Track

    Array = NDArray[np.float64]

DEPTH_IS_REAL = frozenset({"kinect17"})
# Where depth is real the lifter can be seen from anywhere: faults of the frontal plane from the front, the rest here.
VIRTUAL_VIEWS_DEG = (0.0, 90.0)
DECIDED_AT = 0.5
BRIDGED_S = 0.3
SPIKE_FRAMES = 7  # a depth camera's joints jump for up to three frames at a time


def tracks_of(table: LandmarkTable, layout: str, fps: float) -> list[Track]:
    """The table as the camera saw it; where depth is real, as cameras in front and at the lifter's side would."""
    if layout not in DEPTH_IS_REAL:
        return [track_of(bridged(table.landmarks, round(BRIDGED_S * fps)), fps)]
    steady = without_spikes(table.landmarks)
    turn = facing_away_deg(steady)
    return [track_of(turned_about_vertical(steady, turn - view), fps) for view in VIRTUAL_VIEWS_DEG]


def from_the_front(landmarks: Array) -> Array:
    """The points in space as a camera in front of the lifter sees them; as they are where none is known."""
    turn = facing_away_deg(landmarks) if np.isfinite(landmarks[..., 0]).any() else float("nan")
    return turned_about_vertical(landmarks, turn) if np.isfinite(turn) else landmarks


def bridged(landmarks: Array, frames: int) -> Array:
    """Single landmarks that are missing for at most so many frames, between those before and after; the rows in which
    most are missing stay: there nobody was seen.
    """
    out = landmarks.copy()
    rows = np.arange(len(landmarks))
    somebody = np.isfinite(landmarks[..., 0]).sum(axis=1) > 0.5 * np.isfinite(landmarks[..., 0]).any(axis=0).sum()
    for point in range(landmarks.shape[1]):
        known = np.flatnonzero(np.isfinite(landmarks[:, point, :2]).all(axis=1))
        if not len(known) or len(known) == len(rows):
            continue
        after = known[np.searchsorted(known, rows).clip(0, len(known) - 1)]
        before = known[(np.searchsorted(known, rows, side="right") - 1).clip(0)]
        hole = somebody & (before < rows) & (rows < after) & (after - before <= frames + 1)
        for axis in range(4):
            out[hole, point, axis] = np.interp(rows[hole], known, landmarks[known, point, axis])
    return out


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


@dataclass(frozen=True, slots=True)
class JudgedSequence:
    """What is said of one table: p_correct, NaN where nothing could be judged, and a row a repetition and view."""

    name: str
    p_correct: float
    repetitions: tuple[tuple[object, ...], ...]
    number: int
    views: tuple[str, ...]
    faults: dict[str, float]
    note: str

    @property
    def label(self) -> str | None:
        if not np.isfinite(self.p_correct):
            return None
        return "correct" if self.p_correct >= DECIDED_AT else "incorrect"

    def line(self) -> tuple[object, ...]:
        """Cells of the output: table, label, p, p_incorrect, p_correct, repetitions, views, faults, note."""
        p = self.p_correct
        numbers = ("", "", "") if self.label is None else tuple(f"{v:.4f}" for v in (max(p, 1.0 - p), 1.0 - p, p))
        faults = " ".join(f"{name}={value:.2f}" for name, value in self.faults.items())
        return (self.name, self.label or "unusable", *numbers, self.number, " ".join(self.views), faults, self.note)


def judge_sequence(table: LandmarkTable, layout: str, fps: float, models: Path | None) -> JudgedSequence:
    """The lifts of one table. Seen from several sides, it is as right as the side from which it is least right.

    Raises ModelMissing where `models` names a folder without a classifier.
    """
    classifier = None if models is None else Classifier.load(models)
    if not np.isfinite(table.landmarks[..., 0]).any():
        rows = ((table.name, "", "", "", "", "", "", "", "unusable: no landmark in any row"),)
        return JudgedSequence(table.name, float("nan"), rows, 0, (), {}, "no landmark in any row")
    seen = [_judge_view(table.name, track, classifier) for track in tracks_of(table, layout, fps)]
    each = [view.p_correct for view in seen if np.isfinite(view.p_correct)]
    return JudgedSequence(
        name=table.name,
        p_correct=min(each) if each else float("nan"),
        repetitions=tuple(row for view in seen for row in view.repetitions),
        number=max(view.number for view in seen),
        views=tuple(name for view in seen for name in view.views),
        faults={name: p for view in seen for name, p in view.faults.items()},
        note="" if each else "; ".join(sorted({view.note for view in seen if view.note})),
    )


def _judge_view(name: str, track: Track, classifier: Classifier | None) -> JudgedSequence:
    report = analyse(track)
    view = report.view.label
    if report.refused:
        said = f"unusable: {report.refused.code}"
        return JudgedSequence(name, float("nan"), ((name, "", "", "", "", view, "", "", said),), 0, (view,), {}, said)
    rows, by_fault, given = [], defaultdict(list), []
    why_not = "no classifier asked for" if classifier is None else "the classifier has no inputs here"
    for rep, p in judge_form(track, classifier, report):
        shown = {f.name: f.p for f in rep.faults if f.p is not None}
        for fault, probability in shown.items():
            by_fault[fault].append(probability)
        faults = " ".join(f"{fault}={probability:.2f}" for fault, probability in shown.items())
        times = (f"{t:.2f}" for t in (rep.start_s, rep.lockout_s, rep.end_s))
        known = f"{p:.4f}" if np.isfinite(p) else ""
        said = "" if known else why_not
        rows.append((name, rep.index, *times, view, known, faults, said))
        given.append(p)
    p_correct = float(np.nanmean(given)) if np.isfinite(given).any() else float("nan")
    means = {fault: float(np.mean(values)) for fault, values in by_fault.items()}
    note = "" if np.isfinite(p_correct) else why_not if given else "no repetition was found"
    return JudgedSequence(name, p_correct, tuple(rows), len(report.reps), (view,), means, note)
