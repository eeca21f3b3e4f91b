"""What can be learned from the labelled landmark tables, each figure on a source, person or kind that was left out.

Distinct rows only: the files repeat up to a third of theirs. Every table but two has one person in it, so an interval
is over stretches of consecutive rows there, and says less than one over people would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.training.frame_fit import Fitted, Frames, fit, simulated_frames
from coaching.training.judge import truth_of
from coaching.training.landmark_tables import read_tables
from coaching.training.metrics import bootstrap
from coaching.vision.frame_labels import CLASSES, frame_features
from coaching.vision.layouts import LAYOUTS
from coaching.vision.settings_table import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.training.metrics import Estimate

    Array = NDArray[np.float64]
    Labels = NDArray[np.int64]

STRETCH = 40  # consecutive rows that count as one draw of the interval
CHUNKS = 5
SETTLED = 3
SOURCES: dict[str, dict[str, dict[str, str | None]]] = {
    "stance": {"gymtracker": {"stance_gymtracker.csv": None}},
    "lean": {"gymtracker": {"lean_gymtracker.csv": None}},
    "phase": {
        "gymtracker": {"phase_gymtracker.csv": None},
        "mattiolato": {"phase_up_mattiolato.csv": "up", "phase_down_mattiolato.csv": "down"},
        "psleon24": {"fault_frames_psleon24.csv": None},
    },
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what was tested, what it was learned on, and the figure with its interval."""

    task: str
    tested: str
    learned: str
    figure: str
    estimate: Estimate
    note: str = ""

    def line(self) -> str:
        e = self.estimate
        span = f"{e.low:.3f}-{e.high:.3f}" if np.isfinite(e.low) else "-"
        cells = f"{self.task:7} {self.tested:24} {self.learned:38} {self.figure:17} {e.value:.3f}  {span:12}"
        return f"{cells} {e.n:5} in {e.subjects:3}  {self.note}".rstrip()


HEADER = f"{'task':7} {'tested on':24} {'learned on':38} {'figure':17} value  95 %         rows in groups"


def mean_recall(label: Labels, said: Array) -> float:
    """Balanced accuracy of class numbers; NaN unless two classes are there."""
    present = np.unique(label)
    return float(np.mean([np.mean(said[label == c] == c) for c in present])) if len(present) > 1 else float("nan")


def f1_of_one(label: Labels, said: Array) -> float:
    """F1 of class 1."""
    hit = float(np.sum((label == 1) & (said == 1)))
    either = float(np.sum(label == 1) + np.sum(said == 1))
    return 2.0 * hit / either if either else float("nan")


def load_frames(folder: Path, task: str) -> list[Frames]:
    """Distinct labelled rows of each source of a task; groups are stretches of consecutive rows."""
    found = []
    for source, files in SOURCES[task].items():
        if not all((folder / name).is_file() for name in files):
            continue
        features, words = [], []
        for name, everywhere in files.items():
            (table,) = read_tables(folder / name, LAYOUTS["mediapipe33"])
            keep = _distinct(table.landmarks)
            truth = np.array([word or "" for word in truth_of(table, task, everywhere)])[keep]
            features.append(frame_features(task, table.landmarks)[keep][truth != ""])
            words.append(truth[truth != ""])
        truth = np.concatenate(words)
        found.append(Frames(source, np.concatenate(features), truth, np.arange(len(truth)) // STRETCH))
    return found


def _distinct(landmarks: Array) -> NDArray[np.int64]:
    flat = np.nan_to_num(landmarks.reshape(len(landmarks), -1), nan=-9.0)
    return np.sort(np.unique(flat, axis=0, return_index=True)[1])


def shipped(task: str) -> Fitted:
    model = getattr(DEFAULT.frames, task)
    return Fitted(np.array(model.weights), np.array(model.edges))


def frame_findings(folder: Path) -> Iterator[Finding]:
    """Stance, lean and phase: learned without the source tested, then with other parts of it, then as shipped."""
    simulated = simulated_frames()
    for task in CLASSES:
        sources = load_frames(folder, task)
        for source in sources:
            others = [one for one in sources if one is not source]
            if others:
                learned = " + ".join(one.source for one in others)
                yield from _scored(task, source, learned, fit(task, others))
            yield from _scored(task, source, "simulator", fit(task, [simulated[task]]))
            yield from _within(task, source, simulated[task])
            yield from _scored(task, source, "as shipped", shipped(task), _SHIPPED_NOTE[task])
            if task != "phase":
                steady = _between_changes(source)
                yield from _scored(task, steady, "as shipped", shipped(task), f"{SETTLED} rows from a change of label")


def _between_changes(source: Frames) -> Frames:
    """Without the rows next to a change of label, in which the lifter is on the way from one class to the other."""
    change = np.flatnonzero(source.truth[1:] != source.truth[:-1])
    far = np.ones(len(source.truth), dtype=bool)
    for at in change:
        far[max(at - SETTLED + 1, 0) : at + SETTLED + 1] = False
    return Frames(source.source, source.features[far], source.truth[far], source.groups[far])


_SHIPPED_NOTE = {
    "stance": "simulator alone",
    "lean": "edges of the older rule, which this person supports",
    "phase": "has seen this source",
}


def _scored(task: str, source: Frames, learned: str, model: Fitted, note: str = "") -> Iterator[Finding]:
    said = np.argmax(np.nan_to_num(model.probabilities(source.features)), axis=1)
    yield from _estimates(task, source, said, learned, note)


def _estimates(task: str, source: Frames, said: NDArray[np.int64], learned: str, note: str) -> Iterator[Finding]:
    label = np.array([CLASSES[task].index(word) for word in source.truth.tolist()])
    groups = [str(group) for group in source.groups]
    figures = {"balanced accuracy": mean_recall} | ({"F1 of up": f1_of_one} if task == "phase" else {})
    for name, metric in figures.items():
        estimate = bootstrap(metric, label, said.astype(np.float64), groups, draws=1000)
        yield Finding(task, source.source, learned, name, estimate, note)


def _within(task: str, source: Frames, simulated: Frames) -> Iterator[Finding]:
    """Consecutive fifths left out in turn: the same person, at another moment."""
    chunk = np.arange(len(source.truth)) * CHUNKS // len(source.truth)
    if task == "phase" and len(np.unique(source.truth[chunk == 0])) == 1:
        return  # the file is sorted by class: a fifth of it has only one
    said = np.zeros(len(chunk), dtype=np.int64)
    for number in range(CHUNKS):
        out = chunk == number
        rest = Frames(source.source, source.features[~out], source.truth[~out], source.groups[~out])
        said[out] = np.argmax(np.nan_to_num(fit(task, [simulated, rest]).probabilities(source.features[out])), axis=1)
    yield from _estimates(task, source, said, f"simulator + its other {CHUNKS - 1} fifths", "same person")


def fitted_lines(folder: Path) -> Iterator[str]:
    """The coefficients of the settings table, made anew."""
    simulated = simulated_frames()
    for task in CLASSES:
        parts = [simulated[task]] if task != "phase" else load_frames(folder, task)
        if not parts:
            continue
        model = fit(task, parts)
        yield (
            f"{task}: learned on {' + '.join(p.source for p in parts)}: weights {_round(model.weights)}, edges "
            f"{_round(model.edges)}; shipped {_round(shipped(task).weights)}, {_round(shipped(task).edges)}"
        )


def _round(values: Sequence[float] | Array) -> tuple[float, ...]:
    return tuple(round(float(v), 3) for v in values)
