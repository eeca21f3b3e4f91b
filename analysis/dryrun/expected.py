"""What a study planned like this can expect: how often each planned test rejects, how wide its interval is. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from analysis.dryrun.semester import draw
from analysis.plans.people import Data, Person, Series, missing_reason, series
from analysis.plans.planned import case_of, run

if TYPE_CHECKING:
    from analysis.dryrun.assumptions import Assumptions
    from analysis.dryrun.semester import Floats, Semesters
    from analysis.plans.document import Hypothesis, Plan

VECTORISED = frozenset({"student", "welch", "equivalence"})
LOOPED_TRIALS = 200
"""Tests that are computed one trial at a time get this many."""
DRAWS = 999


@dataclass(frozen=True, slots=True)
class Expected:
    """Of `trials` simulated studies the share that rejects at the plan's level, before any adjustment, with its Monte
    Carlo standard error; the mean width of the interval (None without one); the share that could not be computed.
    """

    key: str
    test: str
    trials: int
    power: float
    power_se: float
    width: float | None
    not_computed: float


def expected(plan: Plan, assumptions: Assumptions, arms: tuple[str, ...]) -> tuple[Expected, ...]:
    """For each hypothesis of the plan. The same seed gives the same figures."""
    rng = np.random.default_rng(assumptions.seed)
    drawn = draw(assumptions, arms=len(arms), trials=assumptions.trials, rng=rng)
    return tuple(_of(row, plan, drawn, arms) for row in plan.hypotheses)


def _of(row: Hypothesis, plan: Plan, drawn: Semesters, arms: tuple[str, ...]) -> Expected:
    if row.test in VECTORISED and len(arms) == 2:
        p, width = _t_tests(row, plan, drawn)
    else:
        p, width = _looped(row, plan, drawn, arms)
    known = np.isfinite(p)
    power = float((p[known] <= plan.alpha).mean()) if known.any() else 0.0
    widths = width[np.isfinite(width)]
    return Expected(
        key=row.key,
        test=row.test,
        trials=int(p.size),
        power=power,
        power_se=math.sqrt(power * (1 - power) / max(int(known.sum()), 1)),
        width=float(widths.mean()) if widths.size else None,
        not_computed=float(1 - known.mean()),
    )


def _t_tests(row: Hypothesis, plan: Plan, drawn: Semesters) -> tuple[Floats, Floats]:
    """p and width of the interval of every trial; NaN where an arm has fewer than 2 values, or nothing varies."""
    first, second = drawn.after[:, drawn.arm == 0], drawn.after[:, drawn.arm == 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        n1, m1, s1 = _moments(first)
        n2, m2, s2 = _moments(second)
        if row.test == "student":
            df = n1 + n2 - 2
            se = np.sqrt((s1 * (n1 - 1) + s2 * (n2 - 1)) / df * (1 / n1 + 1 / n2))
        else:
            a, b = s1 / n1, s2 / n2
            se = np.sqrt(a + b)
            df = (a + b) ** 2 / (a**2 / (n1 - 1) + b**2 / (n2 - 1))
        difference = m1 - m2
        bad = ~((n1 > 1) & (n2 > 1) & (se > 0))
        if row.test == "equivalence":
            tails = [stats.t.sf((difference - row.low) / se, df)] if row.low is not None else []
            tails += [stats.t.cdf((difference - row.high) / se, df)] if row.high is not None else []
            p, level = np.max(tails, axis=0), 1 - 2 * plan.alpha
        else:
            p, level = 2 * stats.t.sf(np.abs(difference) / se, df), plan.confidence
        width = 2 * stats.t.isf((1 - level) / 2, df) * se
    return np.where(bad, np.nan, p), np.where(bad, np.nan, width)


def _moments(values: Floats) -> tuple[Floats, Floats, Floats]:
    """n, mean and variance of the values that are there, trial by trial."""
    there = np.isfinite(values)
    n = there.sum(axis=1).astype(float)
    mean = np.where(there, values, 0.0).sum(axis=1) / n
    squares = np.where(there, (values - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return n, mean, squares / (n - 1)


def _looped(row: Hypothesis, plan: Plan, drawn: Semesters, arms: tuple[str, ...]) -> tuple[Floats, Floats]:
    """The plan's own code on one trial after the other."""
    quick = replace(plan, draws=DRAWS)
    p, width = [], []
    for trial in range(min(LOOPED_TRIALS, drawn.after.shape[0])):
        data = records(row, drawn, trial, arms)
        people = [person for person in data.people if missing_reason(person, row, data) is None]
        found = run(case_of(row, quick, data, people), population="itt")
        p.append(math.nan if found.p is None else found.p)
        estimate = found.estimate
        width.append(math.nan if estimate is None else estimate.ci_high - estimate.ci_low)
    return np.array(p, np.float64), np.array(width, np.float64)


def records(row: Hypothesis, drawn: Semesters, trial: int, arms: tuple[str, ...]) -> Data:
    """One trial in the form that plans read."""
    keys = dict.fromkeys((series(row.outcome, row.time_point), series(row.outcome, row.before)))
    after, before = next(iter(keys)), list(keys)[-1]
    people = []
    for at, arm in enumerate(drawn.arm):
        values = {} if before == after else {before: float(drawn.before[trial, at])}
        if np.isfinite(drawn.after[trial, at]):
            values[after] = float(drawn.after[trial, at])
        people.append(
            Person(
                code=f"D{at + 1:04d}",
                arm=arms[arm],
                arm_now=arms[arm],
                section="",
                excluded=False,
                lessons=int(drawn.lessons[trial, at]),
                lessons_held=int(drawn.lessons[trial].max()),
                hours=float(drawn.hours[trial, at]),
                days_since_last=0,
                injuries=int(drawn.injuries[trial, at]),
                start={},
                values=values,
                source="list:0",
            )
        )
    known = tuple(Series(key, row.outcome, "", "", "", "", None) for key in keys)
    return Data(arms, known, tuple(people))
