"""Frames of simulated lifters with straight and rounded backs, and what their weights say of people in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator import Camera, Faults, LiftSpec, simulate
from coaching.simulator.track import truth_track
from coaching.training.frame_fit import Frames, fit
from coaching.training.judge import form_words
from coaching.training.landmark_tables import read_tables
from coaching.training.metrics import auc, balanced_accuracy, bootstrap
from coaching.training.sampling import draw_body
from coaching.training.tables import STRETCH, Finding
from coaching.vision.frame_form import FORM_CLASSES, ROUNDED_CLASSES, form_probabilities, rounded_features
from coaching.vision.layouts import LAYOUTS
from coaching.vision.settings_table import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

SETS = 400
EVERY = 3  # pictures
FORM_TABLE = "fault_frames_psleon24.csv"


def simulated_rounding(sets: int = SETS) -> Frames:
    """Frames inside the repetitions of as many rounded as straight sets, other faults mixed in, from any side."""
    features, words, groups = [], [], []
    for number in range(sets):
        word = ROUNDED_CLASSES[number % 2]
        rows = _set_features(number, word)
        features.append(rows)
        words += [word] * len(rows)
        groups += [number] * len(rows)
    return Frames("simulator", np.concatenate(features), np.array(words), np.array(groups))


def _set_features(number: int, word: str) -> NDArray[np.float64]:
    random = np.random.default_rng([5, number])
    low, high = (0.5, 1.0) if word == "rounded" else (0.0, 0.12)
    degrees = {"rounded_upper_back": float(random.uniform(low, high))}
    if random.random() < 0.3:
        degrees[str(random.choice(["narrow_grip", "wide_grip", "hips_first"]))] = float(random.uniform(0.3, 1.0))
    lift = simulate(LiftSpec(reps=1, body=draw_body(random), faults=Faults(**degrees)), seed=number)
    camera = Camera(
        yaw_deg=float(random.uniform(-75, 75)),
        height_m=float(random.uniform(0.6, 1.6)),
        distance_m=float(random.uniform(2.6, 5.0)),
    )
    track = truth_track(lift, camera, noise_px=float(random.uniform(0.8, 3.0)), seed=number)
    inside = np.zeros(len(track.time_s), dtype=bool)
    for start, _, end in lift.reps:
        inside |= (track.time_s >= start) & (track.time_s <= end)
    return rounded_features(np.asarray(track.image, np.float64)[inside][::EVERY])


def form_findings(folder: Path) -> Iterator[Finding]:
    """Correct or not, frame by frame, of a table that nothing was learned from; then without each kind of fault."""
    path = folder / FORM_TABLE
    if not path.is_file():
        return
    (table,) = read_tables(path, LAYOUTS["mediapipe33"])
    words = np.array(table.words or ())
    p = form_probabilities(table.landmarks, DEFAULT)[:, 1]
    y = np.array([FORM_CLASSES.index(word or "incorrect") for word in form_words(words.tolist())])
    groups = (np.arange(len(y)) // STRETCH).astype(str)
    kind = np.array([word.rsplit("_", 1)[0].removeprefix("d_") for word in words.tolist()])
    cuts = {"": np.ones(len(y), dtype=bool)}
    cuts |= {f", {name}": (kind == name) | (y == 1) for name in sorted(set(kind[y == 0].tolist()))}
    for name, chosen in cuts.items():
        for figure, metric in (("balanced accuracy", balanced_accuracy), ("AUC", auc)):
            estimate = bootstrap(metric, y[chosen], p[chosen], groups[chosen].tolist(), draws=1000)
            yield Finding("form", f"psleon24{name}", "simulator; grip: the coach's band", figure, estimate, "a frame")


def fitted_rounding() -> str:
    """The coefficients of the settings table's `rounded`, made anew."""
    model, shipped = fit("rounded", [simulated_rounding()]), DEFAULT.frames.rounded
    found = (tuple(round(float(v), 2) for v in values) for values in (model.weights, model.edges))
    weights, edges = found
    return (
        f"rounded: learned on simulator: weights {weights}, edges {edges}; shipped {shipped.weights}, {shipped.edges}"
    )
