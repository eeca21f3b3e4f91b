"""Multiple imputation: every gap filled several times by draws from what the observed values say, then pooled.

Chained equations (van Buuren and Groothuis-Oudshoorn 2011, Journal of Statistical Software 45(3)): each incomplete
column is regressed on the others, and its gaps are drawn from the posterior predictive distribution, either with normal
noise or by predictive mean matching, which gives values that were observed. Pooling is Rubin's (1987), with the degrees
of freedom of Barnard and Rubin (1999), Biometrika 86, 948-955.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import stats

from analysis.stats.samples import InvalidSample, require_confidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from analysis.stats.samples import FloatArray

    Gaps = NDArray[np.bool_]

Imputer = Literal["normal", "pmm"]
IMPUTATIONS, ROUNDS, DONORS, SEED = 20, 10, 5, 20240818
RIDGE = 1e-5
"""Share of each column's own variation that is added to the cross-products, as `mice` does, so that columns which
nearly follow from each other still give draws."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """One number over m completed data sets. `within` and `between` are the variances inside and between them.

    `missing_information` is the fraction of information about this number that the gaps took (Rubin 1987, eq. 3.1.10);
    `lambda_share` the share of the total variance due to them. `p` is two-sided, by t with `df`, for a true value of 0.
    """

    estimate: float
    se: float
    df: float
    t: float
    p: float
    ci_low: float
    ci_high: float
    confidence: float
    m: int
    within: float
    between: float
    lambda_share: float
    missing_information: float


def impute(
    columns: ArrayLike,
    *,
    method: Imputer = "pmm",
    m: int = IMPUTATIONS,
    seed: int = SEED,
    rounds: int = ROUNDS,
    donors: int = DONORS,
) -> FloatArray:
    """Fill the gaps (NaN) of an n x k table m times: an m x n x k array, observed values as they were.

    Columns without a gap (arms as 0 and 1, say) only help to predict. With one incomplete column a single round is
    enough; with more, `rounds` of them are gone through. The same seed gives the same values.

    Raises InvalidSample: `not_a_table`, `infinite`, `too_few` (an incomplete column has fewer observed values than the
    model has terms and two more), and ValueError for m below 2 or an unknown method.
    """
    table = _checked(columns)
    if m < 2:
        raise ValueError(f"at least 2 imputations are needed, got {m}")
    if method not in ("normal", "pmm"):
        raise ValueError(f"gaps are filled by 'normal' or 'pmm', not by {method!r}")
    gaps = np.isnan(table)
    order = [int(at) for at in np.argsort(gaps.sum(axis=0), kind="stable") if gaps[:, at].any()]
    rng = np.random.default_rng(seed)
    filled = np.empty((m, *table.shape))
    for chain in range(m):
        own = _started(table, gaps, order, rng)
        for _round in range(rounds if len(order) > 1 else 1):
            for at in order:
                own[gaps[:, at], at] = _drawn(own, at, gaps[:, at], method=method, donors=donors, rng=rng)
        filled[chain] = own
    return filled


def pool(
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    df_complete: float = math.inf,
    confidence: float = 0.95,
) -> Pooled:
    """Rubin's rules. `df_complete` is what the degrees of freedom would be without gaps; infinite for large samples.

    Raises InvalidSample: `too_few` (fewer than 2), `unpaired`, `not_a_number`, `constant` (no variance at all).
    """
    require_confidence(confidence)
    q, u = np.asarray(estimates, float), np.asarray(variances, float)
    if q.size != u.size:
        raise InvalidSample("imputations", f"{q.size} estimates and {u.size} variances", code="unpaired")
    if q.size < 2:
        raise InvalidSample("imputations", f"at least 2 are needed, got {q.size}", code="too_few")
    if not (np.isfinite(q).all() and np.isfinite(u).all() and (u >= 0).all()):
        raise InvalidSample("imputations", "an estimate or its variance is no number", code="not_a_number")
    m = q.size
    within, between = float(u.mean()), float(q.var(ddof=1))
    total = within + (1 + 1 / m) * between
    if total <= 0:
        raise InvalidSample("imputations", "nothing varies, so there is no standard error", code="constant")
    share = (1 + 1 / m) * between / total
    df = _barnard_rubin(m, share, df_complete)
    estimate, se = float(q.mean()), math.sqrt(total)
    half = float(stats.t.isf((1 - confidence) / 2, df)) * se
    relative = (1 + 1 / m) * between / within if within > 0 else math.inf
    information = (relative + 2 / (df + 3)) / (relative + 1) if math.isfinite(relative) else 1.0
    return Pooled(
        estimate=estimate,
        se=se,
        df=df,
        t=estimate / se,
        p=2 * float(stats.t.sf(abs(estimate) / se, df)),
        ci_low=estimate - half,
        ci_high=estimate + half,
        confidence=confidence,
        m=m,
        within=within,
        between=between,
        lambda_share=share,
        missing_information=information if between > 0 else 0.0,
    )


def _barnard_rubin(m: int, share: float, df_complete: float) -> float:
    """Degrees of freedom, never more than without gaps."""
    old = math.inf if share <= 0 else (m - 1) / share**2
    if math.isinf(df_complete):
        return old
    observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share)
    if math.isinf(old):
        return observed
    return old * observed / (old + observed)


def _checked(columns: ArrayLike) -> FloatArray:
    try:
        table = np.array(columns, float)
    except (TypeError, ValueError):
        raise InvalidSample("columns", "has values that are not numbers", code="not_numeric") from None
    if table.ndim != 2 or table.shape[0] == 0 or table.shape[1] == 0:
        raise InvalidSample("columns", "give a table of people and columns", code="not_a_table")
    if np.isinf(table).any():
        raise InvalidSample("columns", "has infinite values; correct them at the source", code="infinite")
    needed = table.shape[1] + 2
    for at in np.flatnonzero(np.isnan(table).any(axis=0)):
        observed = int((~np.isnan(table[:, at])).sum())
        if observed < needed:
            reason = f"{observed} observed values; filling gaps with this model takes {needed}"
            raise InvalidSample(f"column {at + 1}", reason, code="too_few")
    return table


def _started(table: FloatArray, gaps: Gaps, order: Sequence[int], rng: np.random.Generator) -> FloatArray:
    """Gaps filled with observed values of the same column, at random."""
    own = table.copy()
    for at in order:
        missing = gaps[:, at]
        own[missing, at] = rng.choice(table[~missing, at], size=int(missing.sum()))
    return own


def _drawn(
    own: FloatArray, at: int, missing: Gaps, *, method: Imputer, donors: int, rng: np.random.Generator
) -> FloatArray:
    """Values for one column's gaps: coefficients and spread from their posterior, then noise or a donor's value."""
    others = np.delete(own, at, axis=1)
    centre = others[~missing].mean(axis=0)
    x = np.column_stack([np.ones(own.shape[0]), others - centre])
    y, seen = own[~missing, at], x[~missing]
    cross = seen.T @ seen
    cross += np.diag(RIDGE * np.maximum(np.diag(cross), 1e-12))
    inverse = np.linalg.inv(cross)
    best = inverse @ (seen.T @ y)
    residual = y - seen @ best
    df = max(1, y.size - x.shape[1])
    sigma = math.sqrt(float(residual @ residual) / float(rng.chisquare(df)))
    beta = best + sigma * (np.linalg.cholesky((inverse + inverse.T) / 2) @ rng.standard_normal(x.shape[1]))
    if method == "normal":
        return np.asarray(x[missing] @ beta + sigma * rng.standard_normal(int(missing.sum())))
    near = np.abs((seen @ best)[None, :] - (x[missing] @ beta)[:, None])
    near += 1e-12 * rng.random(near.shape)  # among donors that are equally near, chance decides
    taken = np.argsort(near, axis=1)[:, : min(donors, y.size)]
    return np.asarray(y[taken[np.arange(taken.shape[0]), rng.integers(0, taken.shape[1], taken.shape[0])]])
