"""Are two arms alike enough? Two one-sided t tests against bounds in the values' own unit, and their power."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special, stats

from analysis.stats.samples import InvalidSample
from analysis.stats.ttest import t_test

if TYPE_CHECKING:
    from analysis.stats.samples import Group
    from analysis.stats.ttest import Variant


@dataclass(frozen=True, slots=True)
class Equivalence:
    """First minus second against the bounds, in the values' unit. `p` is the larger of the two one-sided ones.

    `p_low`: the difference is not above `low`; `p_high`: it is not below `high`. A bound of None is not tested (then
    this is a non-inferiority test). The interval is the one of 1 - 2 alpha, which lies within the bounds just when
    p is below alpha.
    """

    variant: Variant
    difference: float
    se: float
    df: float
    low: float | None
    high: float | None
    t_low: float | None
    t_high: float | None
    p_low: float | None
    p_high: float | None
    p: float
    ci_low: float
    ci_high: float
    confidence: float


def equivalence(
    first: Group,
    second: Group,
    *,
    low: float | None,
    high: float | None,
    variant: Variant = "welch",
    alpha: float = 0.05,
) -> Equivalence:
    """Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.

    Raises InvalidSample: as the t tests, `no_bound` (neither is given), `bounds` (not low < high, or not finite).
    """
    if low is None and high is None:
        raise InvalidSample(
            "bounds", "give the smallest difference that would matter, on one or both sides", code="no_bound"
        )
    for bound in (low, high):
        if bound is not None and not math.isfinite(bound):
            raise InvalidSample("bounds", f"{bound} is no bound; give a number in the values' unit", code="bounds")
    if low is not None and high is not None and not low < high:
        raise InvalidSample("bounds", f"the lower bound {low} must lie below the upper one {high}", code="bounds")
    if not 0.0 < alpha < 0.5:
        raise ValueError(f"alpha lies between 0 and .5, got {alpha}")
    test = t_test(first, second, variant=variant, confidence=1 - 2 * alpha)
    t_low = None if low is None else (test.mean_difference - low) / test.se
    t_high = None if high is None else (test.mean_difference - high) / test.se
    p_low = None if t_low is None else float(stats.t.sf(t_low, test.df))
    p_high = None if t_high is None else float(stats.t.cdf(t_high, test.df))
    return Equivalence(
        variant=variant,
        difference=test.mean_difference,
        se=test.se,
        df=test.df,
        low=low,
        high=high,
        t_low=t_low,
        t_high=t_high,
        p_low=p_low,
        p_high=p_high,
        p=max(p for p in (p_low, p_high) if p is not None),
        ci_low=test.ci_low,
        ci_high=test.ci_high,
        confidence=test.confidence,
    )


def power_equivalence(
    n1: int, n2: int, *, sd: float, low: float, high: float, difference: float = 0.0, alpha: float = 0.05
) -> float:
    """Exact power of the two one-sided Student tests, over the distribution of the pooled SD.

    Phillips (1990), Journal of Pharmacokinetics and Biopharmaceutics 18, 137-144. Raises InvalidSample (`bounds`,
    `too_few`, `not_a_number`).
    """
    if not low < high:
        raise InvalidSample("bounds", f"the lower bound {low} must lie below the upper one {high}", code="bounds")
    if min(n1, n2) < 2:
        raise InvalidSample("n", f"two people in each arm are needed, got {n1} and {n2}", code="too_few")
    if not (sd > 0 and math.isfinite(sd)):
        raise InvalidSample("SD", f"{sd} is no standard deviation", code="not_a_number")
    df, se = n1 + n2 - 2, sd * math.sqrt(1 / n1 + 1 / n2)
    critical = float(stats.t.isf(alpha, df))
    # s is the pooled SD over the true one; the tests can both reject while critical s is below half the bounds' width.
    ends = [math.sqrt(float(stats.chi2.ppf(1e-15, df)) / df), math.sqrt(float(stats.chi2.isf(1e-15, df)) / df)]
    top = min(ends[1], (high - low) / (2 * critical * se))
    if top <= ends[0]:
        return 0.0
    x, w = special.roots_legendre(400)
    s = ends[0] + (top - ends[0]) * (x + 1) / 2
    log_density = math.log(2) + df / 2 * math.log(df / 2) - math.lgamma(df / 2) + (df - 1) * np.log(s) - df * s * s / 2
    upper = special.ndtr((high - difference) / se - critical * s)
    lower = special.ndtr((low - difference) / se + critical * s)
    return float((w * np.exp(log_density) * np.maximum(upper - lower, 0.0)).sum() * (top - ends[0]) / 2)
