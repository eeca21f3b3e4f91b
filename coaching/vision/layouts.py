"""One skeleton for every engine: other joint orders brought to the project's 33 landmarks, y down, NaN where missing.

The order of the `kinect17` files was found from the data: standing, the heights fall into head, neck, shoulders, mid
spine, pelvis, hips, hands, knees, ankles, feet; the one of a pair at the lifter's left follows from the direction of
the feet (ankle to toe, across the vertical). The files hold 16 points and end each line with a separator, which counts
as the seventeenth; a seventeenth point, where there is one, is not used. There are no elbows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision import geometry as g
from coaching.vision.types import N_LANDMARKS, Track

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Layout:
    """joints: points a frame. places: landmark number -> index of the point that fills it.

    axes: factors of x, y, z that bring the engine's axes to ours (x to the right of the picture, y down, z away), in
    the scale of x.
    has_confidence: the third number of a point is a confidence, not a depth.
    """

    name: str
    joints: int
    places: Mapping[int, int]
    axes: tuple[float, float, float] = (1.0, 1.0, 1.0)
    has_confidence: bool = False


# [MEAS] MediaPipe's picture depth against its world depth: factor .25-.36 in 40 clips of 11 people, correlation .99.
MEDIAPIPE_DEPTH = 0.3
AT_ORIGIN = 0.02  # of the body's height: hips nearer to the origin in every frame are its world landmarks, in metres

LAYOUTS: dict[str, Layout] = {
    "mediapipe33": Layout("mediapipe33", 33, {i: i for i in range(N_LANDMARKS)}, axes=(1.0, 1.0, MEDIAPIPE_DEPTH)),
    "body25": Layout(
        "body25",
        25,
        {
            g.NOSE: 0,
            g.RIGHT_EYE: 15,
            g.LEFT_EYE: 16,
            g.RIGHT_EAR: 17,
            g.LEFT_EAR: 18,
            g.RIGHT_SHOULDER: 2,
            g.RIGHT_ELBOW: 3,
            g.RIGHT_WRIST: 4,
            g.LEFT_SHOULDER: 5,
            g.LEFT_ELBOW: 6,
            g.LEFT_WRIST: 7,
            g.RIGHT_HIP: 9,
            g.RIGHT_KNEE: 10,
            g.RIGHT_ANKLE: 11,
            g.RIGHT_FOOT: 22,
            g.RIGHT_HEEL: 24,
            g.LEFT_HIP: 12,
            g.LEFT_KNEE: 13,
            g.LEFT_ANKLE: 14,
            g.LEFT_FOOT: 19,
            g.LEFT_HEEL: 21,
        },
        has_confidence=True,
    ),
    # The head's centre stands for nose and ears, the ankle for the heel above which it is. The camera's x runs to its
    # own left: turned round, as in a picture.
    "kinect17": Layout(
        "kinect17",
        16,
        {
            g.NOSE: 0,
            g.LEFT_EAR: 0,
            g.RIGHT_EAR: 0,
            g.LEFT_SHOULDER: 3,
            g.RIGHT_SHOULDER: 4,
            g.LEFT_WRIST: 5,
            g.RIGHT_WRIST: 6,
            g.LEFT_HIP: 8,
            g.RIGHT_HIP: 9,
            g.LEFT_KNEE: 10,
            g.RIGHT_KNEE: 11,
            g.LEFT_ANKLE: 12,
            g.RIGHT_ANKLE: 13,
            g.LEFT_HEEL: 12,
            g.RIGHT_HEEL: 13,
            g.LEFT_FOOT: 14,
            g.RIGHT_FOOT: 15,
        },
        axes=(-1.0, -1.0, 1.0),
    ),
}


def landmarks_of(points: Array, layout: Layout) -> Array:
    """Landmarks (n, 33, 4) of points (n, layout.joints or more, 2 to 4): x, y, z and visibility, in the points' unit.

    A point that is not finite, lies exactly at the origin of the picture, or has no confidence is NaN, with visibility
    0. Depth is NaN where the engine gives none. Raises ValueError for another shape.
    """
    if points.ndim != 3 or points.shape[1] < layout.joints or not 2 <= points.shape[2] <= 4:
        raise ValueError(f"{layout.name} needs (frames, {layout.joints}, 2 to 4) numbers, got {points.shape}")
    out = np.full((len(points), N_LANDMARKS, 4), np.nan)
    to, source = list(layout.places), list(layout.places.values())
    flat = points[:, source, :2]
    known = np.isfinite(flat).all(axis=2) & (flat != 0.0).any(axis=2)
    seen = np.ones(known.shape)
    columns = points.shape[2]
    if columns == 4 or (columns == 3 and layout.has_confidence):
        seen = np.clip(np.nan_to_num(points[:, source, -1]), 0.0, 1.0)
    if layout.has_confidence:
        known &= seen > 0.0
    out[:, to, :2] = np.where(known[..., None], flat * np.array(layout.axes[:2]), np.nan)
    if columns == 4 or (columns == 3 and not layout.has_confidence):
        depth = np.sign(layout.axes[2]) if _hip_centred(out) else layout.axes[2]
        out[:, to, 2] = np.where(known, points[:, source, 2] * depth, np.nan)
    out[:, to, 3] = np.where(known, seen, 0.0)
    out[:, [i for i in range(N_LANDMARKS) if i not in layout.places], 3] = 0.0
    return out


def _hip_centred(landmarks: Array) -> bool:
    """Whether these are coordinates about the middle of the hips, as engines give them in metres."""
    y = landmarks[:, [g.LEFT_SHOULDER, g.RIGHT_SHOULDER, g.LEFT_ANKLE, g.RIGHT_ANKLE], 1]
    hips = np.abs(landmarks[:, g.LEFT_HIP, :2] + landmarks[:, g.RIGHT_HIP, :2]) / 2.0
    known = np.isfinite(hips).all(axis=1) & np.isfinite(y).all(axis=1)
    return bool(known.any() and (hips[known].max(axis=1) < AT_ORIGIN * np.ptp(y[known], axis=1)).all())


def upright(landmarks: Array) -> tuple[Array, bool]:
    """The landmarks with y down, and whether they had to be turned: most shoulders were under the ankles."""
    y = landmarks[..., 1]
    fall = np.fmax(y[:, g.LEFT_ANKLE], y[:, g.RIGHT_ANKLE]) - np.fmax(y[:, g.LEFT_SHOULDER], y[:, g.RIGHT_SHOULDER])
    known = fall[np.isfinite(fall)]
    if not known.size or float(np.median(known)) >= 0.0:
        return landmarks, False
    turned = landmarks.copy()
    turned[..., 1] *= -1.0
    return turned, True


def turned_about_vertical(landmarks: Array, degrees: float) -> Array:
    """The same points in space seen by a camera that went round the lifter; the depth must be real (kinect)."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    out = landmarks.copy()
    out[..., 0] = c * landmarks[..., 0] + s * landmarks[..., 2]
    out[..., 2] = c * landmarks[..., 2] - s * landmarks[..., 0]
    return out


