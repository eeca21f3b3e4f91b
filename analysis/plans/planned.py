"""One planned test on one population, by the library of `analysis.stats`. Pure. The plan names the test; nothing here
looks at the data to choose another one.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from analysis.plans.people import series
from analysis.plans.rerandomise import design_of
from analysis.results import Problem
from analysis.stats import (
    Arm,
    InvalidSample,
    Sample,
    ancova,
    brunner_munzel,
    cluster_t,
    cohen_d,
    count_group,
    count_model,
    equivalence,
    kruskal_wallis,
    mann_whitney,
    omega_squared,
    one_way,
    random_intercept,
    randomisation_test,
    sample,
    student,
    welch,
    welch_anova,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from _typeshed import DataclassInstance

    from analysis.plans.document import Hypothesis, Plan, PopulationName
    from analysis.plans.people import Data, Person
    from analysis.stats import Effect

Handling = Literal["complete_cases", "imputed", "imputed_shifted"]


@dataclass(frozen=True, slots=True)
class Statistic:
    """The test statistic: its letter, value and degrees of freedom (none for U, or a randomisation test)."""

    name: str
    value: float
    df: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was estimated, with its interval. `name`: mean_difference, adjusted_difference, rate_ratio, cohen_d, ..."""

    name: str
    value: float
    ci_low: float
    ci_high: float
    confidence: float


@dataclass(frozen=True, slots=True)
class MonteCarlo:
    """How exact a drawn p is: its standard error, and the 99 % interval of the exact p."""

    se: float
    p_low: float
    p_high: float
    draws: int
    seed: int


@dataclass(frozen=True, slots=True)
class ArmCount:
    """How many of an arm are in an analysis. `events` and `hours` are None where nothing is counted over hours."""

    arm: str
    n: int
    events: int | None = None
    hours: float | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """One test on one population. Without a `p`, `problems` say why. `detail` is the library's result as JSON values.

    `shift`: what was added to the first group's imputed values. `missing_information`: Rubin's fraction, if imputed.
    """

    population: PopulationName
    handling: Handling
    counts: tuple[ArmCount, ...]
    statistic: Statistic | None = None
    p: float | None = None
    estimate: Estimate | None = None
    effect: Estimate | None = None
    monte_carlo: MonteCarlo | None = None
    shift: float | None = None
    missing_information: float | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a test gives, before it is an Analysis."""

    statistic: Statistic
    p: float
    estimate: Estimate | None = None
    effect: Estimate | None = None
    monte_carlo: MonteCarlo | None = None
    result: DataclassInstance | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A hypothesis with the people whose values enter its test, arm by arm in the order of the tables."""

    row: Hypothesis
    plan: Plan
    data: Data
    arms: tuple[tuple[str, tuple[Person, ...]], ...]

    def values(self, time_point: str) -> list[Sample]:
        key = series(self.row.outcome, time_point)
        return [sample(arm, [person.values[key] for person in people]) for arm, people in self.arms]

    @property
    def samples(self) -> list[Sample]:
        return self.values(self.row.time_point)


def case_of(row: Hypothesis, plan: Plan, data: Data, people: Sequence[Person]) -> Case:
    """`people` are those whose values enter, in any order; arms without anybody stay."""
    arms = tuple((arm, tuple(person for person in people if person.arm == arm)) for arm in data.arms)
    return Case(row, plan, data, arms)


def run(case: Case, *, population: PopulationName) -> Analysis:
    """The planned test on complete cases. What can't be computed is a Problem, not an exception."""
    counts = counted(case)
    if case.row.test == "randomisation" and population == "per_protocol":
        # The draw was of everybody; who kept to the protocol was decided by other things than lot.
        return Analysis(population, "complete_cases", counts, problems=(Problem("not_drawn", ()),))
    try:
        found = RUN[case.row.test](case)
    except InvalidSample as error:
        return Analysis(population, "complete_cases", counts, problems=(problem(error, case.data.arms),))
    except (ArithmeticError, ValueError):
        return Analysis(population, "complete_cases", counts, problems=(Problem("not_computed", ()),))
    return Analysis(
        population,
        "complete_cases",
        counts,
        statistic=found.statistic,
        p=found.p,
        estimate=found.estimate,
        effect=found.effect,
        monte_carlo=found.monte_carlo,
        detail={} if found.result is None else asdict(found.result),
    )


