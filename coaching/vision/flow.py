"""Optical flow between consecutive pictures, with the camera's own motion taken out (specification S1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.region import Rect
    from coaching.vision.types import Image

    Floats = NDArray[np.float32]

FLOW_SIDE = 320
# A pause this many frames long is a gap in the film: its displacement is not a velocity.
_MAX_GAP_FRAMES = 2.5
_PAN_PX = 0.5
_GRID_PX = 16
_RANSAC_PX = 1.0


class Motion(NamedTuple):
    """Displacement of every pixel of the flow picture since the previous one, camera motion removed.

    vectors: float32 (h, w, 2), px of the flow picture per frame. scale: flow px per px of the analysed picture.
    dt_s: time since the previous picture. camera: the removed translation, px per frame. gap: vectors are zero because
    there was no previous picture, or it lies too far back.
    """

    vectors: Floats
    scale: float
    dt_s: float
    camera: tuple[float, float]
    gap: bool


class FlowEstimator:
    """DIS flow between successive calls, on pictures of at most 320 px. One for each clip: it remembers a picture."""

    def __init__(self, fps: float, *, side: int = FLOW_SIDE) -> None:
        # OpenCV's types have no None for "start from nothing".
        self._dis: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._side = side
        self._frame_s = 1.0 / fps
        self._previous: tuple[Image, float] | None = None

    def step(self, gray: Image, time_s: float, moving: Rect | None = None) -> Motion:
        """Flow from the previous call's picture to this one.

        `moving` is the box, in px of `gray`, that holds the lifter: the camera's motion is measured outside it.
        """
        small, scale = shrink(gray, self._side)
        previous, self._previous = self._previous, (small, time_s)
        dt = time_s - previous[1] if previous else 0.0
        if previous is None or dt > _MAX_GAP_FRAMES * self._frame_s or previous[0].shape != small.shape:
            return Motion(np.zeros((*small.shape, 2), np.float32), scale, dt, (0.0, 0.0), gap=True)
        vectors: Floats = self._dis.calc(previous[0], small, None)
        vectors, camera = remove_camera_motion(vectors, moving.scaled(scale) if moving else None)
        return Motion(vectors, scale, dt, camera, gap=False)

    def skip(self) -> None:
        """Forget the previous picture: nobody is in sight, so nothing is worth measuring."""
        self._previous = None


def shrink(gray: Image, side: int) -> tuple[Image, float]:
    """The picture with its longer side at most `side` px, and the factor."""
    height, width = gray.shape
    scale = min(1.0, side / max(height, width))
    if scale == 1.0:
        return gray, 1.0
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    small: Image = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return small, scale


def remove_camera_motion(vectors: Floats, moving: Rect | None) -> tuple[Floats, tuple[float, float]]:
    """Subtract what the background does: a shift, or a similarity transform when the shift exceeds half a pixel."""
    points = _background_grid(vectors.shape[:2], moving)
    if len(points) < 8:
        return vectors, (0.0, 0.0)
    shifts = vectors[points[:, 1], points[:, 0]]
    shift = np.median(shifts, axis=0).astype(np.float32)
    camera = (float(shift[0]), float(shift[1]))
    if float(np.hypot(*camera)) <= _PAN_PX:
        return vectors - shift, camera
    start = points.astype(np.float32)
    matrix, _ = cv2.estimateAffinePartial2D(
        start, start + shifts, method=cv2.RANSAC, ransacReprojThreshold=_RANSAC_PX, maxIters=200
    )
    # OpenCV's own types deny it, but there is no matrix when no transform fits.
    found: Any = matrix
    if found is None:
        return vectors - shift, camera
    return vectors - _displacement(np.asarray(found, np.float32), vectors.shape[:2]), camera


def _background_grid(shape: tuple[int, ...], moving: Rect | None) -> NDArray[np.intp]:
    """Grid points (k, 2) as x, y outside the box; the whole grid when the box leaves too little."""
    height, width = shape[:2]
    ys, xs = np.mgrid[_GRID_PX // 2 : height : _GRID_PX, _GRID_PX // 2 : width : _GRID_PX]
    points = np.column_stack([xs.ravel(), ys.ravel()])
    if moving is None:
        return points
    x, y = points[:, 0], points[:, 1]
    outside = (x < moving.x0) | (x > moving.x1) | (y < moving.y0) | (y > moving.y1)
    return np.asarray(points[outside])


def _displacement(matrix: Floats, shape: tuple[int, ...]) -> Floats:
    """What the 2x3 transform moves each pixel by, (h, w, 2)."""
    height, width = shape[:2]
    x = np.arange(width, dtype=np.float32)[None, :]
    y = np.arange(height, dtype=np.float32)[:, None]
    moved_x = (matrix[0, 0] - 1) * x + matrix[0, 1] * y + matrix[0, 2]
    moved_y = matrix[1, 0] * x + (matrix[1, 1] - 1) * y + matrix[1, 2]
    return np.stack([moved_x, moved_y], axis=-1)
