"""Count models with exposure: log rate = intercept + arm, log(hours) as offset, each person one row.

Poisson (variance = mean), quasi-Poisson (variance = dispersion x mean) and negative binomial (variance = mean + alpha
mean^2, NB2). McCullagh and Nelder (1989); Lawless (1987), Canadian Journal of Statistics 15, 209-225.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import linalg, optimize, special, stats

from analysis.stats.samples import InvalidSample, require_confidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from analysis.stats.samples import FloatArray

Family = Literal["poisson", "quasi_poisson", "negative_binomial"]
OFFSET = "log(exposure in hours), coefficient fixed at 1"
PER_H = 1000.0
SMALLEST_ALPHA, LARGEST_ALPHA = 1e-7, 1e5


@dataclass(frozen=True, slots=True, eq=False)
class CountGroup:
    """One arm: each person's events and hours, in the same order. Make one with `count_group`."""

    name: str
    events: FloatArray
    exposure_h: FloatArray


@dataclass(frozen=True, slots=True)
class RateTerm:
    """A rate ratio against the reference arm; `statistic` is that of its logarithm over `log_se`: z, or t for quasi."""

    name: str
    ratio: float
    ci_low: float
    ci_high: float
    log_se: float
    statistic: float
    p: float


@dataclass(frozen=True, slots=True)
class CountModel:
    """`offset` says what the model takes as exposure; `rate` is the reference arm's, per `per_h` hours.

    `dispersion` is Pearson's chi-squared over `df`. `alpha` is 0 when the counts vary no more than Poisson counts
    do: then the negative binomial is the Poisson. `log_likelihood` is None for quasi-Poisson, which has none.
    """

    family: Family
    offset: str
    reference: str
    per_h: float
    rate: float
    rate_low: float
    rate_high: float
    ratios: tuple[RateTerm, ...]
    n: int
    events: int
    exposure_h: float
    pearson: float
    df: int
    dispersion: float
    alpha: float | None
    log_likelihood: float | None
    aic: float | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Dispersion:
    """Do the counts vary as Poisson counts? It informs and chooses no model.

    `p_pearson`: upper tail of Pearson's chi-squared. `t_linear`, `t_quadratic`: Cameron and Trivedi (1990), variance =
    (1 + c) mean, or mean + c mean^2, p one-sided for more variance. `lr`: negative binomial against Poisson, half
    weight at the boundary.
    """

    pearson: float
    df: int
    p_pearson: float
    t_linear: float
    p_linear: float
    t_quadratic: float
    p_quadratic: float
    lr: float
    p_lr: float


def count_group(name: str, events: ArrayLike, exposure_h: ArrayLike) -> CountGroup:
    """Check and freeze an arm. Raises InvalidSample: `too_few`, `unpaired`, `not_a_count`, `not_a_number`,
    `no_exposure` (someone without hours: exclude and report them).
    """
    try:
        y, hours = np.array(events, float), np.array(exposure_h, float)
    except (TypeError, ValueError):
        raise InvalidSample(name, "has values that are not numbers", code="not_numeric") from None
    if y.ndim != 1 or y.shape != hours.shape:
        raise InvalidSample(name, "give each person's events and hours", code="unpaired")
    if y.size == 0:
        raise InvalidSample(name, "nobody is in it", code="too_few")
    if not (np.isfinite(y).all() and (y >= 0).all() and (y == np.rint(y)).all()):
        raise InvalidSample(name, "events are whole numbers from 0", code="not_a_count")
    if not (np.isfinite(hours).all() and (hours >= 0).all()):
        raise InvalidSample(name, "hours are finite numbers from 0", code="not_a_number")
    if without := int((hours == 0).sum()):
        reason = f"{without} without hours of exposure; log them, or exclude and report them"
        raise InvalidSample(name, reason, code="no_exposure")
    y.setflags(write=False)
    hours.setflags(write=False)
    return CountGroup(name, y, hours)


