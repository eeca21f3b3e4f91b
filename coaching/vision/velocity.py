"""Speed of the bar in each repetition, velocity loss in the set, and a student's own load-velocity line.

The bar is where the hands are. The mean concentric velocity needs only where it starts, where it ends and how long that
took, so it is the measure that landmarks give best. Without the lifter's stature speeds are in body heights a second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision import signal
from coaching.vision.body_scale import BodyScale
from coaching.vision.settings_table import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.vision.types import Rep, Track

    Array = NDArray[np.float64]

# Specification 3.9.
SCALE_SIGMA = 0.05
"""Relative SD of a scale taken from the stature: it enters the speed one to one."""
FRAMES_SIGMA = 1.0
"""SD of lift-off and of lockout, in frames."""
V_AT_1RM = 0.14
"""Mean concentric velocity of a maximal deadlift, m/s; 0.05 between people (Helms 2017)."""
MIN_LOADS = 4
MIN_SPAN = 0.30
MIN_R2 = 0.90
MAX_EXTRAPOLATION = 0.20

MOVES_BH_S = 0.03
"""The bar moves above this: 0.05 m/s of a lifter of 1.75 m (specification 3.7)."""
LOCKED_SHARE = 0.90
BEFORE_S = 0.3
MIN_FRAMES = 8
MAX_GAP_S = 0.5
"""The hands move on one way: a hole of half a second changes no mean, where the coach's angles would be invented."""
_WRISTS = [15, 16]


@dataclass(frozen=True, slots=True)
class RepVelocity:
    """Mean concentric velocity of one repetition. bh_s: body heights a second; m_s and its SD: None without a stature.

    share_sigma: relative SD that matters within a set, where the scale is the same for all repetitions.
    """

    number: int
    bh_s: float
    share_sigma: float
    m_s: float | None = None
    m_s_sigma: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """load_kg = intercept - slope * velocity, of one person. e1rm: load at V_AT_1RM, with a 95 % interval."""

    intercept_kg: float
    slope_kg_s_m: float
    r2: float
    loads: int
    e1rm_kg: float
    e1rm_low_kg: float
    e1rm_high_kg: float


@dataclass(frozen=True, slots=True)
class NoLine:
    """Why there is no line: `too_few_loads`, `span_too_small`, `not_a_line`, `too_far_away`."""

    code: str


def rep_velocities(track: Track, reps: Sequence[Rep], stature_m: float | None = None) -> list[RepVelocity]:
    """One for each repetition whose bar could be seen at lift-off and at the top."""
    time_s = np.asarray(track.time_s, np.float64)
    scale = _height_px(track, time_s, reps)
    if scale is None or time_s.size < MIN_FRAMES:
        return []
    y = np.where(track.detected, track.image[:, _WRISTS, 1].mean(axis=1), np.nan).astype(np.float64)
    grid = signal.even_grid(time_s, DEFAULT.signal.rate_hz)
    raw = signal.resample(time_s, -y / scale, grid, MAX_GAP_S)
    bar = _Bar(grid, signal.smooth(raw, DEFAULT.signal), float(np.median(np.diff(time_s))))
    found = (_velocity(rep, bar, stature_m) for rep in reps)
    return [one for one in found if one is not None]


@dataclass(frozen=True, slots=True)
class _Bar:
    """Height of the hands on an even grid (m,), in body heights, from anywhere; NaN where not seen."""

    time_s: Array
    height_bh: Array
    frame_s: float

    def pull(self, rep: Rep) -> tuple[float, float] | None:
        """(way in body heights, seconds) from the first moment that is faster than MOVES_BH_S to the first slower one
        after 90 % of the way; None where one of them was not seen.
        """
        inside = (self.time_s >= rep.start_s - BEFORE_S) & (self.time_s <= max(rep.lockout_s, rep.start_s) + BEFORE_S)
        time_s, height = self.time_s[inside], self.height_bh[inside]
        if time_s.size < MIN_FRAMES or not np.isfinite(height).all():
            return None
        speed = np.gradient(height, time_s)
        low = int(np.argmin(height[: max(1, int(np.argmax(height)))]))
        share = (height - height[low]) / max(float(height.max() - height[low]), 1e-9)
        moving = np.flatnonzero((np.arange(height.size) >= low) & (speed > MOVES_BH_S))
        over = np.flatnonzero((share > LOCKED_SHARE) & (speed < MOVES_BH_S) & (np.arange(height.size) > low))
        if not (moving.size and over.size) or over[0] <= moving[0]:
            return None
        off, top = int(moving[0]), int(over[0])
        return float(height[top] - height[off]), float(time_s[top] - time_s[off])


