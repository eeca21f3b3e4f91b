"""Events over hours: incidence, the ratio of two rates, burden. For few events, down to none.

Counts are taken as Poisson: one person's events don't bring on more. Where people differ, `counts` has the models.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import optimize, special, stats

from analysis.stats.samples import InvalidSample, require_confidence

if TYPE_CHECKING:
    from collections.abc import Sequence

RateMethod = Literal["exact", "score"]
RatioMethod = Literal["wald", "score", "exact", "midp"]
PER_H = 1000.0
FEWEST_PEOPLE = 3
DRAWS, SEED = 2000, 20240901


@dataclass(frozen=True, slots=True)
class Events:
    """How often something happened to a group in how many hours. Make one with `events`."""

    name: str
    count: int
    exposure_h: float


@dataclass(frozen=True, slots=True)
class Rate:
    """Events per `per_h` hours. With no event the rate is 0, its lower limit 0, and its upper limit finite."""

    name: str
    count: int
    exposure_h: float
    per_h: float
    rate: float
    ci_low: float
    ci_high: float
    method: RateMethod
    confidence: float


@dataclass(frozen=True, slots=True)
class RateRatio:
    """The first group's rate over the second's. `ratio` and `ci_high` are None when the second had no event: the data
    set no upper limit. `p` is two-sided, of a ratio of 1.
    """

    first: Events
    second: Events
    ratio: float | None
    ci_low: float
    ci_high: float | None
    p: float
    method: RatioMethod
    confidence: float


@dataclass(frozen=True, slots=True)
class Burden:
    """Days lost per `per_h` hours; the interval is a percentile bootstrap over people, None with fewer than three."""

    name: str
    days: float
    exposure_h: float
    per_h: float
    burden: float
    ci_low: float | None
    ci_high: float | None
    people: int
    draws: int
    confidence: float


def events(name: str, count: float, exposure_h: float) -> Events:
    """Check and freeze a count with its exposure.

    Raises InvalidSample: `not_a_count` (negative or no whole number), `not_a_number` (exposure missing, infinite or
    negative), `no_exposure` (no hours, so that there is no rate).
    """
    if not (math.isfinite(count) and count >= 0 and float(count).is_integer()):
        raise InvalidSample(name, f"{count} is no number of events; give a whole number from 0", code="not_a_count")
    if not (math.isfinite(exposure_h) and exposure_h >= 0):
        raise InvalidSample(name, f"{exposure_h} hours of exposure can't be", code="not_a_number")
    if exposure_h == 0:
        raise InvalidSample(name, "no hours of exposure are logged, so there is no rate; log them", code="no_exposure")
    return Events(name, int(count), float(exposure_h))


def incidence(of: Events, *, method: RateMethod = "exact", per_h: float = PER_H, confidence: float = 0.95) -> Rate:
    """Rate with its interval: "exact" is Garwood (1936), Biometrika 28, 437-442; "score" is Rao's."""
    require_confidence(confidence)
    tail, x = (1 - confidence) / 2, of.count
    if method == "exact":
        low = float(stats.chi2.ppf(tail, 2 * x)) / 2 if x else 0.0
        high = float(stats.chi2.isf(tail, 2 * (x + 1))) / 2
    else:
        z = float(stats.norm.isf(tail))
        half = z * math.sqrt(x + z * z / 4)
        low, high = max(0.0, x + z * z / 2 - half) if x else 0.0, x + z * z / 2 + half
    scale = per_h / of.exposure_h
    return Rate(of.name, x, of.exposure_h, per_h, x * scale, low * scale, high * scale, method, confidence)


def rate_ratio(
    first: Events,
    second: Events,
    *,
    method: RatioMethod = "score",
    confidence: float = 0.95,
) -> RateRatio:
    """Ratio of two Poisson rates, by the distribution of the first count given the sum: binomial.

    "wald": normal on the log ratio, needs events on both sides. "score": inverts the score test, Wilson's interval of
    the binomial share (Graham, Mengersen and Morton 2003, Stat. Med. 22, 2071-2083). "exact": Clopper-Pearson, p twice
    the smaller tail (Przyborowski and Wilenski 1940). "midp": the same with half the weight of what was observed.
    Raises InvalidSample (`zero_events`) with no event at all, or for "wald" with none on one side.
    """
    require_confidence(confidence)
    x, y = first.count, second.count
    if x + y == 0:
        reason = "neither had an event, so their rates can't be compared; read each one's upper limit"
        raise InvalidSample(f"{first.name}, {second.name}", reason, code="zero_events")
    odds = first.exposure_h / second.exposure_h
    share = odds / (1 + odds)
    tail = (1 - confidence) / 2
    if method == "wald":
        low, high, p = _wald(first, second, odds, tail)
    else:
        limits = {"score": _wilson, "exact": _clopper_pearson, "midp": _mid_limits}[method](x, x + y, tail)
        low = limits[0] / (1 - limits[0]) / odds
        high = limits[1] / (1 - limits[1]) / odds if limits[1] < 1 else math.inf
        p = {"score": _score_p, "exact": _exact_p, "midp": _mid_p}[method](x, x + y, share)
    return RateRatio(
        first=first,
        second=second,
        ratio=x / y / odds if y else None,
        ci_low=low,
        ci_high=high if math.isfinite(high) else None,
        p=p,
        method=method,
        confidence=confidence,
    )


