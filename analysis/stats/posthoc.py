"""Which groups differ: Tukey's, Games-Howell's and Dunnett's comparisons, with simultaneous intervals."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import optimize, special

from analysis.stats.anova import one_way
from analysis.stats.samples import InvalidSample, require_confidence, require_groups
from analysis.stats.ttest import welch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.samples import FloatArray, Group, Summary


@dataclass(frozen=True, slots=True)
class Comparison:
    """`first` minus `second`, in the values' unit. `p` and the interval hold for all comparisons of the table at once.

    `statistic` is the studentised range q for Tukey and Games-Howell, t for Dunnett.
    """

    method: Literal["tukey", "games_howell", "dunnett"]
    first: str
    second: str
    difference: float
    se: float
    statistic: float
    df: float
    p: float
    ci_low: float
    ci_high: float
    confidence: float


def tukey(groups: Sequence[Group], *, confidence: float = 0.95) -> tuple[Comparison, ...]:
    """All pairs, equal variances: Tukey (1953), with Kramer's (1956) standard error for unequal n.

    Raises InvalidSample as `one_way`.
    """
    require_confidence(confidence)
    table = one_way(groups)
    parts = [group.summary() for group in groups]
    df = float(table.within.df)
    return tuple(
        _by_range(
            "tukey",
            (a, b),
            se=math.sqrt(table.within.ms * (1 / a.n + 1 / b.n)),
            df=df,
            k=len(parts),
            confidence=confidence,
        )
        for b, a in combinations(parts, 2)
    )


def games_howell(groups: Sequence[Group], *, confidence: float = 0.95) -> tuple[Comparison, ...]:
    """All pairs, unequal variances: Games and Howell (1976), Journal of Educational Statistics 1, 113-125.

    Raises InvalidSample for fewer than two groups, or two that don't vary (`constant`).
    """
    require_confidence(confidence)
    parts = [group.summary() for group in groups]
    require_groups(parts)
    found = []
    for b, a in combinations(parts, 2):
        pair = welch(a, b)
        found.append(_by_range("games_howell", (a, b), se=pair.se, df=pair.df, k=len(parts), confidence=confidence))
    return tuple(found)


def dunnett(groups: Sequence[Group], *, control: str, confidence: float = 0.95) -> tuple[Comparison, ...]:
    """Every group against the control: Dunnett (1955), JASA 50, 1096-1121, two-sided.

    Probabilities by quadrature over the common factor of the t's and over the pooled SD, to about twelve digits.
    Raises InvalidSample as `one_way`, `unknown_group` when no group has the control's name.
    """
    require_confidence(confidence)
    table = one_way(groups)
    parts = {group.summary().name: group.summary() for group in groups}
    if control not in parts:
        raise InvalidSample(control, f"is none of the groups {list(parts)}", code="unknown_group")
    base = parts.pop(control)
    df = table.within.df
    loadings = tuple(math.sqrt(part.n / (part.n + base.n)) for part in parts.values())
    critical = _dunnett_quantile(confidence, loadings, float(df))
    found = []
    for part in parts.values():
        se = math.sqrt(table.within.ms * (1 / part.n + 1 / base.n))
        difference = part.mean - base.mean
        t = difference / se
        p = max(0.0, 1 - _dunnett_within(abs(t), loadings, df))
        low, high = difference - critical * se, difference + critical * se
        found.append(
            Comparison("dunnett", part.name, base.name, difference, se, t, float(df), p, low, high, confidence)
        )
    return tuple(found)


def _by_range(
    method: Literal["tukey", "games_howell"],
    pair: tuple[Summary, Summary],
    *,
    se: float,
    df: float,
    k: int,
    confidence: float,
) -> Comparison:
    a, b = pair
    difference = a.mean - b.mean
    q = math.sqrt(2) * difference / se
    half = _range_quantile(confidence, k, df) * se / math.sqrt(2)
    p = max(0.0, 1 - _range_within(abs(q), k, df))
    return Comparison(
        method, a.name, b.name, difference, se, q, df, p, difference - half, difference + half, confidence
    )


@functools.lru_cache(maxsize=256)
def _range_quantile(confidence: float, k: int, df: float) -> float:
    high = 8.0
    while _range_within(high, k, df) < confidence:
        high *= 2
    return float(optimize.brentq(lambda q: _range_within(q, k, df) - confidence, 0.0, high, xtol=1e-12))


def _range_within(q: float, k: int, df: float) -> float:
    """P(range of k standard normals / S <= q), S^2 of chi-squared(df) / df: Tukey's studentised range."""
    z, z_weight, _, _ = _nodes()
    s, s_weight = _pooled_sd(df)
    inside = k * (special.ndtr(z) - special.ndtr(z - q * s[:, None])) ** (k - 1)
    return float(s_weight @ inside @ z_weight)


def _pooled_sd(df: float) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights for S, the pooled SD over the true one, on all of its range but 1e-15 at each end."""
    _, _, u, u_weight = _nodes()
    low, high = (math.sqrt(float(end) / df) for end in (special.chdtri(df, 1 - 1e-15), special.chdtri(df, 1e-15)))
    s = low + (high - low) * u
    log_density = math.log(2) + df / 2 * math.log(df / 2) - math.lgamma(df / 2) + (df - 1) * np.log(s) - df * s * s / 2
    return s, (high - low) * u_weight * np.exp(log_density)


@functools.cache
def _nodes() -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Gauss-Legendre nodes and weights for the standard normal factor on [-9, 9], and for [0, 1]."""
    x, w = special.roots_legendre(160)
    u, v = special.roots_legendre(160)
    z = 9.0 * x
    return z, 9.0 * w * np.exp(-z * z / 2) / math.sqrt(2 * math.pi), (u + 1) / 2, v / 2


@functools.lru_cache(maxsize=256)
def _dunnett_quantile(confidence: float, loadings: tuple[float, ...], df: float) -> float:
    return float(optimize.brentq(lambda d: _dunnett_within(d, loadings, df) - confidence, 0.0, 200.0, xtol=1e-12))


def _dunnett_within(d: float, loadings: tuple[float, ...], df: float) -> float:
    """P(all |T_i| <= d), T_i = (loading_i Z + sqrt(1 - loading_i^2) Z_i) / S with S^2 of chi-squared(df) / df."""
    z, z_weight, _, _ = _nodes()
    s, s_weight = _pooled_sd(df)
    inside = np.ones((s.size, z.size))
    for loading in loadings:
        rest = math.sqrt(1 - loading * loading)
        upper = special.ndtr((d * s[:, None] - loading * z) / rest)
        lower = special.ndtr((-d * s[:, None] - loading * z) / rest)
        inside *= upper - lower
    return float(s_weight @ inside @ z_weight)
