"""The plate in the pictures of a set: how large it looks, and where its middle is in every picture of a pull.

A plate is looked for beside the hands while the bar lies still, and then followed up. From any side it looks as tall as
its diameter, and its size and its way are seen in the same plane: how near it is to the camera cancels out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from coaching.vision.rim import Edges, Found, Shape, best_rim, nearby

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.vision.types import Frame, Image

    Array = NDArray[np.float64]

WORK_PX = 64.0
"""Pictures are reduced until a plate of the expected size is so tall."""
REST_S, REST_FRAMES, BEYOND_S = 0.7, 6, 0.5
MOST_TRIES = 3
"""A search costs as much as the pose in half a second of film; after so many in vain there is no plate to be seen."""
PLATE_AT_M = 0.70
"""From the middle of the bar to that of a plate: sleeves begin at 0.655 m (IPF, IWF)."""
BESIDE_M, ABOVE_M, BELOW_M = 0.28, 0.15, 0.45
"""A plate's middle is so near to where the hands and the yaw put it, in metres at the lifter."""
REACH_M = 1.1
TURNS_DEG = (-12.0, -6.0, 0.0, 6.0, 12.0)
"""A plate is seen beside the camera's axis, and the yaw is an estimate."""
MIN_RATIO = 0.14
THICKNESSES = (0.0, 0.11, 0.25)
"""Of what is on a sleeve, over the diameter: shows from the front."""
SIZE_STEP = 0.03
MIN_EDGE, MIN_FOLLOWED = 0.50, 0.20
"""Least agreement with the edges, to take it for a plate and to go on with it. [MEAS] plates 0.59-0.92, arms, legs and
backgrounds of lifters without such a plate 0.38-0.46.
"""
STEP_SHARE = 0.16
"""How far the middle may be from where it is expected, in diameters."""


@dataclass(frozen=True, slots=True)
class Search:
    """Where and how large a plate can be. yaw_deg: the camera's, 0 front, 90 side. metre_px: a metre at the lifter.
    low_px, high_px: bounds of the plate's diameter.
    """

    yaw_deg: float
    metre_px: float
    low_px: float
    high_px: float

    @property
    def aside_px(self) -> float:
        """From the hands to the middle of a plate, across the picture."""
        return PLATE_AT_M * self.metre_px * abs(math.cos(math.radians(self.yaw_deg)))

    def may_be_at(self, x: Array, y: Array) -> NDArray[np.bool_]:
        """Whether a plate's middle can be so far right of the hands and below them, px."""
        beside = np.abs(np.abs(x) - self.aside_px) < BESIDE_M * self.metre_px
        return np.asarray(beside & (y > -ABOVE_M * self.metre_px) & (y < BELOW_M * self.metre_px))

    def shapes(self, scale: float) -> list[Shape]:
        """What a plate can look like in a picture reduced by `scale`."""
        yaws = np.radians([min(max(abs(self.yaw_deg) + turn, 0.0), 90.0) for turn in TURNS_DEG])
        seen = {(round(max(math.sin(yaw), MIN_RATIO), 2), round(thick * math.cos(yaw), 2))
                for yaw in yaws for thick in (THICKNESSES if math.cos(yaw) > 0.4 else THICKNESSES[:1])}  # fmt: skip
        steps = max(5, math.ceil(math.log(self.high_px / self.low_px) / SIZE_STEP))
        heights = np.geomspace(self.low_px * scale, self.high_px * scale, steps)
        return [Shape(float(height), ratio, thick) for height in heights for ratio, thick in sorted(seen)]


@dataclass(frozen=True, slots=True)
class Pull:
    """From lift-off to the top, and where the hands (x, y) px are at lift-off."""

    start_s: float
    stop_s: float
    hands_px: tuple[float, float]


@dataclass(frozen=True, slots=True)
class PlatePath:
    """The plate of a set. diameter_px: its height in the picture; edge 0..1: how well the edges agreed with it.

    time_s, x_px, y_px (m,): its middle in the pictures of the pulls; NaN where it was lost.
    """

    diameter_px: float
    sigma_px: float
    edge: float
    time_s: Array
    x_px: Array
    y_px: Array


