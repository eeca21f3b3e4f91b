"""Measured value and band to probabilities: the one place where a number becomes a judgement."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from coaching.vision.signal import middle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.settings_table import Band, Limit


def band_probabilities(value: float, sigma: float, band: Band) -> tuple[float, float, float]:
    """P(below), P(within), P(above) the band for a normal measurement error; they sum to 1 and are 0.5 at an edge."""
    below = float(ndtr((band.low - value) / sigma))
    above = float(ndtr((value - band.high) / sigma))
    return below, max(1.0 - below - above, 0.0), above


def exceeds(value: float, limit: Limit, sigma: float | None = None) -> float:
    """P(true value > limit)."""
    return float(ndtr((value - limit.limit) / (limit.sigma if sigma is None else sigma)))


def falls_below(value: float, limit: Limit, sigma: float | None = None) -> float:
    """P(true value < limit)."""
    return float(ndtr((limit.limit - value) / (limit.sigma if sigma is None else sigma)))


def combined_sigma(values: NDArray[np.float64], floor: float) -> float:
    """sqrt(jitter^2 + floor^2), jitter being the robust SD of the values used."""
    finite = values[np.isfinite(values)]
    if finite.size < 2:
        return floor
    jitter = 1.4826 * middle(np.abs(finite - middle(finite)))
    return math.hypot(jitter, floor)
