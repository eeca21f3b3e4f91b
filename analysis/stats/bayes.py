"""The JZS Bayes factor of a t test: how much likelier the data are with an effect than without, and by which prior.

Rouder, Speckman, Sun, Morey and Iverson (2009), Psychonomic Bulletin and Review 16, 225-237: the effect in standard
deviations has a Cauchy prior of scale r; mean and variance have Jeffreys' prior.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.stats.paired import paired_t
from analysis.stats.samples import InvalidSample
from analysis.stats.ttest import student

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.samples import Group, Sample

MEDIUM, WIDE, ULTRAWIDE = math.sqrt(0.5), 1.0, math.sqrt(2.0)
CURVE = tuple(round(0.1 * step, 1) for step in range(1, 21))
"""Scales of the robustness curve: .1 to 2."""


@dataclass(frozen=True, slots=True)
class BayesFactor:
    """`bf10` above 1 speaks for an effect, `bf01` = 1 / bf10 for none. `log_bf10` (natural) has no limit."""

    t: float
    df: float
    scale: float
    log_bf10: float

    @property
    def bf10(self) -> float:
        return math.exp(self.log_bf10) if self.log_bf10 < 709 else math.inf

    @property
    def bf01(self) -> float:
        return math.exp(-self.log_bf10) if self.log_bf10 > -709 else math.inf


def bayes_t(first: Group, second: Group, *, scale: float = MEDIUM) -> BayesFactor:
    """Two independent arms, equal variances. Raises InvalidSample as `student`, ValueError for a scale below 0."""
    test = student(first, second)
    n1, n2 = first.summary().n, second.summary().n
    return jzs(test.t, n1 * n2 / (n1 + n2), test.df, scale=scale)


def bayes_paired(first: Sample, second: Sample, *, scale: float = MEDIUM) -> BayesFactor:
    """Pairs. Raises InvalidSample as `paired_t`."""
    test = paired_t(first, second)
    return jzs(test.t, test.n, test.df, scale=scale)


def robustness(first: Group, second: Group, *, scales: Sequence[float] = CURVE) -> tuple[BayesFactor, ...]:
    """The factor over the prior's scale, for the robustness curve."""
    return tuple(bayes_t(first, second, scale=scale) for scale in scales)


def jzs(t: float, effective_n: float, df: float, *, scale: float = MEDIUM) -> BayesFactor:
    """From t: `effective_n` is n1 n2 / (n1 + n2) for two arms, n for pairs.

    The integral over g is taken on log g by the trapezoidal rule, which converges exponentially for it, in logarithms,
    so that a t of 100 has its factor.
    """
    if not scale > 0:
        raise ValueError(f"the prior's scale must be above 0, got {scale}")
    if not (math.isfinite(t) and effective_n > 0 and df > 0):
        raise InvalidSample("t", f"t({df}) = {t} of {effective_n} can't be", code="not_a_number")
    u = np.linspace(-8.0, 80.0, 8801)
    g = np.exp(u)
    spread = 1 + effective_n * g * scale * scale
    log_values = (
        -0.5 * np.log(spread)
        - (df + 1) / 2 * np.log1p(t * t / (spread * df))
        - 0.5 * math.log(2 * math.pi)
        - 0.5 * u
        - 1 / (2 * g)
    )
    top = float(log_values.max())
    log_integral = top + math.log(float(np.exp(log_values - top).sum()) * float(u[1] - u[0]))
    return BayesFactor(t, df, scale, log_integral + (df + 1) / 2 * math.log1p(t * t / df))
