"""Stance, lean and phase of single frames: a few ratios of the body, and the probabilities learned on them.

Tables of landmarks tell neither the size of the picture nor its shape. So heights are measured in heights of the same
frame's body and widths in the shoulder width of the whole table; their quotient, the picture's aspect, drops out. The
coefficients stand in the settings table; `python -m coaching.training tables --fit` makes them from simulated lifters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from coaching.vision import geometry as g

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.settings_table import Ordinal, Settings

    Array = NDArray[np.float64]

CLASSES: dict[str, tuple[str, ...]] = {
    "stance": ("narrow", "neutral", "wide"),
    "lean": ("right", "neutral", "left"),
    "phase": ("down", "up"),
}
FEATURES: dict[str, tuple[str, ...]] = {
    "stance": ("log_ankles_over_shoulders", "log_ankles_over_body"),
    "lean": ("aside_deg",),
    "phase": ("hands_over_knees",),
}
TRUNK_OF_LEG = 0.66  # shoulder-hip over hip-ankle of somebody upright
SHOULDERS_OF_TRUNK = 0.66  # shoulder width over trunk, square on: the settings' full_ratio
UPRIGHT_PERCENTILE = 70.0
WIDEST_PICTURE = 2.4  # width over height, or height over width, of any picture
NARROWEST = 0.9  # shoulders that look narrower than this part of the width expected are turned, not narrow


@dataclass(frozen=True, slots=True)
class FrameBody:
    """Sizes of single frames (n,): trunk and leg heights, the body's height scale, and the width expected of it."""

    trunk: Array
    leg: Array
    scale: Array
    width: Array
    shoulders: Array
    side: Array  # +1: the lifter's left is at larger x


def body_of_frames(points: Array, shoulders_of_scale: float | None = None) -> FrameBody:
    """Sizes of points (n, 33, 2 or more), y down. shoulders_of_scale: see `shoulder_share`; None = of these frames."""
    x, y = points[..., 0], points[..., 1]
    shoulder, hip, ankle = (_mid(y, a) for a in (g.LEFT_SHOULDER, g.LEFT_HIP, g.LEFT_ANKLE))
    trunk, leg = hip - shoulder, ankle - hip
    scale = np.fmax(trunk, TRUNK_OF_LEG * leg)
    scale = np.where(scale > 0.0, scale, np.nan)
    across = x[:, g.LEFT_SHOULDER] - x[:, g.RIGHT_SHOULDER]
    share = shoulder_share(np.abs(across), trunk, scale) if shoulders_of_scale is None else shoulders_of_scale
    return FrameBody(trunk, leg, scale, share * scale, np.abs(across), _side(points, across, scale))


