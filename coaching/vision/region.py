"""Where the lift happens: the lifter's box, grown by what moves with it (specification S2, S3), and its crop (S4)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.types import FloatArray

CROP_PX = 128
MIN_VISIBILITY = 0.5
_PAD = 0.15
_MIN_FLOW_PX = 0.30
_MAD_TO_SIGMA = 1.4826
_MIN_COMPONENT_SHARE = 0.001
_MEMORY_S = 0.5
_SMOOTHING = 0.8  # share of the old box kept at 30 frames a second
_REFERENCE_FPS = 30.0
_MIN_SIDE_PX = 16.0
# Median and MAD of every third pixel differ from those of all by less than the flow's own error.
_STATISTICS_STEP = 3
_OPEN = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
_CLOSE = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))


class Rect(NamedTuple):
    """A box in px, x0 <= x1 and y0 <= y1."""

    x0: float
    y0: float
    x1: float
    y1: float

    def scaled(self, factor: float) -> Rect:
        return Rect(self.x0 * factor, self.y0 * factor, self.x1 * factor, self.y1 * factor)

    def grown(self, share: float) -> Rect:
        """Each side moved out by `share` of the box's own width or height."""
        dx, dy = share * (self.x1 - self.x0), share * (self.y1 - self.y0)
        return Rect(self.x0 - dx, self.y0 - dy, self.x1 + dx, self.y1 + dy)

    def united(self, other: Rect) -> Rect:
        low = min(self.x0, other.x0), min(self.y0, other.y0)
        return Rect(*low, max(self.x1, other.x1), max(self.y1, other.y1))

    def clipped(self, other: Rect) -> Rect:
        """The part inside `other`; a point on its border when they don't meet."""
        x0, x1 = (min(max(x, other.x0), other.x1) for x in (self.x0, self.x1))
        y0, y1 = (min(max(y, other.y0), other.y1) for y in (self.y0, self.y1))
        return Rect(x0, y0, x1, y1)


def skeleton_box(landmarks: FloatArray) -> Rect | None:
    """Bounding box of the visible landmarks (33, 4), padded by 15 % a side; None when fewer than four are visible."""
    visible = landmarks[landmarks[:, 3] >= MIN_VISIBILITY]
    if len(visible) < 4:
        return None
    x0, y0 = (float(v) for v in visible[:, :2].min(axis=0))
    x1, y1 = (float(v) for v in visible[:, :2].max(axis=0))
    return Rect(x0, y0, x1, y1).grown(_PAD)


def motion_mask(vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Pixels that move, (h, w) of 0 and 1: above 0.30 px a frame, and three sigma above the picture's noise."""
    size = np.hypot(vectors[..., 0], vectors[..., 1])
    sample = size[::_STATISTICS_STEP, ::_STATISTICS_STEP]
    median = float(np.median(sample))
    sigma = _MAD_TO_SIGMA * float(np.median(np.abs(sample - median)))
    moving = (size > max(_MIN_FLOW_PX, median + 3 * sigma)).astype(np.uint8)
    mask = cv2.morphologyEx(moving, cv2.MORPH_OPEN, _OPEN)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _CLOSE), dtype=np.uint8)


def grow_by_motion(box: Rect, mask: NDArray[np.uint8]) -> Rect:
    """Unite the box with every moving component that touches it, but never beyond the box grown by another 15 %.

    The limit keeps a passer-by or a swinging mirror from becoming part of the lift. All in px of the mask.
    """
    height, width = mask.shape
    x0, y0 = max(0, int(box.x0)), max(0, int(box.y0))
    x1, y1 = min(width, int(np.ceil(box.x1))), min(height, int(np.ceil(box.y1)))
    if x1 <= x0 or y1 <= y0 or not mask[y0:y1, x0:x1].any():
        return box
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
    touching = np.bincount(labels[y0:y1, x0:x1].ravel(), minlength=count) > 0
    large = stats[:, cv2.CC_STAT_AREA] >= _MIN_COMPONENT_SHARE * mask.size
    grown = box
    for label in np.flatnonzero(touching & large):
        if label == 0:  # the background
            continue
        left, top, w, h = (float(v) for v in stats[label, :4])
        grown = grown.united(Rect(left, top, left + w, top + h))
    return grown.clipped(box.grown(_PAD))


class RegionTracker:
    """The motion region through a clip: steady enough that the crop does not shake, quick enough to hold the bar."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, Rect]] = deque()
        self._smooth: Rect | None = None
        self._last_s = 0.0

    def alive(self, time_s: float) -> bool:
        """Whether a frame without a skeleton at this time would still have a region."""
        return self._smooth is not None and time_s - self._last_s <= _MEMORY_S

    def step(self, time_s: float, region: Rect | None, picture: Rect) -> Rect | None:
        """Return the region of this frame, inside `picture`, or None.

        Without a skeleton the last region is kept for half a second. Otherwise it is the widest of the last half
        second, then smoothed exponentially.
        """
        if region is None:
            if not self.alive(time_s):
                self._smooth = None
                self._recent.clear()
            return self._smooth
        dt, self._last_s = time_s - self._last_s, time_s
        self._recent.append((time_s, region))
        while time_s - self._recent[0][0] > _MEMORY_S:
            self._recent.popleft()
        x0, y0, x1, y1 = np.asarray([box for _, box in self._recent]).T
        widest = np.array([x0.min(), y0.min(), x1.max(), y1.max()])
        if self._smooth is not None:
            keep = _SMOOTHING ** (dt * _REFERENCE_FPS)
            widest = keep * np.asarray(self._smooth) + (1 - keep) * widest
        self._smooth = Rect(*(float(v) for v in widest)).clipped(picture)
        if min(self._smooth.x1 - self._smooth.x0, self._smooth.y1 - self._smooth.y0) < _MIN_SIDE_PX:
            self._smooth = None
        return self._smooth


class Crop(NamedTuple):
    """How the region becomes a square: the cut in whole px, and the padding that centres it."""

    x0: int
    y0: int
    x1: int
    y1: int
    left: int
    top: int
    side: int

    def to_square(self, points: FloatArray) -> NDArray[np.float64]:
        """Picture coordinates (k, 2) px to coordinates in the 128 px square."""
        offset = np.array([self.x0 - self.left, self.y0 - self.top], dtype=np.float64)
        return (np.asarray(points, dtype=np.float64) - offset) * (CROP_PX / self.side)


def square_crop(region: Rect, height: int, width: int) -> Crop:
    """Round the region outwards to whole pixels of a (height, width) picture and centre it in a square."""
    x0 = min(max(0, int(np.floor(region.x0))), width - 2)
    y0 = min(max(0, int(np.floor(region.y0))), height - 2)
    x1 = max(x0 + 2, min(width, int(np.ceil(region.x1))))
    y1 = max(y0 + 2, min(height, int(np.ceil(region.y1))))
    side = max(x1 - x0, y1 - y0)
    return Crop(x0, y0, x1, y1, (side - (x1 - x0)) // 2, (side - (y1 - y0)) // 2, side)


def cut(picture: NDArray[Any], crop: Crop, interpolation: int) -> NDArray[Any]:
    """The region as a 128 x 128 square; the short side is padded by repeating its border, which keeps the aspect."""
    part = picture[crop.y0 : crop.y1, crop.x0 : crop.x1]
    bottom = crop.side - crop.top - part.shape[0]
    right = crop.side - crop.left - part.shape[1]
    if bottom or right or crop.top or crop.left:
        part = cv2.copyMakeBorder(part, crop.top, bottom, crop.left, right, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(part, (CROP_PX, CROP_PX), interpolation=interpolation))
