"""Pixel descriptors of a clip, frame by frame (specification S0-S7): what LHOG and LHOF see around the lifter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from coaching.vision.body_scale import BodyScale
from coaching.vision.flow import FlowEstimator
from coaching.vision.lhof import FLOW_BLOCK_SIZE, Lhof
from coaching.vision.lhog import BLOCK_SIZE, GRID, Lhog
from coaching.vision.region import (
    MIN_VISIBILITY,
    Rect,
    RegionTracker,
    cut,
    grow_by_motion,
    motion_mask,
    skeleton_box,
    square_crop,
)
from coaching.vision.types import PixelFeatures

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.flow import Motion
    from coaching.vision.types import FloatArray, Image

# Nose, shoulders, elbows, wrists, hips, knees, ankles.
JOINTS = (0, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
JOINT_SIZE = BLOCK_SIZE + FLOW_BLOCK_SIZE


class _Shelf:
    """The descriptors of a clip, frame by frame, in arrays that are set aside at once.

    Rows collected one by one would be held twice while they become arrays. The system hands out memory only as rows
    are written, so room that stays empty costs nothing.
    """

    def __init__(self, expected: int) -> None:
        self._size = max(expected, 64)
        self.used = 0
        self._arrays: dict[str, NDArray[Any]] = {
            "region": np.zeros((self._size, 4), np.float32),
            "lhog": np.zeros((self._size, GRID, GRID, BLOCK_SIZE), np.float16),
            "lhof": np.zeros((self._size, GRID, GRID, FLOW_BLOCK_SIZE), np.float16),
            "joints": np.zeros((self._size, len(JOINTS), JOINT_SIZE), np.float16),
            "joint_mask": np.zeros((self._size, len(JOINTS)), np.bool_),
            "valid": np.zeros(self._size, np.bool_),
        }

    def add(self, region: Rect | None, **values: NDArray[Any]) -> None:
        """Append a frame; what is not given stays zero."""
        if self.used == self._size:
            self._arrays = {name: np.concatenate([a, np.zeros_like(a)]) for name, a in self._arrays.items()}
            self._size *= 2
        self._arrays["region"][self.used] = np.nan if region is None else region
        self._arrays["valid"][self.used] = bool(values)
        for name, value in values.items():
            self._arrays[name][self.used] = value
        self.used += 1

    def features(self) -> PixelFeatures:
        return PixelFeatures(**{name: array[: self.used] for name, array in self._arrays.items()})


class FeatureExtractor:
    """Feed it each frame's grey picture and landmarks in order; it keeps descriptors, never pictures.

    A frame costs about 12 kB. One extractor for each clip; `expected` is about how many frames it has.
    """

    def __init__(self, fps: float, expected: int = 0) -> None:
        self._flow = FlowEstimator(fps)
        self._regions = RegionTracker()
        self._scale = BodyScale()
        self._lhog = Lhog()
        self._shelf = _Shelf(expected)
        self._camera_bhs: list[float] = []

    def push(self, time_s: float, gray: Image, landmarks: FloatArray | None) -> None:
        """Describe one frame. `gray` (h, w) uint8; `landmarks` (33, 4) px of it, or None when nobody was found."""
        height, width = gray.shape
        box = skeleton_box(landmarks) if landmarks is not None else None
        body = self._scale.update(landmarks)
        motion = self._motion(gray, time_s, box)
        grown = self._grow(box, motion)
        region = self._regions.step(time_s, grown, Rect(0, 0, width, height))
        self._camera_bhs.append(_camera_speed(motion, body))
        if region is None or body is None or motion is None:
            self._shelf.add(region)
            return
        self._describe(gray, landmarks, region, motion, body)

    def result(self) -> PixelFeatures:
        """All frames so far, without a copy; descriptors of frames without a region are zero."""
        return self._shelf.features()

    def camera_speed(self) -> NDArray[np.float32]:
        """(n,) speed of the background in body heights a second; NaN where it was not measured."""
        return np.asarray(self._camera_bhs, np.float32)

    def _motion(self, gray: Image, time_s: float, box: Rect | None) -> Motion | None:
        if box is None and not self._regions.alive(time_s):
            self._flow.skip()
            return None
        return self._flow.step(gray, time_s, box)

    def _grow(self, box: Rect | None, motion: Motion | None) -> Rect | None:
        if box is None or motion is None or motion.gap:
            return box
        grown = grow_by_motion(box.scaled(motion.scale), motion_mask(motion.vectors))
        return grown.scaled(1 / motion.scale)

    def _describe(
        self, gray: Image, landmarks: FloatArray | None, region: Rect, motion: Motion, body_px: float
    ) -> None:
        crop = square_crop(region, *gray.shape)
        picture = np.asarray(cut(gray, crop, cv2.INTER_AREA), np.uint8)
        small = square_crop(region.scaled(motion.scale), *motion.vectors.shape[:2])
        per_second = 0.0 if motion.gap else 1.0 / (motion.scale * body_px * motion.dt_s)
        velocity = np.asarray(cut(motion.vectors, small, cv2.INTER_LINEAR), np.float32) * np.float32(per_second)
        flow = Lhof(velocity)
        joints = np.zeros((len(JOINTS), JOINT_SIZE), np.float32)
        visible = np.zeros(len(JOINTS), np.bool_)
        if landmarks is not None:
            chosen = landmarks[list(JOINTS)]
            visible = np.asarray(chosen[:, 3] >= MIN_VISIBILITY)
            points = crop.to_square(chosen[visible, :2])
            joints[visible] = np.hstack([self._lhog.around(picture, points), flow.around(points)])
        lhog, lhof = self._lhog.grid(picture), flow.grid()
        self._shelf.add(region, lhog=lhog, lhof=lhof, joints=joints, joint_mask=visible)


def _camera_speed(motion: Motion | None, body_px: float | None) -> float:
    if motion is None or motion.gap or body_px is None:
        return float("nan")
    return float(np.hypot(*motion.camera)) / (motion.scale * body_px * motion.dt_s)
