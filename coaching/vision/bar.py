"""The way of the bar, and when it moves: the moments between which speeds and tempo are counted.

The bar is where the hands are, or, where it was followed in the pictures, where the plate is. It moves when it is
faster than 0.05 m/s (specification 3.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision import signal
from coaching.vision.body_scale import BodyScale
from coaching.vision.settings_table import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.vision.plate import PlatePath
    from coaching.vision.types import Rep, Track

    Array = NDArray[np.float64]

MOVES_M_S = 0.05
MOVES_BH_S = 0.03
"""The same for a lifter of 1.75 m, in body heights a second."""
LEAST_M, LEAST_BH = 0.15, 0.08
"""A deadlift is 0.45-0.65 m, a hinge to the knee 0.25 m."""
UNDER_WAY, LOCKED = 0.15, 0.90
"""Shares of the way: at the first the bar has left the floor for good, from the second on it may come to rest."""
AROUND_S = 0.4
TOP_S = 0.2
MIN_FRAMES = 8
MAX_GAP_S = 0.5
"""The bar moves on one way: a hole of half a second changes no mean, where the coach's angles would be invented."""
_WRISTS = [15, 16]


@dataclass(frozen=True, slots=True)
class Way:
    """One way up or down, seconds and the path's own unit: `way` is how far, always positive."""

    start_s: float
    stop_s: float
    way: float

    @property
    def seconds(self) -> float:
        return self.stop_s - self.start_s


@dataclass(frozen=True, slots=True)
class BarPath:
    """Height (m,) of the bar on an even grid, from anywhere, in any unit; NaN where not seen. moves: in units a second;
    least: a shorter way is none; frame_s: between two pictures.
    """

    time_s: Array
    height: Array
    moves: float
    least: float
    frame_s: float

    def up(self, rep: Rep) -> Way | None:
        """From lift-off to the top; None where a part of it was not seen."""
        return self._way(rep.start_s - AROUND_S, max(rep.lockout_s, rep.start_s) + AROUND_S)

    def lies_still(self, rep: Rep) -> bool:
        """Whether the bar was seen all the time that this way up takes, and did not move: the hands were empty."""
        inside = (self.time_s >= rep.start_s) & (self.time_s <= rep.start_s + (rep.concentric_s or 0.0))
        return bool(inside.sum() >= MIN_FRAMES and np.ptp(self.height[inside]) < self.least)

    def down(self, rep: Rep, before_s: float) -> Way | None:
        """From the top to the floor, which it reaches before `before_s`; None without an end, or where not seen."""
        if rep.eccentric_s is None:
            return None
        return self._way(rep.lockout_s, min(rep.end_s + AROUND_S, before_s), down=True)

    def _way(self, from_s: float, to_s: float, *, down: bool = False) -> Way | None:
        """A way down is a way up, backwards in time."""
        inside = np.flatnonzero((self.time_s >= from_s) & (self.time_s <= to_s))
        if inside.size < MIN_FRAMES or not np.isfinite(self.height[inside]).all():
            return None
        inside = inside[::-1] if down else inside
        height = self.height[inside]
        speed = np.abs(np.gradient(height, self.time_s[inside]))
        low = int(np.argmin(height[: max(1, int(np.argmax(height)))]))
        share = (height - height[low]) / max(float(height.max() - height[low]), 1e-9)
        after = np.arange(height.size) >= low
        under_way = np.flatnonzero(after & (share > UNDER_WAY))
        at_top = np.flatnonzero(after & (share > LOCKED) & (speed < self.moves))
        if not (under_way.size and at_top.size) or at_top[0] <= under_way[0]:
            return None
        still = np.flatnonzero(after[: under_way[0]] & (speed[: under_way[0]] < self.moves))
        off, top = int(still[-1]) if still.size else low, int(at_top[0])
        way = float(height[top] - height[off])
        if way < self.least:
            return None
        times = sorted((float(self.time_s[inside[off]]), float(self.time_s[inside[top]])))
        return Way(times[0], times[1], way)


def path_of_hands(track: Track, reps: Sequence[Rep]) -> BarPath | None:
    """In body heights; None where nobody was seen upright, or hardly anything at all."""
    time_s = np.asarray(track.time_s, np.float64)
    scale = height_px(track, reps)
    if scale is None or time_s.size < MIN_FRAMES:
        return None
    y = np.where(track.detected, track.image[:, _WRISTS, 1].mean(axis=1), np.nan).astype(np.float64)
    return _path(time_s, -y / scale, MOVES_BH_S, LEAST_BH, float(np.median(np.diff(time_s))))


def path_of_plate(plate: PlatePath, diameter_m: float) -> BarPath | None:
    """In metres; None where it was hardly seen."""
    if plate.time_s.size < MIN_FRAMES:
        return None
    metres = -plate.y_px * (diameter_m / plate.diameter_px)
    return _path(plate.time_s, metres, MOVES_M_S, LEAST_M, float(np.median(np.diff(plate.time_s))))


def _path(time_s: Array, height: Array, moves: float, least: float, frame_s: float) -> BarPath:
    grid = signal.even_grid(time_s, DEFAULT.signal.rate_hz)
    raw = signal.resample(time_s, height, grid, MAX_GAP_S)
    return BarPath(grid, signal.smooth(raw, DEFAULT.signal), moves, least, frame_s)


def height_px(track: Track, reps: Sequence[Rep]) -> float | None:
    """Body height from the tops of the repetitions, where the lifter stands."""
    time_s, scale = np.asarray(track.time_s, np.float64), BodyScale()
    for rep in reps:
        at = np.flatnonzero((np.abs(time_s - rep.lockout_s) <= TOP_S) & track.detected)
        for index in at[:: max(1, at.size // 2)]:
            scale.update(track.image[index])
    return scale.height_px
