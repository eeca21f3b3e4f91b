"""The lifter's skeleton, joint angles and motion region, drawn over one picture."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.types import FloatArray, Image

    Points = NDArray[np.float64]

Bgr = tuple[int, int, int]

# Blue and orange stay apart for every common kind of colour blindness, as left and right must.
LEFT: Bgr = (255, 160, 74)
RIGHT: Bgr = (66, 158, 255)
MIDDLE: Bgr = (244, 244, 244)
FLAT: Bgr = (160, 214, 120)
ROUNDED: Bgr = (140, 138, 255)
_OUTLINE: Bgr = (24, 18, 14)
_MIN_VISIBILITY = 0.4
_SUBPIXEL_BITS = 4

_LEFT_BONES = ((11, 13), (13, 15), (11, 23), (23, 25), (25, 27), (27, 29), (29, 31), (27, 31))
_RIGHT_BONES = tuple((a + 1, b + 1) for a, b in _LEFT_BONES)
_MIDDLE_BONES = ((11, 12), (23, 24))
_JOINTS = (11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)


class Angles(NamedTuple):
    """Joint angles of this frame in degrees, NaN where not measured."""

    hip_deg: float
    knee_deg: float


class SkeletonDrawing:
    """Draws on pictures of one size."""

    def __init__(self, width: int, height: int) -> None:
        side = min(width, height)
        self._thick = max(2, round(side / 150))
        self._text = max(13, round(width * (0.034 if height > width else 0.0235)))
        self._shade: Image = np.empty((0, 0, 3), np.uint8)

    def draw(self, picture: Image, landmarks: FloatArray, world: FloatArray, angles: Angles) -> None:
        """Draw in place. `landmarks` (33, 4) px of this picture; `world` (33, 3) tells which side is nearer."""
        near_left = bool(world[11, 2] + world[23, 2] < world[12, 2] + world[24, 2])
        far, near = (_RIGHT_BONES, _LEFT_BONES) if near_left else (_LEFT_BONES, _RIGHT_BONES)
        far_colour, near_colour = (RIGHT, LEFT) if near_left else (LEFT, RIGHT)
        shade = self._copy(picture)
        self._bones(shade, landmarks, far, far_colour)
        # The far side is the model's guess when the body hides it: say so by paling it.
        cv2.addWeighted(shade, 0.7, picture, 0.3, 0, dst=picture)
        self._bones(picture, landmarks, _MIDDLE_BONES, MIDDLE)
        self._head(picture, landmarks)
        self._bones(picture, landmarks, near, near_colour)
        self._joints(picture, landmarks)
        self._angle_labels(picture, landmarks, 0 if near_left else 1, angles)

    def back(self, picture: Image, points: Points, *, rounded: bool) -> None:
        """The outline of the back, (k, 2) px: what rounding is judged by."""
        line = np.round(points * (1 << _SUBPIXEL_BITS)).astype(np.int32)[:, None]
        for width, ink in ((self._thick + 4, _OUTLINE), (self._thick + 1, ROUNDED if rounded else FLAT)):
            cv2.polylines(
                picture, [line], isClosed=False, color=ink, thickness=width, lineType=cv2.LINE_AA, shift=_SUBPIXEL_BITS
            )

    def region(self, picture: Image, box: FloatArray) -> None:
        """A thin box around what moves."""
        x0, y0, x1, y1 = (round(float(v)) for v in box)
        shade = self._copy(picture)
        cv2.rectangle(shade, (x0, y0), (x1, y1), (255, 255, 255), 1, cv2.LINE_AA)
        cv2.addWeighted(shade, 0.45, picture, 0.55, 0, dst=picture)
        arm = max(6, min(x1 - x0, y1 - y0) // 14)
        for x, y, dx, dy in ((x0, y0, 1, 1), (x1, y0, -1, 1), (x0, y1, 1, -1), (x1, y1, -1, -1)):
            cv2.line(picture, (x, y), (x + dx * arm, y), (255, 255, 255), 2, cv2.LINE_AA)
            cv2.line(picture, (x, y), (x, y + dy * arm), (255, 255, 255), 2, cv2.LINE_AA)

    def _copy(self, picture: Image) -> Image:
        """The picture in the one buffer for copies, valid until the next call."""
        if self._shade.shape != picture.shape:
            self._shade = np.empty_like(picture)
        np.copyto(self._shade, picture)
        return self._shade

    def _bones(self, picture: Image, landmarks: FloatArray, bones: tuple[tuple[int, int], ...], colour: Bgr) -> None:
        seen = [(a, b) for a, b in bones if min(landmarks[a, 3], landmarks[b, 3]) >= _MIN_VISIBILITY]
        for width, ink in ((self._thick + 3, _OUTLINE), (self._thick, colour)):
            for a, b in seen:
                self._line(picture, landmarks[a], landmarks[b], ink, width)

    def _head(self, picture: Image, landmarks: FloatArray) -> None:
        shoulders = (landmarks[11] + landmarks[12]) / 2
        ears = (landmarks[7] + landmarks[8]) / 2
        if not np.isfinite(ears[:2]).all() or min(shoulders[3], ears[3]) < _MIN_VISIBILITY:
            return
        ears = shoulders + 0.7 * (ears - shoulders)  # the neck only: the face stays visible
        for width, ink in ((self._thick + 3, _OUTLINE), (self._thick, MIDDLE)):
            self._line(picture, shoulders, ears, ink, width)

    def _joints(self, picture: Image, landmarks: FloatArray) -> None:
        for joint in _JOINTS:
            if landmarks[joint, 3] >= _MIN_VISIBILITY:
                self._dot(picture, landmarks[joint], self._thick + 2, _OUTLINE)
                self._dot(picture, landmarks[joint], self._thick, MIDDLE)

    def _angle_labels(self, picture: Image, landmarks: FloatArray, side: int, angles: Angles) -> None:
        feet = landmarks[[31, 32], 0].mean() - landmarks[[29, 30], 0].mean()
        behind = -1 if feet >= 0 else 1
        for joint, name, value in ((23 + side, "hip", angles.hip_deg), (25 + side, "knee", angles.knee_deg)):
            if np.isfinite(value) and landmarks[joint, 3] >= _MIN_VISIBILITY:
                label(picture, f"{name} {value:.0f}°", landmarks[joint, :2], behind, self._text)

    def _line(self, picture: Image, a: FloatArray, b: FloatArray, colour: Bgr, width: int) -> None:
        cv2.line(picture, _fixed(a), _fixed(b), colour, width, cv2.LINE_AA, _SUBPIXEL_BITS)

    def _dot(self, picture: Image, at: FloatArray, radius: int, colour: Bgr) -> None:
        cv2.circle(picture, _fixed(at), radius << _SUBPIXEL_BITS, colour, cv2.FILLED, cv2.LINE_AA, _SUBPIXEL_BITS)


def _fixed(point: FloatArray) -> tuple[int, int]:
    x, y = np.clip(np.asarray(point[:2], np.float64), -4000, 8000) * (1 << _SUBPIXEL_BITS)
    return round(float(x)), round(float(y))


@lru_cache(maxsize=512)
def _pill(text: str, size: int) -> NDArray[np.uint8]:
    """A dark pill with white text, BGR and opacity: (h, w, 4). Bytes, because hundreds are kept."""
    twice = 2 * size
    font = ImageFont.load_default(twice)
    width = round(font.getlength(text) + 1.1 * twice)
    height = round(1.7 * twice)
    canvas = Pictures.new("RGBA", (width, height), (14, 18, 23, 0))
    pen = ImageDraw.Draw(canvas)
    pen.rounded_rectangle((0, 0, width - 1, height - 1), radius=height // 2, fill=(14, 18, 23, 205))
    pen.text((width / 2, height / 2), text, font=font, fill=(255, 255, 255, 255), anchor="mm")
    half = np.asarray(canvas.resize((width // 2, height // 2), Pictures.Resampling.LANCZOS), np.uint8)
    return np.ascontiguousarray(half[..., [2, 1, 0, 3]])


def label(picture: Image, text: str, at: FloatArray, direction: int, size: int) -> None:
    """Put a text pill beside a point, to the right (+1) or left (-1), kept inside the picture."""
    pill = _pill(text, size)
    height, width = pill.shape[:2]
    if height > picture.shape[0] or width > picture.shape[1]:
        return
    gap = round(size * 1.1)
    x = round(float(at[0])) + (gap if direction > 0 else -gap - width)
    x = min(max(x, 0), picture.shape[1] - width)
    y = min(max(round(float(at[1])) - height // 2, 0), picture.shape[0] - height)
    part = picture[y : y + height, x : x + width]
    opacity = pill[..., 3:].astype(np.float32) / 255
    part[:] = np.rint(part * (1 - opacity) + pill[..., :3] * opacity).astype(np.uint8)
