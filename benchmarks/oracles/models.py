"""Repeated measures, ANCOVA, clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.anova import AnovaRM

from analysis.stats import sample
from analysis.stats.ancova import Arm, ancova
from analysis.stats.clusters import cluster_icc, random_intercept
from analysis.stats.linear import least_squares
from analysis.stats.paired import paired_t, repeated_measures
from benchmarks.oracles.figure import as_printed, exact
from tests.analysis.reference_data import NORRIS, SLEEP, TEETH, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.stats.samples import FloatArray
    from benchmarks.oracles.figure import Figure


def figures() -> Iterator[Figure]:
    yield from _paired()
    yield from _repeated()
    yield from _regression()
    yield from _ancova()
    yield from _clusters()


def _paired() -> Iterator[Figure]:
    a, b = samples(SLEEP)
    ours, theirs = paired_t(a, b), stats.ttest_rel(a.values, b.values)
    limits = theirs.confidence_interval()
    for what, x, oracle in (
        ("t", ours.t, theirs.statistic),
        ("p", ours.p, theirs.pvalue),
        ("low", ours.ci_low, limits.low),
        ("high", ours.ci_high, limits.high),
    ):
        yield exact(f"paired {what}, sleep", "scipy.stats.ttest_rel(sleep)", x, oracle)
    call = "R: t.test(extra ~ group, sleep, paired = TRUE)"
    row = (ours.t, ours.p, ours.ci_low, ours.ci_high)
    for what, x, text in zip(
        ("t", "p", "low", "high"), row, ("-4.0621", "0.002833", "-2.4598858", "-0.7001142"), strict=True
    ):
        yield as_printed(f"paired {what}, sleep", call, x, text)
    root = np.sqrt(ours.n)
    call = "scipy nct.cdf(t, df, high) = .025"
    yield exact("d_z high, sleep", call, stats.nct.cdf(ours.t, ours.df, ours.d_z.ci_high * root), 0.025)


def _repeated() -> Iterator[Figure]:
    import pandas as pd

    rng = np.random.default_rng(11)
    for n, k in ((12, 3), (25, 4), (40, 6)):
        y = rng.normal(size=(n, k)) * (1 + np.arange(k) / 3) + rng.normal(size=(n, 1)) + 0.3 * np.arange(k)
        ours = repeated_measures([sample(str(j), y[:, j]) for j in range(k)])
        rows = pd.DataFrame({"y": y.ravel(), "who": np.repeat(np.arange(n), k), "when": np.tile(np.arange(k), n)})
        theirs = AnovaRM(rows, "y", "who", within=["when"]).fit().anova_table.iloc[0]
        name = f"{n} people x {k}"
        yield exact(f"repeated measures F, {name}", "statsmodels AnovaRM", ours.f, theirs["F Value"])
        yield exact(f"repeated measures p, {name}", "statsmodels AnovaRM", ours.p, theirs["Pr > F"])
        cov = np.cov(y, rowvar=False)
        rows_mean, mean = cov.mean(axis=0), cov.mean()
        box = (k * (np.trace(cov) / k - mean)) ** 2 / (
            (k - 1) * ((cov**2).sum() - 2 * k * (rows_mean**2).sum() + k * k * mean**2)
        )
        yield exact(f"Greenhouse-Geisser epsilon, {name}", "Box (1954), from the covariances", ours.epsilon_gg, box)
        huynh = min(1.0, (n * (k - 1) * box - 2) / ((k - 1) * (n - 1 - (k - 1) * box)))
        yield exact(f"Huynh-Feldt epsilon, {name}", "Huynh and Feldt (1976)", ours.epsilon_hf, huynh)
        eigen = np.sort(np.linalg.eigvalsh((np.eye(k) - 1 / k) @ cov @ (np.eye(k) - 1 / k)))[1:]
        yield exact(f"Mauchly W, {name}", "numpy eigvalsh", ours.mauchly_w or 0, eigen.prod() / eigen.mean() ** (k - 1))


def _regression() -> Iterator[Figure]:
    y, x = (np.array(column) for column in zip(*NORRIS, strict=True))
    fit = least_squares(y, [("B0", np.ones(x.size)), ("B1", x)])
    certified = {
        "B0": (-0.262323073774029, 0.232818234301152),
        "B1": (1.00211681802045, 0.429796848199937e-03),
    }
    for name, (estimate, se) in certified.items():
        found = fit.coefficient(name)
        yield exact(f"least squares {name}, Norris", "NIST StRD certified", found.estimate, estimate)
        yield exact(f"least squares SE {name}, Norris", "NIST StRD certified", found.se, se)
    yield exact("residual SD, Norris", "NIST StRD certified", (fit.rss / fit.df) ** 0.5, 0.884796396144373)


def _ancova() -> Iterator[Figure]:
    rng = np.random.default_rng(3)
    arms: list[Arm] = []
    pre: list[FloatArray] = []
    post: list[FloatArray] = []
    which: list[FloatArray] = []
    for k, n in enumerate((12, 15, 9)):
        before = rng.normal(50, 10, n)
        after = 0.8 * before + 4 * k + rng.normal(0, 5, n)
        arms.append(Arm(sample(f"pre {k}", before), sample(f"arm {k}", after)))
        pre, post, which = [*pre, before], [*post, after], [*which, np.full(n, k)]
    x, y, g = np.concatenate(pre), np.concatenate(post), np.concatenate(which)
    design = np.column_stack([np.ones(y.size), x, g == 1, g == 2]).astype(float)
    ours, theirs = ancova(arms), sm.OLS(y, design).fit()
    limits = theirs.conf_int()
    yield exact("ANCOVA slope", "statsmodels OLS", ours.slope.estimate, theirs.params[1])
    yield exact("ANCOVA slope SE", "statsmodels OLS", ours.slope.se, theirs.bse[1])
    for at, contrast in enumerate(ours.contrasts, start=2):
        yield exact(f"ANCOVA {contrast.name}", "statsmodels OLS", contrast.estimate, theirs.params[at])
        yield exact(f"ANCOVA {contrast.name} SE", "statsmodels OLS", contrast.se, theirs.bse[at])
        yield exact(f"ANCOVA {contrast.name} p", "statsmodels OLS", contrast.p, theirs.pvalues[at])
        yield exact(f"ANCOVA {contrast.name} low", "statsmodels OLS", contrast.ci_low, limits[at][0])
    joint = theirs.f_test(np.eye(4)[2:])
    yield exact("ANCOVA F of arms", "statsmodels OLS.f_test", ours.arm.f, float(joint.fvalue))
    yield exact("ANCOVA p of arms", "statsmodels OLS.f_test", ours.arm.p, float(joint.pvalue))
    for k, mean in enumerate(ours.adjusted_means):
        at = theirs.get_prediction(np.array([[1.0, x.mean(), k == 1, k == 2]], float))
        yield exact(f"ANCOVA adjusted mean {k}", "statsmodels get_prediction", mean.estimate, at.predicted_mean[0])
        yield exact(f"ANCOVA adjusted mean {k} high", "statsmodels get_prediction", mean.ci_high, at.conf_int()[0][1])
    wide = np.column_stack([design, design[:, 1] * design[:, 2], design[:, 1] * design[:, 3]])
    slopes = sm.OLS(y, wide).fit().compare_f_test(theirs)
    if ours.slopes:
        yield exact("ANCOVA F of slopes", "statsmodels compare_f_test", ours.slopes.f, slopes[0])
        yield exact("ANCOVA p of slopes", "statsmodels compare_f_test", ours.slopes.p, slopes[1])


def _clusters() -> Iterator[Figure]:
    rng = np.random.default_rng(7)
    sizes = [3, 4, 5, 6, 4, 4, 5, 7]
    g = np.repeat(np.arange(8), sizes)
    y = 100 + rng.normal(size=g.size) + rng.normal(size=8)[g]
    arm = (g % 2).astype(float)
    clusters = [sample(str(i), y[g == i]) for i in range(8)]
    ours = random_intercept(clusters, {"arm": [arm[g == i] for i in range(8)]})
    x = sm.add_constant(arm)
    v = ours.var_within * np.eye(g.size) + ours.var_between * (g[:, None] == g[None, :])
    gls = sm.GLS(y, x, sigma=v).fit()
    scale = np.sqrt(gls.scale)
    for at, coefficient in enumerate(ours.coefficients):
        call = "statsmodels GLS(sigma=V)"
        yield exact(f"random intercept {coefficient.name}", call, coefficient.estimate, gls.params[at])
        yield exact(f"random intercept {coefficient.name} SE", call, coefficient.se, gls.bse[at] / scale)
    model = sm.MixedLM(y, x, g)
    fitted = model.fit(reml=True)
    yield exact("restricted log likelihood", "statsmodels MixedLM.fit(reml=True).llf", ours.log_reml, fitted.llf)
    y2 = rng.normal(size=(6, 5)) + 1.5 * rng.normal(size=(6, 1))
    even = [sample(str(i), row) for i, row in enumerate(y2)]
    mixed, anova = random_intercept(even, {}), stats.f_oneway(*y2)
    within = float(((y2 - y2.mean(axis=1, keepdims=True)) ** 2).sum()) / 24
    yield exact(
        "variance between, equal clusters",
        "scipy f_oneway: (MSB - MSW) / n",
        mixed.var_between,
        (anova.statistic - 1) * within / 5,
    )
    yield exact("variance within, equal clusters", "numpy: MSW", mixed.var_within, within)
    icc = (anova.statistic - 1) / (anova.statistic + 4)
    yield exact("ICC, equal clusters", "(F - 1) / (F + n - 1)", cluster_icc(even).icc, icc)
    yield exact("design effect, equal clusters", "1 + (n - 1) ICC", cluster_icc(even).design_effect, 1 + 4 * icc)
    teeth = cluster_icc(samples(TEETH))
    theirs = stats.f_oneway(*TEETH.values())
    ratio = theirs.statistic / stats.f.isf(0.025, 1, 58)
    yield exact("ICC low, teeth", "Searle: F / F(.975)", teeth.ci_low, (ratio - 1) / (ratio + 29))
