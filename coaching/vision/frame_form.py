"""Correct or incorrect from one frame of a lift: how wide the hands hold the bar, and how head and chest hang.

A single frame has no outline and no set-up to compare with, so this is a coarser opinion than that on a repetition. The
weights of the hanging head were learned on simulated lifters (`python -m coaching.training tables --fit`); the band of
the grip is the coach's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from coaching.vision import geometry as g
from coaching.vision.frame_labels import body_of_frames, ordinal_probabilities

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.frame_labels import FrameBody
    from coaching.vision.settings_table import Settings

    Array = NDArray[np.float64]

FORM_CLASSES = ("incorrect", "correct")
ROUNDED_CLASSES = ("straight", "rounded")
LEAST_SHANK = 0.4  # of the leg's height: a knee behind a plate must not make the shank vanish
TURNED = 0.35  # of the shoulder width expected: narrower shoulders are seen from the side, and show no grip


def rounded_features(points: Array) -> Array:
    """Features (n, 4) of landmarks (n, 33, 2 or more), y down: heights of ears and nose over the shoulders, of the
    shoulders over the hips, of the hands over the knees, all in heights of the shank. NaN where a point is missing.
    """
    y = points[..., 1]
    ear, shoulder, hip, knee, ankle, hand = (
        _mid(y, left) for left in (g.LEFT_EAR, g.LEFT_SHOULDER, g.LEFT_HIP, g.LEFT_KNEE, g.LEFT_ANKLE, g.LEFT_WRIST)
    )
    shank = np.fmax(np.abs(ankle - knee), LEAST_SHANK * np.abs(ankle - hip))
    heights = np.column_stack([shoulder - ear, shoulder - y[:, g.NOSE], hip - shoulder, knee - hand])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(shank[:, None] > 0.0, heights / shank[:, None], np.nan)


def form_probabilities(points: Array, settings: Settings, body: FrameBody | None = None) -> Array:
    """P(incorrect), P(correct) (n, 2): neither a grip out of its band nor a rounded back.

    Faults are taken as independent. A fault that a frame does not show counts as absent; NaN where it shows none.
    """
    frames, form = settings.frames, settings.form
    rounded = ordinal_probabilities(
        rounded_features(points), np.array(frames.rounded.weights), np.array(frames.rounded.edges)
    )[:, 1]
    grip = grip_ratio(points, body or body_of_frames(points))
    inside = 1.0 - ndtr((form.grip.low - grip) / frames.grip_sigma) - ndtr((grip - form.grip.high) / frames.grip_sigma)
    fine = np.where(np.isfinite(inside), inside, 1.0) * np.where(np.isfinite(rounded), 1.0 - rounded, 1.0)
    fine[~np.isfinite(inside) & ~np.isfinite(rounded)] = np.nan
    fine = np.clip(fine, 0.0, 1.0)
    return np.column_stack([1.0 - fine, fine])


def grip_ratio(points: Array, body: FrameBody) -> Array:
    """Hand over shoulder distance (n,); NaN where the shoulders are seen from the side or a point is missing."""
    hands = np.abs(points[:, g.LEFT_WRIST, 0] - points[:, g.RIGHT_WRIST, 0])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(body.shoulders > TURNED * body.width, hands / body.shoulders, np.nan)


def _mid(values: Array, left: int) -> Array:
    return np.asarray((values[:, left] + values[:, left + 1]) / 2.0)