def problem(error: InvalidSample, arms: Sequence[str]) -> Problem:
    """The library's refusal, with the arms that it names."""
    return Problem(error.code, tuple(name for name in error.group.split(", ") if name in arms))


def counted(case: Case) -> tuple[ArmCount, ...]:
    if not case.row.is_rate:
        return tuple(ArmCount(arm, len(people)) for arm, people in case.arms)
    return tuple(
        ArmCount(
            arm, len(people), sum(person.injuries for person in people), math.fsum(person.hours for person in people)
        )
        for arm, people in case.arms
    )


def of_effect(effect: Effect) -> Estimate:
    return Estimate(effect.name, effect.estimate, effect.ci_low, effect.ci_high, effect.confidence)


def _df(*degrees: float) -> tuple[float, ...]:
    return tuple(float(x) for x in degrees)


def _t(case: Case) -> Found:
    first, second = case.samples
    test = (student if case.row.test == "student" else welch)(first, second, confidence=case.plan.confidence)
    return Found(
        Statistic("t", test.t, (test.df,)),
        test.p,
        Estimate("mean_difference", test.mean_difference, test.ci_low, test.ci_high, test.confidence),
        of_effect(cohen_d(first, second, confidence=case.plan.confidence)),
        result=test,
    )


def _anova(case: Case) -> Found:
    table = one_way(case.samples)
    effect = of_effect(omega_squared(table, confidence=0.90))
    return Found(Statistic("F", table.f, _df(table.between.df, table.within.df)), table.p, None, effect, result=table)


def _welch_anova(case: Case) -> Found:
    table = welch_anova(case.samples)
    return Found(Statistic("F", table.f, _df(table.df1, table.df2)), table.p, result=table)


def _mann_whitney(case: Case) -> Found:
    first, second = case.samples
    test = mann_whitney(first, second, confidence=case.plan.confidence)
    return Found(Statistic("U", test.u), test.p, of_effect(test.rank_biserial), result=test)


def _brunner_munzel(case: Case) -> Found:
    first, second = case.samples
    test = brunner_munzel(first, second, confidence=case.plan.confidence)
    return Found(Statistic("t", test.t, (test.df,)), test.p, of_effect(test.superiority), result=test)


def _kruskal_wallis(case: Case) -> Found:
    test = kruskal_wallis(case.samples, confidence=case.plan.confidence)
    return Found(Statistic("H", test.h, _df(test.df)), test.p, None, of_effect(test.epsilon_squared), result=test)


def _ancova(case: Case) -> Found:
    """Two arms: the second is the reference, so that the contrast is the first minus the second."""
    pairs = [Arm(pre, post) for pre, post in zip(case.values(case.row.before), case.samples, strict=True)]
    two = len(pairs) == 2
    fit = ancova(pairs[::-1] if two else pairs, confidence=case.plan.confidence)
    estimate = None
    if two:
        term = fit.contrasts[0]
        estimate = Estimate("adjusted_difference", term.estimate, term.ci_low, term.ci_high, fit.confidence)
    statistic = Statistic("F", fit.arm.f, _df(fit.arm.df1, fit.arm.df2))
    return Found(statistic, fit.arm.p, estimate, of_effect(fit.arm_effect), result=fit)


def _sections(case: Case) -> list[list[Sample]]:
    """The values of each section, arm by arm. Raises InvalidSample (`sections_split`) for one with two arms."""
    names = [{person.section for person in people} for _arm, people in case.arms]
    if split := set.intersection(*names):
        raise InvalidSample("sections", f"{', '.join(sorted(split))} stand in both arms", code="sections_split")
    key = series(case.row.outcome, case.row.time_point)
    return [
        [sample(name, [person.values[key] for person in people if person.section == name]) for name in sorted(own)]
        for own, (_arm, people) in zip(names, case.arms, strict=True)
    ]


