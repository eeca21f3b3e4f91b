"""Figures by which a classifier of repetitions is judged, with intervals over people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]
    Metric = Callable[[Labels, Floats], float]

BINS = 10


def sigmoid(logit: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(np.asarray(logit, np.float64) / 2)))


def balanced_accuracy(label: Labels, p: Floats, threshold: float = 0.5) -> float:
    """Mean of the two classes' recall; NaN unless both classes are there."""
    said = np.asarray(p) >= threshold
    recalls = [np.mean(said[label == value] == bool(value)) for value in (0, 1) if np.any(label == value)]
    return float(np.mean(recalls)) if len(recalls) == 2 else float("nan")


def auc(label: Labels, p: Floats) -> float:
    """Probability that a correct repetition scores above an incorrect one, ties counting half; NaN without both."""
    positive = int(np.sum(label == 1))
    negative = int(np.sum(label == 0))
    if not positive or not negative:
        return float("nan")
    ranks = rankdata(p)
    return float((ranks[label == 1].sum() - positive * (positive + 1) / 2) / (positive * negative))


def calibration_error(label: Labels, p: Floats, bins: int = BINS) -> float:
    """Expected calibration error: mean |observed share - mean probability| over equal-width bins, by their size."""
    p = np.asarray(p, np.float64)
    place = np.minimum((p * bins).astype(int), bins - 1)
    total = 0.0
    for index in np.unique(place):
        inside = place == index
        total += float(np.mean(inside)) * abs(float(np.mean(label[inside])) - float(np.mean(p[inside])))
    return total


def log_loss(label: Labels, logit: Floats, weight: Floats | None = None) -> float:
    """Mean negative log-likelihood in nats of labels 0/1 under logits."""
    logit = np.asarray(logit, np.float64)
    loss = np.logaddexp(0.0, logit) - label * logit
    return float(np.average(loss, weights=weight))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; all NaN where the data can't give it."""

    value: float
    low: float
    high: float
    n: int
    subjects: int


def bootstrap(
    metric: Metric, label: Labels, p: Floats, subjects: Sequence[str], *, draws: int = 2000, seed: int = 0
) -> Estimate:
    """The metric with its percentile interval over people drawn with replacement.

    Repetitions of one person are alike, so people are drawn, not repetitions. Draws in which the metric does not
    exist (one class only) are left out. With fewer than three people the interval is NaN: there is nothing to draw
    from.
    """
    names = np.asarray(subjects)
    people = np.unique(names)
    value = metric(label, p) if len(label) else float("nan")
    if len(people) < 3 or not np.isfinite(value):
        return Estimate(value, float("nan"), float("nan"), len(label), len(people))
    rows = [np.flatnonzero(names == person) for person in people]
    random = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        take = np.concatenate([rows[i] for i in random.integers(0, len(people), len(people))])
        found.append(metric(label[take], p[take]))
    kept = np.asarray([x for x in found if np.isfinite(x)])
    low, high = np.percentile(kept, [2.5, 97.5]) if len(kept) > draws // 10 else (float("nan"), float("nan"))
    return Estimate(value, float(low), float(high), len(label), len(people))


def within_person_auc(label: Labels, p: Floats, subjects: Sequence[str]) -> dict[str, float]:
    """AUC inside each person who has both classes: same body, same room, so it can't be won by knowing the place."""
    names = np.asarray(subjects)
    found = {str(name): auc(label[names == name], p[names == name]) for name in np.unique(names)}
    return {name: value for name, value in found.items() if np.isfinite(value)}
