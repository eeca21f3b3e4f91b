"""The outline of the back, from the picture's silhouette: the one thing that shows rounding.

No landmark lies between shoulder and hip, so a skeleton can't tell a flat back from a round one. The silhouette can:
rays at right angles to the trunk's line, from shoulder to hip, end where the body ends. Whatever the line's place and
tilt, a straight back gives a straight row of ends and a rounded one a bow. Nothing is said about the lower back alone:
the bow is that of the whole line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coaching.vision import geometry as g

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.types import FloatArray

# Where the rays leave the trunk's line, in shares of the way from mid-shoulder to mid-hip. The shoulder itself is left
# out: the upper arm and the shirt's seam lie there.
STATIONS = np.linspace(0.1, 1.0, 13)
# [MEAS] trunk lengths. A trunk that looks deeper than this bends towards the camera: its outline says little then.
REACH = 0.6
SAMPLES = 49
INSIDE = 0.5  # of the silhouette's 0..1
MIN_TRUNK_PX = 12.0
# Rays that must end at an outline before a bow is fitted through their ends.
MIN_RAYS = 8


def back_outline(silhouette: FloatArray, image: FloatArray) -> NDArray[np.float32]:
    """Distance of the body's outline from the trunk's line at each of STATIONS, in trunk lengths: (2, 13) float32.

    silhouette (height, width): 0 outside of the body, 1 inside. image (33, 4): landmarks in the same picture's px. Row
    0 looks towards the back of a lifter who faces the right of the picture, row 1 towards that of one who faces left.
    NaN where a ray starts outside of the body or meets no outline within REACH.
    """
    shoulder = (image[g.LEFT_SHOULDER, :2] + image[g.RIGHT_SHOULDER, :2]) / 2
    hip = (image[g.LEFT_HIP, :2] + image[g.RIGHT_HIP, :2]) / 2
    along = np.asarray(hip - shoulder, np.float64)
    length = float(np.hypot(*along))
    if not length >= MIN_TRUNK_PX:
        return np.full((2, STATIONS.size), np.nan, np.float32)
    across = np.array([-along[1], along[0]])
    starts = shoulder + STATIONS[:, None] * along
    away = np.linspace(0.0, REACH, SAMPLES)
    rays = starts[None, :, None] + np.array([1.0, -1.0])[:, None, None, None] * away[:, None] * across
    flat = rays.reshape(2 * STATIONS.size, SAMPLES, 2).astype(np.float32)
    # Beyond the picture's edge the body may go on: that is no outline.
    import cv2  # the server of live sets takes outlines apart, and opens no picture

    seen = cv2.remap(
        np.asarray(silhouette, np.float32),
        flat[..., 0],
        flat[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(1.0,),
    )
    return _first_exit(np.asarray(seen, np.float64), away).reshape(2, STATIONS.size).astype(np.float32)


def _first_exit(inside: NDArray[np.float64], away: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each row of (k, SAMPLES) first falls through INSIDE, by the straight line between two samples; else NaN."""
    outside = inside < INSIDE
    at = np.argmax(outside, axis=1)
    rows = np.flatnonzero((at > 0) & outside[np.arange(len(at)), at])
    out = np.full(len(at), np.nan)
    before, after = inside[rows, at[rows] - 1], inside[rows, at[rows]]
    share = (before - INSIDE) / np.maximum(before - after, 1e-9)
    out[rows] = away[at[rows] - 1] + share * (away[1] - away[0])
    return out


def curve(outline: FloatArray, image: FloatArray, row: int) -> NDArray[np.float64]:
    """The parabola through the ends of one row's rays, as points (13, 2) px of the picture that `image` (33, 4) is of;
    (0, 2) with fewer than MIN_RAYS.
    """
    ends = np.asarray(outline[row], np.float64)
    known = np.isfinite(ends)
    if np.count_nonzero(known) < MIN_RAYS:
        return np.zeros((0, 2))
    away = np.polyval(np.polyfit(STATIONS[known], ends[known], 2), STATIONS)
    shoulder = (image[g.LEFT_SHOULDER, :2] + image[g.RIGHT_SHOULDER, :2]) / 2
    along = (image[g.LEFT_HIP, :2] + image[g.RIGHT_HIP, :2]) / 2 - shoulder
    across = np.array([-along[1], along[0]]) * (1.0 if row == 0 else -1.0)
    return np.asarray(shoulder + STATIONS[:, None] * along + away[:, None] * across, np.float64)


def bow(outline: FloatArray) -> NDArray[np.float64]:
    """How far the outline bulges in its middle, (n, 13) -> (n,), in trunk lengths.

    It is the height of the least-squares parabola over its chord. Positive: rounded; 0: straight; negative: hollow.
    Moving or tilting the trunk's line changes nothing. NaN with fewer than MIN_RAYS.
    """
    rows = np.asarray(outline, np.float64).reshape(-1, STATIONS.size)
    out = np.full(len(rows), np.nan)
    known = np.isfinite(rows)
    span = STATIONS[-1] - STATIONS[0]
    # Frames with the same rays share one least-squares fit.
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    for number, rays in enumerate(patterns):
        if np.count_nonzero(rays) < MIN_RAYS:
            continue
        chosen = which.reshape(-1) == number
        curvature = np.polyfit(STATIONS[rays], rows[chosen][:, rays].T, 2)[0]
        out[chosen] = -curvature * (span / 2) ** 2
    return out
