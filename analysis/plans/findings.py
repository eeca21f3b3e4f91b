"""What a plan finds in a study's records: for each hypothesis the planned test, and what else was asked. Pure:
the same records and plan give the same numbers, so that a stored report can be computed again from itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from analysis.plans.beside import Beside, beside_of
from analysis.plans.imputed import imputed
from analysis.plans.people import missing_reason, off_protocol, per_protocol, series
from analysis.plans.planned import Analysis, Case, case_of, run
from analysis.results import Group
from analysis.stats import (
    CENTRES,
    InvalidSample,
    benjamini_hochberg,
    count_group,
    dispersion_test,
    holm,
    levene,
    mean_interval,
    sample,
    shapiro_wilk,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analysis.plans.document import Hypothesis, Plan
    from analysis.plans.people import Data, Person
    from analysis.stats import Adjusted, Dispersion, Levene, ShapiroWilk


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A student whose value is not in the test, by code. `arm` is a key, empty for no group; the reason is one of
    `analysis.plans.people.REASONS`.
    """

    code: str
    arm: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checks:
    """Assumptions, for information: no test is chosen by them."""

    levene: tuple[Levene, ...] = ()
    normality: tuple[ShapiroWilk, ...] = ()
    dispersion: Dispersion | None = None


@dataclass(frozen=True, slots=True)
class ProtocolCount:
    """How many of an arm, as it was drawn, are off the protocol for one reason."""

    arm: str
    reason: str
    n: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One hypothesis. `primary` is the analysis that the plan says to read; `further` are sensitivity analyses.

    `adjusted` takes the plan's other hypotheses into account; `rejected` is None where there is no p.
    `groups` hold every value that entered, by code, for plots and tables; for rates each student's injuries, without
    moments, which would say nothing about a rate.
    """

    key: str
    question: str
    estimand: str
    outcome: str
    outcome_name: str
    unit: str
    time_name: str
    test: str
    low: float | None
    high: float | None
    groups: tuple[Group, ...]
    left_out: tuple[LeftOut, ...]
    off_protocol: tuple[ProtocolCount, ...]
    primary: Analysis
    further: tuple[Analysis, ...]
    checks: Checks
    alpha: float
    adjusted: Adjusted | None = None
    rejected: bool | None = None
    beside: Beside = field(default_factory=Beside)


def analyse(
    plan: Plan, data: Data, *, on_progress: Callable[[int, int], None] = lambda _done, _of: None
) -> tuple[Finding, ...]:
    """Every hypothesis of the plan, p values adjusted as it says. `on_progress(done, of)` is told after each."""
    found = []
    for at, row in enumerate(plan.hypotheses, start=1):
        found.append(_finding(row, plan, data))
        on_progress(at, len(plan.hypotheses))
    return _adjusted(tuple(found), plan)


def _finding(row: Hypothesis, plan: Plan, data: Data) -> Finding:
    reasons = {person.code: missing_reason(person, row, data) for person in data.people}
    complete = [person for person in data.people if reasons[person.code] is None]
    everyone = case_of(row, plan, data, complete)
    faithful = case_of(row, plan, data, per_protocol(complete, plan.population))
    whole, kept = run(everyone, population="itt"), run(faithful, population="per_protocol")
    primary, other = (whole, kept) if plan.population.primary == "itt" else (kept, whole)
    shown = everyone if plan.population.primary == "itt" else faithful
    about = None if row.is_rate else data.of(series(row.outcome, row.time_point))
    return Finding(
        key=row.key,
        question=row.question,
        estimand=row.estimand,
        outcome=row.outcome,
        outcome_name=about.name if about else "",
        unit=about.unit if about else "",
        time_name=about.time_name if about else "",
        test=row.test,
        low=row.low,
        high=row.high,
        groups=tuple(_group(row, arm, people, plan) for arm, people in shown.arms),
        left_out=tuple(
            LeftOut(person.code, person.arm, str(reasons[person.code]))
            for person in data.people
            if reasons[person.code] is not None
        ),
        off_protocol=_off_protocol(plan, data),
        primary=primary,
        further=(other, *_sensitivity(row, plan, data)),
        checks=_checks(shown),
        beside=beside_of(shown),
        alpha=plan.alpha,
    )


def _sensitivity(row: Hypothesis, plan: Plan, data: Data) -> tuple[Analysis, ...]:
    shifts: tuple[float | None, ...] = (None, *plan.gaps.shifts)
    found = [imputed(row, plan, data, shift=shift) for shift in shifts]
    return tuple(analysis for analysis in found if analysis is not None)


def _off_protocol(plan: Plan, data: Data) -> tuple[ProtocolCount, ...]:
    counts: dict[tuple[str, str], int] = {}
    for person in data.drawn():
        reason = off_protocol(person, plan.population)
        if reason:
            counts[person.arm, reason] = counts.get((person.arm, reason), 0) + 1
    order = {arm: at for at, arm in enumerate(data.arms)}
    rows = sorted(counts.items(), key=lambda item: (order[item[0][0]], item[0][1]))
    return tuple(ProtocolCount(arm, reason, n) for (arm, reason), n in rows)


def _group(row: Hypothesis, arm: str, people: Sequence[Person], plan: Plan) -> Group:
    """Named by its key: who may read which group is which is decided when the report is read."""
    key = series(row.outcome, row.time_point)
    values = tuple(float(person.injuries) if row.is_rate else person.values[key] for person in people)
    moments = sample(arm, values).summary() if len(values) >= 2 and not row.is_rate else None
    low, high = mean_interval(moments, confidence=plan.confidence) if moments else (None, None)
    return Group(
        key=arm,
        name=arm,
        n=len(values),
        mean=moments.mean if moments else None,
        sd=moments.sd if moments else None,
        se=moments.se if moments else None,
        ci_low=low,
        ci_high=high,
        codes=tuple(person.code for person in people),
        values=values,
    )


def _checks(case: Case) -> Checks:
    try:
        if case.row.is_rate:
            groups = [
                count_group(arm, [person.injuries for person in people], [person.hours for person in people])
                for arm, people in case.arms
            ]
            return Checks(dispersion=dispersion_test(groups))
        samples = case.samples
    except (InvalidSample, ArithmeticError):
        return Checks()
    spreads: list[Levene] = []
    shapes: list[ShapiroWilk] = []
    try:
        spreads = [levene(samples, centre=centre) for centre in CENTRES]
    except InvalidSample:
        spreads = []
    for group in samples:
        try:
            shapes.append(shapiro_wilk(group))
        except InvalidSample:
            continue
    return Checks(tuple(spreads), tuple(shapes))


def _adjusted(found: tuple[Finding, ...], plan: Plan) -> tuple[Finding, ...]:
    p_values: dict[str, float] = {row.key: row.primary.p for row in found if row.primary.p is not None}
    adjusted: dict[str, Any] = {}
    if plan.multiplicity != "none" and p_values:
        method = holm if plan.multiplicity == "holm" else benjamini_hochberg
        adjusted = {row.hypothesis: row for row in method(p_values)}
    return tuple(
        replace(
            row,
            adjusted=adjusted.get(row.key),
            rejected=None
            if row.primary.p is None
            else (adjusted[row.key].adjusted if row.key in adjusted else row.primary.p) <= plan.alpha,
        )
        for row in found
    )
