"""Two independent means: Student's and Welch's t test. The caller names the test; nothing here chooses one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from scipy import stats

from analysis.stats.samples import require_confidence, require_groups, require_spread

if TYPE_CHECKING:
    from analysis.stats.samples import Group, Summary

Variant = Literal["student", "welch"]


@dataclass(frozen=True, slots=True)
class TTest:
    """First group minus second. `p` is two-sided; `se` and the interval are in the values' unit."""

    variant: Variant
    first: str
    second: str
    t: float
    df: float
    p: float
    mean_difference: float
    se: float
    ci_low: float
    ci_high: float
    confidence: float


def student(first: Group, second: Group, *, confidence: float = 0.95) -> TTest:
    """Student's t test, equal variances assumed: pooled variance, df = n1 + n2 - 2.

    Student (1908), Biometrika 6, 1-25. Takes values or their summaries. Raises InvalidSample when neither group varies.
    """
    a, b = _pair(first, second)
    df = a.n + b.n - 2
    pooled = (a.ss + b.ss) / df
    return _t_test("student", a, b, se=math.sqrt(pooled * (1 / a.n + 1 / b.n)), df=float(df), confidence=confidence)


def welch(first: Group, second: Group, *, confidence: float = 0.95) -> TTest:
    """Welch's t test, equal variances not assumed: Welch-Satterthwaite df.

    Welch (1947), Biometrika 34, 28-35. Takes values or their summaries. Raises InvalidSample when neither group varies.
    """
    a, b = _pair(first, second)
    va, vb = a.variance / a.n, b.variance / b.n
    # Divided through by the larger share, so that tiny variances don't underflow when squared.
    top = max(va, vb)
    ra, rb = va / top, vb / top
    df = (ra + rb) ** 2 / (ra * ra / (a.n - 1) + rb * rb / (b.n - 1))
    return _t_test("welch", a, b, se=math.sqrt(va + vb), df=df, confidence=confidence)


def t_test(first: Group, second: Group, *, variant: Variant, confidence: float = 0.95) -> TTest:
    """The named variant. Raises InvalidSample as the variants do."""
    return (student if variant == "student" else welch)(first, second, confidence=confidence)


def mean_interval(group: Group, *, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of one group's mean by Student's t with n - 1 df, in the values' unit; empty when nothing varies."""
    require_confidence(confidence)
    part = group.summary()
    half = float(stats.t.isf((1 - confidence) / 2, part.n - 1)) * part.se
    return part.mean - half, part.mean + half


def _pair(first: Group, second: Group) -> tuple[Summary, Summary]:
    a, b = first.summary(), second.summary()
    require_groups((a, b))
    require_spread((a, b))
    return a, b


def _t_test(variant: Variant, a: Summary, b: Summary, *, se: float, df: float, confidence: float) -> TTest:
    require_confidence(confidence)
    difference = a.mean - b.mean
    t = difference / se
    half = float(stats.t.isf((1 - confidence) / 2, df)) * se
    return TTest(
        variant=variant,
        first=a.name,
        second=b.name,
        t=t,
        df=df,
        p=2 * float(stats.t.sf(abs(t), df)),
        mean_difference=difference,
        se=se,
        ci_low=difference - half,
        ci_high=difference + half,
        confidence=confidence,
    )
