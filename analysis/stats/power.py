"""Before the data: power, sample size and the smallest effect that a study can see. Nothing here is for after the data.

t and F by their noncentral distributions, sections by the t test of cluster means, rates by Wald's test of the log.
Effects are of the population: d in standard deviations, Cohen's f = SD of the arms' means over the SD within.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy import optimize, stats

from analysis.stats.samples import InvalidSample

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 10_000_000
"""People in an arm: an effect that needs more is refused."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Randomised sections: `size` people each, `icc` between people of one, `cv` of the sections' sizes."""

    size: float
    icc: float
    cv: float = 0.0

    @property
    def design_effect(self) -> float:
        """1 + ((1 + cv^2) size - 1) icc: Eldridge, Ashby and Kerry (2006), Int. J. Epidemiology 35, 1292-1300."""
        return 1 + ((1 + self.cv**2) * self.size - 1) * self.icc


@dataclass(frozen=True, slots=True)
class SampleSize:
    """`exact` is the n at which the power is just reached, as a real number; `per_arm` the next whole number (of
    people in whole sections, if there are any); `enrolled` what to enrol so that as many stay after drop-out.
    """

    exact: float
    per_arm: int
    clusters_per_arm: int | None
    enrolled: int
    power: float


def power_t(d: float, n1: float, n2: float, *, alpha: float = 0.05) -> float:
    """Power of the two-sided t test of two arms, both tails counted."""
    _require(alpha)
    if not n1 + n2 > 2 or min(n1, n2) <= 0:
        raise InvalidSample("n", f"a t test needs more than 2 people, got {n1} and {n2}", code="too_few")
    return _two_sided(abs(d) / math.sqrt(1 / n1 + 1 / n2), n1 + n2 - 2, alpha)


def power_paired_t(d_z: float, n: float, *, alpha: float = 0.05) -> float:
    """Power of the two-sided paired t test; d_z is in standard deviations of the differences."""
    _require(alpha)
    if not n > 1:
        raise InvalidSample("n", f"a paired t test needs more than 1 pair, got {n}", code="too_few")
    return _two_sided(abs(d_z) * math.sqrt(n), n - 1, alpha)


def power_clusters(d: float, per_arm: float, clusters: Clusters, *, alpha: float = 0.05) -> float:
    """Power of the t test of cluster means with `per_arm` sections in each of two arms, 2 (per_arm - 1) df.

    Donner and Klar (2000), chapter 5. d is in standard deviations of people. Raises InvalidSample (`too_few`) below
    two sections.
    """
    _require(alpha)
    _require_clusters(clusters)
    if not per_arm > 1:
        raise InvalidSample("sections", f"an arm needs more than 1 section, got {per_arm}", code="too_few")
    se = math.sqrt(2 * clusters.design_effect / (per_arm * clusters.size))
    return _two_sided(abs(d) / se, 2 * (per_arm - 1), alpha)


def power_anova(f: float, k: int, per_arm: float, *, alpha: float = 0.05) -> float:
    """Power of one-way ANOVA of k arms of one size: noncentrality k n f^2. Cohen (1988), chapter 8."""
    _require(alpha)
    if k < 2 or not per_arm > 1:
        raise InvalidSample("n", f"ANOVA needs 2 arms of more than 1, got {k} of {per_arm}", code="too_few")
    df1, df2 = k - 1, k * (per_arm - 1)
    critical = float(stats.f.isf(alpha, df1, df2))
    lift = k * per_arm * f * f
    return float(stats.ncf.sf(critical, df1, df2, lift)) if lift > 0 else alpha


def power_rates(
    ratio: float, rate_per_h: float, hours: tuple[float, float], *, dispersion: float = 1.0, alpha: float = 0.05
) -> float:
    """Power of Wald's test of a rate ratio: `rate_per_h` in the second arm, `ratio` times it in the first.

    `dispersion` multiplies the Poisson variance. Zhu and Lakkis (2014), Stat. Med. 33, 376-387. Raises InvalidSample
    for rates, hours or a dispersion that are not positive.
    """
    _require(alpha)
    if not (min(ratio, rate_per_h, *hours, dispersion) > 0 and math.isfinite(ratio)):
        raise InvalidSample("rates", "ratio, rate, hours and dispersion must be above 0", code="not_a_number")
    first, second = ratio * rate_per_h * hours[0], rate_per_h * hours[1]
    lift = abs(math.log(ratio)) / math.sqrt(dispersion * (1 / first + 1 / second))
    z = float(stats.norm.isf(alpha / 2))
    return float(stats.norm.sf(z - lift) + stats.norm.cdf(-z - lift))


