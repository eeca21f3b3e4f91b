"""Effect sizes with exact intervals, by inverting the noncentral t and F distributions.

Steiger (2004), Psychological Methods 9, 164-182; Hedges (1981), Journal of Educational Statistics 6, 107-128.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from scipy import optimize, special, stats

from analysis.stats.samples import InvalidSample, require_confidence, require_groups
from analysis.stats.ttest import student

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.stats.anova import Anova
    from analysis.stats.samples import Group


EffectName = Literal[
    "d", "g", "glass_delta", "d_z", "rank_biserial", "superiority",
    "eta_squared", "omega_squared", "epsilon_squared", "partial_eta_squared",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect size without a unit and the interval of the population's value."""

    name: EffectName
    estimate: float
    ci_low: float
    ci_high: float
    confidence: float


def cohen_d(first: Group, second: Group, *, confidence: float = 0.95) -> Effect:
    """Mean difference (first - second) over the pooled SD; interval by the noncentral t, df = n1 + n2 - 2.

    Equal variances are assumed, also where Welch's test is read. Raises InvalidSample as `student` does.
    """
    test = student(first, second, confidence=confidence)
    scale = _scale(first, second)
    low, high = t_noncentrality(test.t, test.df, confidence=confidence)
    return Effect(name="d", estimate=test.t * scale, ci_low=low * scale, ci_high=high * scale, confidence=confidence)


def hedges_g(first: Group, second: Group, *, confidence: float = 0.95) -> Effect:
    """d times Hedges' exact correction J(df): the unbiased estimate of the same population value.

    The interval is that of d, which is for the population's value itself. Raises InvalidSample as `student` does.
    """
    d = cohen_d(first, second, confidence=confidence)
    df = first.summary().n + second.summary().n - 2
    return Effect(
        name="g", estimate=d.estimate * bias_factor(df), ci_low=d.ci_low, ci_high=d.ci_high, confidence=confidence
    )


def glass_delta(first: Group, control: Group, *, confidence: float = 0.95) -> Effect:
    """Mean difference (first - control) over the control group's SD alone, for a treatment that changes the spread.

    Glass (1976), Educational Researcher 5, 3-8. Interval by the noncentral t with the control's n - 1 df, where the
    difference's variance in units of the control's is taken as observed: exact for equal variances, near it otherwise.
    Raises InvalidSample (`constant`) when the control group does not vary.
    """
    a, c = first.summary(), control.summary()
    require_groups((a, c))
    if c.ss == 0.0:
        raise InvalidSample(c.name, "all values are equal, so there is no spread to measure in", code="constant")
    delta = (a.mean - c.mean) / c.sd
    scale = math.sqrt(a.variance / c.variance / a.n + 1 / c.n)
    low, high = t_noncentrality(delta / scale, c.n - 1, confidence=confidence)
    return Effect("glass_delta", delta, low * scale, high * scale, confidence)


def eta_squared(table: Anova, *, confidence: float = 0.90) -> Effect:
    """Share of the sample's variance that lies between groups: SSB / SST.

    The interval is of the population's share, L / (L + N) with L the limits of the noncentrality of F. 90 % is the
    default, because its lower limit is above 0 just when F is significant at .05 (Steiger 2004).
    """
    return _share("eta_squared", table.between.ss / table.total_ss, table, confidence)


def omega_squared(table: Anova, *, confidence: float = 0.90) -> Effect:
    """The less biased estimate: (SSB - dfB MSW) / (SST + MSW). It may be negative when F < 1; no rounding up to 0.

    Interval: the population's share, as for `eta_squared`.
    """
    between, within = table.between, table.within
    estimate = (between.ss - between.df * within.ms) / (table.total_ss + within.ms)
    return _share("omega_squared", estimate, table, confidence)


def epsilon_squared(table: Anova, *, confidence: float = 0.90) -> Effect:
    """Kelley's (1935) correction of eta squared: (SSB - dfB MSW) / SST. It may be negative when F < 1.

    Interval: the population's share, as for `eta_squared`.
    """
    estimate = (table.between.ss - table.between.df * table.within.ms) / table.total_ss
    return _share("epsilon_squared", estimate, table, confidence)


