"""Where in a row of numbers a skeleton stands: every place is tried, and the most body-like reading wins."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision import geometry as g
from coaching.vision.layouts import LAYOUTS, landmarks_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from coaching.vision.layouts import Layout

    Array = NDArray[np.float64]

MAX_LEADING = 6  # class, frame, time, person, file ...
A_BODY = 0.82  # readings of real and simulated tables .92-1.00; columns read out of step up to .80
UNEXPLAINED = 12  # numbers left over, from which on another layout may be what the table holds
SPARE_COST = 0.004
AXIS_BY_AXIS = 0.01
WIDEST, LEVEL = 2.0, 0.4  # of a pair, in heights of the leg
_PAIRS = (g.LEFT_SHOULDER, g.LEFT_HIP, g.LEFT_KNEE, g.LEFT_ANKLE)


class NotABody(ValueError):
    """No reading looks like a body, or that of another layout looks more like one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """points (n, joints, size) after `lead` other numbers; how: in words, where it is not the usual way."""

    points: Array
    size: int
    lead: int
    how: str
    spare: int
    score: float


def search(values: Array, layout: Layout) -> Reading:
    """The most body-like reading of rows of numbers (n, m >= 2 * joints). Raises NotABody."""
    best = max(_readings(values, layout), key=lambda one: one.score)
    if not np.isfinite(values).any():
        return best
    if best.spare > UNEXPLAINED:
        for other in LAYOUTS.values():
            if other is layout or values.shape[1] < 2 * other.joints:
                continue
            rival = max(_readings(values, other), key=lambda one: one.score)
            if rival.spare <= MAX_LEADING and rival.score > best.score:
                raise NotABody(f"{values.shape[1]} numbers a row: is this {other.name} rather than {layout.name}?")
    if best.score + SPARE_COST * best.spare < A_BODY:
        raise NotABody(
            f"the {values.shape[1]} numbers of a row, read as {layout.name}, do not look like a body. A header that "
            "names the points (left_hip_x, left_hip_y ...) says where they are"
        )
    return best


def _readings(values: Array, layout: Layout) -> Iterator[Reading]:
    """4, 3 and 2 numbers a point from every possible first column, point by point and axis by axis.

    Of equally good readings the one that leaves fewer numbers unexplained is right.
    """
    n, joints = len(values), layout.joints
    for size in (4, 3, 2):
        spare = values.shape[1] - joints * size
        if spare < 0:
            continue
        for lead in sorted({*range(min(spare, MAX_LEADING) + 1), spare}):
            part = values[:, lead : lead + joints * size]
            by_point = part.reshape(n, joints, size)
            yield Reading(by_point, size, lead, "", spare, _looks(by_point, layout) - SPARE_COST * spare)
            by_axis = part.reshape(n, size, joints).swapaxes(1, 2)
            score = _looks(by_axis, layout) - SPARE_COST * spare - AXIS_BY_AXIS
            yield Reading(by_axis, size, lead, ", axis by axis", spare, score)


def _looks(points: Array, layout: Layout) -> float:
    """How much like a body the points look, 0..1: rows with shoulders, hips, knees and ankles in one order of height,
    each pair near each other, even in a picture of unknown shape, and about level; and a visibility that is one.
    """
    whole = np.flatnonzero(np.isfinite(points).mean(axis=(1, 2)) > 0.5)
    sample = points[whole[:: max(1, len(whole) // 200)]]
    if not len(sample):
        return 0.0
    marks = landmarks_of(sample, layout)
    xy = marks[..., :2]
    pairs = [(xy[:, a] + xy[:, a + 1]) / 2 for a in _PAIRS]
    long = np.abs(pairs[3][:, 1] - pairs[1][:, 1])
    falls = [low[:, 1] - high[:, 1] for high, low in itertools.pairwise(pairs)]
    order = [max(_share(fall > 0.0, fall), _share(fall < 0.0, fall)) for fall in falls]
    near, level = [], []
    for a in _PAIRS:
        across = np.abs(xy[:, a] - xy[:, a + 1])
        near.append(_share(across[:, 0] < WIDEST * long, across[:, 0] + long))
        level.append(_share(across[:, 1] < LEVEL * long, across[:, 1] + long))
    last = sample[..., -1]
    share = _share((last >= -0.01) & (last <= 1.01), last) if sample.shape[2] == 4 else 1.0
    return float((np.mean(order) + np.mean(near) + np.mean(level) + share) / 4.0)


def _share(true: NDArray[np.bool_], known: Array) -> float:
    """Share of the known values for which it is true; 0 where none is known."""
    seen = np.isfinite(known)
    return float(np.mean(true[seen])) if seen.any() else 0.0
