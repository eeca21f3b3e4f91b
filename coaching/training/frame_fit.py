"""Stance, lean and phase of single frames learned: on simulated lifters, and tested on people who are not among them.

Proportional odds with two or three weights, so that the order of the classes is part of the model and there is little
to learn a person by. Lean has one edge, used on both sides: a mirrored lifter gets the mirrored answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from coaching.simulator import Camera, Faults, LiftSpec, simulate
from coaching.simulator.track import truth_track
from coaching.training.sampling import draw_body
from coaching.vision.frame_form import ROUNDED_CLASSES
from coaching.vision.frame_labels import CLASSES, frame_features, ordinal_probabilities

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Words = NDArray[np.str_]

FITTED = {**CLASSES, "rounded": ROUNDED_CLASSES}
SETS = 240
FRAMES_A_SET = 12
RIDGE = 1e-3
SHOULDERS_OFF_DEG, TRUNK_OFF_DEG = 2.0, 1.7
UP_FROM, DOWN_TO = 0.85, 0.15  # share of the bar's way; what lies between is neither


@dataclass(frozen=True, slots=True)
class Frames:
    """Labelled frames of one source: features (n, k), words (n,), groups (n,) = person or contiguous chunk."""

    source: str
    features: Array
    truth: Words
    groups: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fitted:
    weights: Array
    edges: Array

    def probabilities(self, features: Array) -> Array:
        return ordinal_probabilities(features, self.weights, self.edges)


def fit(task: str, parts: Sequence[Frames]) -> Fitted:
    """Maximum likelihood with a small ridge; every source counts the same, and in it every class."""
    classes = np.array(FITTED[task])
    x = np.concatenate([part.features for part in parts])
    place = np.concatenate([_places(part.truth, classes) for part in parts])
    weight = np.concatenate([_weights(part.truth) for part in parts])
    known = np.isfinite(x).all(axis=1)
    x, place, weight = x[known], place[known], weight[known]
    spread = x.std(axis=0)
    k, symmetric = x.shape[1], task == "lean"

    def unpacked(p: Array) -> Fitted:
        if symmetric:
            edge = np.exp(p[k])
            return Fitted(p[:k] / spread, np.array([-edge, edge]))
        return Fitted(p[:k] / spread, p[k] + np.concatenate([[0.0], np.cumsum(np.exp(p[k + 1 :]))]))

    def loss(p: Array) -> float:
        given = unpacked(p).probabilities(x)[np.arange(len(x)), place]
        return float(-(weight * np.log(np.maximum(given, 1e-12))).sum() / weight.sum() + RIDGE * (p[:k] ** 2).sum())

    start = np.concatenate([np.ones(k), [1.0 if symmetric else -1.0], np.zeros(0 if symmetric else len(classes) - 2)])
    return unpacked(minimize(loss, start, method="L-BFGS-B").x)


def _places(truth: Words, classes: Words) -> NDArray[np.int64]:
    return np.array([int(np.flatnonzero(classes == word)[0]) for word in truth], dtype=np.int64)


def _weights(truth: Words) -> Array:
    found, counts = np.unique(truth, return_counts=True)
    share = dict(zip(found.tolist(), (1.0 / (len(found) * counts)).tolist(), strict=True))
    return np.array([share[word] for word in truth.tolist()])


def simulated_frames(sets: int = SETS) -> dict[str, Frames]:
    """Frames of simulated people with their true words: each set another body, camera, stance and lean."""
    rows: dict[str, list[tuple[Array, str, int]]] = {task: [] for task in CLASSES}
    for number in range(sets):
        for task, features, word in _set_frames(number):
            rows[task].extend((one, w, number) for one, w in zip(features, word, strict=True))
    return {
        task: Frames(
            "simulator",
            np.array([f for f, _, _ in found]),
            np.array([w for _, w, _ in found]),
            np.array([n for _, _, n in found]),
        )
        for task, found in rows.items()
    }


def _set_frames(number: int) -> Iterator[tuple[str, Array, Words]]:
    random = np.random.default_rng([71, number])
    stance, lean = (str(random.choice(CLASSES[task])) for task in ("stance", "lean"))
    degrees = _degrees(random, stance, lean)
    spec = LiftSpec(reps=1, body=draw_body(random), faults=Faults(**degrees))
    lift = simulate(spec, seed=number)
    camera = Camera(
        yaw_deg=float(random.uniform(-25, 25)),
        height_m=float(random.uniform(0.6, 1.6)),
        distance_m=float(random.uniform(2.6, 5.0)),
        roll_deg=float(random.normal(0.0, 1.5)),
    )
    plate = float(random.choice([0.0, 0.12, 0.225]))
    track = truth_track(lift, camera, noise_px=float(random.uniform(0.8, 3.0)), seed=number, plate_radius_m=plate)
    points = _crooked(np.asarray(track.image, np.float64), random)
    progress = lift.bar_progress(np.asarray(track.time_s, np.float64))
    chosen = np.sort(random.choice(len(points), FRAMES_A_SET, replace=False))
    inside = np.zeros(len(points), dtype=bool)
    for start, _, end in lift.reps:
        inside |= (track.time_s >= start) & (track.time_s <= end)
    for task in ("stance", "lean"):
        features = frame_features(task, points)
        standing = features[inside & (progress > 0.5)] if task == "lean" else features[chosen]
        pick = standing[:: max(1, len(standing) // FRAMES_A_SET)]
        yield task, pick, np.array([stance if task == "stance" else lean] * len(pick))
    known = inside & ((progress >= UP_FROM) | (progress <= DOWN_TO))
    features = frame_features("phase", points)[known]
    words = np.where(progress[known] >= UP_FROM, "up", "down")
    step = max(1, len(words) // FRAMES_A_SET)
    yield "phase", features[::step], words[::step]


def _crooked(points: Array, random: np.random.Generator) -> Array:
    """No body is built even, and no landmark sits on the joint: shoulder line and trunk are off by a few degrees.

    SDs of the specification: 2 deg of shoulder line, 1.7 deg between trunk in two and in three dimensions (Schurr).
    """
    out = points.copy()
    shoulder, trunk = np.radians(random.normal(0.0, (SHOULDERS_OFF_DEG, TRUNK_OFF_DEG)))
    width = np.abs(points[:, 11, 0] - points[:, 12, 0]) / 2.0
    height = np.abs(np.nanmean(points[:, [23, 24], 1] - points[:, [11, 12], 1], axis=1, keepdims=True))
    out[:, 11, 1] += np.tan(shoulder) * width
    out[:, 12, 1] -= np.tan(shoulder) * width
    out[:, :23, 0] += np.tan(trunk) * height
    return out


def _degrees(random: np.random.Generator, stance: str, lean: str) -> dict[str, float]:
    """A fault is at least moderate; nobody is quite without (lean: up to the 3 deg of specification 3.3)."""
    degrees = {}
    for word, sides, most in (
        (stance, ("narrow_stance", "wide_stance"), 0.12),
        (lean, ("lean_left", "lean_right"), 0.21),
    ):
        fault = next((side for side in sides if word in side), None)
        if fault:
            degrees[fault] = float(random.uniform(0.5, 1.0))
        else:
            degrees[str(random.choice(sides))] = float(random.uniform(0.0, most))
    return degrees