def facing_away_deg(landmarks: Array) -> float:
    """Angle by which the lifter's left-right line is turned out of the picture: 0 faces the camera; real depth only."""
    across = landmarks[:, g.LEFT_SHOULDER, :3] - landmarks[:, g.RIGHT_SHOULDER, :3]
    across = across + landmarks[:, g.LEFT_HIP, :3] - landmarks[:, g.RIGHT_HIP, :3]
    x, _, z = np.nanmedian(across, axis=0)
    return float(np.degrees(np.arctan2(z, x)))


PICTURE_HEIGHT = 1000.0


def track_of(landmarks: Array, fps: float) -> Track:
    """The track that these landmarks (n, 33, 4) would be in a picture 1000 px high that they fill by four fifths."""
    low = np.nanmin(landmarks[..., :2].reshape(-1, 2), axis=0)
    high = np.nanmax(landmarks[..., :2].reshape(-1, 2), axis=0)
    scale = 0.8 * PICTURE_HEIGHT / max(float(high[1] - low[1]), 1e-9)
    image = landmarks.copy()
    image[..., :2] = (landmarks[..., :2] - low) * scale + 0.1 * PICTURE_HEIGHT
    image[..., 2] = landmarks[..., 2] * scale
    middle = (landmarks[:, [g.LEFT_HIP]] + landmarks[:, [g.RIGHT_HIP]])[..., :3] / 2.0
    # An engine without depth leaves the world unknown but for its plane, which is all that counting needs.
    world = (landmarks[..., :3] - middle) * scale / (0.5 * PICTURE_HEIGHT)
    detected = np.isfinite(image[:, [g.LEFT_SHOULDER, g.RIGHT_SHOULDER, g.LEFT_HIP, g.RIGHT_HIP], 0]).any(axis=1)
    return Track(
        time_s=np.arange(len(image)) / fps,
        image=image.astype(np.float32),
        world=world.astype(np.float32),
        detected=detected,
        fps=fps,
        width=round(float(high[0] - low[0]) * scale + 0.2 * PICTURE_HEIGHT),
        height=round(PICTURE_HEIGHT),
    )
