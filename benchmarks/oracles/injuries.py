"""Rates, their ratio, count models with exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.discrete.discrete_model import NegativeBinomial, Poisson
from statsmodels.stats import rates as theirs

from analysis.stats.counts import count_group, count_model, dispersion_test
from analysis.stats.rates import events, incidence, rate_ratio
from benchmarks.oracles.figure import exact, rows_as_printed
from tests.analysis.reference_data import INJURIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.stats.counts import CountGroup
    from analysis.stats.rates import RateMethod, RatioMethod
    from analysis.stats.samples import FloatArray
    from benchmarks.oracles.figure import Figure


# Ours, and what statsmodels calls it.
RATE_METHODS: dict[RateMethod, str] = {"exact": "exact-c", "score": "score"}
RATIO_METHODS: dict[RatioMethod, str] = {"wald": "wald-log", "score": "score"}


def figures() -> Iterator[Figure]:
    yield from _one_rate()
    yield from _ratios()
    yield from _models()


def _one_rate() -> Iterator[Figure]:
    for x, hours in ((0, 40.0), (1, 12.5), (24, 1200.0), (159, 1200.0)):
        for ours, method in RATE_METHODS.items():
            rate = incidence(events("a", x, hours), method=ours, per_h=1.0)
            low, high = theirs.confint_poisson(x, hours, method=method)
            call = f'statsmodels confint_poisson({x}, {hours:g}, "{method}")'
            if x:
                yield exact(f"rate low, {ours}, {x} in {hours:g} h", call, rate.ci_low, low)
            yield exact(f"rate high, {ours}, {x} in {hours:g} h", call, rate.ci_high, high)
    call = "R: poisson.test(137, 24.19893)"
    row = incidence(events("a", 137, 24.19893), per_h=1.0)
    printed = (
        ("rate", row.rate, "5.661407"),
        ("low", row.ci_low, "4.753125"),
        ("high", row.ci_high, "6.692709"),
    )
    yield from rows_as_printed("137 in 24.19893", call, *printed)


def _ratios() -> Iterator[Figure]:
    pairs = {"11 v 21": (11, 800.0, 21, 3011.0), "24 v 159": (24, 1200.0, 159, 1200.0), "3 v 1": (3, 90.0, 1, 200.0)}
    for name, (x, h1, y, h2) in pairs.items():
        first, second = events("first", x, h1), events("second", y, h2)
        for method, compare in RATIO_METHODS.items():
            ours = rate_ratio(first, second, method=method)
            for side, limit in (("low", ours.ci_low), ("high", ours.ci_high or 0)):
                # statsmodels' own interval is solved to about 1e-8; its test at our limit must give .05.
                call = f'statsmodels test_poisson_2indep("{compare}", value=limit)'
                p = theirs.test_poisson_2indep(x, h1, y, h2, method=compare, value=limit, compare="ratio").pvalue
                yield exact(f"rate ratio p at {side}, {method}, {name}", call, p, 0.05)
            p = theirs.test_poisson_2indep(x, h1, y, h2, method=compare, compare="ratio").pvalue
            yield exact(f"rate ratio p, {method}, {name}", f'statsmodels test_poisson_2indep("{compare}")', ours.p, p)
        ours, n, share = rate_ratio(first, second, method="exact"), x + y, h1 / (h1 + h2)
        limits = stats.binomtest(x, n).proportion_ci(method="exact")
        call = "scipy binomtest(x, n).proportion_ci('exact') as odds"
        yield exact(f"rate ratio low, exact, {name}", call, ours.ci_low, limits.low / (1 - limits.low) * h2 / h1)
        yield exact(
            f"rate ratio high, exact, {name}", call, ours.ci_high or 0, limits.high / (1 - limits.high) * h2 / h1
        )
        tails = (stats.binomtest(x, n, share, alternative=side).pvalue for side in ("less", "greater"))
        yield exact(
            f"rate ratio p, exact, {name}", "scipy binomtest: twice the smaller tail", ours.p, min(1, 2 * min(tails))
        )
        mid = rate_ratio(first, second, method="midp")
        at = mid.ci_low * h1 / h2
        tail = stats.binom.sf(x, n, at / (1 + at)) + stats.binom.pmf(x, n, at / (1 + at)) / 2
        yield exact(f"rate ratio low, mid-p, {name}", "scipy binom: mid-p tail .025 at the limit", tail, 0.025)
    rate = rate_ratio(events("a", 11, 800), events("b", 21, 3011), method="exact")
    call = "R: poisson.test(c(11, 6+8+7), c(800, 1083+1050+878))"
    shown = (
        ("ratio", rate.ratio, "1.971488"),
        ("low", rate.ci_low, "0.8584264"),
        ("high", rate.ci_high, "4.2772659"),
    )
    yield from rows_as_printed("rates of 11 v 21", call, *shown)


def _models() -> Iterator[Figure]:
    rng = np.random.default_rng(17)
    hours = rng.uniform(10, 60, 80)
    arm = np.repeat([0, 1], 40)
    spread = rng.gamma(1 / 0.6, 0.6, 80) * hours * np.where(arm == 1, 0.05, 0.1)
    data = {"overdispersed": (rng.poisson(spread), hours), "injuries": _injuries()}
    for name, (y, h) in data.items():
        where = np.repeat([0, 1], [y.size // 2, y.size - y.size // 2])
        x = sm.add_constant(where.astype(float))
        groups = [count_group(str(k), y[where == k], h[where == k]) for k in (0, 1)]
        yield from _poisson(name, groups, y, x, h)
        yield from _dispersion(name, groups, y, x, h)
    y, h = data["overdispersed"]
    x = sm.add_constant(arm.astype(float))
    groups = [count_group(str(k), y[arm == k], h[arm == k]) for k in (0, 1)]
    ours = count_model(groups, family="negative_binomial", per_h=1.0)
    start = NegativeBinomial(y, x, exposure=h).fit(method="bfgs", disp=False, maxiter=500)
    fit = NegativeBinomial(y, x, exposure=h).fit(start_params=start.params, method="newton", tol=1e-14, disp=False)
    call = "statsmodels NegativeBinomial(exposure=)"
    yield exact("negative binomial ratio", call, ours.ratios[0].ratio, np.exp(fit.params[1]))
    yield exact("negative binomial rate", call, ours.rate, np.exp(fit.params[0]))
    yield exact("negative binomial log SE", call, ours.ratios[0].log_se, fit.bse[1])
    yield exact("negative binomial alpha", call, ours.alpha or 0, fit.params[2])
    yield exact("negative binomial log likelihood", call, ours.log_likelihood or 0, fit.llf)
    yield exact("negative binomial AIC", call, ours.aic or 0, fit.aic)
    yield exact("negative binomial p", call, ours.ratios[0].p, fit.pvalues[1])


def _injuries() -> tuple[FloatArray, FloatArray]:
    y = np.array(INJURIES["control"] + INJURIES["experimental"])
    return y, np.full(y.size, 48.0)


def _poisson(name: str, groups: list[CountGroup], y: FloatArray, x: FloatArray, h: FloatArray) -> Iterator[Figure]:
    fit = sm.GLM(y, x, family=sm.families.Poisson(), exposure=h).fit(tol=1e-14)
    call = f"statsmodels GLM(Poisson, exposure=), {name}"
    ours = count_model(groups, family="poisson", per_h=1.0)
    (term,) = ours.ratios
    limits = np.exp(fit.conf_int())
    yield exact(f"Poisson ratio, {name}", call, term.ratio, np.exp(fit.params[1]))
    yield exact(f"Poisson log SE, {name}", call, term.log_se, fit.bse[1])
    yield exact(f"Poisson low, {name}", call, term.ci_low, limits[1][0])
    yield exact(f"Poisson rate, {name}", call, ours.rate, np.exp(fit.params[0]))
    yield exact(f"Poisson log likelihood, {name}", call, ours.log_likelihood or 0, fit.llf)
    yield exact(f"Poisson AIC, {name}", call, ours.aic or 0, fit.aic)
    yield exact(f"Pearson chi-squared, {name}", call, ours.pearson, fit.pearson_chi2)
    scaled = sm.GLM(y, x, family=sm.families.Poisson(), exposure=h).fit(tol=1e-14, scale="X2", use_t=True)
    (quasi,) = count_model(groups, family="quasi_poisson").ratios
    call = f'statsmodels GLM.fit(scale="X2", use_t=True), {name}'
    yield exact(f"quasi-Poisson log SE, {name}", call, quasi.log_se, scaled.bse[1])
    yield exact(f"quasi-Poisson p, {name}", call, quasi.p, scaled.pvalues[1])
    yield exact(f"quasi-Poisson high, {name}", call, quasi.ci_high, np.exp(scaled.conf_int())[1][1])


def _dispersion(name: str, groups: list[CountGroup], y: FloatArray, x: FloatArray, h: FloatArray) -> Iterator[Figure]:
    mu = Poisson(y, x, exposure=h).fit(disp=False, method="newton", tol=1e-14).predict()
    excess = ((y - mu) ** 2 - y) / mu
    ours = dispersion_test(groups)
    for what, t, regressor in (("linear", ours.t_linear, np.ones_like(mu)), ("quadratic", ours.t_quadratic, mu)):
        call = "statsmodels OLS of ((y - mu)^2 - y) / mu"
        yield exact(f"Cameron-Trivedi t, {what}, {name}", call, t, sm.OLS(excess, regressor).fit().tvalues[0])
    yield exact(
        f"Pearson p, {name}", "scipy chi2.sf", ours.p_pearson, stats.chi2.sf(((y - mu) ** 2 / mu).sum(), y.size - 2)
    )
