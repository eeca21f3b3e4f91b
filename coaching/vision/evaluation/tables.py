"""Labelled frames of other people's projects: how good are single-frame stance, lean and phase?

Each row is one frame: a class and 33 landmarks in shares of the picture. Rows are consecutive frames of very few
people, so these figures say that a rule works, not how well it carries over; the repeated rows are reported apart.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision import geometry as g
from coaching.vision.phases import frame_p_up
from coaching.vision.stance import LEAN_CLASSES, STANCE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.vision.settings_table import Settings

    Array = NDArray[np.float64]
    Words = NDArray[np.str_]

ASPECT = 16 / 9  # of the labelled film; its shoulders are .65 of the torso only with this width


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
    rules: dict[str, Callable[[Array, Settings], Words]] = {
        "stance_gymtracker.csv": stance_of_frames,
        "lean_gymtracker.csv": lean_of_frames,
        "phase_gymtracker.csv": phase_of_frames,
    }
    results = [
        _score(name, *_labelled(folder / name), rule, settings)
        for name, rule in rules.items()
        if (folder / name).is_file()
    ]
    up, down = folder / "phase_up_mattiolato.csv", folder / "phase_down_mattiolato.csv"
    if up.is_file() and down.is_file():
        parts = [_unlabelled(path) for path in (up, down)]
        truth = np.array(["up"] * len(parts[0]) + ["down"] * len(parts[1]))
        results.append(_score("phase_mattiolato", truth, np.concatenate(parts), phase_of_frames, settings))
    return results


def stance_of_frames(points: Array, settings: Settings) -> Words:
    """Class by ankle over shoulder distance, no smoothing; points (n, 33, >=2)."""
    with np.errstate(divide="ignore"):
        ratio = np.abs(points[:, g.LEFT_ANKLE, 0] - points[:, g.RIGHT_ANKLE, 0]) / np.abs(
            points[:, g.LEFT_SHOULDER, 0] - points[:, g.RIGHT_SHOULDER, 0]
        )
    return _by_band(ratio, settings.form.stance.low, settings.form.stance.high, STANCE_CLASSES)


def lean_of_frames(points: Array, settings: Settings) -> Words:
    """Class by the trunk's angle to the vertical.

    Points (n, 33, >=2) in shares of a 16:9 picture, seen from the front.
    """
    square = points[..., :2] * np.array([ASPECT, 1.0])
    angle = g.forward_deg(
        g.midpoint(square, g.LEFT_HIP, g.RIGHT_HIP), g.midpoint(square, g.LEFT_SHOULDER, g.RIGHT_SHOULDER), 1.0
    )
    return _by_band(angle, settings.form.lean_deg.low, settings.form.lean_deg.high, LEAN_CLASSES)


def phase_of_frames(points: Array, settings: Settings) -> Words:
    return np.where(frame_p_up(points, settings) >= 0.5, "up", "down")


def _by_band(values: Array, low: float, high: float, classes: tuple[str, str, str]) -> Words:
    return np.where(values < low, classes[0], np.where(values > high, classes[2], classes[1]))


def _score(
    name: str, truth: Words, points: Array, rule: Callable[[Array, Settings], Words], settings: Settings
) -> TableResult:
    found = rule(points, settings)
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
