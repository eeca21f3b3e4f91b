"""t tests, analysis of variance, equality of variances, effect sizes, comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.oneway import anova_oneway
from statsmodels.stats.weightstats import CompareMeans

from analysis.stats import levene, one_way, sample, student, welch, welch_anova
from analysis.stats.anova import brown_forsythe_anova
from analysis.stats.effects import cohen_d, epsilon_squared, eta_squared, glass_delta, hedges_g, omega_squared
from analysis.stats.multiplicity import benjamini_hochberg, holm
from analysis.stats.posthoc import dunnett, games_howell, tukey
from benchmarks.oracles.figure import as_printed, exact
from tests.analysis.reference_data import (
    ACCURACY,
    CARS,
    INJURIES,
    PLANTS,
    SILICON,
    SILVER,
    SLEEP,
    TEETH,
    samples,
    simon_lesage,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.oracles.figure import Figure

TWO = {"accuracy": ACCURACY, "injuries": INJURIES, "sleep": SLEEP, "teeth": TEETH, "cars": CARS}
MORE = {"plants": PLANTS, "silicon": SILICON, "silver": SILVER}


def figures() -> Iterator[Figure]:
    yield from _t_tests()
    yield from _anova()
    yield from _nist()
    yield from _levene()
    yield from _effects()
    yield from _comparisons()
    yield from _printed()
    yield from _families()


def _t_tests() -> Iterator[Figure]:
    for name, data in TWO.items():
        a, b = samples(data)
        for ours, equal in ((student(a, b), True), (welch(a, b), False)):
            call = f"scipy.stats.ttest_ind({name}, equal_var={equal})"
            theirs = stats.ttest_ind(a.values, b.values, equal_var=equal)
            yield exact(f"{ours.variant} t, {name}", call, ours.t, theirs.statistic)
            yield exact(f"{ours.variant} df, {name}", call, ours.df, theirs.df)
            yield exact(f"{ours.variant} p, {name}", call, ours.p, theirs.pvalue)
            limits = CompareMeans.from_data(a.values, b.values).tconfint_diff(usevar="pooled" if equal else "unequal")
            call = f"statsmodels CompareMeans({name}).tconfint_diff"
            yield exact(f"{ours.variant} low, {name}", call, ours.ci_low, limits[0])
            yield exact(f"{ours.variant} high, {name}", call, ours.ci_high, limits[1])


def _anova() -> Iterator[Figure]:
    for name, data in {**TWO, **MORE}.items():
        groups, values = samples(data), list(data.values())
        if name != "silver":  # SciPy's sums lose what NIST's test is for; its certified values are below
            theirs = stats.f_oneway(*values)
            yield exact(f"one-way F, {name}", f"scipy.stats.f_oneway({name})", one_way(groups).f, theirs.statistic)
            yield exact(f"one-way p, {name}", f"scipy.stats.f_oneway({name})", one_way(groups).p, theirs.pvalue)
        for ours, use in ((welch_anova(groups), "unequal"), (brown_forsythe_anova(groups), "bf")):
            if name == "silver":
                continue
            call = f'statsmodels anova_oneway({name}, use_var="{use}")'
            theirs = anova_oneway(values, use_var=use, welch_correction=True)
            # For F* statsmodels reports Mehrotra's df1 first and Brown and Forsythe's k - 1 as `df2`, `pvalue2`.
            df, p = (theirs.df, theirs.pvalue) if use == "unequal" else (theirs.df2, theirs.pvalue2)
            yield exact(f"{ours.variant} ANOVA F, {name}", call, ours.f, theirs.statistic)
            yield exact(f"{ours.variant} ANOVA df2, {name}", call, ours.df2, df[1])
            yield exact(f"{ours.variant} ANOVA p, {name}", call, ours.p, p)


def _nist() -> Iterator[Figure]:
    """Certified values. SmLs07 to 09 are left out: a double holds 10**12 + 0.4 to 6e-5 only."""
    certified = {
        "SiRstv": (SILICON, 5.11462616000000e-02, 2.16636560000000e-01, 1.18046237440255e00),
        "AtmWtAg": (SILVER, 3.63834187500000e-09, 1.04951729166667e-08, 1.59467335677930e01),
        "SmLs01": (simon_lesage(1), 1.68, 1.80, 21.0),
        "SmLs02": (simon_lesage(1, 201), 16.08, 18.0, 201.0),
        "SmLs03": (simon_lesage(1, 2001), 160.08, 180.0, 2001.0),
        "SmLs04": (simon_lesage(10**6), 1.68, 1.80, 21.0),
        "SmLs05": (simon_lesage(10**6, 201), 16.08, 18.0, 201.0),
        "SmLs06": (simon_lesage(10**6, 2001), 160.08, 180.0, 2001.0),
    }
    for name, (data, between, within, f) in certified.items():
        table = one_way(samples(data))
        yield exact(f"SS between, {name}", "NIST StRD certified", table.between.ss, between)
        yield exact(f"SS within, {name}", "NIST StRD certified", table.within.ss, within)
        yield exact(f"F, {name}", "NIST StRD certified", table.f, f)


def _levene() -> Iterator[Figure]:
    for name, data in {**TWO, "plants": PLANTS}.items():
        for centre in ("mean", "median", "trimmed"):
            call = f'scipy.stats.levene({name}, center="{centre}")'
            ours = levene(samples(data), centre=centre)
            theirs = stats.levene(*data.values(), center=centre)
            yield exact(f"Levene F by {centre}, {name}", call, ours.f, theirs.statistic)
            yield exact(f"Levene p by {centre}, {name}", call, ours.p, theirs.pvalue)


def _effects() -> Iterator[Figure]:
    """The limits are checked by what defines them: SciPy's noncentral distributions at the limit give the tails."""
    for name, data in TWO.items():
        a, b = samples(data)
        x, y = a.values, b.values
        n1, n2 = x.size, y.size
        df, scale = n1 + n2 - 2, np.sqrt(1 / n1 + 1 / n2)
        pooled = np.sqrt(((n1 - 1) * x.var(ddof=1) + (n2 - 1) * y.var(ddof=1)) / df)
        d, g, delta = cohen_d(a, b), hedges_g(a, b), glass_delta(a, b)
        correction = special.poch((df - 1) / 2, 0.5) / np.sqrt(df / 2)
        yield exact(f"d, {name}", "numpy: means over pooled SD", d.estimate, (x.mean() - y.mean()) / pooled)
        yield exact(
            f"g, {name}",
            "scipy.special.poch((df - 1) / 2, .5)",
            g.estimate,
            correction * (x.mean() - y.mean()) / pooled,
        )
        yield exact(f"Glass delta, {name}", "numpy", delta.estimate, (x.mean() - y.mean()) / y.std(ddof=1))
        t = d.estimate / scale
        yield exact(f"d low, {name}", "scipy nct.sf(t, df, low) = .025", stats.nct.sf(t, df, d.ci_low / scale), 0.025)
        yield exact(
            f"d high, {name}", "scipy nct.cdf(t, df, high) = .025", stats.nct.cdf(t, df, d.ci_high / scale), 0.025
        )
    for name, data in {**TWO, "plants": PLANTS}.items():
        table = one_way(samples(data))
        everything = np.concatenate([np.asarray(v, float) for v in data.values()])
        total = float(((everything - everything.mean()) ** 2).sum())
        within = sum(float(((np.asarray(v) - np.mean(v)) ** 2).sum()) for v in data.values())
        df1, df2, n = table.between.df, table.within.df, everything.size
        eta, omega, epsilon = eta_squared(table), omega_squared(table), epsilon_squared(table)
        ms = within / df2
        yield exact(f"eta squared, {name}", "numpy", eta.estimate, (total - within) / total)
        yield exact(f"omega squared, {name}", "numpy", omega.estimate, (total - within - df1 * ms) / (total + ms))
        yield exact(f"epsilon squared, {name}", "numpy", epsilon.estimate, 1 - (n - 1) * ms / total)
        high = eta.ci_high * n / (1 - eta.ci_high)
        yield exact(
            f"eta squared high, {name}", "scipy ncf.cdf(F, high) = .05", stats.ncf.cdf(table.f, df1, df2, high), 0.05
        )


