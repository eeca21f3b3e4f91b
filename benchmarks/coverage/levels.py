"""Tests at the 5 % level where their hypothesis is true, 25 people an arm unless the name says otherwise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from analysis.stats import levene, one_way, sample, student, welch, welch_anova
from analysis.stats.ancova import Arm, ancova
from analysis.stats.anova import brown_forsythe_anova
from analysis.stats.clusters import cluster_t, random_intercept
from analysis.stats.counts import count_group, count_model, dispersion_test
from analysis.stats.equivalence import equivalence
from analysis.stats.multiplicity import holm
from analysis.stats.normality import shapiro_wilk
from analysis.stats.paired import paired_t, repeated_measures
from analysis.stats.posthoc import dunnett, games_howell, tukey
from analysis.stats.randomisation import randomisation_test
from analysis.stats.ranks import brunner_munzel, kruskal_wallis, mann_whitney, signed_rank
from analysis.stats.raters import mcnemar
from analysis.stats.rates import events, rate_ratio
from benchmarks.coverage.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from analysis.stats import Sample
    from analysis.stats.counts import CountGroup, Family
    from analysis.stats.rates import RatioMethod
    from analysis.stats.samples import FloatArray
    from benchmarks.coverage.trial import Kind

    Rng = np.random.Generator
    P = Callable[[Rng], float]

N, ALPHA = 25, 0.05
ARMS = ["a"] * N + ["b"] * N
RATIO_TESTS: dict[RatioMethod, Kind] = {
    "score": "approximate",
    "midp": "at_most",
    "exact": "at_most",
    "wald": "approximate",
}


def trials() -> Iterator[Trial]:
    yield from _means()
    yield from _ranks()
    yield from _people()
    yield from _counts()
    yield from _families()
    yield from _randomised()


def _level(name: str, kind: Kind, p: P) -> Trial:
    return Trial(name, ALPHA, kind, lambda rng: p(rng) <= ALPHA)


def _arms(rng: Rng, *sds: float, n: int = N) -> list[Sample]:
    return [sample(str(i), rng.normal(5, sd, n)) for i, sd in enumerate(sds)]


def _means() -> Iterator[Trial]:
    yield _level("Student", "exact", lambda rng: student(*_arms(rng, 1, 1)).p)
    yield _level("Welch, SDs 1 and 3", "exact", lambda rng: welch(*_arms(rng, 1, 3)).p)
    yield _level("one-way ANOVA, 3 arms", "exact", lambda rng: one_way(_arms(rng, 1, 1, 1)).p)
    yield _level("Welch's ANOVA, SDs 1, 2, 3", "exact", lambda rng: welch_anova(_arms(rng, 1, 2, 3)).p)
    yield _level(
        "Brown-Forsythe F*, SDs 1, 2, 3", "approximate", lambda rng: brown_forsythe_anova(_arms(rng, 1, 2, 3)).p
    )
    yield _level("Levene by mean", "approximate", lambda rng: levene(_arms(rng, 1, 1), centre="mean").p)
    yield _level("Levene by median", "approximate", lambda rng: levene(_arms(rng, 1, 1), centre="median").p)
    yield _level("Shapiro-Wilk", "exact", lambda rng: shapiro_wilk(_arms(rng, 1)[0]).p)

    def at_bound(rng: Rng) -> float:
        a, b = _arms(rng, 1, 1)
        return equivalence(sample("x", a.values + 1), b, low=-1, high=1, variant="student").p

    yield _level("equivalence, true difference at a bound", "at_most", at_bound)


def _ranks() -> Iterator[Trial]:
    yield _level("Mann-Whitney, exact", "at_most", lambda rng: mann_whitney(*_arms(rng, 1, 1), method="exact").p)
    yield _level("Mann-Whitney, normal", "at_most", lambda rng: mann_whitney(*_arms(rng, 1, 1), method="normal").p)
    yield _level("Brunner-Munzel, SDs 1 and 3", "approximate", lambda rng: brunner_munzel(*_arms(rng, 1, 3)).p)
    yield _level("Kruskal-Wallis, 3 arms", "at_most", lambda rng: kruskal_wallis(_arms(rng, 1, 1, 1)).p)
    yield _level("signed ranks, exact", "at_most", lambda rng: signed_rank(*_arms(rng, 1, 1)).p)

    def with_ties(rng: Rng) -> float:
        return mann_whitney(*(sample(str(i), rng.integers(1, 6, N)) for i in (0, 1)), method="exact").p

    yield _level("Mann-Whitney, exact, scores 1 to 5", "at_most", with_ties)


def _people() -> Iterator[Trial]:
    yield _level("paired t", "exact", lambda rng: paired_t(*_arms(rng, 1, 2)).p)

    def measures(rng: Rng, *, sds: tuple[float, ...]) -> list[Sample]:
        own = rng.normal(0, 1, N)
        return [sample(str(i), own + rng.normal(0, sd, N)) for i, sd in enumerate(sds)]

    equal, unequal = (1.0, 1.0, 1.0, 1.0), (1.0, 1.0, 2.0, 4.0)
    yield _level("repeated measures F, sphericity", "exact", lambda rng: repeated_measures(measures(rng, sds=equal)).p)
    yield _level(
        "repeated measures, Greenhouse-Geisser, none",
        "approximate",
        lambda rng: repeated_measures(measures(rng, sds=unequal)).p_gg,
    )
    yield _level(
        "repeated measures, Huynh-Feldt, none",
        "approximate",
        lambda rng: repeated_measures(measures(rng, sds=unequal)).p_hf,
    )

    def adjusted(rng: Rng) -> float:
        pre = [rng.normal(50, 10, N) for _ in range(2)]
        arms = [Arm(sample(f"p{i}", x), sample(f"a{i}", 0.7 * x + rng.normal(0, 5, N))) for i, x in enumerate(pre)]
        return ancova(arms).arm.p

    yield _level("ANCOVA", "exact", adjusted)

    def sections(rng: Rng) -> list[Sample]:
        table = rng.normal(0, math.sqrt(0.2), (8, 1)) + rng.normal(0, math.sqrt(0.8), (8, 6))
        return [sample(str(i), row) for i, row in enumerate(table)]

    def by_means(rng: Rng) -> float:
        found = sections(rng)
        return cluster_t(found[:4], found[4:], names=("a", "b"), variant="student").p

    def mixed(rng: Rng) -> float:
        arm = [np.full(6, float(i >= 4)) for i in range(8)]
        return random_intercept(sections(rng), {"arm": arm}).coefficients[1].p

    def ignored(rng: Rng) -> float:
        found = sections(rng)
        return student(
            *(sample(str(i), np.concatenate([s.values for s in found[4 * i : 4 * i + 4]])) for i in (0, 1))
        ).p

    yield _level("t of cluster means, 4 + 4 sections, ICC .2", "exact", by_means)
    yield _level("random intercept by REML, 4 + 4 sections", "approximate", mixed)
    yield _level("Student as if there were no sections (don't)", "approximate", ignored)


def _counts() -> Iterator[Trial]:
    def two(rng: Rng) -> tuple[int, int]:
        x, y = rng.poisson(12, 2)
        return int(x), int(y)

    def ratio(method: RatioMethod) -> P:
        def p(rng: Rng) -> float:
            x, y = two(rng)
            return rate_ratio(events("a", x, 600), events("b", y, 600), method=method).p

        return p

    for method, kind in RATIO_TESTS.items():
        yield _level(f"rate ratio, {method}, 12 events each", kind, ratio(method))

    def groups(rng: Rng, spread: float) -> list[CountGroup]:
        hours = rng.uniform(30, 60, 2 * N)
        rate = hours * 0.05 * (rng.gamma(1 / spread, spread, 2 * N) if spread else 1.0)
        counts = rng.poisson(rate)
        return [count_group(str(i), counts[i * N : i * N + N], hours[i * N : i * N + N]) for i in (0, 1)]

    def model(family: Family, spread: float) -> P:
        return lambda rng: count_model(groups(rng, spread), family=family).ratios[0].p

    yield _level("Poisson model, Poisson counts", "approximate", model("poisson", 0.0))
    yield _level("quasi-Poisson, alpha .6", "approximate", model("quasi_poisson", 0.6))
    yield _level("negative binomial, alpha .6", "approximate", model("negative_binomial", 0.6))
    yield _level("Poisson model, alpha .6 (don't)", "approximate", model("poisson", 0.6))
    yield _level("dispersion by likelihood ratio", "at_most", lambda rng: dispersion_test(groups(rng, 0.0)).p_lr)

    def discordant(rng: Rng, *, mid: bool) -> float:
        found = mcnemar(*(int(x) for x in rng.multinomial(20, [0.5, 0.5])))
        return found.p_mid if mid else found.p_exact

    yield _level("McNemar, exact, 20 discordant", "at_most", lambda rng: discordant(rng, mid=False))
    yield _level("McNemar, mid-p, 20 discordant", "at_most", lambda rng: discordant(rng, mid=True))


def _families() -> Iterator[Trial]:
    """Any rejection among all comparisons of three equal arms."""
    yield _level("Tukey, any of 3", "exact", lambda rng: min(c.p for c in tukey(_arms(rng, 1, 1, 1))))
    yield _level(
        "Games-Howell, any of 3, SDs 1, 2, 3",
        "approximate",
        lambda rng: min(c.p for c in games_howell(_arms(rng, 1, 2, 3))),
    )
    yield _level("Dunnett, any of 2", "exact", lambda rng: min(c.p for c in dunnett(_arms(rng, 1, 1, 1), control="0")))

    def five(rng: Rng) -> float:
        return min(x.adjusted for x in holm({str(i): student(*_arms(rng, 1, 1)).p for i in range(5)}))

    yield _level("Holm, any of 5 hypotheses", "at_most", five)


def _randomised() -> Iterator[Trial]:
    """Fixed people, random allocation: what the test takes for random is what is random."""
    scores = np.random.default_rng(1).integers(1, 11, 2 * N).astype(np.float64)
    skewed = np.random.default_rng(2).gamma(0.5, 2.0, 2 * N)
    blocks = [i // 4 for i in range(2 * N)]

    def complete(values: FloatArray, draws: int) -> P:
        return lambda rng: (
            randomisation_test(values, list(rng.permutation(ARMS)), draws=draws, seed=int(rng.integers(2**31))).p
        )

    def in_blocks(rng: Rng) -> float:
        arms = [arm for _ in range(13) for arm in rng.permutation(["a", "a", "b", "b"])][: 2 * N]
        return randomisation_test(
            skewed + np.arange(2 * N), arms, blocks=blocks, draws=999, seed=int(rng.integers(2**31))
        ).p

    yield _level("randomisation test, exact, scores 1 to 10", "at_most", complete(scores, 1))
    yield _level("randomisation test, 999 draws, skewed", "exact", complete(skewed, 999))
    yield _level("randomisation test in blocks of 4, a trend", "exact", in_blocks)