def count_model(
    groups: Sequence[CountGroup], *, family: Family, per_h: float = PER_H, confidence: float = 0.95
) -> CountModel:
    """Rates of arms against the first by maximum likelihood, with Wald limits on the log scale.

    The negative binomial's standard errors come from the observed information of coefficients and alpha together.
    Raises InvalidSample: `too_few_groups`, `group_twice`, `too_few` (no residual df), `zero_events` (an arm without an
    event has no finite log rate: `rate_ratio` has limits for it).
    """
    require_confidence(confidence)
    data = _data(groups)
    poisson = _fit_beta(data, 0.0)
    alpha = _best_alpha(data, poisson) if family == "negative_binomial" else None
    beta = _fit_beta(data, alpha) if alpha else poisson
    mu = data.means(beta)
    variance = mu * (1 + (alpha or 0.0) * mu)
    df = data.y.size - data.x.shape[1]
    pearson = float(((data.y - mu) ** 2 / variance).sum())
    cov = _covariance(data, mu, alpha)
    if family == "quasi_poisson":
        cov = cov * (pearson / df)
    likelihood = None if family == "quasi_poisson" else _log_likelihood(data, mu, alpha or 0.0)
    names, se = [group.name for group in groups], np.sqrt(np.diag(cov))
    terms = _terms(names, beta, se, df=df, family=family, confidence=confidence)
    parameters = data.x.shape[1] + (family == "negative_binomial")
    return CountModel(
        family=family,
        offset=OFFSET,
        reference=groups[0].name,
        per_h=per_h,
        rate=per_h * terms[0].ratio,
        rate_low=per_h * terms[0].ci_low,
        rate_high=per_h * terms[0].ci_high,
        ratios=terms[1:],
        n=data.y.size,
        events=int(data.y.sum()),
        exposure_h=float(data.hours.sum()),
        pearson=pearson,
        df=df,
        dispersion=pearson / df,
        alpha=alpha,
        log_likelihood=likelihood,
        aic=None if likelihood is None else 2 * parameters - 2 * likelihood,
        confidence=confidence,
    )


