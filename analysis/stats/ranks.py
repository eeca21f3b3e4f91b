"""Tests by ranks: Mann-Whitney, Brunner-Munzel, Kruskal-Wallis, Wilcoxon's signed ranks. Ties get the mean rank.

The caller names the method of p; left to itself it follows the number of values alone, never the values: exact up to
EXACT_UP_TO, and the result says which it was. Exact means the distribution over all assignments of the ranks at hand,
ties included, counted by recursion over the tied groups (Streitberg and Roehmel 1986).
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import optimize, special, stats

from analysis.stats.anova import one_way
from analysis.stats.effects import Effect, f_noncentrality
from analysis.stats.samples import InvalidSample, Sample, require_confidence, require_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.samples import FloatArray

Method = Literal["exact", "normal"]
EXACT_UP_TO, EXACT_AT_MOST = 50, 200


@dataclass(frozen=True, slots=True)
class MannWhitney:
    """`u` counts the pairs in which the first group's value is larger, ties as half. `p` is two-sided.

    `rank_biserial` is 2 u / (n1 n2) - 1: 1 when every value of the first group lies above every one of the second.
    """

    first: str
    second: str
    u: float
    p: float
    method: Method
    rank_biserial: Effect


@dataclass(frozen=True, slots=True)
class BrunnerMunzel:
    """`superiority` estimates P(first < second) + P(equal) / 2. Positive t: the second group tends to be larger."""

    first: str
    second: str
    t: float
    df: float
    p: float
    superiority: Effect


@dataclass(frozen=True, slots=True)
class KruskalWallis:
    """`h` is corrected for ties; `p` by chi-squared with df = k - 1."""

    groups: tuple[str, ...]
    h: float
    df: int
    p: float
    epsilon_squared: Effect


@dataclass(frozen=True, slots=True)
class SignedRank:
    """`v` is the sum of the ranks of positive differences (first - second), R's V. `n` counts differences that enter.

    `rank_biserial` is (positive - negative) / all rank sums (Kerby 2014), without an interval.
    """

    v: float
    n: int
    zeros: int
    p: float
    method: Method
    rank_biserial: float


def mann_whitney(
    first: Sample, second: Sample, *, method: Method | None = None, confidence: float = 0.95
) -> MannWhitney:
    """Mann and Whitney (1947), Annals of Mathematical Statistics 18, 50-60.

    "normal" corrects for ties and by half a unit for continuity; "exact" doubles the smaller tail. The interval of the
    rank-biserial correlation is Newcombe's (2006) method 5, Statistics in Medicine 25, 559-573, which keeps within
    -1 and 1 and exists for groups that don't overlap. Raises InvalidSample (`constant`) when all values are equal,
    `too_many` for an exact p of more than 200 values.
    """
    require_confidence(confidence)
    require_groups((first, second))
    n1, n2 = first.values.size, second.values.size
    pooled = np.concatenate([first.values, second.values])
    ranks = _ranks(pooled, f"{first.name}, {second.name}")
    u = float(ranks[:n1].sum()) - n1 * (n1 + 1) / 2
    method = _method(method, n1 + n2)
    if method == "exact":
        doubled = tuple(np.sort(np.rint(2 * ranks).astype(int)).tolist())
        p = _two_sided(*_rank_sum_distribution(doubled, n1), 2 * float(ranks[:n1].sum()))
    else:
        n = n1 + n2
        spread = math.sqrt(n1 * n2 / 12 * (n + 1 - _tie_sum(ranks) / (n * (n - 1))))
        p = _normal_p(abs(u - n1 * n2 / 2), spread)
    low, high = _newcombe(u / (n1 * n2), n1, n2, confidence)
    biserial = Effect("rank_biserial", 2 * u / (n1 * n2) - 1, 2 * low - 1, 2 * high - 1, confidence)
    return MannWhitney(first.name, second.name, u, p, method, biserial)


def brunner_munzel(first: Sample, second: Sample, *, confidence: float = 0.95) -> BrunnerMunzel:
    """Brunner and Munzel (2000), Biometrical Journal 42, 17-25: unequal spreads and ties allowed, t approximation.

    Raises InvalidSample (`separated`) when the groups don't overlap: then the statistic's variance is zero.
    """
    require_confidence(confidence)
    require_groups((first, second))
    n1, n2 = first.values.size, second.values.size
    pooled = stats.rankdata(np.concatenate([first.values, second.values]))
    parts = []
    for ranks, own in ((pooled[:n1], stats.rankdata(first.values)), (pooled[n1:], stats.rankdata(second.values))):
        excess = Sample("", ranks - own).summary()
        parts.append((float(ranks.mean()), excess.variance, ranks.size))
    (mean1, var1, _), (mean2, var2, _) = parts
    if var1 == 0.0 and var2 == 0.0:
        reason = "the groups don't overlap, or nothing varies, so this test has no variance; read Mann-Whitney's"
        raise InvalidSample(f"{first.name}, {second.name}", reason, code="separated")
    total = n1 * var1 + n2 * var2
    t = n1 * n2 * (mean2 - mean1) / ((n1 + n2) * math.sqrt(total))
    df = total**2 / ((n1 * var1) ** 2 / (n1 - 1) + (n2 * var2) ** 2 / (n2 - 1))
    estimate = (mean2 - (n2 + 1) / 2) / n1
    half = float(stats.t.isf((1 - confidence) / 2, df)) * math.sqrt(var1 / n1 / n2**2 + var2 / n2 / n1**2)
    low, high = max(0.0, estimate - half), min(1.0, estimate + half)
    superiority = Effect("superiority", estimate, low, high, confidence)
    return BrunnerMunzel(first.name, second.name, t, df, 2 * float(stats.t.sf(abs(t), df)), superiority)


def kruskal_wallis(groups: Sequence[Sample], *, confidence: float = 0.90) -> KruskalWallis:
    """Kruskal and Wallis (1952), JASA 47, 583-621; epsilon squared = H / (N - 1) (Kelley's name, Tomczak 2014).

    H / (N - 1) is eta squared of the ranks, so its interval is that of eta squared in a one-way ANOVA of the ranks: an
    approximation. Raises InvalidSample (`constant`) when all values are equal.
    """
    require_groups(groups)
    ranks = _ranks(np.concatenate([g.values for g in groups]), ", ".join(g.name for g in groups))
    cuts = np.cumsum([g.values.size for g in groups])[:-1]
    ranked = [Sample(g.name, part) for g, part in zip(groups, np.split(ranks, cuts), strict=True)]
    n, df = ranks.size, len(groups) - 1
    squares = math.fsum(float(part.values.sum()) ** 2 / part.values.size for part in ranked)
    ties = 1 - _tie_sum(ranks) / (n**3 - n)
    h = max(0.0, (12 / (n * (n + 1)) * squares - 3 * (n + 1)) / ties)
    if any(part.summary().ss > 0 for part in ranked):
        table = one_way(ranked)
        low, high = f_noncentrality(table.f, df, table.within.df, confidence=confidence)
        low, high = low / (low + n), high / (high + n)
    else:
        low, high = 0.0, 1.0
    effect = Effect("epsilon_squared", h / (n - 1), low, high, confidence)
    return KruskalWallis(tuple(g.name for g in groups), h, df, float(stats.chi2.sf(h, df)), effect)


def signed_rank(
    first: Sample, second: Sample, *, method: Method | None = None, zeros: Literal["drop", "pratt"] = "drop"
) -> SignedRank:
    """Wilcoxon (1945), Biometrics Bulletin 1, 80-83, on pairs in the same order.

    Differences of zero are dropped, as Wilcoxon did, or ranked and then left out (Pratt 1959). "normal" corrects for
    ties and by half a unit. Raises InvalidSample: `unpaired` (not as many values), `constant` (no difference is other
    than zero), `too_many` as `mann_whitney`.
    """
    differences = paired_differences(first, second)
    if not differences.any():
        raise InvalidSample(f"{first.name}, {second.name}", "no pair differs, nothing to rank", code="constant")
    kept = differences != 0
    sizes = np.abs(differences)
    ranks = stats.rankdata(sizes[kept]) if zeros == "drop" else stats.rankdata(sizes)[kept]
    positive = differences[kept] > 0
    v, n = float(ranks[positive].sum()), int(kept.sum())
    total = float(ranks.sum())
    method = _method(method, n)
    if method == "exact":
        p = _two_sided(*_signed_distribution(ranks), 2 * v)
    else:
        p = _normal_p(abs(v - total / 2), math.sqrt(float((ranks * ranks).sum()) / 4))
    return SignedRank(v, n, int(differences.size - n), p, method, (2 * v - total) / total)


def paired_differences(first: Sample, second: Sample) -> FloatArray:
    """first - second, pair by pair, to 14 digits of the largest value: in doubles 1.7 - 0.0 and 2.5 - 0.8 are no ties.

    Raises InvalidSample (`unpaired`) when one has more values.
    """
    if first.values.size != second.values.size:
        reason = f"{first.values.size} and {second.values.size} values are no pairs; give each person both"
        raise InvalidSample(f"{first.name}, {second.name}", reason, code="unpaired")
    largest = max(float(np.abs(first.values).max()), float(np.abs(second.values).max()), 1e-290)
    difference: FloatArray = np.round(first.values - second.values, 14 - math.ceil(math.log10(largest)))
    return difference


def _ranks(pooled: FloatArray, names: str) -> FloatArray:
    if (pooled == pooled[0]).all():
        raise InvalidSample(names, "all values are equal, so there is no order to test", code="constant")
    ranks: FloatArray = stats.rankdata(pooled)
    return ranks


def _tie_sum(ranks: FloatArray) -> float:
    """Sum of t^3 - t over groups of t equal ranks."""
    counts = np.unique(ranks, return_counts=True)[1].astype(float)
    return float((counts**3 - counts).sum())


def _method(method: Method | None, n: int) -> Method:
    if method is None:
        return "exact" if n <= EXACT_UP_TO else "normal"
    if method == "exact" and n > EXACT_AT_MOST:
        reason = f"an exact p is counted for at most {EXACT_AT_MOST} values, got {n}; use the normal one"
        raise InvalidSample("values", reason, code="too_many")
    return method


def _normal_p(distance: float, spread: float) -> float:
    return min(1.0, 2 * float(special.ndtr(-max(0.0, distance - 0.5) / spread)))


def _two_sided(sums: FloatArray, shares: FloatArray, observed: float) -> float:
    """Twice the smaller tail, at most 1. Sums are whole numbers."""
    at = round(observed)
    return min(1.0, 2 * min(float(shares[sums <= at].sum()), float(shares[sums >= at].sum())))


@functools.lru_cache(maxsize=16)
def _rank_sum_distribution(doubled: tuple[int, ...], n1: int) -> tuple[FloatArray, FloatArray]:
    """Sums of n1 of the doubled ranks, and the share of draws that gives each."""
    top = sum(doubled[-n1:])
    ways = np.zeros((n1 + 1, top + 1))
    ways[0, 0] = 1.0
    for rank, count in Counter(doubled).items():
        before = ways.copy()
        for taken in range(1, min(count, n1) + 1):
            step = taken * rank
            if step > top:
                break
            ways[taken:, step:] += float(special.comb(count, taken)) * before[: n1 + 1 - taken, : top + 1 - step]
    return np.arange(top + 1.0), ways[n1] / ways[n1].sum()


def _signed_distribution(ranks: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Doubled sums of the ranks that get a plus sign, each with one half, and their shares."""
    doubled = np.rint(2 * ranks).astype(int)
    shares = np.zeros(int(doubled.sum()) + 1)
    shares[0] = 1.0
    for rank in doubled:
        moved = np.zeros_like(shares)
        moved[rank:] = shares[: shares.size - rank]
        shares = (shares + moved) / 2
    return np.arange(float(shares.size)), shares


def _newcombe(theta: float, n1: int, n2: int, confidence: float) -> tuple[float, float]:
    """Limits of P(X > Y) + P(X = Y) / 2 where |limit - theta| is z times the standard error at the limit."""
    z = float(stats.norm.isf((1 - confidence) / 2))
    half = (n1 + n2) / 2 - 1

    def excess(at: float) -> float:
        variance = at * (1 - at) * (1 + half * ((1 - at) / (2 - at) + at / (1 + at))) / (n1 * n2)
        return (at - theta) ** 2 - z * z * variance

    # From a hair beside theta, which is itself a root at 0 and 1.
    low = 0.0 if theta <= 0 else float(optimize.brentq(excess, 0.0, theta - 1e-12, xtol=1e-14))
    high = 1.0 if theta >= 1 else float(optimize.brentq(excess, theta + 1e-12, 1.0, xtol=1e-14))
    return low, high
