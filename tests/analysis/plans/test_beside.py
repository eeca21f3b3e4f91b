"""Tests by section, and what stands beside a planned test. From records without a database."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats

from analysis.frozen.beside import beside
from analysis.plans.findings import Finding, analyse
from analysis.plans.people import Data, Person, Series
from analysis.stats import bayes_t, rate_ratio, sample, tukey
from analysis.stats.rates import events
from analysis.thaw import thaw
from tests.analysis.plans.classes import hypothesis, plan

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY = "score@after"


def person(number: int, arm: str, value: float, **more: Any) -> Person:
    given: dict[str, Any] = {"section": "", "hours": 10.0, "injuries": 0} | more
    return Person(
        code=f"P{number:03d}",
        arm=arm,
        arm_now=arm,
        excluded=False,
        lessons=10,
        lessons_held=10,
        days_since_last=0,
        start={},
        values={KEY: float(value)},
        source="list:1",
        **given,
    )


def data(people: Sequence[Person]) -> Data:
    arms = tuple(sorted({row.arm for row in people}))
    return Data(arms, (Series(KEY, "score", "after", "Score", "points", "After", None),), tuple(people))


def found(people: Sequence[Person], **more: Any) -> Finding:
    (finding,) = analyse(plan(hypothesis(**more)), data(people))
    text = json.dumps(asdict(finding))
    assert json.dumps(asdict(thaw(Finding, json.loads(text)))) == text
    return finding


def in_sections() -> tuple[list[Person], dict[str, list[list[float]]]]:
    rng = np.random.default_rng(4)
    people: list[Person] = []
    values: dict[str, list[list[float]]] = {}
    for arm, gain in (("a", 1.0), ("b", 0.0)):
        values[arm] = [list(5 + gain + rng.normal() + rng.normal(size=6)) for _section in range(4)]
        for at, section in enumerate(values[arm]):
            people += [person(len(people) + i, arm, x, section=f"{arm}{at}") for i, x in enumerate(section)]
    return people, values


def test_sections_drawn_as_wholes_are_compared_by_their_means() -> None:
    people, values = in_sections()
    finding = found(people, test="cluster_t")
    means = [[float(np.mean(section)) for section in values[arm]] for arm in "ab"]
    expected = stats.ttest_ind(*means)
    assert finding.primary.p == pytest.approx(expected.pvalue)
    assert finding.primary.statistic is not None
    assert finding.primary.statistic.df == (6.0,)
    assert finding.primary.estimate is not None
    assert finding.primary.estimate.ci_low == pytest.approx(expected.confidence_interval().low)
    icc = finding.beside.sections
    assert icc is not None
    assert (icc.clusters, icc.n, icc.icc > 0.2) == (8, 48, True)
    assert icc.design_effect == pytest.approx(1 + 5 * icc.icc)


def test_a_mixed_model_of_equal_sections_is_the_t_test_of_their_means() -> None:
    people, _values = in_sections()
    means, mixed = found(people, test="cluster_t").primary, found(people, test="random_intercept").primary
    assert mixed.p == pytest.approx(means.p, rel=1e-6)
    assert mixed.estimate is not None
    assert means.estimate is not None
    assert mixed.estimate.ci_high == pytest.approx(means.estimate.ci_high, rel=1e-6)


@pytest.mark.parametrize("test", ["cluster_t", "random_intercept"])
def test_a_section_in_both_groups_was_not_drawn_as_a_whole(test: str) -> None:
    people = [person(at, "ab"[at % 2], at % 5, section="1") for at in range(12)]
    finding = found(people, test=test)
    assert finding.primary.p is None
    assert [row.code for row in finding.primary.problems] == ["sections_split"]


def test_injuries_stand_beside_exact_intervals_and_the_papers_anova_with_the_reason() -> None:
    people = [person(at, "ab"[at % 2], 1.0, injuries=(at % 4 == 3) * 2, hours=20.0 + at) for at in range(12)]
    finding = found(people, test="poisson", outcome="injury-log", time_point="")
    assert [row.code for row in finding.primary.problems] == ["zero_events"]
    hours = [sum(row.hours for row in people if row.arm == arm) for arm in "ab"]
    exact = rate_ratio(events("a", 0, hours[0]), events("b", 6, hours[1]), method="exact")
    assert finding.beside.ratio == exact
    counts = [[row.injuries for row in people if row.arm == arm] for arm in "ab"]
    assert finding.beside.anova is not None
    assert finding.beside.anova.f == pytest.approx(stats.f_oneway(*counts).statistic)
    rates, anova = beside(finding, {"a": "Group A", "b": "Group B"})
    assert "Exact rate ratio, Group A over Group B: .000" in rates.notes[0]
    assert [row.headers[1].text for row in rates.body] == ["exact", "score", "exact", "score"]
    assert "no model for counts" in anova.notes[0]


def test_several_groups_have_all_pairs_beside_their_anova() -> None:
    people = [person(at, "abc"[at % 3], at * 7 % 11 + at % 3) for at in range(18)]
    groups = [sample(arm, [row.values[KEY] for row in people if row.arm == arm]) for arm in "abc"]
    assert found(people, test="anova").beside.comparisons == tukey(groups)
    assert {row.method for row in found(people, test="welch_anova").beside.comparisons} == {"games_howell"}
    (pairs,) = beside(found(people, test="anova"), {})
    assert len(pairs.body) == 3


def test_a_t_test_has_a_bayes_factor_over_the_priors_scale() -> None:
    people = [person(at, "ab"[at % 2], at * 5 % 7 + 2 * (at % 2)) for at in range(16)]
    finding = found(people)
    groups = [sample(arm, [row.values[KEY] for row in people if row.arm == arm]) for arm in "ab"]
    assert finding.beside.bayes[2] == bayes_t(*groups)
    (table,) = beside(finding, {})
    assert [row.headers[0].text for row in table.body] == [".200", ".500", ".707", "1.000", "1.414", "2.000"]


def test_nothing_stands_beside_what_could_not_be_computed() -> None:
    people = [person(at, "ab"[at % 2], 3.0) for at in range(8)]
    assert beside(found(people), {}) == ()