class PlateFollower:
    """Feed it the pictures of a film in order; it looks at those that `wants` names, and keeps none."""

    def __init__(self, search: Search, pulls: Sequence[Pull]) -> None:
        self._search = search
        self._pulls = list(pulls)
        self._scale = min(1.0, 2.0 * WORK_PX / (search.low_px + search.high_px))
        self._pull = -1
        self._rest: list[Edges] = []
        self._known: Found | None = None
        self._tries = 0
        self._gave_up = False
        self._at: tuple[float, float] | None = None
        self._rise = 0.0
        self._rows: list[tuple[float, float, float]] = []

    def wants(self, time_s: float) -> bool:
        """Whether the picture of this moment says anything: shortly before a pull, in it, shortly after."""
        return self._pull_at(time_s) is not None

    def _pull_at(self, time_s: float) -> int | None:
        pulls = enumerate(self._pulls)
        return next((i for i, one in pulls if one.start_s - REST_S <= time_s <= one.stop_s + BEYOND_S), None)

    def push(self, frame: Frame) -> None:
        """Look at one picture."""
        index = self._pull_at(frame.time_s)
        if index is None:
            return
        if index != self._pull:
            self._pull, self._rest, self._at, self._rise = index, [], None, 0.0
            self._gave_up = self._known is None and self._tries >= MOST_TRIES
        if self._gave_up:
            return
        pull = self._pulls[index]
        corner, part = self._cut(frame, pull)
        if part is None:
            return
        edges = Edges.of(part)
        if self._at is None:
            self._rest.append(edges)
            if frame.time_s < pull.start_s and len(self._rest) < REST_FRAMES:
                return
            self._begin((pull.hands_px[0] - corner[0], pull.hands_px[1] - corner[1]))
        self._follow(edges, frame.time_s, corner)

    def _cut(self, frame: Frame, pull: Pull) -> tuple[tuple[float, float], Image | None]:
        """Corner (x, y) px and the reduced grey picture of where the plate can be in this pull."""
        s, (x, y) = self._search, pull.hands_px
        height, width = frame.bgr.shape[:2]
        reach = s.aside_px + BESIDE_M * s.metre_px + s.high_px / 2
        left, right = (int(np.clip(v, 0, width)) for v in (x - reach, x + reach))
        above, below = REACH_M * s.metre_px + s.high_px / 2, BELOW_M * s.metre_px + s.high_px / 2
        top, bottom = (int(np.clip(v, 0, height)) for v in (y - above, y + below))
        if min(right - left, bottom - top) * self._scale < WORK_PX / 2:
            return (0.0, 0.0), None
        gray = cv2.cvtColor(frame.bgr[top:bottom, left:right], cv2.COLOR_BGR2GRAY)
        size = (round(gray.shape[1] * self._scale), round(gray.shape[0] * self._scale))
        return (float(left), float(top)), np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)

    def _begin(self, hands: tuple[float, float]) -> None:
        """Find the plate where the bar lies still; in a later pull its shape is known."""
        edges, self._rest = Edges.mean(self._rest), self._rest[-1:]
        y, x = (axis / self._scale for axis in np.indices(edges.cosine.shape, np.float64))
        shapes = [self._known.shape] if self._known else self._search.shapes(self._scale)
        found = best_rim(edges, shapes, self._search.may_be_at(x - hands[0], y - hands[1]))
        if found is None or found.place.agreement < MIN_EDGE:
            self._tries += 1
            self._gave_up = True  # until the next pull
            return
        self._known = self._known or found
        self._at = found.place.x, found.place.y

    def _follow(self, edges: Edges, time_s: float, corner: tuple[float, float]) -> None:
        if self._at is None or self._known is None:
            return
        shape = self._known.shape
        place = nearby(edges, shape.rim, self._at[0], self._at[1] + self._rise, STEP_SHARE * shape.height)
        if place is None or place.agreement < MIN_FOLLOWED:
            self._rows.append((time_s, math.nan, math.nan))
            return
        self._rise = 0.8 * (place.y - self._at[1])
        self._at = place.x, place.y
        self._rows.append((time_s, corner[0] + place.x / self._scale, corner[1] + place.y / self._scale))

    def path(self) -> PlatePath | None:
        """What was found; None without a plate."""
        if self._known is None or not self._rows:
            return None
        time_s, x, y = np.array(self._rows, np.float64).T
        known, scale = self._known, self._scale
        return PlatePath(known.shape.height / scale, known.sigma / scale, known.place.agreement, time_s, x, y)
