"""Outcomes of people in clusters: sections of a class, or a person's own repetitions.

ICC and design effect, the t test of cluster means for randomised sections, and the random-intercept model by REML.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg, optimize, stats

from analysis.stats.anova import one_way
from analysis.stats.samples import InvalidSample, Sample, require_confidence, require_groups
from analysis.stats.ttest import TTest, t_test

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from analysis.stats.linear import Coefficient
    from analysis.stats.samples import FloatArray
    from analysis.stats.ttest import Variant


@dataclass(frozen=True, slots=True)
class ClusterIcc:
    """`icc` is the share of variance between clusters, which may come out negative; the interval is exact for equal
    sizes. `design_effect` multiplies the variance of a mean: 1 + (mean size weighted by size - 1) icc, at least 1.
    """

    icc: float
    ci_low: float
    ci_high: float
    confidence: float
    clusters: int
    n: int
    design_effect: float
    effective_n: float


@dataclass(frozen=True, slots=True)
class MixedModel:
    """`var_between` is that of the random intercepts, `var_within` of the residuals; both by REML.

    p and intervals by t with `df` = clusters minus terms that are constant within clusters.
    """

    coefficients: tuple[Coefficient, ...]
    var_between: float
    var_within: float
    log_reml: float
    clusters: int
    n: int
    df: int

    @property
    def icc(self) -> float:
        return self.var_between / (self.var_between + self.var_within)


def cluster_icc(clusters: Sequence[Sample], *, confidence: float = 0.95) -> ClusterIcc:
    """ANOVA estimator of the intraclass correlation with Searle's interval: Donner (1986), Int. Stat. Review 54, 67-82.

    Give clusters of one arm, or values from which the arm's mean has been taken. Raises InvalidSample as `one_way`.
    """
    require_confidence(confidence)
    table = one_way(clusters)
    sizes = np.array([cluster.values.size for cluster in clusters], float)
    n, k = float(sizes.sum()), sizes.size
    typical = (n - float((sizes**2).sum()) / n) / (k - 1)

    def from_f(f: float) -> float:
        return (f - 1) / (f + typical - 1)

    tail = (1 - confidence) / 2
    low = from_f(table.f / float(stats.f.isf(tail, table.between.df, table.within.df)))
    high = from_f(table.f / float(stats.f.ppf(tail, table.between.df, table.within.df)))
    icc = from_f(table.f)
    effect = max(1.0, 1 + (float((sizes**2).sum()) / n - 1) * icc)
    return ClusterIcc(icc, low, high, confidence, k, int(n), effect, n / effect)


def cluster_t(
    first: Sequence[Sample],
    second: Sequence[Sample],
    *,
    names: tuple[str, str],
    variant: Variant,
    confidence: float = 0.95,
) -> TTest:
    """The t test of cluster means, each cluster one value: valid for randomised sections whatever their ICC.

    Donner and Klar (2000), Design and Analysis of Cluster Randomization Trials, chapter 7.
    Raises InvalidSample: `too_few` (an arm with one cluster: its section and its treatment can't be told apart).
    """
    arms = []
    for name, clusters in zip(names, (first, second), strict=True):
        if len(clusters) < 2:
            reason = "one section is no sample: its effect and the treatment's can't be told apart"
            raise InvalidSample(name, reason, code="too_few")
        arms.append(Sample(name, np.array([cluster.summary().mean for cluster in clusters])))
    return t_test(arms[0], arms[1], variant=variant, confidence=confidence)


def random_intercept(
    clusters: Sequence[Sample], columns: Mapping[str, Sequence[FloatArray]], *, confidence: float = 0.95
) -> MixedModel:
    """y = intercept + columns + a random intercept of each cluster, by REML: Laird and Ware (1982), Biometrics 38.

    `columns` gives each fixed term as one array a cluster, in the clusters' order. The ratio of the two variances is
    the only number searched for; everything else follows from it. Raises InvalidSample: `too_few` clusters or values,
    `collinear`, `constant`, `unpaired` (a column of another length).
    """
    require_confidence(confidence)
    require_groups(clusters)
    x, between_terms = _design(clusters, columns)
    y = np.concatenate([cluster.values for cluster in clusters])
    sizes = np.array([cluster.values.size for cluster in clusters])
    df = sizes.size - between_terms
    if df < 1 or y.size <= x.shape[1] + 1:
        reason = f"{sizes.size} clusters are too few for {between_terms} terms that differ between them"
        raise InvalidSample("clusters", reason, code="too_few")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise InvalidSample("model", f"one of {', '.join(columns)} follows from the others", code="collinear")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    centre = float(y.mean())
    state = _Reml(x, y - centre, starts, sizes.astype(float))
    share = _best_share(state)
    beta, inverse, sigma2 = state.solve(share)
    names = ["(intercept)", *columns]
    beta[0] += centre
    ratio = share / (1 - share)
    critical = float(stats.t.isf((1 - confidence) / 2, df))
    return MixedModel(
        coefficients=tuple(
            _coefficient(name, float(b), math.sqrt(v * sigma2), df, critical)
            for name, b, v in zip(names, beta, np.diag(inverse), strict=True)
        ),
        var_between=ratio * sigma2,
        var_within=sigma2,
        log_reml=state.log_likelihood(share),
        clusters=sizes.size,
        n=y.size,
        df=df,
    )


class _Reml:
    """The restricted likelihood of a random-intercept model as a function of the intercepts' share of variance."""

    def __init__(self, x: FloatArray, y: FloatArray, starts: NDArray[np.intp], sizes: FloatArray) -> None:
        self.sizes, self.n, self.terms = sizes, y.size, x.shape[1]
        joined = np.column_stack([x, y])
        sums = np.add.reduceat(joined, starts)
        within = joined - np.repeat(sums / sizes[:, None], sizes.astype(int), axis=0)
        self.within, self.means = within.T @ within, sums / sizes[:, None]

    def _moments(self, share: float) -> tuple[FloatArray, FloatArray]:
        """X'V^-1X and the like for V = I + ratio J: the within part, and the means with their weights."""
        weights = self.sizes * (1 - share) / (1 - share + self.sizes * share)
        return self.within + (self.means * weights[:, None]).T @ self.means, weights

    def solve(self, share: float) -> tuple[FloatArray, FloatArray, float]:
        """Coefficients, (X'V^-1X)^-1, residual variance."""
        moments, _ = self._moments(share)
        a, b = moments[: self.terms, : self.terms], moments[: self.terms, -1]
        inverse = linalg.inv(a)
        beta = inverse @ b
        rss = float(moments[-1, -1] - b @ beta)
        return beta, inverse, rss / (self.n - self.terms)

    def log_likelihood(self, share: float) -> float:
        moments, weights = self._moments(share)
        a = moments[: self.terms, : self.terms]
        sigma2 = self.solve(share)[2]
        if sigma2 <= 0.0:
            raise InvalidSample("model", "it leaves no residual, so nothing has a standard error", code="constant")
        free = self.n - self.terms
        log_v = -float(np.log(weights / self.sizes).sum())
        log_x = float(np.linalg.slogdet(a)[1])
        return -0.5 * (free * (math.log(2 * math.pi * sigma2) + 1) + log_v + log_x)

    def slope(self, share: float) -> float:
        """Derivative of the log likelihood by the ratio of the variances, up to a positive factor."""
        weights = self._moments(share)[1]
        terms, size = self.terms, self.sizes
        shrink = weights / size  # 1 / (1 + ratio n_i)
        beta, inverse, sigma2 = self.solve(share)
        residual = self.means[:, -1] - self.means[:, :terms] @ beta
        u = shrink * size  # 1'V^-1 z of each cluster is u times its mean
        explained = float(((u * residual) ** 2).sum()) / sigma2
        trace = float((shrink * size).sum())
        x = self.means[:, :terms] * u[:, None]
        leverage = float(np.einsum("ij,jk,ik->", x, inverse, x))
        return explained - (trace - leverage)


def _best_share(state: _Reml) -> float:
    """The share of variance of the intercepts at the highest restricted likelihood, found where its slope is zero."""
    if state.solve(0.0)[2] <= 0.0:
        raise InvalidSample("model", "it leaves no residual, so nothing has a standard error", code="constant")
    grid = np.concatenate([[0.0], np.linspace(0.0, 1.0, 41)[1:-1], [1 - 1e-4, 1 - 1e-6, 1 - 1e-8]])
    heights = [state.log_likelihood(float(share)) for share in grid]
    best = int(np.argmax(heights))
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, grid.size - 1)])
    if state.slope(low) <= 0.0:
        return low
    if state.slope(high) >= 0.0:
        raise InvalidSample("model", "values within clusters don't vary beside what lies between", code="constant")
    return float(optimize.brentq(state.slope, low, high, xtol=1e-15, rtol=1e-14))


def _design(clusters: Sequence[Sample], columns: Mapping[str, Sequence[FloatArray]]) -> tuple[FloatArray, int]:
    """The fixed part with its intercept, and how many of its terms are constant within every cluster."""
    parts = [np.ones(sum(cluster.values.size for cluster in clusters))]
    between = 1
    for name, values in columns.items():
        lengths = [np.size(part) for part in values]
        if lengths != [cluster.values.size for cluster in clusters]:
            raise InvalidSample(name, "needs a number for each value of each cluster", code="unpaired")
        parts.append(np.concatenate([np.asarray(part, float) for part in values]))
        between += all(np.ptp(part) == 0 for part in values)
    return np.column_stack(parts), between


def _coefficient(name: str, estimate: float, se: float, df: int, critical: float) -> Coefficient:
    from analysis.stats.linear import Coefficient

    t = estimate / se
    p = 2 * float(stats.t.sf(abs(t), df))
    return Coefficient(name, estimate, se, t, p, estimate - critical * se, estimate + critical * se)
