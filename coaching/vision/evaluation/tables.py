"""Labelled frames of other people's projects: how good are single-frame stance, lean and phase?

Each row is one frame: a class and 33 landmarks in shares of the picture. Rows are consecutive frames of very few
people, so these figures say that a rule works, not how well it carries over; the repeated rows are reported apart.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision.frame_labels import CLASSES, frame_features, probabilities

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.vision.settings_table import Settings

    Array = NDArray[np.float64]
    Words = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class TableResult:
    """Balanced accuracy over all rows and over distinct rows, with the recall of each class."""

    name: str
    rows: int
    balanced_accuracy: float
    distinct_rows: int
    balanced_accuracy_distinct: float
    recall: dict[str, float]


def evaluate_tables(folder: Path, settings: Settings) -> list[TableResult]:
    """Results of every table of `folder` that exists."""
    results = [
        _score(name, task, *_labelled(folder / name), settings)
        for task in CLASSES
        if (folder / (name := f"{task}_gymtracker.csv")).is_file()
    ]
    up, down = folder / "phase_up_mattiolato.csv", folder / "phase_down_mattiolato.csv"
    if up.is_file() and down.is_file():
        parts = [_unlabelled(path) for path in (up, down)]
        truth = np.array(["up"] * len(parts[0]) + ["down"] * len(parts[1]))
        results.append(_score("phase_mattiolato", "phase", truth, np.concatenate(parts), settings))
    return results


def words_of_frames(task: str, points: Array, settings: Settings) -> Words:
    """Most probable class of each frame (n, 33, >=2), no smoothing; what `python -m coaching.training judge` says."""
    given = probabilities(task, frame_features(task, points), settings)
    return np.asarray(np.array(CLASSES[task])[np.argmax(np.nan_to_num(given), axis=1)])


def _score(name: str, task: str, truth: Words, points: Array, settings: Settings) -> TableResult:
    found = words_of_frames(task, points, settings)
    _, first = np.unique(points.reshape(len(points), -1), axis=0, return_index=True)
    recall = {str(c): float(np.mean(found[truth == c] == c)) for c in np.unique(truth)}
    distinct = [float(np.mean(found[first][truth[first] == c] == c)) for c in np.unique(truth)]
    return TableResult(
        name=name.removesuffix(".csv"),
        rows=len(truth),
        balanced_accuracy=float(np.mean(list(recall.values()))),
        distinct_rows=len(first),
        balanced_accuracy_distinct=float(np.mean(distinct)),
        recall=recall,
    )


def _labelled(path: Path) -> tuple[Words, Array]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    points = np.array([[float(v) for v in row[1:]] for row in rows]).reshape(len(rows), 33, 4)
    return np.array([row[0] for row in rows]), points


def _unlabelled(path: Path) -> Array:
    table = np.genfromtxt(path, delimiter=",")
    return np.asarray(table[:, 1:].reshape(len(table), 33, 3), dtype=np.float64)
