"""Intervals over imputed values: 25 people an arm, a quarter of one arm's values missing by the value before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.stats import sample, welch
from analysis.stats.imputation import impute, pool
from benchmarks.coverage.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from analysis.stats.imputation import Imputer
    from analysis.stats.samples import FloatArray

    Rng = np.random.Generator

N, TRUE = 25, 1.0


def trials() -> Iterator[Trial]:
    yield Trial("imputed difference, normal, gaps by the start", 0.95, "approximate", _imputed("normal"))
    yield Trial("imputed difference, pmm, gaps by the start", 0.95, "approximate", _imputed("pmm"))
    yield Trial("the same by complete cases alone", 0.95, "approximate", _complete)


def _class(rng: Rng) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    first = np.repeat([True, False], N)
    before = rng.normal(0, 1, 2 * N)
    after = TRUE * first + before + rng.normal(0, 0.7, 2 * N)
    after[first & (before < 0) & (rng.random(2 * N) < 0.5)] = np.nan
    return first, np.column_stack([after, first.astype(float), before])


def _imputed(method: Imputer) -> Callable[[Rng], bool]:
    def run(rng: Rng) -> bool:
        first, table = _class(rng)
        seed = int(rng.integers(2**31))
        difference, variance, df = _welch(impute(table, method=method, m=20, seed=seed)[:, :, 0], first)
        found = pool(list(difference), list(variance), df_complete=float(df.min()))
        return found.ci_low <= TRUE <= found.ci_high

    return run


def _welch(values: FloatArray, first: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Welch's difference, its variance and degrees of freedom in every completed data set, a row each, at once."""
    a, b = values[:, first], values[:, ~first]
    va, vb = (part.var(axis=1, ddof=1) / part.shape[1] for part in (a, b))
    df = (va + vb) ** 2 / (va**2 / (a.shape[1] - 1) + vb**2 / (b.shape[1] - 1))
    return a.mean(axis=1) - b.mean(axis=1), va + vb, df


def _complete(rng: Rng) -> bool:
    first, table = _class(rng)
    there = np.isfinite(table[:, 0])
    found = welch(sample("a", table[first & there, 0]), sample("b", table[~first & there, 0]))
    return found.ci_low <= TRUE <= found.ci_high
