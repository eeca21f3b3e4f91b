"""A lifter's own load-velocity line: what load goes with what mean concentric velocity (specification 3.9).

load = intercept - slope * velocity by ordinary least squares over one person's sets. No general equation is used: where
the person's own sets do not make a line, there is none. The load at a velocity has the confidence interval of the
fitted mean; the velocity of a set at a load is read off the other way round, with Fieller's limits (Draper and Smith,
Applied Regression Analysis, 3rd ed., 3.2), for one more set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

V_AT_1RM = 0.14
V_AT_1RM_SD = 0.05
"""Mean concentric velocity of a maximal deadlift and its SD between people, m/s: 15 powerlifters (Helms 2017)."""
MIN_LOADS = 4
MIN_SPAN = 0.30
MIN_R2 = 0.90
MAX_EXTRAPOLATION = 0.20
CONFIDENCE = 0.95


class Estimate(NamedTuple):
    """A value with its 95 % interval; bounds are None where the data give none."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class NoLine:
    """Why there is no line: `too_few_loads`, `slope_not_negative`, `not_a_line`, `span_too_small`.

    found and needed: what the rule counts: loads, R2, or the span over the load at the velocity of a maximum.
    """

    code: str
    found: float
    needed: float


@dataclass(frozen=True, slots=True)
class NoMaximum:
    """Why no maximum is told: `too_far_away`, more than 20 % above the heaviest load lifted."""

    code: str
    found: float
    needed: float


@dataclass(frozen=True, slots=True)
class Line:
    """load_kg = intercept_kg - slope_kg_s_m * velocity. points: sets; loads: different ones; residual_kg: SD about the
    line with points - 2 degrees of freedom. mean_m_s and squares: mean of the velocities, and their sum of squares
    about it. t: two-sided 95 % point of Student's t.
    """

    intercept_kg: float
    slope_kg_s_m: float
    r2: float
    points: int
    loads: int
    low_kg: float
    high_kg: float
    residual_kg: float
    mean_m_s: float
    squares: float
    t: float

    def load_at(self, m_s: float) -> Estimate:
        """kg that go with this velocity, with the interval of the line itself."""
        value = self.intercept_kg - self.slope_kg_s_m * m_s
        away = (m_s - self.mean_m_s) ** 2 / self.squares
        half = self.t * self.residual_kg * math.sqrt(1.0 / self.points + away)
        return Estimate(value, value - half, value + half)

    def velocity_at(self, load_kg: float) -> Estimate:
        """m/s of a set with this load, with the interval of one more set."""
        value = (self.intercept_kg - load_kg) / self.slope_kg_s_m
        noise = (self.t * self.residual_kg) ** 2
        rest = (self.intercept_kg - self.slope_kg_s_m * self.mean_m_s) - load_kg
        a = self.slope_kg_s_m**2 - noise / self.squares
        if a <= 0.0:  # the slope itself can't be told from none
            return Estimate(value, None, None)
        b, c = self.slope_kg_s_m * rest, rest**2 - noise * (1.0 + 1.0 / self.points)
        root = math.sqrt(max(b * b - a * c, 0.0))
        return Estimate(value, self.mean_m_s + (b - root) / a, self.mean_m_s + (b + root) / a)

    def maximum(self, v_at_1rm: float = V_AT_1RM) -> Estimate | NoMaximum:
        """kg at the velocity of a maximum. The interval is that of the line, not that of `v_at_1rm`."""
        found = self.load_at(v_at_1rm)
        most = (1.0 + MAX_EXTRAPOLATION) * self.high_kg
        return NoMaximum("too_far_away", found.value, most) if found.value > most else found


def load_velocity_line(points: Sequence[tuple[float, float]], v_at_1rm: float = V_AT_1RM) -> Line | NoLine:
    """The line through (load kg, mean concentric velocity m/s), a point a set, of one person.

    Refused rather than guessed: fewer than MIN_LOADS different loads, a slope that does not fall, R2 below MIN_R2, or
    loads that span less than MIN_SPAN of the load at `v_at_1rm`.
    """
    loads_kg = sorted({load for load, _ in points})
    if len(loads_kg) < MIN_LOADS:
        return NoLine("too_few_loads", len(loads_kg), MIN_LOADS)
    loads, speeds = (np.asarray(column, np.float64) for column in zip(*points, strict=True))
    about = speeds - speeds.mean()
    squares = float(about @ about)
    slope = float(about @ (loads - loads.mean())) / squares if squares > 0.0 else 0.0
    if not slope < 0.0:
        return NoLine("slope_not_negative", slope, 0.0)
    line = _line(loads, speeds, slope, squares, len(loads_kg))
    if line.r2 < MIN_R2:
        return NoLine("not_a_line", line.r2, MIN_R2)
    span = (line.high_kg - line.low_kg) / line.load_at(v_at_1rm).value
    if not span >= MIN_SPAN:
        return NoLine("span_too_small", span, MIN_SPAN)
    return line


def _line(
    loads: np.ndarray[tuple[int], np.dtype[np.float64]],
    speeds: np.ndarray[tuple[int], np.dtype[np.float64]],
    slope: float,
    squares: float,
    distinct: int,
) -> Line:
    from scipy import stats  # a second to load, for a page that few open

    intercept = float(loads.mean() - slope * speeds.mean())
    rest = loads - (intercept + slope * speeds)
    total = loads - loads.mean()
    unexplained = float(rest @ rest)
    return Line(
        intercept_kg=intercept,
        slope_kg_s_m=-slope,
        r2=1.0 - unexplained / float(total @ total),
        points=loads.size,
        loads=distinct,
        low_kg=float(loads.min()),
        high_kg=float(loads.max()),
        residual_kg=math.sqrt(unexplained / (loads.size - 2)),
        mean_m_s=float(speeds.mean()),
        squares=squares,
        t=float(stats.t.ppf(0.5 + CONFIDENCE / 2.0, loads.size - 2)),
    )