def partial_eta_squared(f: float, df1: float, df2: float, *, confidence: float = 0.90) -> Effect:
    """dfF / (dfF + df2) of any F test, with the interval of the population's share L / (L + df1 + df2 + 1).

    Steiger (2004). Raises InvalidSample (`not_a_number`) for an F or degrees of freedom that can't be.
    """
    if not (math.isfinite(f) and f >= 0 and df1 > 0 and df2 > 0):
        raise InvalidSample("F", f"F({df1}, {df2}) = {f} can't be", code="not_a_number")
    low, high = f_noncentrality(f, df1, df2, confidence=confidence)
    n = df1 + df2 + 1
    return Effect("partial_eta_squared", df1 * f / (df1 * f + df2), low / (low + n), high / (high + n), confidence)


def bias_factor(df: float) -> float:
    """Hedges' J = gamma(df / 2) / (sqrt(df / 2) gamma((df - 1) / 2)). Raises ValueError for df <= 1."""
    if df <= 1:
        raise ValueError(f"Hedges' correction needs more than 1 degree of freedom, got {df}")
    return math.exp(float(special.gammaln(df / 2)) - float(special.gammaln((df - 1) / 2))) / math.sqrt(df / 2)


@functools.lru_cache(maxsize=1024)
def t_noncentrality(t: float, df: float, *, confidence: float) -> tuple[float, float]:
    """Limits of the noncentrality of t: the values under which the observed t lies at the edge of the tails."""
    require_confidence(confidence)
    tail = (1 - confidence) / 2

    def excess(share: float) -> Callable[[float], float]:
        return lambda nc: _nct_cdf(t, df, nc) - share

    # Under noncentrality nc, t has about unit spread plus |t| / sqrt(2 df): a bracket that needs few widenings.
    width = 5 * (1 + abs(t) / math.sqrt(2 * df))
    low = _falling_root(excess(1 - tail), t - width, t + width, step=width)
    high = _falling_root(excess(tail), t - width, t + width, step=width)
    return low, high


@functools.lru_cache(maxsize=1024)
def f_noncentrality(f: float, df1: float, df2: float, *, confidence: float) -> tuple[float, float]:
    """Limits of the noncentrality of F. A limit that no noncentrality reaches is 0 (F is too small for it)."""
    require_confidence(confidence)
    tail = (1 - confidence) / 2
    central = float(stats.f.cdf(f, df1, df2))

    def limit(share: float) -> float:
        if central <= share:
            return 0.0
        guess = df1 * f + 1.0
        return _falling_root(
            lambda nc: float(special.ncfdtr(df1, df2, nc, f)) - share if nc > 0 else central - share,
            0.0,
            2 * guess,
            step=guess,
        )

    return limit(1 - tail), limit(tail)


def _nct_cdf(t: float, df: float, nc: float) -> float:
    """P(T < t). SciPy 1.17's answers NaN for some values far in a tail, where the other tail still has its digits."""
    p = float(special.nctdtr(df, nc, t))  # what stats.nct.cdf calls, without its checks of 40 microseconds
    if math.isnan(p):
        p = 1.0 - float(stats.nct.sf(t, df, nc))
    if math.isnan(p):
        raise ArithmeticError(f"the noncentral t distribution has no value at t = {t}, df = {df}, nc = {nc}")
    return p


def _falling_root(fall: Callable[[float], float], low: float, high: float, *, step: float) -> float:
    """Where a falling function crosses zero; the bracket is widened until it holds the crossing.

    Raises ArithmeticError when 60 doublings don't: then the distribution function has lost its digits.
    """
    for _ in range(60):
        if fall(low) >= 0:
            break
        low, step = low - step, step * 2
    for _ in range(60):
        if fall(high) <= 0:
            return float(optimize.brentq(fall, low, high, xtol=1e-12, rtol=1e-14))
        high, step = high + step, step * 2
    raise ArithmeticError("the noncentrality's limit was not found")


def _share(name: EffectName, estimate: float, table: Anova, confidence: float) -> Effect:
    low, high = f_noncentrality(table.f, table.between.df, table.within.df, confidence=confidence)
    return Effect(
        name=name,
        estimate=estimate,
        ci_low=low / (low + table.n),
        ci_high=high / (high + table.n),
        confidence=confidence,
    )


def _scale(first: Group, second: Group) -> float:
    """From t to d: sqrt(1 / n1 + 1 / n2)."""
    return math.sqrt(1 / first.summary().n + 1 / second.summary().n)
