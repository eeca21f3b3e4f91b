"""The outline of a plate in a picture: how well the picture's edges follow it, and where they follow it best.

Directions of edges are compared as double angles, so that a dark plate before a light wall and a light one before dark
trousers are the same. Pixels here are those of whatever picture the edges are of.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.vision.types import Image

    Floats = NDArray[np.float32]
    Mask = NDArray[np.bool_]

FLAT_LEVELS = 24.0
"""Edges of so many grey levels count fully, fainter ones less."""
OUTER_SHARE = 0.88
"""A plate has rings within its rim: a larger outline that agrees nearly as well as the best one is the rim."""
RING_SHARE = 1.2
SIZE_SIGMA_PX = 0.6
"""SD of a height that was found between two sizes."""


@dataclass(frozen=True, slots=True)
class Rim:
    """A disc of some thickness: an ellipse with these semi-axes, pulled apart across the picture by `apart`, px."""

    tall: float
    wide: float
    apart: float

    @classmethod
    def of(cls, height: float, ratio: float, thick: float) -> Rim:
        """ratio: width over height of the disc's face; thick: of its edge over the height, as it is seen."""
        return cls(height / 2.0, max(ratio * height / 2.0, 1.0), thick * height / 2.0)

    @property
    def half_width(self) -> float:
        return self.wide + self.apart

    def kernels(self) -> tuple[Floats, Floats]:
        """Cosine and sine of twice the direction of the outline's normal, along it; a perfect match sums up to 1."""
        angle = np.linspace(0.0, 2.0 * math.pi, max(64, round(8.0 * self.tall)), endpoint=False)
        x, y = self.wide * np.cos(angle), self.tall * np.sin(angle)
        normal = np.arctan2(np.sin(angle) * self.wide, np.cos(angle) * self.tall)
        length = np.hypot(self.wide * np.sin(angle), self.tall * np.cos(angle)) * (2.0 * math.pi / angle.size)
        flat = np.linspace(-self.apart, self.apart, max(2, round(2.0 * self.apart) + 1))
        x = np.concatenate([x + np.sign(np.cos(angle)) * self.apart, flat, flat])
        y = np.concatenate([y, np.full(flat.size, self.tall), np.full(flat.size, -self.tall)])
        normal = np.concatenate([normal, np.full(2 * flat.size, math.pi / 2.0)])
        weight = np.concatenate([length, np.full(2 * flat.size, 2.0 * self.apart / flat.size)])
        half_x, half_y = math.ceil(self.half_width) + 2, math.ceil(self.tall) + 2
        out = np.zeros((2, 2 * half_y + 1, 2 * half_x + 1), np.float32)
        at = np.rint(y).astype(int) + half_y, np.rint(x).astype(int) + half_x
        for channel, values in enumerate((np.cos(2.0 * normal), np.sin(2.0 * normal))):
            np.add.at(out[channel], at, values * weight)
        cosine, sine = (np.asarray(cv2.GaussianBlur(one, (3, 3), 0.7), np.float32) for one in out)
        return cosine / np.float32(weight.sum()), sine / np.float32(weight.sum())


class Edges(NamedTuple):
    """Cosine and sine (h, w) of twice the direction in which brightness changes, weighted 0..1 by how much."""

    cosine: Floats
    sine: Floats

    @classmethod
    def of(cls, gray: Image) -> Edges:
        smooth = cv2.GaussianBlur(gray, (3, 3), 0.8)
        gx, gy = (cv2.Sobel(smooth, cv2.CV_32F, dx, dy, ksize=3, scale=0.25) for dx, dy in ((1, 0), (0, 1)))
        squared = gx * gx + gy * gy
        weight = np.minimum(np.sqrt(squared) / FLAT_LEVELS, 1.0) / np.maximum(squared, 1e-6)
        return cls(np.asarray((gx * gx - gy * gy) * weight, np.float32), np.asarray(2.0 * gx * gy * weight, np.float32))

    @classmethod
    def mean(cls, several: Sequence[Edges]) -> Edges:
        """Of pictures of something that lies still."""
        return cls(*(np.mean([one[i] for one in several], axis=0, dtype=np.float32) for i in (0, 1)))

    def cut(self, top: int, bottom: int, left: int, right: int) -> Edges:
        return Edges(self.cosine[top:bottom, left:right], self.sine[top:bottom, left:right])

    def agreement(self, rim: Rim) -> Floats:
        """Mean agreement (h, w) with the outline about each pixel: 1 all along it, 0 chance."""
        cosine, sine = rim.kernels()
        one = cv2.filter2D(self.cosine, cv2.CV_32F, cosine, borderType=cv2.BORDER_CONSTANT)
        other = cv2.filter2D(self.sine, cv2.CV_32F, sine, borderType=cv2.BORDER_CONSTANT)
        return np.asarray(one + other, np.float32)


