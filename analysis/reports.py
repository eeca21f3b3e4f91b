"""A study's report: the planned test of each outcome, computed from the rows and frozen."""

from __future__ import annotations

import hashlib
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils import timezone

from analysis import paper
from analysis.datasets import load_dataset
from analysis.export import data_csv
from analysis.provenance import provenance
from analysis.results import SCHEMA, AtTime, Group, OutcomeReport, Problem, Report
from analysis.stats import (
    CENTRES,
    InvalidSample,
    cohen_d,
    eta_squared,
    hedges_g,
    levene,
    mean_interval,
    omega_squared,
    one_way,
    sample,
    student,
    welch,
)
from studies.blinding import open_arms
from studies.models import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.datasets import ArmData, Dataset
    from analysis.paper import Comparison
    from analysis.stats import Anova, Effect, Levene, Sample, TTest
    from studies.blinding import ShownArm
    from studies.models import Study, TimePoint

CONFIDENCE = 0.95
SHARE_CONFIDENCE = (0.90, 0.95)
"""Eta squared and omega squared with both levels: 90 % goes with a test at .05, 95 % is what many journals ask for."""


def build_report(
    study: Study,
    *,
    arms: Sequence[ShownArm] = (),
    plan: Mapping[str, str] | None = None,
    confidence: float = CONFIDENCE,
    made_at: str = "",
) -> Report:
    """Compute and freeze the report of a study. 2 queries and 1 for each outcome; where the study has times, 1 more and
    1 for each outcome at each time.

    `arms` are the groups as the reader may see them (`studies.access.arms_shown_to`), by default as they are. Under
    letters their order, and so the sign of a difference, is that of the letters, and nothing is compared with the
    paper, which would tell them apart.
    Each outcome gets the test that its `planned_test` names; `plan` (outcome key -> planned test) overrides that.
    Nothing is chosen by looking at the data. What can't be computed (an empty arm, constant values) is a Problem in the
    outcome's report, not an exception. Raises ValueError for a plan that names an unknown outcome or test.
    """
    outcomes = list(study.outcomes.all())
    tests = _plan(outcomes, plan or {})
    arms = arms or open_arms(study)
    named = not any(arm.is_lettered for arm in arms)
    results = tuple(
        outcome_report(
            outcome,
            load_dataset(outcome, arms),
            planned_test=tests[outcome.key],
            confidence=confidence,
            beside_paper=study.is_demonstration and named,
        )
        for outcome in outcomes
    )
    results = _with_times(study, outcomes, arms, results, confidence)
    return assemble(study, results, confidence=confidence, made_at=made_at)


def assemble(study: Study, results: tuple[OutcomeReport, ...], *, confidence: float, made_at: str = "") -> Report:
    """The report of these outcomes, with the hash of their data and the versions that made it."""
    data = data_csv(results, is_demonstration=study.is_demonstration)
    return Report(
        schema=SCHEMA,
        study=study.title,
        is_demonstration=study.is_demonstration,
        data_note=study.data_note,
        confidence=confidence,
        outcomes=results,
        provenance=provenance(
            data_sha256=hashlib.sha256(data.encode()).hexdigest(),
            made_at=made_at or timezone.now().isoformat(timespec="seconds"),
        ),
    )


def _with_times(
    study: Study,
    outcomes: Sequence[Outcome],
    arms: Sequence[ShownArm],
    results: tuple[OutcomeReport, ...],
    confidence: float,
) -> tuple[OutcomeReport, ...]:
    """Each outcome that belongs to times, with its groups at all of them, under the same rules as at the main one."""
    times = list(study.time_points.all()) if any(outcome.main_time_point_id for outcome in outcomes) else []
    return tuple(
        replace(result, times=_times(outcome, times, arms, confidence) if outcome.main_time_point_id else ())
        for outcome, result in zip(outcomes, results, strict=True)
    )


def _times(
    outcome: Outcome, times: Sequence[TimePoint], arms: Sequence[ShownArm], confidence: float
) -> tuple[AtTime, ...]:
    measured = []
    for time in times:
        at_this_time = copy(outcome)
        at_this_time.main_time_point = time
        groups = tuple(_group(arm, confidence) for arm in load_dataset(at_this_time, arms).arms)
        if any(group.n for group in groups):
            measured.append(AtTime(key=time.key, name=time.name, groups=groups))
    return tuple(measured) if len(measured) > 1 else ()