def shoulder_share(shoulders: Array, trunk: Array, scale: Array) -> float:
    """Shoulder width, in the table's own unit of x, over the body's scale in its unit of y: of its upright frames.

    Picture aspect and build in one number. Where nobody stands upright: that of a square picture.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = shoulders / scale
        standing = ratio[np.isfinite(ratio) & (trunk > 0.8 * scale)]
    if not len(standing):
        return SHOULDERS_OF_TRUNK
    share = float(np.percentile(standing, UPRIGHT_PERCENTILE))
    return float(np.clip(share, SHOULDERS_OF_TRUNK / WIDEST_PICTURE, SHOULDERS_OF_TRUNK * WIDEST_PICTURE))


def frame_features(task: str, points: Array, body: FrameBody | None = None) -> Array:
    """Features (n, len(FEATURES[task])) of landmarks (n, 33, 2 or more), y down; NaN where a point is missing.

    Mirroring the lifter changes the sign of every lean feature and nothing else.
    """
    body = body or body_of_frames(points)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {"stance": _stance, "lean": _lean, "phase": _phase}[task](points, body)


def _stance(points: Array, body: FrameBody) -> Array:
    ankles = np.abs(points[:, g.LEFT_ANKLE, 0] - points[:, g.RIGHT_ANKLE, 0]) + 0.05 * body.width
    # Shoulders turn where feet stand: what they look too narrow by, the rest of the body makes good.
    shoulders = np.fmax(body.shoulders, NARROWEST * body.width)
    return np.column_stack([np.log(ankles / shoulders), np.log(ankles / body.width)])


def _lean(points: Array, body: FrameBody) -> Array:
    """Weighed mean of the trunk's angle to the vertical and of the tilt of the shoulder line, deg, the lifter's left
    positive.

    Specification 3.3 has both angles. Each alone carries its own constant error, of the body or of the camera. The
    trunk of somebody who bends over looks aside as soon as the camera is not square in front, and the shoulder line
    does not: so the trunk counts by the square of how upright it is.
    """
    x, y = points[..., 0], points[..., 1]
    trunk = np.clip(body.trunk / body.scale, 0.0, 1.0) ** 2
    aside = (_mid(x, g.LEFT_SHOULDER) - _mid(x, g.LEFT_HIP)) / body.width * SHOULDERS_OF_TRUNK
    right_of_picture = np.where(x[:, g.LEFT_SHOULDER] >= x[:, g.RIGHT_SHOULDER], 1.0, -1.0)
    fall = right_of_picture * (y[:, g.LEFT_SHOULDER] - y[:, g.RIGHT_SHOULDER]) / body.scale / SHOULDERS_OF_TRUNK
    both = trunk * np.degrees(np.arctan(aside)) + np.degrees(np.arcsin(np.clip(fall, -1.0, 1.0)))
    return np.asarray((both * body.side / (trunk + 1.0))[:, None])


def _phase(points: Array, body: FrameBody) -> Array:
    """Hands over the knees in heights of the shoulders above the ankles.

    Bent double towards the camera the shoulders are as low as the hips, so a part of the leg is the least height. A
    body that the engine stood on its head has both differences reversed, and the same quotient.
    """
    y = points[..., 1]
    height = body.trunk + body.leg
    height = np.where(np.abs(height) < 0.3 * np.abs(body.leg), np.sign(body.leg) * 0.3 * np.abs(body.leg), height)
    hands = (_mid(y, g.LEFT_KNEE) - _mid(y, g.LEFT_WRIST)) / np.where(height != 0.0, height, np.nan)
    return np.asarray(np.clip(hands, -1.0, 1.0)[:, None])


def _mid(values: Array, left: int) -> Array:
    """Mean of a landmark and its right twin, or the one that is there."""
    a, b = values[:, left], values[:, left + 1]
    return np.where(np.isfinite(a) & np.isfinite(b), (a + b) / 2.0, np.fmax(a, b))


def _side(points: Array, across: Array, scale: Array) -> Array:
    """+1 where the lifter's left is at the right of the picture.

    Engines exchange left and right of somebody they take for turned round, so the names alone do not decide: the toes
    of a lifter seen from behind are higher in the picture than the heels (the camera is above the feet). Where most
    of those who face the camera have their left at the left, the table is of a mirror, and the names are right.
    """
    toes = _mid(points[..., 1], g.LEFT_FOOT) - _mid(points[..., 1], g.LEFT_HEEL)
    turned, faces = across < 0.0, toes > -0.03 * scale
    mirrored = np.sum(turned & faces) > np.sum((across > 0.0) & faces)
    return np.where(turned & (mirrored | ~faces), -1.0, 1.0)


def probabilities(task: str, features: Array, settings: Settings) -> Array:
    """Class probabilities (n, classes), in the order of CLASSES, of features (n, k); NaN rows stay NaN."""
    model: Ordinal = {"stance": settings.frames.stance, "lean": settings.frames.lean, "phase": settings.frames.phase}[
        task
    ]
    return ordinal_probabilities(features, np.array(model.weights), np.array(model.edges))


def ordinal_probabilities(features: Array, weights: Array, edges: Array) -> Array:
    """Proportional odds: P(class > k) = logistic(features . weights - edges[k])."""
    above = expit((features @ weights)[:, None] - edges)
    full = np.column_stack([np.ones(len(above)), above, np.zeros(len(above))])
    full[~np.isfinite(above).all(axis=1)] = np.nan
    return np.asarray(full[:, :-1] - full[:, 1:])


_NEEDED: dict[str, dict[str, int]] = {
    "stance": {"shoulders": g.LEFT_SHOULDER, "hips": g.LEFT_HIP, "ankles": g.LEFT_ANKLE},
    "lean": {"shoulders": g.LEFT_SHOULDER, "hips": g.LEFT_HIP, "ankles": g.LEFT_ANKLE},
    "phase": {
        "shoulders": g.LEFT_SHOULDER,
        "hips": g.LEFT_HIP,
        "wrists": g.LEFT_WRIST,
        "knees": g.LEFT_KNEE,
        "ankles": g.LEFT_ANKLE,
    },
}
# Widths and tilts need both of the pair; heights, and the middle of the hips, do with one.
_BOTH_SIDES = {"stance": ("shoulders", "ankles"), "lean": ("shoulders",), "phase": ()}


def why_unusable(task: str, points: Array, body: FrameBody) -> list[str]:
    """For each frame an empty string, or what is missing for this task."""
    reasons = []
    for row in range(len(points)):
        missing = []
        for name, left in _NEEDED[task].items():
            there = np.isfinite(points[row, [left, left + 1], 0])
            if not (there.all() if name in _BOTH_SIDES[task] else there.any()):
                missing.append(name)
        standing = task == "phase" or bool(np.isfinite(body.scale[row]))
        reasons.append(f"{' and '.join(missing)} missing" if missing else "" if standing else "upside down or flat")
    return reasons