def _height_px(track: Track, time_s: Array, reps: Sequence[Rep]) -> float | None:
    """Body height from the tops of the repetitions, where the lifter stands."""
    scale = BodyScale()
    for rep in reps:
        top = (rep.start_s + (rep.concentric_s or 0.0), rep.start_s + (rep.concentric_s or 0.0) + (rep.top_s or 0.0))
        at = np.flatnonzero((time_s >= top[0]) & (time_s <= top[1]) & track.detected)
        for index in at[:: max(1, at.size // 2)]:
            scale.update(track.image[index])
    return scale.height_px


def _velocity(rep: Rep, bar: _Bar, stature_m: float | None) -> RepVelocity | None:
    pull = bar.pull(rep)
    if pull is None:
        return None
    way_bh, seconds = pull
    bh_s = way_bh / seconds
    share = math.sqrt(2.0) * FRAMES_SIGMA * bar.frame_s / seconds
    if stature_m is None:
        return RepVelocity(rep.index, bh_s, share)
    m_s = bh_s * stature_m
    return RepVelocity(rep.index, bh_s, share, m_s, m_s * math.hypot(share, SCALE_SIGMA))


def velocity_loss(velocities: Sequence[RepVelocity]) -> tuple[float, float] | None:
    """(loss, its SD) of the last against the best repetition, as shares; None before the second. The best, not the
    first: the first repetition of a deadlift is often slow.
    """
    if len(velocities) < 2:
        return None
    best, last = max(velocities, key=lambda v: v.bh_s), velocities[-1]
    ratio = last.bh_s / best.bh_s
    sigma = 0.0 if last is best else ratio * math.hypot(last.share_sigma, best.share_sigma)
    return 1.0 - ratio, sigma


def load_velocity_line(points: Sequence[tuple[float, float]], v_at_1rm: float = V_AT_1RM) -> Line | NoLine:
    """The line through (load_kg, mean concentric velocity m/s) of one person's sets.

    Refused rather than guessed: fewer than MIN_LOADS loads, a span below 30 % of the load at `v_at_1rm`, R2 below 0.9,
    or an answer more than 20 % above the heaviest load.
    """
    from scipy import stats  # a second to load, for a page that few open

    if len({load for load, _ in points}) < MIN_LOADS:
        return NoLine("too_few_loads")
    loads, speeds = (np.asarray(column, np.float64) for column in zip(*points, strict=True))
    fit = stats.linregress(speeds, loads)
    if not fit.slope < 0.0 or fit.rvalue**2 < MIN_R2:
        return NoLine("not_a_line")
    e1rm = fit.intercept + fit.slope * v_at_1rm
    if (loads.max() - loads.min()) < MIN_SPAN * e1rm:
        return NoLine("span_too_small")
    if e1rm > (1.0 + MAX_EXTRAPOLATION) * loads.max():
        return NoLine("too_far_away")
    n = loads.size
    rest = loads - (fit.intercept + fit.slope * speeds)
    residual = math.sqrt(float(rest @ rest) / (n - 2))
    away = (v_at_1rm - speeds.mean()) ** 2 / float(((speeds - speeds.mean()) ** 2).sum())
    half = float(stats.t.ppf(0.975, n - 2)) * residual * math.sqrt(1.0 / n + away)
    return Line(
        intercept_kg=float(fit.intercept),
        slope_kg_s_m=float(-fit.slope),
        r2=float(fit.rvalue**2),
        loads=len({load for load, _ in points}),
        e1rm_kg=float(e1rm),
        e1rm_low_kg=float(e1rm - half),
        e1rm_high_kg=float(e1rm + half),
    )
