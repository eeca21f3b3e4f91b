"""A two-arm comparison over multiply imputed values: how much do the gaps matter? Pure."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from analysis.plans.people import series
from analysis.plans.planned import Analysis, ArmCount, Estimate, Statistic, problem
from analysis.results import Problem
from analysis.stats import InvalidSample, sample, student, welch
from analysis.stats.imputation import impute, pool
from analysis.stats.linear import least_squares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.plans.document import Hypothesis, Plan
    from analysis.plans.people import Data, Person
    from analysis.plans.planned import Handling
    from analysis.stats.imputation import Pooled
    from analysis.stats.samples import FloatArray


def imputed(row: Hypothesis, plan: Plan, data: Data, *, shift: float | None = None) -> Analysis | None:
    """The difference of the two arms' means over all who were drawn, gaps filled as the plan says; None where nothing
    is missing, for rates (they count everybody's hours), and for other numbers of arms.

    The model is that of the planned test where it is one of means: pooled variances for Student's t and ANOVA, the
    adjusted difference for ANCOVA, else Welch's. `shift` is added to the first arm's imputed values.
    """
    if row.is_rate or len(data.arms) != 2:
        return None
    people = data.drawn()
    key = series(row.outcome, row.time_point)
    gaps = [person.value(key) is None for person in people]
    before = series(row.outcome, row.before)
    before_gaps = row.test == "ancova" and any(person.value(before) is None for person in people)
    if not any(gaps) and not before_gaps:
        return None
    counts = tuple(ArmCount(arm, sum(person.arm == arm for person in people)) for arm in data.arms)
    handling: Handling = "imputed" if shift is None else "imputed_shifted"
    table, names = _table(row, plan, data, people)
    try:
        filled = impute(table, method=plan.gaps.method, m=plan.gaps.imputations, seed=plan.gaps.seed)
        shifts = (shift or 0.0) * (np.array(gaps) & (table[:, 1] == 1))
        at = names.index("before") if row.test == "ancova" else None
        pooled = _pooled(row, plan, filled, shifts, at)
    except InvalidSample as error:
        return Analysis("itt", handling, counts, shift=shift, problems=(problem(error, data.arms),))
    except (ArithmeticError, ValueError):
        return Analysis("itt", handling, counts, shift=shift, problems=(Problem("not_computed", ()),))
    name = "adjusted_difference" if row.test == "ancova" else "mean_difference"
    estimate = Estimate(name, pooled.estimate, pooled.ci_low, pooled.ci_high, pooled.confidence)
    p = _equivalence_p(row, pooled) if row.test == "equivalence" else pooled.p
    return Analysis(
        "itt",
        handling,
        counts,
        statistic=Statistic("t", pooled.t, (pooled.df,)),
        p=p,
        estimate=estimate,
        shift=shift,
        missing_information=pooled.missing_information,
        detail=asdict(pooled) | {"predictors": list(names[2:]), "seed": plan.gaps.seed, "method": plan.gaps.method},
    )


def _table(row: Hypothesis, plan: Plan, data: Data, people: Sequence[Person]) -> tuple[FloatArray, tuple[str, ...]]:
    """Outcome, first arm (1) or second (0), and the plan's covariates as far as they vary and somebody has them."""
    columns: dict[str, list[float | None]] = {
        "outcome": [person.value(series(row.outcome, row.time_point)) for person in people],
        "arm": [float(person.arm == data.arms[0]) for person in people],
    }
    names = list(plan.gaps.covariates)
    if row.test == "ancova" and "before" not in names:
        names.insert(0, "before")
    for name in names:
        values = [_covariate(person, name, row, plan) for person in people]
        seen = {value for value in values if value is not None}
        if len(seen) > 1:
            columns[name] = values
    table = np.array([[np.nan if x is None else x for x in values] for values in columns.values()], np.float64).T
    return table, tuple(columns)


def _covariate(person: Person, name: str, row: Hypothesis, plan: Plan) -> float | None:
    if name == "attended":
        return person.attended(plan.population.planned_lessons)
    if name == "before":
        return person.value(series(row.outcome, row.before)) if row.before != row.time_point else None
    return person.start.get(name)


def _pooled(row: Hypothesis, plan: Plan, filled: FloatArray, shifts: FloatArray, before: int | None) -> Pooled:
    """`shifts` are added to the outcome, the first column; `before` is the column to adjust for."""
    first = filled[0][:, 1] == 1
    estimates, variances, freedom = [], [], math.inf
    for own in filled:
        adjust = None if before is None else own[:, before]
        estimate, variance, df = _difference(row, own[:, 0] + shifts, first, adjust)
        estimates.append(estimate)
        variances.append(variance)
        freedom = min(freedom, df)
    confidence = 1 - 2 * plan.alpha if row.test == "equivalence" else plan.confidence
    return pool(estimates, variances, df_complete=freedom, confidence=confidence)


def _difference(
    row: Hypothesis, y: FloatArray, first: NDArray[np.bool_], before: FloatArray | None
) -> tuple[float, float, float]:
    """First arm minus second: estimate, variance, degrees of freedom."""
    if before is not None:
        columns = [("one", np.ones(y.size)), ("first", first.astype(float)), ("before", before - before.mean())]
        fit = least_squares(y, columns)
        term = fit.coefficient("first")
        return term.estimate, term.se**2, float(fit.df)
    test = student if row.test in ("student", "anova") else welch
    found = test(sample("first", y[first]), sample("second", y[~first]))
    return found.mean_difference, found.se**2, found.df


def _equivalence_p(row: Hypothesis, pooled: Pooled) -> float:
    tails = []
    if row.low is not None:
        tails.append(float(stats.t.sf((pooled.estimate - row.low) / pooled.se, pooled.df)))
    if row.high is not None:
        tails.append(float(stats.t.cdf((pooled.estimate - row.high) / pooled.se, pooled.df)))
    return max(tails)
