"""The lifter's height in pixels, so that speeds can be told in body heights a second."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from coaching.vision.types import FloatArray

_NOSE, _HEELS = 0, [29, 30]
_SHOULDERS, _HIPS, _KNEES, _ANKLES = [11, 12], [23, 24], [25, 26], [27, 28]
# The nose is at about 0.93 of stature.
_NOSE_SHARE = 0.93
# Shoulder to ankle along the segments: 0.818 - 0.039 of stature (Winter 2009, Biomechanics and Motor Control, 4.1).
_SEGMENTS_SHARE = 0.779
_UPRIGHT = 0.95  # cosine: the trunk within 18 degrees of the vertical
_STRAIGHT = 0.97  # share of the segments' sum that shoulder to ankle spans
_MIN_VISIBILITY = 0.5
_MEMORY = 300


class BodyScale:
    """Median body height over what has been seen so far.

    Upright frames count as soon as there are some. Until then it is the long end of what the segments add up to: bent
    over a bar, a lifter seen from the front only looks shorter.
    """

    def __init__(self) -> None:
        self._upright: deque[float] = deque(maxlen=_MEMORY)
        self._segments: deque[float] = deque(maxlen=_MEMORY)
        self.height_px: float | None = None

    def update(self, landmarks: FloatArray | None) -> float | None:
        """Take one frame's landmarks (33, 4) px, or None; return the height in px, None while nobody was seen."""
        if landmarks is None:
            return self.height_px
        shoulder, hip, knee, ankle = (landmarks[part, :2].mean(axis=0) for part in (_SHOULDERS, _HIPS, _KNEES, _ANKLES))
        trunk, whole = hip - shoulder, ankle - shoulder
        total = float(np.linalg.norm(trunk) + np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee))
        if not total > 1.0:
            return self.height_px
        self._segments.append(total / _SEGMENTS_SHARE)
        standing = whole[1] > _STRAIGHT * total and trunk[1] > _UPRIGHT * float(np.linalg.norm(trunk))
        if standing and landmarks[[_NOSE, *_HEELS], 3].min() >= _MIN_VISIBILITY:
            nose_to_floor = float(landmarks[_HEELS, 1].mean() - landmarks[_NOSE, 1])
            self._upright.append(nose_to_floor / _NOSE_SHARE)
        if self._upright:
            self.height_px = float(np.median(self._upright))
        else:
            self.height_px = float(np.percentile(self._segments, 80))
        return self.height_px