class Place(NamedTuple):
    """Middle of an outline, px, and how well the edges agree with it there."""

    x: float
    y: float
    agreement: float


class Shape(NamedTuple):
    """Height px, width over height, and the thickness of the edge over the height, as they are seen."""

    height: float
    ratio: float
    thick: float

    @property
    def rim(self) -> Rim:
        return Rim.of(*self)


class Found(NamedTuple):
    """The rim that was found, where, and the SD of its height in px."""

    shape: Shape
    place: Place
    sigma: float


def best_rim(edges: Edges, shapes: Sequence[Shape], allowed: Mask) -> Found | None:
    """Of these shapes, with the middle where `allowed` (h, w), the outermost that agrees nearly as well as the best."""
    answers: dict[Shape, Place] = {}
    height, width = edges.cosine.shape
    for shape in shapes:
        if shape.height + 4.0 > height or 2.0 * shape.rim.half_width + 4.0 > width:
            continue
        map_of = np.where(allowed, edges.agreement(shape.rim), -1.0)
        y, x = np.unravel_index(int(np.argmax(map_of)), map_of.shape)
        answers[shape] = Place(float(x), float(y), float(map_of[y, x]))
    if not answers:
        return None
    best = max(answers, key=lambda shape: answers[shape].agreement)
    least = OUTER_SHARE * answers[best].agreement
    outer = [
        shape for shape in answers if shape.height > RING_SHARE * best.height and answers[shape].agreement >= least
    ]
    chosen = max(outer, key=lambda shape: answers[shape].agreement, default=best)
    exact, sigma = _between_sizes(chosen, answers)
    shape = chosen._replace(height=exact)
    place = nearby(edges, shape.rim, answers[chosen].x, answers[chosen].y, 3.0)
    return None if place is None else Found(shape, place, sigma)


def _between_sizes(chosen: Shape, answers: dict[Shape, Place]) -> tuple[float, float]:
    """The height at the top of the parabola through the chosen shape and its two neighbours in size, and its SD."""
    row = sorted(shape for shape in answers if shape[1:] == chosen[1:])
    i = row.index(chosen)
    if not 0 < i < len(row) - 1:
        return chosen.height, 0.03 * chosen.height
    sizes = np.array([shape.height - chosen.height for shape in row[i - 1 : i + 2]])
    bend, slope, _ = np.polyfit(sizes, [answers[shape].agreement for shape in row[i - 1 : i + 2]], 2)
    if bend >= 0.0:
        return chosen.height, 0.03 * chosen.height
    return chosen.height + float(np.clip(-slope / (2.0 * bend), sizes[0], sizes[-1])), SIZE_SIGMA_PX


def nearby(edges: Edges, rim: Rim, x: float, y: float, reach: float) -> Place | None:
    """The outline's best place within `reach` px of (x, y), to a part of a pixel; None outside the picture."""
    height, width = edges.cosine.shape
    column, row, step = round(x), round(y), math.ceil(reach)
    across, up = math.ceil(rim.half_width) + step + 3, math.ceil(rim.tall) + step + 3
    left, right = max(0, column - across), min(width, column + across + 1)
    top, bottom = max(0, row - up), min(height, row + up + 1)
    if right - left < rim.half_width or bottom - top < rim.tall:
        return None
    found = edges.cut(top, bottom, left, right).agreement(rim)
    r0, c0 = max(1, row - top - step), max(1, column - left - step)
    inner = found[
        r0 : min(found.shape[0] - 1, row - top + step + 1), c0 : min(found.shape[1] - 1, column - left + step + 1)
    ]
    if not inner.size:
        return None
    r, c = (int(v) for v in np.unravel_index(int(np.argmax(inner)), inner.shape))
    r, c = r + r0, c + c0
    dx, dy = _vertex(found[r, c - 1 : c + 2]), _vertex(found[r - 1 : r + 2, c])
    return Place(left + c + dx, top + r + dy, float(found[r, c]))


def _vertex(three: Floats) -> float:
    """Where between -0.5 and 0.5 the parabola through three neighbours is highest."""
    bend = float(three[0] - 2.0 * three[1] + three[2])
    return 0.0 if bend >= 0.0 else float(np.clip(0.5 * (three[0] - three[2]) / bend, -0.5, 0.5))
