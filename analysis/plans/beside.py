"""What stands beside a planned test, for information: nothing of it is planned, and nothing is chosen by it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.stats import (
    InvalidSample,
    cluster_icc,
    events,
    incidence,
    one_way,
    posthoc,
    rate_ratio,
    robustness,
    sample,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from analysis.plans.planned import Case
    from analysis.stats import Anova, BayesFactor, ClusterIcc, Rate, RateRatio

    T = TypeVar("T")

SCALES = (0.2, 0.5, 0.5**0.5, 1.0, 2.0**0.5, 2.0)
"""Of the prior on the standardised difference: a narrow one, Rouder's medium, wide and ultrawide, and beyond."""


@dataclass(frozen=True, slots=True)
class Beside:
    """`comparisons`: all pairs of three groups and more, Tukey's beside an ANOVA, Games and Howell's beside Welch's.
    `bayes`: the JZS factor of a t-test over its prior's scale. `rates` (exact, then score, group by group), `ratio`
    (exact) and `anova` (of injuries per student, as the paper has it) go with counts; `sections` with tests by section.
    """

    comparisons: tuple[posthoc.Comparison, ...] = ()
    bayes: tuple[BayesFactor, ...] = ()
    rates: tuple[Rate, ...] = ()
    ratio: RateRatio | None = None
    anova: Anova | None = None
    sections: ClusterIcc | None = None


def beside_of(case: Case) -> Beside:
    """What can't be computed is not there."""
    test = case.row.test
    if case.row.is_rate:
        return Beside(
            rates=_or(lambda: _rates(case), ()),
            ratio=_or(lambda: _ratio(case), None),
            anova=_or(lambda: one_way([sample(arm, [p.injuries for p in people]) for arm, people in case.arms]), None),
        )
    if test in ("anova", "welch_anova") and len(case.arms) > 2:
        compare = posthoc.tukey if test == "anova" else posthoc.games_howell
        return Beside(comparisons=_or(lambda: compare(case.samples, confidence=case.plan.confidence), ()))
    if test in ("student", "welch"):
        return Beside(bayes=_or(lambda: robustness(*case.samples, scales=SCALES), ()))
    if test in ("cluster_t", "random_intercept"):
        return Beside(sections=_or(lambda: _sections(case), None))
    return Beside()


def _or(compute: Callable[[], T], otherwise: T) -> T:
    try:
        return compute()
    except (InvalidSample, ArithmeticError, ValueError):
        return otherwise


def _rates(case: Case) -> tuple[Rate, ...]:
    groups = [
        events(arm, sum(person.injuries for person in people), sum(person.hours for person in people))
        for arm, people in case.arms
    ]
    level = case.plan.confidence
    return tuple(
        rate
        for of in groups
        for rate in (incidence(of, method="exact", confidence=level), incidence(of, method="score", confidence=level))
    )


def _ratio(case: Case) -> RateRatio | None:
    if len(case.arms) != 2:
        return None
    first, second = (
        events(arm, sum(person.injuries for person in people), sum(person.hours for person in people))
        for arm, people in case.arms
    )
    return rate_ratio(first, second, method="exact", confidence=case.plan.confidence)


def _sections(case: Case) -> ClusterIcc:
    """How alike students of one section are, about the mean of their group."""
    clusters = []
    for whole, (_arm, people) in zip(case.samples, case.arms, strict=True):
        values = whole.values - whole.values.mean()
        for section in sorted({person.section for person in people}):
            mine = np.array([person.section == section for person in people])
            clusters.append(sample(section, values[mine]))
    return cluster_icc(clusters, confidence=case.plan.confidence)
