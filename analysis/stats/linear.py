"""Least squares by QR, the engine of ANCOVA: coefficients, their covariance, and the F of a set of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg, stats

from analysis.stats.samples import InvalidSample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.samples import FloatArray


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One term of a fitted model. `p` is two-sided by t with the model's residual df."""

    name: str
    estimate: float
    se: float
    t: float
    p: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted linear model; `cov` is that of `beta`, `rss` the residual sum of squares."""

    names: tuple[str, ...]
    beta: FloatArray
    cov: FloatArray
    rss: float
    df: int

    def coefficient(self, name: str, *, confidence: float = 0.95) -> Coefficient:
        at = self.names.index(name)
        return self.combination(name, np.eye(len(self.names))[at], confidence=confidence)

    def combination(self, name: str, weights: FloatArray, *, confidence: float = 0.95) -> Coefficient:
        """A weighted sum of the coefficients, such as an adjusted mean."""
        estimate, se = float(weights @ self.beta), float(np.sqrt(weights @ self.cov @ weights))
        t, half = estimate / se, float(stats.t.isf((1 - confidence) / 2, self.df)) * se
        return Coefficient(
            name, estimate, se, t, 2 * float(stats.t.sf(abs(t), self.df)), estimate - half, estimate + half
        )


def least_squares(y: FloatArray, columns: Sequence[tuple[str, FloatArray]]) -> Fit:
    """Fit y on the columns by QR with scaled columns. An intercept is a column of ones.

    Raises InvalidSample: `too_few` (no residual df), `collinear` (a column follows from the others), `constant` (the
    model leaves no residual, so nothing has a standard error).
    """
    names = tuple(name for name, _ in columns)
    x = np.column_stack([column for _, column in columns])
    df = y.size - x.shape[1]
    if df < 1:
        raise InvalidSample("model", f"{y.size} values are too few for {x.shape[1]} terms", code="too_few")
    scale = np.sqrt((x * x).sum(axis=0))
    q, r = linalg.qr(x / np.where(scale == 0, 1, scale), mode="economic")
    if (scale == 0).any() or np.abs(np.diag(r)).min() < 1e-10:
        raise InvalidSample("model", f"one of {', '.join(names)} follows from the others", code="collinear")
    inverse = np.linalg.inv(r)
    beta = inverse @ (q.T @ y)
    residual = y - q @ (q.T @ y)
    correction = q.T @ residual  # one step of refinement: the residual of a residual
    beta += inverse @ correction
    residual -= q @ correction
    rss = float(residual @ residual)
    if rss <= 1e-24 * float(y @ y):
        raise InvalidSample("model", "it leaves no residual, so nothing has a standard error", code="constant")
    cov = inverse @ inverse.T * (rss / df) / np.outer(scale, scale)
    return Fit(names, beta / scale, cov, rss, df)


def compare(small: Fit, large: Fit) -> tuple[float, int, int, float]:
    """F of the terms that the larger of two nested models adds: F, df1, df2, p."""
    df1 = small.df - large.df
    f = max(0.0, (small.rss - large.rss) / df1) / (large.rss / large.df)
    return f, df1, large.df, float(stats.f.sf(f, df1, large.df))
