"""Base R's figures with all its digits: `base_r.R`, whose output is `base_r.csv`, run with R 4.2.2."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from analysis.stats import benjamini_hochberg, holm, levene, one_way, sample, student, welch, welch_anova
from analysis.stats.ancova import Arm, ancova
from analysis.stats.counts import count_group, count_model
from analysis.stats.normality import shapiro_wilk
from analysis.stats.paired import paired_t, repeated_measures
from analysis.stats.posthoc import tukey
from analysis.stats.power import power_anova, power_t
from analysis.stats.ranks import kruskal_wallis, mann_whitney, signed_rank
from analysis.stats.raters import mcnemar
from analysis.stats.rates import events, incidence, rate_ratio
from benchmarks.oracles.figure import exact
from tests.analysis.reference_data import ACCURACY, CARS, INJURIES, PLANTS, SLEEP, TEETH, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.stats import TTest
    from analysis.stats.paired import PairedTTest
    from benchmarks.oracles.figure import Figure

SCRIPT, OUTPUT = (Path(__file__).with_name(f"base_r.{kind}") for kind in ("R", "csv"))


def figures() -> Iterator[Figure]:
    ours = dict([*_t_tests(), *_variances(), *_ranks(), *_people(), *_counts(), *_design()])
    with OUTPUT.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == list(dict.fromkeys(row["name"] for row in rows))
    for row in rows:
        yield exact(row["name"], f"R: {row['call']}", ours.pop(row["name"]), float(row["value"]))
    assert not ours, f"R has no {sorted(ours)}"


def _t_tests() -> Iterator[tuple[str, float]]:
    sleep, teeth, accuracy = samples(SLEEP), samples(TEETH), samples(ACCURACY)
    tests: dict[str, TTest | PairedTTest] = {
        "sleep, Welch": welch(*sleep),
        "sleep, Student": student(*sleep),
        "sleep, pairs": paired_t(*sleep),
        "teeth, Welch": welch(*teeth),
        "accuracy, Welch": welch(*accuracy),
        "accuracy, Student": student(*accuracy),
    }
    for what, test in tests.items():
        row = (test.t, test.df, test.p, test.ci_low, test.ci_high)
        yield from ((f"{name}, {what}", x) for name, x in zip(("t", "df", "p", "low", "high"), row, strict=True))


def _variances() -> Iterator[tuple[str, float]]:
    for what, data in {"accuracy": ACCURACY, "plants": PLANTS}.items():
        for centre in ("mean", "median"):
            spread = levene(samples(data), centre=centre)
            yield f"Levene by {centre} F, {what}", spread.f
            yield f"Levene by {centre} p, {what}", spread.p
    for what, data in {"plants": PLANTS, "injuries": INJURIES}.items():
        table = one_way(samples(data))
        yield f"SS between, {what}", table.between.ss
        yield f"SS within, {what}", table.within.ss
        yield f"F, {what}", table.f
        yield f"p, {what}", table.p
    unequal = welch_anova(samples(PLANTS))
    yield from (("Welch F, plants", unequal.f), ("Welch df2, plants", unequal.df2), ("Welch p, plants", unequal.p))
    yield from ((f"Tukey difference {at}, plants", x.difference) for at, x in enumerate(tukey(samples(PLANTS)), 1))


def _ranks() -> Iterator[tuple[str, float]]:
    plants = samples(PLANTS)
    several, cars = kruskal_wallis(plants), mann_whitney(*samples(CARS), method="normal")
    accuracy, two = mann_whitney(*samples(ACCURACY), method="normal"), mann_whitney(*plants[1:], method="exact")
    pairs = signed_rank(plants[0], plants[2])
    yield from (("Kruskal-Wallis H, plants", several.h), ("Kruskal-Wallis p, plants", several.p))
    yield from (("Mann-Whitney U, cars", cars.u), ("Mann-Whitney p, cars", cars.p))
    yield from (("Mann-Whitney U, accuracy", accuracy.u), ("Mann-Whitney p, accuracy", accuracy.p))
    yield from (("exact U, plants", two.u), ("exact p, plants", two.p))
    yield from (("exact V, plants", pairs.v), ("exact V's p, plants", pairs.p))
    mpg = np.concatenate([group.values for group in samples(CARS)])
    shapes = {"cars": sample("mpg", mpg), "accuracy, experimental": samples(ACCURACY)[0]}
    for what, values in shapes.items():
        shape = shapiro_wilk(values)
        yield f"Shapiro-Wilk W, {what}", shape.w
        yield f"Shapiro-Wilk p, {what}", shape.p


def _people() -> Iterator[tuple[str, float]]:
    found, what = repeated_measures(samples(PLANTS)), "plants as three times"
    yield from ((f"F, {what}", found.f), (f"p, {what}", found.p))
    yield from ((f"Greenhouse-Geisser p, {what}", found.p_gg), (f"Huynh-Feldt p, {what}", found.p_hf))
    yield from ((f"Mauchly W, {what}", found.mauchly_w or 0.0), (f"Mauchly p, {what}", found.mauchly_p or 0.0))
    orange, acid = samples(TEETH)
    dose = sample("dose", np.repeat([0.5, 1.0, 2.0], 10))
    fit, what = ancova([Arm(dose, acid), Arm(dose, orange)]), "teeth, dose before"
    (term,) = fit.contrasts
    yield from ((f"ANCOVA difference, {what}", term.estimate), (f"ANCOVA SE, {what}", term.se))
    yield from ((f"ANCOVA p, {what}", term.p), (f"ANCOVA slope, {what}", fit.slope.estimate))
    assert fit.slopes is not None
    yield from ((f"F of slopes, {what}", fit.slopes.f), (f"p of slopes, {what}", fit.slopes.p))


def _counts() -> Iterator[tuple[str, float]]:
    groups = [count_group(name, values, [48.0] * len(values)) for name, values in INJURIES.items()][::-1]
    for name, family in (("Poisson", "poisson"), ("quasi-Poisson", "quasi_poisson")):
        model = count_model(groups, family="poisson" if family == "poisson" else "quasi_poisson")
        (term,) = model.ratios
        yield f"{name} log ratio, injuries", math.log(term.ratio)
        yield f"{name} SE, injuries", term.log_se
        yield f"{name} p, injuries", term.p
    yield "Pearson dispersion, injuries", model.dispersion
    few, many = events("a", 24, 1200), events("b", 159, 1200)
    rate, ratio = incidence(few, per_h=1.0), rate_ratio(few, many, method="exact")
    assert rate.ci_high is not None
    assert ratio.ci_high is not None
    yield from (("incidence low, 24 in 1,200 h", rate.ci_low), ("incidence high, 24 in 1,200 h", rate.ci_high))
    yield from (("ratio low, 24 v 159 in 1,200 h", ratio.ci_low), ("ratio high, 24 v 159 in 1,200 h", ratio.ci_high))
    pairs = mcnemar(86, 150)
    yield from (("McNemar, corrected, p, 86 v 150", pairs.p_corrected), ("McNemar p, 86 v 150", pairs.p_chi2))


def _design() -> Iterator[tuple[str, float]]:
    for name, method, p in (
        ("Holm", holm, (0.01, 0.02, 0.03, 0.04, 0.05)),
        ("BH", benjamini_hochberg, (0.05, 0.001, 0.03, 0.02, 0.011)),
    ):
        adjusted = {row.hypothesis: row.adjusted for row in method({str(at): x for at, x in enumerate(p, 1)})}
        yield from ((f"{name} {at}, five p", adjusted[str(at)]) for at in range(1, 6))
    yield "power of t, 25 + 25, d .8", power_t(0.8, 25, 25)
    yield "power of ANOVA, 4 arms of 5", power_anova(0.5, 4, 5)
