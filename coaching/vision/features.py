"""Pixel descriptors of a clip, frame by frame (specification S0-S7): what LHOG and LHOF see around the lifter."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


class FeatureExtractor:
    """Feed it each frame's grey picture and landmarks in order; it keeps descriptors, never pictures.

    A frame costs about 12 kB. One extractor for each clip.
    """

    def __init__(self, fps: float) -> None:
        self._flow = FlowEstimator(fps)
        self._regions = RegionTracker()
        self._scale = BodyScale()
        self._lhog = Lhog()
        self._regions_px: list[Rect | None] = []
        self._grids: list[tuple[NDArray[np.float16], NDArray[np.float16], NDArray[np.float16]] | None] = []
        self._masks: list[NDArray[np.bool_]] = []
        self._camera_bhs: list[float] = []

    def push(self, time_s: float, gray: Image, landmarks: FloatArray | None) -> None:
        """Describe one frame. `gray` (h, w) uint8; `landmarks` (33, 4) px of it, or None when nobody was found."""
        height, width = gray.shape
        box = skeleton_box(landmarks) if landmarks is not None else None
        body = self._scale.update(landmarks)
        motion = self._motion(gray, time_s, box)
        grown = self._grow(box, motion)
        region = self._regions.step(time_s, grown, Rect(0, 0, width, height))
        self._regions_px.append(region)
        self._camera_bhs.append(_camera_speed(motion, body))
        if region is None or body is None or motion is None:
            self._grids.append(None)
            self._masks.append(np.zeros(len(JOINTS), np.bool_))
            return
        self._describe(gray, landmarks, region, motion, body)

    def result(self) -> PixelFeatures:
        """All frames so far as arrays; descriptors of frames without a region are zero."""
        n = len(self._grids)
        lhog = np.zeros((n, GRID, GRID, BLOCK_SIZE), np.float16)
        lhof = np.zeros((n, GRID, GRID, FLOW_BLOCK_SIZE), np.float16)
        joints = np.zeros((n, len(JOINTS), JOINT_SIZE), np.float16)
        region = np.full((n, 4), np.nan, np.float32)
        for i, (box, descriptors) in enumerate(zip(self._regions_px, self._grids, strict=True)):
            if box is not None:
                region[i] = box
            if descriptors is not None:
                lhog[i], lhof[i], joints[i] = descriptors
        return PixelFeatures(
            region=region,
            lhog=lhog,
            lhof=lhof,
            joints=joints,
            joint_mask=np.asarray(self._masks, np.bool_).reshape(n, len(JOINTS)),
            valid=np.array([descriptors is not None for descriptors in self._grids], np.bool_),
        )

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
        joints = np.zeros((len(JOINTS), JOINT_SIZE), np.float16)
        visible = np.zeros(len(JOINTS), np.bool_)
        if landmarks is not None:
            chosen = landmarks[list(JOINTS)]
            visible = np.asarray(chosen[:, 3] >= MIN_VISIBILITY)
            points = crop.to_square(chosen[visible, :2])
            joints[visible] = np.hstack([self._lhog.around(picture, points), flow.around(points)])
        grids = (self._lhog.grid(picture).astype(np.float16), flow.grid().astype(np.float16), joints)
        self._grids.append(grids)
        self._masks.append(visible)


def _camera_speed(motion: Motion | None, body_px: float | None) -> float:
    if motion is None or motion.gap or body_px is None:
        return float("nan")
    return float(np.hypot(*motion.camera)) / (motion.scale * body_px * motion.dt_s)