def _cluster_t(case: Case) -> Found:
    names = (case.arms[0][0], case.arms[1][0])
    first, second = _sections(case)
    test = cluster_t(first, second, names=names, variant="student", confidence=case.plan.confidence)
    estimate = Estimate("mean_difference", test.mean_difference, test.ci_low, test.ci_high, test.confidence)
    return Found(Statistic("t", test.t, (test.df,)), test.p, estimate, result=test)


def _random_intercept(case: Case) -> Found:
    first, second = _sections(case)
    sections = [*first, *second]
    column = [np.full(own.values.size, float(at < len(first))) for at, own in enumerate(sections)]
    model = random_intercept(sections, {"first": column}, confidence=case.plan.confidence)
    term = next(row for row in model.coefficients if row.name == "first")
    estimate = Estimate("mean_difference", term.estimate, term.ci_low, term.ci_high, case.plan.confidence)
    return Found(Statistic("t", term.t, (float(model.df),)), term.p, estimate, result=model)


def _equivalence(case: Case) -> Found:
    first, second = case.samples
    test = equivalence(first, second, low=case.row.low, high=case.row.high, alpha=case.plan.alpha)
    closest = test.t_low if test.p_high is None or test.p == test.p_low else test.t_high
    return Found(
        Statistic("t", closest if closest is not None else 0.0, (test.df,)),
        test.p,
        Estimate("mean_difference", test.difference, test.ci_low, test.ci_high, test.confidence),
        result=test,
    )


def _randomisation(case: Case) -> Found:
    """The study's own draw, done again. Raises InvalidSample (`no_design`) when it was no draw that is known."""
    people = [person for _arm, part in case.arms for person in part]
    samples = case.samples
    key = series(case.row.outcome, case.row.time_point)
    again = design_of(case.data, people)
    test = randomisation_test(
        [person.values[key] for person in people],
        [person.arm for person in people],
        statistic="difference" if len(case.arms) == 2 else "f",
        blocks=again.blocks,
        redraw=again.redraw,
        draws=case.plan.draws,
        seed=case.plan.seed,
    )
    estimate, drawn = _difference(samples, case.plan.confidence), None
    if test.method == "monte_carlo" and test.seed is not None:
        drawn = MonteCarlo(test.mc_se, test.p_low, test.p_high, test.draws, test.seed)
    # The library's first arm is the first by name; the tables' is the first by position.
    turned = len(samples) == 2 and samples[0].name > samples[1].name
    observed = -test.observed if turned else test.observed
    return Found(Statistic(test.statistic, observed), test.p, estimate, monte_carlo=drawn, result=test)


def _difference(samples: Sequence[Sample], confidence: float) -> Estimate | None:
    """Welch's interval beside a p that needs none; None for other than two arms, and where nothing varies."""
    if len(samples) != 2:
        return None
    try:
        wide = welch(*samples, confidence=confidence)
    except InvalidSample:
        return None
    return Estimate("mean_difference", wide.mean_difference, wide.ci_low, wide.ci_high, wide.confidence)


def _rates(case: Case) -> Found:
    groups = [
        count_group(arm, [person.injuries for person in people], [person.hours for person in people])
        for arm, people in case.arms
    ]
    two = len(groups) == 2
    family: Any = case.row.test
    model = count_model(groups[::-1] if two else groups, family=family, confidence=case.plan.confidence)
    if not two:
        raise InvalidSample("groups", "a rate ratio is of two groups", code="two_arms_needed")
    term = model.ratios[0]
    df = (float(model.df),) if family == "quasi_poisson" else ()
    estimate = Estimate("rate_ratio", term.ratio, term.ci_low, term.ci_high, model.confidence)
    return Found(Statistic("t" if df else "z", term.statistic, df), term.p, estimate, result=model)


RUN: dict[str, Callable[[Case], Found]] = {
    "student": _t,
    "welch": _t,
    "anova": _anova,
    "welch_anova": _welch_anova,
    "mann_whitney": _mann_whitney,
    "brunner_munzel": _brunner_munzel,
    "kruskal_wallis": _kruskal_wallis,
    "ancova": _ancova,
    "cluster_t": _cluster_t,
    "random_intercept": _random_intercept,
    "equivalence": _equivalence,
    "randomisation": _randomisation,
    "poisson": _rates,
    "quasi_poisson": _rates,
    "negative_binomial": _rates,
}
