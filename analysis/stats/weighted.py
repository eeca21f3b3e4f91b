"""Cohen's weighted kappa of two raters on ordered categories.

Cohen (1968), Psychological Bulletin 70, 213-220. With quadratic weights it is close to the ICC of agreement (Fleiss
and Cohen 1973, Educational and Psychological Measurement 33, 613-619). Intervals by drawing whole people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from analysis.stats.agreement import DRAWS, FEWEST_CLUSTERS, SEED, Figure
from analysis.stats.samples import InvalidSample, require_confidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.stats.agreement import Pair

    Tables = NDArray[np.float64]

Weights = Literal["linear", "quadratic"]


def weighted_kappa(
    pairs: Sequence[Pair], categories: Sequence[str], *, weights: Weights = "quadratic", confidence: float = 0.95
) -> Figure:
    """1 - (weighted disagreement seen) / (expected by chance), categories in their order.

    None as value where both raters used one and the same category only. Percentile interval over drawn clusters, None
    with fewer than three. Raises InvalidSample: `too_few` (no pair), `unknown_category`; ValueError for arguments.
    """
    require_confidence(confidence)
    if len(categories) < 2 or weights not in ("linear", "quadratic"):
        raise ValueError("two ordered categories at least, and linear or quadratic weights")
    if not pairs:
        raise InvalidSample("pairs", "there is no case that both have rated", code="too_few")
    unknown = {side for pair in pairs for side in (pair.first, pair.second)} - set(categories)
    if unknown:
        raise InvalidSample("pairs", f"unknown categories {sorted(unknown)}", code="unknown_category")
    place = {name: at for at, name in enumerate(categories)}
    clusters = {name: at for at, name in enumerate(sorted({pair.cluster for pair in pairs}))}
    tables = np.zeros((len(clusters), len(categories), len(categories)))
    for pair in pairs:
        tables[clusters[pair.cluster], place[pair.first], place[pair.second]] += 1
    apart = np.abs(np.subtract.outer(np.arange(len(categories)), np.arange(len(categories)))).astype(float)
    weight = apart if weights == "linear" else apart**2
    value = float(_kappas(tables.sum(axis=0)[None], weight)[0])
    if not np.isfinite(value):
        return Figure(None, None, None, len(pairs))
    low, high = _limits(tables, weight, confidence)
    return Figure(value, low, high, len(pairs))


def _kappas(tables: Tables, weight: Tables) -> Tables:
    """(m, k, k) tables to (m,) kappas, NaN where chance can't disagree."""
    n = tables.sum(axis=(1, 2))
    seen = (tables * weight).sum(axis=(1, 2)) * n
    expected = np.einsum("mi,mj,ij->m", tables.sum(axis=2), tables.sum(axis=1), weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(expected == 0, np.nan, 1 - seen / np.where(expected == 0, 1, expected)))


def _limits(tables: Tables, weight: Tables, confidence: float) -> tuple[float | None, float | None]:
    count = len(tables)
    if count < FEWEST_CLUSTERS:
        return None, None
    chosen = np.random.default_rng(SEED).integers(0, count, (DRAWS, count))
    times = np.stack([np.bincount(row, minlength=count) for row in chosen])
    found = _kappas(np.asarray(np.tensordot(times, tables, axes=1)), weight)
    kept = found[np.isfinite(found)]
    if kept.size < DRAWS / 2:
        return None, None
    tail = (1 - confidence) / 2
    low, high = np.quantile(kept, [tail, 1 - tail])
    return float(low), float(high)