def dispersion_test(groups: Sequence[CountGroup]) -> Dispersion:
    """Poisson dispersion by four figures: see `Dispersion`. Raises InvalidSample as `count_model`."""
    data = _data(groups)
    beta = _fit_beta(data, 0.0)
    mu = data.means(beta)
    df = data.y.size - data.x.shape[1]
    pearson = float(((data.y - mu) ** 2 / mu).sum())
    excess = ((data.y - mu) ** 2 - data.y) / mu
    free = data.y.size - 1
    linear = _slope_t(np.ones_like(mu), excess)
    quadratic = _slope_t(mu, excess)
    alpha = _best_alpha(data, beta)
    nested = _log_likelihood(data, mu, 0.0)
    fuller = _log_likelihood(data, data.means(_fit_beta(data, alpha)), alpha) if alpha else nested
    lr = max(0.0, 2 * (fuller - nested))
    return Dispersion(
        pearson=pearson,
        df=df,
        p_pearson=float(stats.chi2.sf(pearson, df)),
        t_linear=linear,
        p_linear=float(stats.t.sf(linear, free)),
        t_quadratic=quadratic,
        p_quadratic=float(stats.t.sf(quadratic, free)),
        lr=lr,
        p_lr=float(stats.chi2.sf(lr, 1)) / 2 if lr else 1.0,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    x: FloatArray
    y: FloatArray
    hours: FloatArray

    def means(self, beta: FloatArray) -> FloatArray:
        mu: FloatArray = self.hours * np.exp(self.x @ beta)
        return mu


def _data(groups: Sequence[CountGroup]) -> _Data:
    names = [group.name for group in groups]
    if len(names) < 2:
        raise InvalidSample("groups", f"a comparison needs at least 2, got {len(names)}", code="too_few_groups")
    if len(set(names)) != len(names):
        raise InvalidSample("groups", f"two of one name in {names}", code="group_twice")
    for group in groups:
        if not group.events.any():
            reason = "had no event, so its log rate is not finite; read the exact or score interval of the ratio"
            raise InvalidSample(group.name, reason, code="zero_events")
    y = np.concatenate([group.events for group in groups])
    if y.size <= len(groups):
        raise InvalidSample("groups", "a model needs more people than arms", code="too_few")
    where = np.repeat(np.arange(len(groups)), [group.events.size for group in groups])
    x = np.column_stack([np.ones(y.size), *(where == k for k in range(1, len(groups)))]).astype(float)
    return _Data(x, y, np.concatenate([group.exposure_h for group in groups]))


def _fit_beta(data: _Data, alpha: float) -> FloatArray:
    """Newton on the coefficients with expected information, alpha held; starts from the arms' crude rates."""
    arms = [data.x[:, k] == 1 for k in range(1, data.x.shape[1])]
    first = ~np.any(arms, axis=0)
    log_rates = [math.log(data.y[part].sum() / data.hours[part].sum()) for part in (first, *arms)]
    beta: FloatArray = np.array([log_rates[0], *(rate - log_rates[0] for rate in log_rates[1:])])
    for _ in range(100):
        mu = data.means(beta)
        weight = mu / (1 + alpha * mu)
        step = linalg.solve(
            (data.x * weight[:, None]).T @ data.x, data.x.T @ ((data.y - mu) / (1 + alpha * mu)), assume_a="pos"
        )
        beta += step
        if float(np.abs(step).max()) < 1e-13 * (1 + float(np.abs(beta).max())):
            return beta
    return beta


def _best_alpha(data: _Data, poisson: FloatArray) -> float:
    """Alpha at the highest profile likelihood; 0 where the likelihood falls from 0 on."""
    mu = data.means(poisson)
    if float(((data.y - mu) ** 2 - data.y).sum()) <= 0:
        return 0.0

    def slope(log_alpha: float) -> float:
        alpha = math.exp(log_alpha)
        return _alpha_score(data, data.means(_fit_beta(data, alpha)), alpha)

    low, high = math.log(SMALLEST_ALPHA), math.log(LARGEST_ALPHA)
    if slope(low) <= 0:
        return 0.0
    if slope(high) >= 0:
        raise InvalidSample("events", "nearly all fall on one person: no model of rates fits", code="one_person")
    return math.exp(float(optimize.brentq(slope, low, high, xtol=1e-13, rtol=1e-14)))


def _steps(y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """j = 0, 1, ..., and how many counts exceed j: sums over j < y of all rows are sums over these."""
    counts = np.bincount(y.astype(int))
    return np.arange(counts.size - 1.0), counts.sum() - np.cumsum(counts)[:-1].astype(float)


def _log_likelihood(data: _Data, mu: FloatArray, alpha: float) -> float:
    y = data.y
    if alpha == 0.0:
        return float((special.xlogy(y, mu) - mu - special.gammaln(y + 1)).sum())
    j, times = _steps(y)
    gammas = float((times * np.log1p(alpha * j)).sum())
    rest = special.xlogy(y, mu) - (y + 1 / alpha) * np.log1p(alpha * mu) - special.gammaln(y + 1)
    return gammas + float(rest.sum())


def _alpha_score(data: _Data, mu: FloatArray, alpha: float) -> float:
    j, times = _steps(data.y)
    x = alpha * mu
    return float((times * j / (1 + alpha * j)).sum() + (mu**2 * _h(x) - data.y * mu / (1 + x)).sum())


def _covariance(data: _Data, mu: FloatArray, alpha: float | None) -> FloatArray:
    """Of the coefficients: inverse information; for the negative binomial the observed one, alpha included."""
    if not alpha:
        inverse: FloatArray = linalg.inv((data.x * mu[:, None]).T @ data.x)
        return inverse
    y, x = data.y, alpha * mu
    terms = data.x.shape[1]
    information = np.empty((terms + 1, terms + 1))
    information[:terms, :terms] = (data.x * (mu * (1 + alpha * y) / (1 + x) ** 2)[:, None]).T @ data.x
    information[:terms, terms] = information[terms, :terms] = data.x.T @ ((y - mu) * mu / (1 + x) ** 2)
    j, times = _steps(y)
    curve = (mu**3 * _h_slope(x) + y * mu**2 / (1 + x) ** 2).sum()
    information[terms, terms] = float((times * (j / (1 + alpha * j)) ** 2).sum() - curve)
    covariance: FloatArray = linalg.inv(information)[:terms, :terms]
    return covariance


def _h(x: FloatArray) -> FloatArray:
    """(log(1 + x) - x / (1 + x)) / x^2, by its series near 0."""
    small = np.where(x < 1e-3, x, 0.0)
    series = 1 / 2 - 2 * small / 3 + 3 * small**2 / 4 - 4 * small**3 / 5 + 5 * small**4 / 6
    big = np.where(x < 1e-3, 1.0, x)
    return np.where(x < 1e-3, series, (np.log1p(big) - big / (1 + big)) / big**2)


def _h_slope(x: FloatArray) -> FloatArray:
    small = np.where(x < 1e-2, x, 0.0)
    series = -2 / 3 + 3 * small / 2 - 12 * small**2 / 5 + 10 * small**3 / 3 - 30 * small**4 / 7 + 21 * small**5 / 4
    big = np.where(x < 1e-2, 1.0, x)
    closed = ((big / (1 + big)) ** 2 - 2 * (np.log1p(big) - big / (1 + big))) / big**3
    return np.where(x < 1e-2, series, closed)


def _slope_t(x: FloatArray, y: FloatArray) -> float:
    """t of a regression through the origin."""
    slope = float(x @ y / (x @ x))
    rest = y - slope * x
    return slope / math.sqrt(float(rest @ rest) / (y.size - 1) / float(x @ x))


def _terms(
    names: list[str], beta: FloatArray, se: FloatArray, *, df: int, family: Family, confidence: float
) -> tuple[RateTerm, ...]:
    reference = stats.t(df) if family == "quasi_poisson" else stats.norm
    half = float(reference.isf((1 - confidence) / 2))
    return tuple(
        RateTerm(
            name,
            math.exp(b),
            math.exp(b - half * s),
            math.exp(b + half * s),
            s,
            b / s,
            2 * float(reference.sf(abs(b / s))),
        )
        for name, b, s in zip(names, beta.tolist(), se.tolist(), strict=True)
    )
