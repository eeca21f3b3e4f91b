"""Landmark indices and the angles, lengths and heights that follow from a skeleton. All functions work on whole
tracks.

Image points are pixels with y down; `up` below means smaller y. Angles are degrees. NaN in, NaN out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

NOSE = 0
LEFT_EYE, RIGHT_EYE = 2, 5
LEFT_EAR, RIGHT_EAR = 7, 8
LEFT_SHOULDER, RIGHT_SHOULDER = 11, 12
LEFT_ELBOW, RIGHT_ELBOW = 13, 14
LEFT_WRIST, RIGHT_WRIST = 15, 16
LEFT_HIP, RIGHT_HIP = 23, 24
LEFT_KNEE, RIGHT_KNEE = 25, 26
LEFT_ANKLE, RIGHT_ANKLE = 27, 28
LEFT_HEEL, RIGHT_HEEL = 29, 30
LEFT_FOOT, RIGHT_FOOT = 31, 32

# (left, right) of each landmark that has a twin; the rest lie on the midline.
PAIRS = (
    *((1, 4), (2, 5), (3, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16), (17, 18), (19, 20), (21, 22)),
    *((23, 24), (25, 26), (27, 28), (29, 30), (31, 32)),
)


def joint_angle_deg(a: Array, b: Array, c: Array) -> Array:
    """Angle at `b` between the rays to `a` and `c`, 0..180.

    Points are (..., 2) or (..., 3). NaN for a zero-length ray.
    """
    u, v = a - b, c - b
    # atan2 of |cross| and dot keeps its accuracy near 0 and 180, where acos loses it.
    dot = np.sum(u * v, axis=-1)
    square = np.sum(u * u, axis=-1) * np.sum(v * v, axis=-1)
    cross = np.sqrt(np.maximum(square - dot * dot, 0.0))
    angle = np.degrees(np.arctan2(cross, dot))
    return np.where(square > 0.0, angle, np.nan)


def from_vertical_deg(low: Array, high: Array) -> Array:
    """Angle 0..180 of the segment low -> high to the upward vertical.

    0 upright, 90 horizontal. 2-D or 3-D points, y down.
    """
    d = high - low
    across = np.sqrt(np.sum(d * d, axis=-1) - d[..., 1] ** 2)
    return np.asarray(np.degrees(np.arctan2(across, -d[..., 1])))


def forward_deg(low: Array, high: Array, facing: float) -> Array:
    """Signed angle of low -> high to the vertical in the picture; positive toward `facing` (+1 right, -1 left)."""
    d = high - low
    return np.asarray(np.degrees(np.arctan2(facing * d[..., 0], -d[..., 1])))


def tilt_deg(right: Array, left: Array) -> Array:
    """Tilt of the line right -> left against the horizontal, -90..90.

    Positive when the lifter's LEFT end is lower.
    """
    d = left - right
    return np.asarray(np.degrees(np.arctan2(d[..., 1], np.abs(d[..., 0]))))


def length(a: Array, b: Array) -> Array:
    return np.asarray(np.sqrt(np.sum((a - b) ** 2, axis=-1)))


def midpoint(points: Array, left: int, right: int) -> Array:
    """Middle of two landmarks of (n, 33, k) points, first two or three coordinates."""
    return np.asarray((points[:, left] + points[:, right]) / 2.0)


def mirrored(image: Array, width: int) -> Array:
    """The (n, 33, 4) landmarks that the same lifter would have in a horizontally flipped picture."""
    out = image.copy()
    for left, right in PAIRS:
        out[:, [left, right]] = out[:, [right, left]]
    out[..., 0] = width - out[..., 0]
    return out