def burden(
    name: str,
    days: Sequence[float],
    exposure_h: Sequence[float],
    *,
    per_h: float = PER_H,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Burden:
    """Days lost over hours, one pair a person: Bahr, Clarsen and Ekstrand (2018), Br. J. Sports Med. 52, 1018-1021.

    Whole people are drawn with replacement. Raises InvalidSample: `unpaired`, `not_a_number` (negative, missing or
    infinite), `no_exposure`.
    """
    require_confidence(confidence)
    lost, hours = np.asarray(days, float), np.asarray(exposure_h, float)
    if lost.shape != hours.shape or lost.ndim != 1:
        raise InvalidSample(name, "give each person's days and hours", code="unpaired")
    if not (np.isfinite(lost).all() and np.isfinite(hours).all() and (lost >= 0).all() and (hours >= 0).all()):
        raise InvalidSample(name, "days and hours are finite numbers from 0", code="not_a_number")
    if not hours.sum():
        raise InvalidSample(name, "no hours of exposure are logged, so there is no burden", code="no_exposure")
    low = high = None
    if lost.size >= FEWEST_PEOPLE:
        chosen = np.random.default_rng(seed).integers(0, lost.size, (draws, lost.size))
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = lost[chosen].sum(axis=1) / hours[chosen].sum(axis=1)
        tail = (1 - confidence) / 2
        low, high = (per_h * float(q) for q in np.quantile(drawn[np.isfinite(drawn)], [tail, 1 - tail]))
    total = float(hours.sum())
    return Burden(
        name=name,
        days=float(lost.sum()),
        exposure_h=total,
        per_h=per_h,
        burden=per_h * float(lost.sum()) / total,
        ci_low=low,
        ci_high=high,
        people=lost.size,
        draws=0 if low is None else draws,
        confidence=confidence,
    )


def _wald(first: Events, second: Events, odds: float, tail: float) -> tuple[float, float, float]:
    for group in (first, second):
        if group.count == 0:
            reason = "had no event, so the log of its rate does not exist; ask for the score or the exact interval"
            raise InvalidSample(group.name, reason, code="zero_events")
    log, se = math.log(first.count / second.count / odds), math.sqrt(1 / first.count + 1 / second.count)
    half = float(stats.norm.isf(tail)) * se
    return math.exp(log - half), math.exp(log + half), 2 * float(stats.norm.sf(abs(log) / se))


def _wilson(x: int, n: int, tail: float) -> tuple[float, float]:
    z2 = float(stats.norm.isf(tail)) ** 2
    half = math.sqrt(z2) * math.sqrt(x * (n - x) / n + z2 / 4)
    low = (x + z2 / 2 - half) / (n + z2) if x else 0.0
    high = (x + z2 / 2 + half) / (n + z2) if x < n else 1.0
    return low, high


def _score_p(x: int, n: int, share: float) -> float:
    return 2 * float(stats.norm.sf(abs(x - n * share) / math.sqrt(n * share * (1 - share))))


def _clopper_pearson(x: int, n: int, tail: float) -> tuple[float, float]:
    low = float(stats.beta.ppf(tail, x, n - x + 1)) if x else 0.0
    high = float(stats.beta.isf(tail, x + 1, n - x)) if x < n else 1.0
    return low, high


def _exact_p(x: int, n: int, share: float) -> float:
    return min(1.0, 2 * min(float(stats.binom.cdf(x, n, share)), float(stats.binom.sf(x - 1, n, share))))


def _mid_p(x: int, n: int, share: float) -> float:
    return min(1.0, 2 * min(_mid_below(x, n, share), _mid_below(n - x, n, 1 - share)))


def _mid_below(x: int, n: int, share: float) -> float:
    """P(X < x) + P(X = x) / 2."""
    return (float(special.bdtr(x, n, share)) + (float(special.bdtr(x - 1, n, share)) if x else 0.0)) / 2


def _mid_limits(x: int, n: int, tail: float) -> tuple[float, float]:
    def above(share: float) -> float:
        return _mid_below(n - x, n, 1 - share) - tail

    def below(share: float) -> float:
        return _mid_below(x, n, share) - tail

    low = float(optimize.brentq(above, 0.0, 1.0, xtol=1e-15)) if x else 0.0
    high = float(optimize.brentq(below, 0.0, 1.0, xtol=1e-15)) if x < n else 1.0
    return low, high