def _plan(outcomes: Sequence[Outcome], overrides: Mapping[str, str]) -> dict[str, str]:
    tests = {outcome.key: str(outcome.planned_test) for outcome in outcomes}
    for key, test in overrides.items():
        if key not in tests:
            raise ValueError(f"the plan names the outcome {key!r}; the study has {sorted(tests)}")
        if test not in Outcome.PlannedTest.values:
            raise ValueError(f"the plan names the test {test!r}; there are {Outcome.PlannedTest.values}")
    return tests | dict(overrides)


def outcome_report(
    outcome: Outcome, data: Dataset, *, planned_test: str, confidence: float, beside_paper: bool, key: str = ""
) -> OutcomeReport:
    """One outcome's groups with the planned test. Tests other than t and ANOVA leave these empty: a frozen report has
    them in its findings. `key` stands for the outcome's own, for an outcome at another time than its main one.
    """
    problems: list[Problem] = []
    samples = _samples(data, problems)
    spreads = _levene(samples, problems)
    tests = _planned_tests(samples, planned_test, confidence, problems)
    return OutcomeReport(
        key=key or outcome.key,
        name=outcome.name,
        unit=outcome.unit,
        hypothesis=outcome.hypothesis,
        planned_test=planned_test,
        groups=tuple(_group(arm, confidence) for arm in data.arms),
        exclusions=data.exclusions,
        levene=spreads,
        student=tests.student,
        welch=tests.welch,
        anova=tests.anova,
        effects=tests.effects,
        problems=tuple(problems),
        paper=_comparison(outcome.key, spreads, tests) if beside_paper else None,
    )


@dataclass(frozen=True, slots=True)
class _Tests:
    student: TTest | None = None
    welch: TTest | None = None
    anova: Anova | None = None
    effects: tuple[Effect, ...] = ()


def _samples(data: Dataset, problems: list[Problem]) -> list[Sample]:
    """All arms as samples, or none: a comparison without one of its arms is another comparison."""
    samples = []
    for arm in data.arms:
        try:
            samples.append(sample(arm.key, arm.values))
        except InvalidSample as error:
            problems.append(_problem(error))
    if len(data.arms) < 2:
        problems.append(Problem(code="too_few_groups", arms=()))
    return [] if problems else samples


def _levene(samples: list[Sample], problems: list[Problem]) -> tuple[Levene, ...]:
    if not samples:
        return ()
    try:
        return tuple(levene(samples, centre=centre) for centre in CENTRES)
    except InvalidSample as error:
        problems.append(_problem(error))
        return ()


def _planned_tests(samples: list[Sample], planned_test: str, confidence: float, problems: list[Problem]) -> _Tests:
    if not samples or planned_test not in Outcome.PlannedTest.values:
        return _Tests()
    try:
        if planned_test == Outcome.PlannedTest.ANOVA:
            return _anova(samples)
        if len(samples) != 2:
            problems.append(Problem(code="two_arms_needed", arms=tuple(group.name for group in samples)))
            return _Tests()
        return _t_tests(*samples, confidence=confidence)
    except InvalidSample as error:
        problems.append(_problem(error))
    except ArithmeticError:
        problems.append(Problem(code="interval_not_found", arms=()))
    return _Tests()


def _anova(samples: list[Sample]) -> _Tests:
    table = one_way(samples)
    effects = tuple(
        effect(table, confidence=confidence)
        for effect in (eta_squared, omega_squared)
        for confidence in SHARE_CONFIDENCE
    )
    return _Tests(anova=table, effects=effects)


def _t_tests(first: Sample, second: Sample, *, confidence: float) -> _Tests:
    return _Tests(
        student=student(first, second, confidence=confidence),
        welch=welch(first, second, confidence=confidence),
        effects=(
            cohen_d(first, second, confidence=confidence),
            hedges_g(first, second, confidence=confidence),
        ),
    )


def _problem(error: InvalidSample) -> Problem:
    return Problem(code=error.code, arms=tuple(error.group.split(", ")))


def _group(arm: ArmData, confidence: float) -> Group:
    n = len(arm.values)
    moments = sample(arm.key, arm.values).summary() if n >= 2 else None
    low, high = mean_interval(moments, confidence=confidence) if moments else (None, None)
    return Group(
        key=arm.key,
        name=arm.name,
        n=n,
        mean=moments.mean if moments else None,
        sd=moments.sd if moments else None,
        se=moments.se if moments else None,
        ci_low=low,
        ci_high=high,
        codes=arm.codes,
        values=arm.values,
    )


def _comparison(key: str, spreads: tuple[Levene, ...], tests: _Tests) -> Comparison | None:
    if key == paper.TRAINING_ACCURACY and spreads and tests.student and tests.welch:
        return paper.compare_table_1(spreads[0], tests.student, tests.welch)
    if key == paper.INJURY_RATE and tests.anova:
        return paper.compare_table_2(tests.anova)
    return None