def detectable_d(n1: float, n2: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """The smallest d that two arms of this size see with this power. 25 and 25: .81 at 80 %."""
    return _effect(lambda d: power_t(d, n1, n2, alpha=alpha), power, alpha)


def detectable_d_clusters(per_arm: float, clusters: Clusters, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """The same for sections."""
    return _effect(lambda d: power_clusters(d, per_arm, clusters, alpha=alpha), power, alpha)


def detectable_f(k: int, per_arm: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """The smallest f of k arms."""
    return _effect(lambda f: power_anova(f, k, per_arm, alpha=alpha), power, alpha)


def detectable_ratio(
    rate_per_h: float, hours: tuple[float, float], *, dispersion: float = 1.0, power: float = 0.8, alpha: float = 0.05
) -> float:
    """The ratio below 1 nearest to it that is seen with this power."""

    def reached(drop: float) -> float:
        return power_rates(math.exp(-drop), rate_per_h, hours, dispersion=dispersion, alpha=alpha)

    # With ever fewer events in the first arm Wald's test loses power again: look no further than its best.
    best = float(optimize.minimize_scalar(lambda drop: -reached(drop), bounds=(0, 20), method="bounded").x)
    if reached(best) < power:
        reason = f"no ratio reaches {power:.0%} with so few events; log more hours"
        raise InvalidSample("rates", reason, code="not_reachable")
    return math.exp(-float(optimize.brentq(lambda drop: reached(drop) - power, 1e-12, best, xtol=1e-13)))


def n_t(
    d: float, *, power: float = 0.8, alpha: float = 0.05, clusters: Clusters | None = None, dropout: float = 0.0
) -> SampleSize:
    """People for each of two arms. With sections, whole sections, by the t test of their means."""
    if clusters is None:
        return _size(lambda n: power_t(d, n, n, alpha=alpha), power, alpha, dropout, least=1.5)
    return _size(
        lambda k: power_clusters(d, k, clusters, alpha=alpha), power, alpha, dropout, least=1.5, people=clusters.size
    )


def n_anova(f: float, k: int, *, power: float = 0.8, alpha: float = 0.05, dropout: float = 0.0) -> SampleSize:
    """People for each of k arms."""
    return _size(lambda n: power_anova(f, k, n, alpha=alpha), power, alpha, dropout, least=1.5)


def n_rates(
    ratio: float,
    rate_per_h: float,
    hours_each: float,
    *,
    dispersion: float = 1.0,
    power: float = 0.8,
    alpha: float = 0.05,
    dropout: float = 0.0,
) -> SampleSize:
    """People for each of two arms who train `hours_each`."""

    def reached(n: float) -> float:
        return power_rates(ratio, rate_per_h, (n * hours_each, n * hours_each), dispersion=dispersion, alpha=alpha)

    return _size(reached, power, alpha, dropout, least=1e-6)


def _two_sided(lift: float, df: float, alpha: float) -> float:
    critical = float(stats.t.isf(alpha / 2, df))
    if lift == 0.0:
        return alpha
    upper = float(stats.nct.sf(critical, df, lift))
    lower = float(stats.nct.cdf(-critical, df, lift))
    return min(1.0, upper + (0.0 if math.isnan(lower) else lower))


def _effect(reached: Callable[[float], float], power: float, alpha: float) -> float:
    _require_power(power, alpha)
    high = 1.0
    while reached(high) < power:
        high *= 2
        if high > 1e6:
            raise InvalidSample("n", "no effect reaches this power with so few", code="not_reachable")
    return float(optimize.brentq(lambda effect: reached(effect) - power, 0.0, high, xtol=1e-12, rtol=1e-13))


def _size(
    reached: Callable[[float], float],
    power: float,
    alpha: float,
    dropout: float,
    *,
    least: float,
    people: float | None = None,
) -> SampleSize:
    """Smallest number of people, or of sections of `people` each, that reaches the power."""
    _require_power(power, alpha)
    if not 0.0 <= dropout < 1.0:
        raise InvalidSample("drop-out", f"a share from 0 to below 1, got {dropout}", code="not_a_number")
    high = 4.0
    while reached(high) < power:
        high *= 2
        if high > MOST:
            raise InvalidSample(
                "effect", "it is too small for any class to see; plan a larger one", code="not_reachable"
            )
    exact = least
    if reached(least) < power:
        exact = float(optimize.brentq(lambda n: reached(n) - power, least, high, xtol=1e-10))
    whole = max(2, math.ceil(exact - 1e-9))
    per_arm = math.ceil(whole * people - 1e-9) if people else whole
    return SampleSize(
        exact=exact,
        per_arm=per_arm,
        clusters_per_arm=whole if people else None,
        enrolled=math.ceil(per_arm / (1 - dropout) - 1e-9),
        power=reached(whole),
    )


def _require(alpha: float) -> None:
    if not 0.0 < alpha < 1.0:
        raise InvalidSample("alpha", f"a level lies between 0 and 1, got {alpha}", code="not_a_number")


def _require_power(power: float, alpha: float) -> None:
    _require(alpha)
    if not alpha < power < 1.0:
        raise InvalidSample("power", f"a power lies between alpha and 1, got {power}", code="not_a_number")


def _require_clusters(clusters: Clusters) -> None:
    if not (clusters.size >= 1 and 0.0 <= clusters.icc <= 1.0 and clusters.cv >= 0.0):
        raise InvalidSample("sections", "size from 1, ICC from 0 to 1, cv from 0", code="not_a_number")