def _comparisons() -> Iterator[Figure]:
    for name, data in MORE.items():
        theirs = stats.tukey_hsd(*data.values())
        limits = theirs.confidence_interval()
        if name == "silver":
            continue
        for ours in tukey(samples(data)):
            i, j = (list(data).index(g) for g in (ours.first, ours.second))
            call, pair = f"scipy.stats.tukey_hsd({name})", f"{ours.first} - {ours.second}, {name}"
            yield exact(f"Tukey p, {pair}", call, ours.p, theirs.pvalue[i, j])
            yield exact(f"Tukey low, {pair}", call, ours.ci_low, limits.low[i, j])
    theirs = stats.tukey_hsd(*PLANTS.values(), equal_var=False)
    limits = theirs.confidence_interval()
    for ours in games_howell(samples(PLANTS)):
        i, j = (list(PLANTS).index(g) for g in (ours.first, ours.second))
        call, pair = "scipy.stats.tukey_hsd(plants, equal_var=False)", f"{ours.first} - {ours.second}, plants"
        yield exact(f"Games-Howell p, {pair}", call, ours.p, theirs.pvalue[i, j])
        yield exact(f"Games-Howell high, {pair}", call, ours.ci_high, limits.high[i, j])
    (single,) = dunnett(samples(SLEEP), control="1")
    t = stats.ttest_ind(SLEEP["2"], SLEEP["1"])
    yield exact("Dunnett p, one comparison, sleep", "scipy.stats.ttest_ind(sleep)", single.p, t.pvalue)
    yield exact(
        "Dunnett low, one comparison, sleep", "scipy.stats.ttest_ind(sleep)", single.ci_low, t.confidence_interval().low
    )


