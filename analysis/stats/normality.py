"""How far values look like a normal sample. It informs; no function of this library reads it to choose a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special, stats

from analysis.stats.samples import InvalidSample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.samples import Sample

MOST = 5000


@dataclass(frozen=True, slots=True)
class ShapiroWilk:
    group: str
    n: int
    w: float
    p: float


@dataclass(frozen=True, slots=True)
class QQPoint:
    """What a standard normal sample of this size would show at this rank, and the value that stands there."""

    theoretical: float
    observed: float


def shapiro_wilk(group: Sample) -> ShapiroWilk:
    """Shapiro and Wilk (1965), W and p by Royston's AS R94 (1995), Applied Statistics 44, 547-551, as SciPy has it.

    Raises InvalidSample: `too_few` (below 3), `too_many` (above 5000, beyond the algorithm's calibration), `constant`.
    """
    n = group.values.size
    if n < 3:
        raise InvalidSample(group.name, f"Shapiro-Wilk needs at least 3 values, got {n}", code="too_few")
    if n > MOST:
        reason = f"Shapiro-Wilk is calibrated for at most {MOST} values, got {n}; look at the Q-Q plot"
        raise InvalidSample(group.name, reason, code="too_many")
    if group.summary().ss == 0.0:
        raise InvalidSample(group.name, "all values are equal, so there is no shape to judge", code="constant")
    found = stats.shapiro(group.values - group.values[0])
    return ShapiroWilk(group.name, n, float(found.statistic), float(found.pvalue))


def qq_points(group: Sample) -> tuple[QQPoint, ...]:
    """Sorted values against normal quantiles at (i - a) / (n + 1 - 2a), a = 3/8 up to n = 10, else 1/2: R's ppoints."""
    n = group.values.size
    a = 3 / 8 if n <= 10 else 1 / 2
    shares = (np.arange(1, n + 1) - a) / (n + 1 - 2 * a)
    pairs = zip(special.ndtri(shares), np.sort(group.values), strict=True)
    return tuple(QQPoint(float(theory), float(value)) for theory, value in pairs)


def residuals(groups: Sequence[Sample]) -> tuple[tuple[float, float], ...]:
    """(fitted mean, value minus it) of every value, group by group, for the residual plot."""
    return tuple(
        (mean, float(value) - mean)
        for group, mean in ((group, group.summary().mean) for group in groups)
        for value in group.values
    )
