"""Internal consistency of a scale: Cronbach's alpha with an exact interval, and what each item adds.

Cronbach (1951), Psychometrika 16, 297-334; interval after Feldt (1965), Psychometrika 30, 357-370: with n people and k
items (1 - alpha) / (1 - alpha hat) follows F with n - 1 and (n - 1)(k - 1) degrees of freedom.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from analysis.stats.samples import InvalidSample, require_confidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """`rest_correlation`: with the sum of the other items; `alpha_without`: of the scale without this item (None with
    two items). `rest_correlation` is None where the item or the rest does not vary.
    """

    name: str
    mean: float
    sd: float
    rest_correlation: float | None
    alpha_without: float | None


@dataclass(frozen=True, slots=True)
class Alpha:
    """`standardised`: from the mean correlation of the items; None where an item does not vary. `mean_correlation` is
    that mean. `people` answered every item.
    """

    alpha: float
    ci_low: float
    ci_high: float
    standardised: float | None
    mean_correlation: float | None
    items: tuple[ItemStatistics, ...]
    people: int
    confidence: float


def cronbach_alpha(values: ArrayLike, names: Sequence[str], *, confidence: float = 0.95) -> Alpha:
    """Alpha of people (rows) x items (columns), in the items' own units with reversed items turned already.

    Raises InvalidSample: `not_numeric`, `not_a_table`, `missing` (never dropped here: leave people out and say so),
    `too_few` (fewer than 3 people or 2 items), `constant` (everybody has the same sum).
    """
    require_confidence(confidence)
    y = _table(values, names)
    n, k = y.shape
    alpha = _alpha(y)
    tail = (1 - confidence) / 2
    df1, df2 = n - 1, (n - 1) * (k - 1)
    low = 1 - (1 - alpha) * float(stats.f.isf(tail, df1, df2))
    high = 1 - (1 - alpha) * float(stats.f.ppf(tail, df1, df2))
    mean_r = _mean_correlation(y)
    return Alpha(
        alpha=alpha,
        ci_low=low,
        ci_high=high,
        standardised=None if mean_r is None else k * mean_r / (1 + (k - 1) * mean_r),
        mean_correlation=mean_r,
        items=tuple(_item(y, at, name) for at, name in enumerate(names)),
        people=n,
        confidence=confidence,
    )


def _table(values: ArrayLike, names: Sequence[str]) -> Floats:
    try:
        y = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidSample("scale", "has values that are not numbers", code="not_numeric") from None
    if y.ndim != 2 or y.shape[1] != len(names):
        raise InvalidSample("scale", f"needs people x {len(names)} items, got shape {y.shape}", code="not_a_table")
    if not np.isfinite(y).all():
        raise InvalidSample("scale", "has missing values: leave these people out and say so", code="missing")
    if y.shape[0] < 3 or y.shape[1] < 2:
        raise InvalidSample("scale", "needs 3 people and 2 items at least", code="too_few")
    if np.ptp(y.sum(axis=1)) == 0:
        raise InvalidSample("scale", "everybody has the same sum, so people can't be told apart", code="constant")
    return y


def _alpha(y: Floats) -> float:
    k = y.shape[1]
    return float(k / (k - 1) * (1 - y.var(axis=0, ddof=1).sum() / y.sum(axis=1).var(ddof=1)))


def _mean_correlation(y: Floats) -> float | None:
    if (np.ptp(y, axis=0) == 0).any():
        return None
    r = np.corrcoef(y, rowvar=False)
    return float(r[np.triu_indices(y.shape[1], 1)].mean())


def _item(y: Floats, at: int, name: str) -> ItemStatistics:
    own, others = y[:, at], np.delete(y, at, axis=1)
    rest = others.sum(axis=1)
    varies = np.ptp(own) > 0 and np.ptp(rest) > 0
    return ItemStatistics(
        name=name,
        mean=float(own.mean()),
        sd=float(own.std(ddof=1)),
        rest_correlation=float(np.corrcoef(own, rest)[0, 1]) if varies else None,
        alpha_without=_alpha(others) if others.shape[1] > 1 and np.ptp(rest) > 0 else None,
    )