def _printed() -> Iterator[Figure]:
    call = "R: TukeyHSD(aov(weight ~ group, PlantGrowth))"
    printed = {
        ("trt1", "ctrl"): ("-0.371", "-1.0622161", "0.3202161", "0.3908711"),
        ("trt2", "ctrl"): ("0.494", "-0.1972161", "1.1852161", "0.1979960"),
        ("trt2", "trt1"): ("0.865", "0.1737839", "1.5562161", "0.0120064"),
    }
    for ours in tukey(samples(PLANTS)):
        row = (ours.difference, ours.ci_low, ours.ci_high, ours.p)
        for what, x, text in zip(("diff", "lwr", "upr", "p adj"), row, printed[ours.first, ours.second], strict=True):
            yield as_printed(f"Tukey {what}, {ours.first} - {ours.second}", call, x, text)
    teeth = welch(*samples(TEETH))
    call = "R: t.test(len ~ supp, data = ToothGrowth)"
    line = (teeth.t, teeth.df, teeth.p, teeth.ci_low, teeth.ci_high)
    for what, x, text in zip(
        ("t", "df", "p", "low", "high"), line, ("1.9153", "55.309", "0.06063", "-0.1710156", "7.5710156"), strict=True
    ):
        yield as_printed(f"Welch {what}, teeth", call, x, text)
    # Dunnett (1964), Biometrics 20, 482-491, table for two-sided 5 %: critical t by error df and number of treatments.
    book = {(20, 3): "2.54", (60, 2): "2.27", (60, 3): "2.41", (60, 4): "2.51", (6, 2): "2.86", (12, 2): "2.50"}
    for (df, k), text in book.items():
        yield as_printed(f"Dunnett's critical t, df {df}, {k} treatments", "Dunnett (1964)", _critical(df, k), text)


def _critical(df: int, treatments: int) -> float:
    """The half-width of Dunnett's interval in standard errors, of equal groups with this error df."""
    each, spare = divmod(df, treatments + 1)
    groups = [sample(str(i), np.arange(each + 1.0)) for i in range(treatments + 1)]
    if spare:
        raise ValueError(f"{df} is not shared by {treatments + 1} groups")
    first = dunnett(groups, control="0")[0]
    return (first.ci_high - first.difference) / first.se


def _families() -> Iterator[Figure]:
    p = {"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005, "e": 0.04, "f": 0.9}
    for adjust, method in ((holm, "holm"), (benjamini_hochberg, "fdr_bh")):
        theirs = multipletests(list(p.values()), method=method)[1]
        for ours, x in zip(adjust(p), theirs, strict=True):
            yield exact(
                f"{method} {ours.hypothesis}", f'statsmodels multipletests(method="{method}")', ours.adjusted, x
            )
