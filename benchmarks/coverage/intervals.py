"""Intervals: 95 % ones unless the name says otherwise, 25 people an arm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from analysis.stats import cohen_d, omega_squared, one_way, sample, welch
from analysis.stats.clusters import cluster_icc
from analysis.stats.effects import glass_delta
from analysis.stats.ranks import brunner_munzel, mann_whitney
from analysis.stats.raters import bland_altman, icc
from analysis.stats.rates import events, incidence, rate_ratio
from benchmarks.coverage.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from analysis.stats.agreement import Figure
    from analysis.stats.effects import Effect
    from analysis.stats.raters import Form
    from analysis.stats.rates import RateMethod, RatioMethod
    from benchmarks.coverage.trial import Kind

    Rng = np.random.Generator

N = 25
HOURS = 48.0 * N
RATIO_INTERVALS: dict[RatioMethod, Kind] = {
    "wald": "approximate",
    "score": "approximate",
    "midp": "approximate",
    "exact": "at_least",
}


def trials() -> Iterator[Trial]:
    for d in (0.0, 0.5, 2.066):
        yield Trial(f"d, true {d:g}", 0.95, "exact", _d(d))
    for omega, k in ((0.1, 2), (0.3, 3), (0.526, 2)):
        yield Trial(f"omega squared, true {omega:g}, {k} arms", 0.95, "exact", _omega(omega, k, 0.95))
    yield Trial("omega squared 90 %, true .3, 3 arms", 0.90, "exact", _omega(0.3, 3, 0.90))
    yield Trial("omega squared, true 0", 0.95, "at_least", _omega(0.0, 2, 0.95))
    yield Trial("Welch's difference, SDs 1 and 3", 0.95, "exact", _welch)
    yield Trial("Glass delta, true .5, equal SDs", 0.95, "exact", _glass(1.0))
    yield Trial("Glass delta, true .5, SDs 2 and 1", 0.95, "approximate", _glass(2.0))
    for rates in ((0.020, 0.020), (0.010, 0.040), (0.003, 0.006)):
        for method, kind in RATIO_INTERVALS.items():
            expected = f"{rates[0] * HOURS:g} and {rates[1] * HOURS:g} expected"
            yield Trial(f"rate ratio, {method}, {expected}", 0.95, kind, _ratio(rates, method))
    yield Trial("incidence, exact, 3.6 expected", 0.95, "at_least", _incidence("exact"))
    yield Trial("incidence, score, 3.6 expected", 0.95, "approximate", _incidence("score"))
    yield Trial("rank-biserial (Newcombe), shift .8", 0.95, "approximate", _biserial)
    yield Trial("superiority (Brunner-Munzel), shift .8", 0.95, "approximate", _superiority)
    yield Trial("ICC(2,1), true .6, 3 raters", 0.95, "approximate", _icc("agreement"))
    yield Trial("ICC(3,1), true .67, 3 raters", 0.95, "exact", _icc("consistency"))
    yield Trial("cluster ICC, true .2, 8 sections of 6", 0.95, "exact", _cluster_icc)
    yield Trial("upper limit of agreement", 0.95, "exact", _limit)


def _covers(effect: Effect, truth: float) -> bool:
    return effect.ci_low <= truth <= effect.ci_high


def _d(d: float) -> Callable[[Rng], bool]:
    return lambda rng: _covers(cohen_d(sample("a", rng.normal(d, 1, N)), sample("b", rng.normal(0, 1, N))), d)


def _omega(omega: float, k: int, confidence: float) -> Callable[[Rng], bool]:
    """Means whose variance over that of the values is omega: f^2 = omega / (1 - omega)."""
    means = np.linspace(-1, 1, k)
    means *= math.sqrt(omega / (1 - omega)) / means.std()

    def run(rng: Rng) -> bool:
        table = one_way([sample(str(i), rng.normal(mean, 1, N)) for i, mean in enumerate(means)])
        return _covers(omega_squared(table, confidence=confidence), omega)

    return run


def _welch(rng: Rng) -> bool:
    found = welch(sample("a", rng.normal(1, 1, N)), sample("b", rng.normal(0, 3, N)))
    return found.ci_low <= 1.0 <= found.ci_high


def _glass(sd: float) -> Callable[[Rng], bool]:
    return lambda rng: _covers(glass_delta(sample("a", rng.normal(0.5, sd, N)), sample("c", rng.normal(0, 1, N))), 0.5)


def _ratio(rates: tuple[float, float], method: RatioMethod) -> Callable[[Rng], bool]:
    """Where a method has no interval for what was observed, it does not cover."""
    known: dict[tuple[int, int], bool] = {}
    truth = rates[0] / rates[1]

    def covers(x: int, y: int) -> bool:
        if x + y == 0 or (method == "wald" and min(x, y) == 0):
            return False
        found = rate_ratio(events("a", x, HOURS), events("b", y, HOURS), method=method)
        return found.ci_low <= truth and (found.ci_high is None or truth <= found.ci_high)

    def run(rng: Rng) -> bool:
        x, y = (int(rng.poisson(rate * HOURS)) for rate in rates)
        if (x, y) not in known:
            known[x, y] = covers(x, y)
        return known[x, y]

    return run


def _incidence(method: RateMethod) -> Callable[[Rng], bool]:
    def run(rng: Rng) -> bool:
        found = incidence(events("a", int(rng.poisson(3.6)), HOURS), method=method)
        return found.ci_low <= 3.0 <= found.ci_high

    return run


def _biserial(rng: Rng) -> bool:
    """P(X > Y) for a shift of .8 of two normals: Phi(.8 / sqrt 2), so 2 Phi - 1 = .4284."""
    found = mann_whitney(sample("a", rng.normal(0.8, 1, N)), sample("b", rng.normal(0, 1, N)), method="normal")
    return _covers(found.rank_biserial, math.erf(0.4))


def _superiority(rng: Rng) -> bool:
    found = brunner_munzel(sample("a", rng.normal(0, 1, N)), sample("b", rng.normal(0.8, 1, N)))
    return _covers(found.superiority, (1 + math.erf(0.4)) / 2)


def _icc(form: Form) -> Callable[[Rng], bool]:
    """Cases 3, raters .5, rest 1.5 of variance: agreement 3 / 5, consistency 3 / 4.5."""
    truth = 3 / 5 if form == "agreement" else 3 / 4.5

    def run(rng: Rng) -> bool:
        table = rng.normal(0, math.sqrt(3), (N, 1)) + rng.normal(0, math.sqrt(0.5), (1, 3))
        table = table + rng.normal(0, math.sqrt(1.5), (N, 3))
        found = icc([sample(str(j), table[:, j]) for j in range(3)], form=form)
        return _holds(found.figure, truth)

    return run


def _cluster_icc(rng: Rng) -> bool:
    table = rng.normal(0, math.sqrt(0.2), (8, 1)) + rng.normal(0, math.sqrt(0.8), (8, 6))
    found = cluster_icc([sample(str(i), row) for i, row in enumerate(table)])
    return found.ci_low <= 0.2 <= found.ci_high


def _limit(rng: Rng) -> bool:
    return _holds(bland_altman(sample("a", rng.normal(size=N)), sample("b", np.zeros(N))).high, 1.959964)


def _holds(figure: Figure, truth: float) -> bool:
    return figure.ci_low is not None and figure.ci_high is not None and figure.ci_low <= truth <= figure.ci_high
