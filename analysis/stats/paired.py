"""The same people measured more than once: paired t test and repeated-measures ANOVA with its corrections."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg, stats

from analysis.stats.effects import Effect, t_noncentrality
from analysis.stats.ranks import paired_differences
from analysis.stats.samples import InvalidSample, Sample, require_confidence, require_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.samples import FloatArray


@dataclass(frozen=True, slots=True)
class PairedTTest:
    """First minus second, pair by pair. `d_z` is the mean difference over the SD of the differences."""

    first: str
    second: str
    n: int
    t: float
    df: int
    p: float
    mean_difference: float
    se: float
    ci_low: float
    ci_high: float
    confidence: float
    d_z: Effect


@dataclass(frozen=True, slots=True)
class RepeatedMeasures:
    """One factor within people. `p` assumes sphericity; `p_gg` and `p_hf` shrink both df by their epsilon.

    `mauchly_w` and its p test sphericity and choose nothing; None for two conditions, where sphericity is given, and
    where there are too few people for it.
    """

    conditions: tuple[str, ...]
    n: int
    ss_conditions: float
    ss_people: float
    ss_error: float
    f: float
    df1: int
    df2: int
    p: float
    epsilon_gg: float
    epsilon_hf: float
    p_gg: float
    p_hf: float
    mauchly_w: float | None
    mauchly_p: float | None
    partial_eta_squared: float
    generalised_eta_squared: float


def paired_t(first: Sample, second: Sample, *, confidence: float = 0.95) -> PairedTTest:
    """Student (1908) on the differences, df = n - 1; interval of d_z by the noncentral t.

    Raises InvalidSample: `unpaired`, `constant` (every pair differs by the same amount).
    """
    require_confidence(confidence)
    part = Sample(f"{first.name} - {second.name}", paired_differences(first, second)).summary()
    if part.ss == 0.0:
        raise InvalidSample(part.name, "every pair differs by the same amount, so there is no spread", code="constant")
    t, df = part.mean / part.se, part.n - 1
    half = float(stats.t.isf((1 - confidence) / 2, df)) * part.se
    low, high = t_noncentrality(t, float(df), confidence=confidence)
    root = math.sqrt(part.n)
    return PairedTTest(
        first=first.name,
        second=second.name,
        n=part.n,
        t=t,
        df=df,
        p=2 * float(stats.t.sf(abs(t), df)),
        mean_difference=part.mean,
        se=part.se,
        ci_low=part.mean - half,
        ci_high=part.mean + half,
        confidence=confidence,
        d_z=Effect("d_z", t / root, low / root, high / root, confidence),
    )


def repeated_measures(conditions: Sequence[Sample]) -> RepeatedMeasures:
    """F of the conditions against people x conditions, with the epsilons of Greenhouse and Geisser (1959) and of
    Huynh and Feldt (1976), Journal of Educational Statistics 1, 69-82, the latter at most 1; Mauchly (1940).

    Each condition holds the same people in the same order. Raises InvalidSample: `unpaired`, `constant` (people
    don't differ in how they change), and as `require_groups`.
    """
    require_groups(conditions)
    names = tuple(condition.name for condition in conditions)
    if len({condition.values.size for condition in conditions}) > 1:
        raise InvalidSample(", ".join(names), "each condition needs a value of every person", code="unpaired")
    y = np.column_stack([condition.values for condition in conditions])
    y = y - y[0, 0]
    n, k = y.shape
    y = y - math.fsum(y.ravel()) / y.size
    people, columns = y.mean(axis=1), y.mean(axis=0)
    ss_conditions, ss_people = n * math.fsum(columns**2), k * math.fsum(people**2)
    error = y - people[:, None] - columns
    ss_error = math.fsum((error * error).ravel())
    if ss_error <= 1e-26 * math.fsum((y * y).ravel()) or ss_error == 0.0:
        raise InvalidSample(", ".join(names), "everybody changes by the same amount, no spread", code="constant")
    df1, df2 = k - 1, (n - 1) * (k - 1)
    f = (ss_conditions / df1) / (ss_error / df2)
    gg, hf, mauchly = _sphericity(y)
    return RepeatedMeasures(
        conditions=names,
        n=n,
        ss_conditions=ss_conditions,
        ss_people=ss_people,
        ss_error=ss_error,
        f=f,
        df1=df1,
        df2=df2,
        p=float(stats.f.sf(f, df1, df2)),
        epsilon_gg=gg,
        epsilon_hf=hf,
        p_gg=float(stats.f.sf(f, gg * df1, gg * df2)),
        p_hf=float(stats.f.sf(f, hf * df1, hf * df2)),
        mauchly_w=mauchly and mauchly[0],
        mauchly_p=mauchly and mauchly[1],
        partial_eta_squared=ss_conditions / (ss_conditions + ss_error),
        generalised_eta_squared=ss_conditions / (ss_conditions + ss_people + ss_error),
    )


def _sphericity(y: FloatArray) -> tuple[float, float, tuple[float, float] | None]:
    """Both epsilons and Mauchly's (W, p), from the covariance of orthonormal contrasts."""
    n, k = y.shape
    d = k - 1
    contrasts = linalg.helmert(k)
    cov = contrasts @ np.atleast_2d(np.cov(y, rowvar=False)) @ contrasts.T
    trace = float(np.trace(cov))
    gg = min(1.0, trace**2 / (d * float((cov * cov).sum())))
    below = d * (n - 1 - d * gg)
    hf = min(1.0, (n * d * gg - 2) / below) if below > 0 else 1.0
    if d == 1:
        return 1.0, 1.0, None
    if n - 1 < d:
        return gg, hf, None
    w = min(1.0, float(np.linalg.det(cov)) / (trace / d) ** d)
    if w <= 0.0:
        return gg, hf, (0.0, 0.0)
    factor = 1 - (2 * d * d + d + 2) / (6 * d * (n - 1))
    square, df = -(n - 1) * factor * math.log(w), d * (d + 1) / 2 - 1
    # Box's second term, as SPSS and R's mauchly.test have it.
    second = (d + 2) * (d - 1) * (d - 2) * (2 * d**3 + 6 * d * d + 3 * d + 2) / (288 * (d * (n - 1) * factor) ** 2)
    first = float(stats.chi2.sf(square, df))
    return gg, hf, (w, first + second * (float(stats.chi2.sf(square, df + 4)) - first))
