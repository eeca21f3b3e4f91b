"""Power and sample size, equivalence, Bayes factors."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import integrate, stats
from statsmodels.stats.power import FTestAnovaPower, TTestIndPower, TTestPower
from statsmodels.stats.weightstats import ttost_ind

from analysis.stats.bayes import MEDIUM, ULTRAWIDE, WIDE, bayes_paired, bayes_t, jzs
from analysis.stats.equivalence import equivalence, power_equivalence
from analysis.stats.power import (
    Clusters,
    detectable_d,
    n_anova,
    n_t,
    power_anova,
    power_clusters,
    power_paired_t,
    power_rates,
    power_t,
)
from benchmarks.oracles.figure import as_printed, exact
from tests.analysis.reference_data import ACCURACY, SLEEP, TEETH, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.stats.ttest import Variant
    from benchmarks.oracles.figure import Figure


# Ours, and what statsmodels calls it.
USEVAR: dict[Variant, str] = {"student": "pooled", "welch": "unequal"}


def figures() -> Iterator[Figure]:
    yield from _power()
    yield from _equivalence()
    yield from _bayes()


def _power() -> Iterator[Figure]:
    two, call = TTestIndPower(), "statsmodels TTestIndPower"
    for d, n1, n2 in ((0.5, 25, 25), (0.81, 25, 25), (0.3, 40, 80), (1.2, 6, 9)):
        theirs = two.power(d, n1, 0.05, ratio=n2 / n1)
        yield exact(f"power of t, d {d}, {n1} + {n2}", f"{call}.power", power_t(d, n1, n2), theirs)
    theirs = two.solve_power(nobs1=25, alpha=0.05, power=0.8)
    yield exact("smallest d of 25 + 25", f"{call}.solve_power", detectable_d(25, 25), theirs)
    for d in (0.3, 0.5, 0.8):
        theirs = two.solve_power(effect_size=d, alpha=0.05, power=0.9)
        yield exact(f"n for d {d} at 90 %", f"{call}.solve_power", n_t(d, power=0.9).exact, theirs)
    theirs = TTestPower().power(0.5, 20, 0.05)
    yield exact("power of paired t, d_z .5, 20", "statsmodels TTestPower.power", power_paired_t(0.5, 20), theirs)
    for f, k, n in ((0.25, 3, 20), (0.4, 4, 12), (0.1, 2, 100)):
        theirs = FTestAnovaPower().power(f, n * k, 0.05, k_groups=k)
        call = "statsmodels FTestAnovaPower.power"
        yield exact(f"power of ANOVA, f {f}, {k} x {n}", call, power_anova(f, k, n), theirs)
        total = FTestAnovaPower().solve_power(f, None, 0.05, 0.8, k_groups=k)
        call = "statsmodels FTestAnovaPower.power at our n = .8"
        at = FTestAnovaPower().power(f, k * n_anova(f, k).exact, 0.05, k_groups=k)
        if total:
            yield exact(f"n of ANOVA, f {f}, {k} arms", call, at, 0.8)
    call = "R: power.anova.test(groups = 4, n = 5, between.var = 1, within.var = 3)"
    yield as_printed("power of ANOVA, variances 1 and 3", call, power_anova(0.5, 4, 5), "0.3535594")
    clusters = Clusters(25, 0.05)
    d = 0.5 / math.sqrt(clusters.design_effect / 25)
    theirs = two.power(d, 6, 0.05)
    call = "statsmodels TTestIndPower on cluster means"
    yield exact("power of 6 + 6 sections of 25", call, power_clusters(0.5, 6, clusters), theirs)
    log_se = math.sqrt(1 / 20 + 1 / 40)
    z = stats.norm.isf(0.025)
    theirs = stats.norm.sf(z - math.log(2) / log_se) + stats.norm.cdf(-z - math.log(2) / log_se)
    yield exact("power of 20 against 40 events", "scipy norm", power_rates(0.5, 0.04, (1000, 1000)), theirs)


def _equivalence() -> Iterator[Figure]:
    for name, data, low, high in (("sleep", SLEEP, -4.0, 1.0), ("teeth", TEETH, -2.0, 9.0)):
        a, b = samples(data)
        for variant, use in USEVAR.items():
            ours = equivalence(a, b, low=low, high=high, variant=variant)
            p, first, second = ttost_ind(a.values, b.values, low, high, usevar=use)
            call = f'statsmodels ttost_ind({name}, {low:g}, {high:g}, usevar="{use}")'
            yield exact(f"equivalence p, {variant}, {name}", call, ours.p, p)
            yield exact(f"equivalence t low, {variant}, {name}", call, ours.t_low or 0, first[0])
            yield exact(f"equivalence p low, {variant}, {name}", call, ours.p_low or 0, first[1])
            yield exact(f"equivalence p high, {variant}, {name}", call, ours.p_high or 0, second[1])
    df, se = 48, math.sqrt(2 / 25)
    critical = stats.t.isf(0.05, df)

    def inside(s: float) -> float:
        density = stats.chi.pdf(s * math.sqrt(df), df) * math.sqrt(df)
        width = stats.norm.cdf((0.8 - 0.1) / se - critical * s) - stats.norm.cdf((-0.8 - 0.1) / se + critical * s)
        return float(density * max(width, 0.0))

    theirs = integrate.quad(inside, 0, 0.8 / (critical * se), epsabs=1e-13, epsrel=1e-12, limit=400)[0]
    power = power_equivalence(25, 25, sd=1.0, low=-0.8, high=0.8, difference=0.1)
    yield exact("power of equivalence, 25 + 25", "scipy quad over chi", power, theirs)


def _bayes() -> Iterator[Figure]:
    call = "R: BayesFactor::ttestBF(sleep)"
    yield as_printed("BF10, sleep paired", call, bayes_paired(*samples(SLEEP)).bf10, "17.25888")
    yield as_printed("BF10, sleep", call, bayes_t(*samples(SLEEP)).bf10, "1.265925")
    yield as_printed(
        "BF10 / 10^6, accuracy", "pingouin bayesfactor_ttest (spec)", bayes_t(*samples(ACCURACY)).bf10 / 1e6, "3.177"
    )
    for t, n, df in ((0.3, 12.5, 48.0), (2.1, 12.5, 48.0), (7.303069657875, 12.5, 48.0), (-4.0621, 10.0, 9.0)):
        for scale in (MEDIUM, WIDE, ULTRAWIDE):
            ours = jzs(t, n, df, scale=scale).bf10
            theirs = _by_effect(t, n, df, scale)
            yield exact(f"BF10, t {t:g}, r {scale:.3f}", "scipy quad: nct.pdf x cauchy / t.pdf", ours, theirs)


def _by_effect(t: float, n: float, df: float, scale: float) -> float:
    """The same factor integrated over the effect, not over its variance."""

    def density(delta: float) -> float:
        return float(stats.nct.pdf(t, df, delta * math.sqrt(n)) * stats.cauchy.pdf(delta, scale=scale))

    centre = t / math.sqrt(n)
    edges = [centre - 5, centre - 1, centre, centre + 1, centre + 5]
    parts = [integrate.quad(density, a, b, epsabs=0, epsrel=1e-12, limit=400)[0] for a, b in pairwise(edges)]
    return float(np.sum(parts)) / float(stats.t.pdf(t, df))
