"""How far two raters agree on the same cases: confusion table, accuracy, sensitivity, specificity, Cohen's kappa.

Intervals by drawing whole clusters (people) with replacement: the repetitions of one person are alike, so that an
interval over repetitions would be too narrow. Cohen (1960), Educational and Psychological Measurement 20, 37-46;
Field and Welsh (2007), Journal of the Royal Statistical Society B 69, 369-390, for the cluster bootstrap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.stats.samples import InvalidSample, require_confidence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    Tables = NDArray[np.float64]

FEWEST_CLUSTERS = 3
"""With fewer people there is nothing to draw from, and no interval."""
DRAWS, SEED = 2000, 20240901


@dataclass(frozen=True, slots=True)
class Pair:
    """One case with both raters' categories; `first` is the reference where there is one."""

    cluster: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A share or kappa over `n` cases. None where the cases can't give it, or an interval."""

    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """`table[i][j]`: cases that the first rater puts in categories[i] and the second in categories[j].

    `balanced_accuracy` is the mean, over the first rater's categories that occur, of the share that the second calls
    so.
    `sensitivity` and `specificity` are None unless a positive category was named among two.
    """

    categories: tuple[str, ...]
    table: tuple[tuple[int, ...], ...]
    n: int
    clusters: int
    accuracy: Figure
    balanced_accuracy: Figure
    kappa: Figure
    sensitivity: Figure | None
    specificity: Figure | None
    confidence: float
    draws: int


def cohen_kappa(table: ArrayLike) -> float:
    """(p_o - p_e) / (1 - p_e) of a square table of counts, unweighted.

    Raises InvalidSample: `not_square`, `negative`, `too_few` (no case), `one_category` (both raters put everything in
    one and the same category, so that chance alone agrees wholly).
    """
    counts = np.asarray(table, np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise InvalidSample("table", f"needs as many rows as columns, got {counts.shape}", code="not_square")
    if not (counts >= 0).all():
        raise InvalidSample("table", "counts can't be negative or missing", code="negative")
    if not counts.sum():
        raise InvalidSample("table", "holds no case", code="too_few")
    kappa = float(_kappa(counts[None])[0])
    if not np.isfinite(kappa):
        raise InvalidSample("table", "both raters used one category only", code="one_category")
    return kappa


def agreement(
    pairs: Sequence[Pair],
    categories: Sequence[str],
    *,
    positive: str | None = None,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Agreement:
    """Table and figures of the pairs, with percentile intervals over clusters.

    `positive` (one of exactly two categories) asks for the sensitivity, the share of the first rater's positive cases
    that the second calls so, and the specificity, the same of the other category. Intervals are None with fewer than
    FEWEST_CLUSTERS clusters, or when a figure does not exist in half of the draws. The same pairs in any order give
    the same digits. Raises InvalidSample without a pair (`too_few`) or for a category that is not listed
    (`unknown_category`), ValueError for wrong arguments.
    """
    require_confidence(confidence)
    names = tuple(categories)
    if positive is not None and (len(names) != 2 or positive not in names):
        raise ValueError(f"{positive!r} is not one of two categories {names}")
    by_cluster = _tables_by_cluster(pairs, names)
    table = by_cluster.sum(axis=0)
    drawn = _drawn(by_cluster, draws, seed)

    def figure(of: Callable[[Tables], Tables], n: float) -> Figure:
        return _figure(of, table, drawn, int(n), confidence)

    sensitivity = specificity = None
    if positive is not None:
        place = names.index(positive)
        sensitivity = figure(lambda t: _recall(t, place), table[place].sum())
        specificity = figure(lambda t: _recall(t, 1 - place), table[1 - place].sum())
    return Agreement(
        categories=names,
        table=tuple(tuple(int(count) for count in row) for row in table),
        n=len(pairs),
        clusters=len(by_cluster),
        accuracy=figure(_accuracy, table.sum()),
        balanced_accuracy=figure(_balanced, table.sum()),
        kappa=figure(_kappa, table.sum()),
        sensitivity=sensitivity,
        specificity=specificity,
        confidence=confidence,
        draws=0 if drawn is None else draws,
    )


def _tables_by_cluster(pairs: Sequence[Pair], categories: tuple[str, ...]) -> Tables:
    """(clusters, k, k) counts, in the order of the clusters' names."""
    if not pairs:
        raise InvalidSample("pairs", "there is no case that both have rated", code="too_few")
    unknown = {side for pair in pairs for side in (pair.first, pair.second)} - set(categories)
    if unknown:
        raise InvalidSample("pairs", f"unknown categories {sorted(unknown)}", code="unknown_category")
    clusters = {name: i for i, name in enumerate(sorted({pair.cluster for pair in pairs}))}
    place = {name: i for i, name in enumerate(categories)}
    tables = np.zeros((len(clusters), len(categories), len(categories)))
    for pair in pairs:
        tables[clusters[pair.cluster], place[pair.first], place[pair.second]] += 1
    return tables


def _drawn(by_cluster: Tables, draws: int, seed: int) -> Tables | None:
    """(draws, k, k): tables of as many clusters as there are, drawn with replacement. None with too few to draw."""
    count = len(by_cluster)
    if count < FEWEST_CLUSTERS:
        return None
    chosen = np.random.default_rng(seed).integers(0, count, (draws, count))
    times = np.stack([np.bincount(row, minlength=count) for row in chosen])
    return np.asarray(np.tensordot(times, by_cluster, axes=1))


def _figure(of: Callable[[Tables], Tables], table: Tables, drawn: Tables | None, n: int, confidence: float) -> Figure:
    value = float(of(table[None])[0])
    if not np.isfinite(value):
        return Figure(None, None, None, n)
    found = np.zeros(0) if drawn is None else of(drawn)
    kept = found[np.isfinite(found)]
    if not len(kept) or len(kept) < len(found) / 2:
        return Figure(value, None, None, n)
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(kept, [tail, 1.0 - tail])
    return Figure(value, float(low), float(high), n)


# Each takes (m, k, k) tables and gives (m,) figures, NaN where a table has none.


def _accuracy(tables: Tables) -> Tables:
    return _ratio(np.trace(tables, axis1=1, axis2=2), tables.sum(axis=(1, 2)))


def _balanced(tables: Tables) -> Tables:
    """A category of which a draw holds no case leaves the mean to the others."""
    recalls = np.stack([_recall(tables, place) for place in range(tables.shape[1])])
    there = np.isfinite(recalls)
    return _ratio(np.where(there, recalls, 0.0).sum(axis=0), there.sum(axis=0))


def _kappa(tables: Tables) -> Tables:
    n = tables.sum(axis=(1, 2))
    observed = _ratio(np.trace(tables, axis1=1, axis2=2), n)
    # In whole cases until the last division: p_e of a table with one category is exactly 1.
    chance = _ratio((tables.sum(axis=2) * tables.sum(axis=1)).sum(axis=1), n * n)
    return _ratio(observed - chance, 1.0 - chance)


def _recall(tables: Tables, place: int) -> Tables:
    return _ratio(tables[:, place, place], tables[:, place].sum(axis=1))


def _ratio(part: Tables, whole: Tables) -> Tables:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(whole == 0, np.nan, part / np.where(whole == 0, 1.0, whole)))
