"""Small geometry shared by the kinematics: eased curves, two-link chains, rotations. Frames are the first axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def smoothstep(x: Floats) -> Floats:
    """0 below 0, 1 above 1, a cubic with level ends between."""
    t = np.clip(x, 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def eased(x: Floats, knots: Floats, values: Floats) -> Floats:
    """Curve through (knots, values) with level tangents at each knot; constant outside.

    values (k,) gives (n,), values (k, c) gives (n, c).
    """
    after = np.clip(np.searchsorted(knots, x, side="right"), 1, len(knots) - 1)
    width = np.maximum(knots[after] - knots[after - 1], 1e-9)
    share = smoothstep((x - knots[after - 1]) / width)
    if values.ndim == 2:
        share = share[:, None]
    low, high = values[after - 1], values[after]
    return np.asarray(low + (high - low) * share)


def unit(vectors: Floats) -> Floats:
    """Same directions, length 1 (zero vectors stay zero)."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12))


def middle_joint(root: Floats, end: Floats, upper: float, lower: float, pole: Floats) -> Floats:
    """Knee or elbow of a two-link chain from root to end (n, 3), bent towards `pole` (n, 3).

    Out of reach, the joint lies on the straight line and both links stretch in proportion.
    """
    line = end - root
    distance = np.linalg.norm(line, axis=-1, keepdims=True)
    direction = line / np.maximum(distance, 1e-12)
    reach = upper + lower
    short = np.minimum(distance, reach)
    along = (short * short + upper * upper - lower * lower) / (2.0 * np.maximum(short, 1e-12))
    height = np.sqrt(np.maximum(upper * upper - along * along, 0.0))
    along = along * np.maximum(distance / reach, 1.0)
    aside = pole - np.sum(pole * direction, axis=-1, keepdims=True) * direction
    return np.asarray(root + along * direction + height * unit(aside))


def tilted(vectors: Floats, angle: Floats) -> Floats:
    """Rotate (n, 3) about the forward axis by angle (n,) rad, the top towards the lifter's left (+x)."""
    cos, sin = np.cos(angle), np.sin(angle)
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    return np.stack((x * cos + y * sin, y * cos - x * sin, z), axis=-1)


def angle_deg(one: Floats, corner: Floats, other: Floats) -> Floats:
    """Inner angle (n,) 0..180 deg at `corner` between the directions to `one` and `other`, each (n, 2) or (n, 3)."""
    a, b = unit(one - corner), unit(other - corner)
    return np.asarray(np.degrees(np.arccos(np.clip(np.sum(a * b, axis=-1), -1.0, 1.0))))
