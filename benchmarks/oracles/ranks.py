"""Tests by ranks and the shape of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from analysis.stats import sample
from analysis.stats.normality import qq_points, shapiro_wilk
from analysis.stats.ranks import brunner_munzel, kruskal_wallis, mann_whitney, signed_rank
from benchmarks.oracles.figure import as_printed, exact
from tests.analysis.reference_data import (
    ACCURACY,
    CARS,
    DEPRESSION,
    INJURIES,
    LUNGS,
    PAIN,
    PERMEABILITY,
    PLANTS,
    SLEEP,
    TEETH,
    samples,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.oracles.figure import Figure


def figures() -> Iterator[Figure]:
    yield from _two_groups()
    yield from _exact()
    yield from _paired()
    yield from _several()
    yield from _shape()


def _two_groups() -> Iterator[Figure]:
    for name, data in {"accuracy": ACCURACY, "injuries": INJURIES, "teeth": TEETH, "cars": CARS}.items():
        a, b = samples(data)
        ours = mann_whitney(a, b, method="normal")
        theirs = stats.mannwhitneyu(a.values, b.values, method="asymptotic")
        call = f'scipy.stats.mannwhitneyu({name}, method="asymptotic")'
        yield exact(f"Mann-Whitney U, {name}", call, ours.u, theirs.statistic)
        yield exact(f"Mann-Whitney p, {name}", call, ours.p, theirs.pvalue)
        pairs = np.sign(a.values[:, None] - b.values[None, :]).mean()
        yield exact(f"rank-biserial, {name}", "numpy: mean sign of all pairs", ours.rank_biserial.estimate, pairs)
        bm, call = brunner_munzel(a, b), f"scipy.stats.brunnermunzel({name})"
        theirs = stats.brunnermunzel(a.values, b.values)
        yield exact(f"Brunner-Munzel t, {name}", call, bm.t, theirs.statistic)
        yield exact(f"Brunner-Munzel p, {name}", call, bm.p, theirs.pvalue)
    cars = mann_whitney(*samples(CARS), method="normal")
    yield as_printed("Mann-Whitney U, cars", "R: wilcox.test(mpg ~ am, mtcars)", cars.u, "42")
    yield as_printed("Mann-Whitney p, cars", "R: wilcox.test(mpg ~ am, mtcars)", cars.p, "0.001871")
    pain, call = brunner_munzel(*samples(PAIN)), "R: lawstat::brunner.munzel.test(Y, N)"
    row = (pain.t, pain.df, pain.p, pain.superiority.estimate, pain.superiority.ci_low, pain.superiority.ci_high)
    printed = ("3.1375", "17.683", "0.005786", "0.788961", "0.5952169", "0.9827052")
    for what, x, text in zip(("t", "df", "p", "estimate", "low", "high"), row, printed, strict=True):
        yield as_printed(f"Brunner-Munzel {what}, pain", call, x, text)


def _exact() -> Iterator[Figure]:
    a, b = samples(PERMEABILITY)
    ours = mann_whitney(a, b)
    theirs = stats.mannwhitneyu(a.values, b.values, method="exact")
    yield exact("Mann-Whitney exact p, permeability", 'scipy.stats.mannwhitneyu(method="exact")', ours.p, theirs.pvalue)
    yield as_printed("Mann-Whitney exact W, permeability", "R: wilcox.test(x, y)", ours.u, "35")
    yield as_printed("Mann-Whitney exact p / 2, permeability", 'R: wilcox.test(x, y, alt = "g")', ours.p / 2, "0.1272")
    rng = np.random.default_rng(5)
    for n1, n2 in ((12, 9), (25, 25)):
        x, y = rng.normal(size=n1), rng.normal(size=n2) + 0.7
        theirs = stats.mannwhitneyu(x, y, method="exact")
        found = mann_whitney(sample("x", x), sample("y", y), method="exact")
        yield exact(f"Mann-Whitney exact p, {n1} + {n2}", 'scipy mannwhitneyu(method="exact")', found.p, theirs.pvalue)
    x, y = np.array([1.0, 2, 2, 3, 3, 3, 5]), np.array([2.0, 3, 4, 4, 5, 6])
    theirs = stats.permutation_test(
        (x, y), lambda p, q: stats.rankdata(np.concatenate([p, q]))[: p.size].sum(), n_resamples=np.inf
    )
    found = mann_whitney(sample("x", x), sample("y", y))
    yield exact("Mann-Whitney exact p, ties", "scipy permutation_test(rank sum), all", found.p, theirs.pvalue)


def _paired() -> Iterator[Figure]:
    for name, data in {"depression": DEPRESSION, "sleep": SLEEP}.items():
        a, b = samples(data)
        x = np.round(a.values - b.values, 6)  # differences of decimals: 1.7 - 0.0 and 2.5 - 0.8 are ties
        ours = signed_rank(a, b, method="normal")
        theirs = stats.wilcoxon(x, correction=True, method="asymptotic")
        yield exact(f"signed rank normal p, {name}", "scipy.stats.wilcoxon(correction=True)", ours.p, theirs.pvalue)
    call = "R: wilcox.test(x, y, paired = TRUE)"
    sleep = signed_rank(*samples(SLEEP), method="normal")
    yield as_printed("signed rank p, sleep", "R: wilcox.test(extra ~ group, sleep, paired = TRUE)", sleep.p, "0.009091")
    found = signed_rank(*samples(DEPRESSION))
    theirs = stats.wilcoxon(*DEPRESSION.values(), method="exact")
    yield exact("signed rank exact p, depression", 'scipy.stats.wilcoxon(method="exact")', found.p, theirs.pvalue)
    yield as_printed("signed rank V, depression", call, found.v, "40")
    yield as_printed("signed rank p / 2, depression", call + ', alternative = "greater"', found.p / 2, "0.01953")


def _several() -> Iterator[Figure]:
    for name, data in {"plants": PLANTS, "lungs": LUNGS, "teeth": TEETH}.items():
        ours, theirs = kruskal_wallis(samples(data)), stats.kruskal(*data.values())
        yield exact(f"Kruskal-Wallis H, {name}", f"scipy.stats.kruskal({name})", ours.h, theirs.statistic)
        yield exact(f"Kruskal-Wallis p, {name}", f"scipy.stats.kruskal({name})", ours.p, theirs.pvalue)
        ranks = stats.rankdata(np.concatenate(list(data.values())))
        parts = np.split(ranks, np.cumsum([len(v) for v in data.values()])[:-1])
        share = sum(p.size * (p.mean() - ranks.mean()) ** 2 for p in parts) / ((ranks - ranks.mean()) ** 2).sum()
        yield exact(f"epsilon squared of ranks, {name}", "numpy: eta^2 of ranks", ours.epsilon_squared.estimate, share)
    lungs = kruskal_wallis(samples(LUNGS))
    yield as_printed("Kruskal-Wallis H, lungs", "R: kruskal.test(list(x, y, z))", lungs.h, "0.77143")
    yield as_printed("Kruskal-Wallis p, lungs", "R: kruskal.test(list(x, y, z))", lungs.p, "0.68")


def _shape() -> Iterator[Figure]:
    """SciPy's own AS R94 is what we call, so the oracle is R's."""
    residuals = [x - float(np.mean(v)) for v in PLANTS.values() for x in v]
    plants = shapiro_wilk(sample("residuals", residuals))
    yield as_printed("Shapiro-Wilk W, plants", "R: shapiro.test(residuals(aov(...)))", plants.w, "0.96607")
    yield as_printed("Shapiro-Wilk p, plants", "R: shapiro.test(residuals(aov(...)))", plants.p, "0.4379")
    points = qq_points(sample("nine", np.arange(9.0)))
    yield exact(
        "Q-Q, lowest of nine", "scipy norm.ppf((1 - 3/8) / 9.25)", points[0].theoretical, stats.norm.ppf(0.625 / 9.25)
    )
