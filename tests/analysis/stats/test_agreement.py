from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from analysis.stats import InvalidSample, Pair, agreement, cohen_kappa

YES, NO = "yes", "no"


def pairs_of(table: list[list[int]], categories: str | list[str], cluster: str = "") -> list[Pair]:
    """One pair for each count, each in a cluster of its own, or all in one."""
    cells = [(a, b) for i, a in enumerate(categories) for j, b in enumerate(categories) for _ in range(table[i][j])]
    return [Pair(cluster or f"c{n:04d}", a, b) for n, (a, b) in enumerate(cells)]


def test_kappa_of_a_textbook_table() -> None:
    """The grant proposals that explain kappa in many textbooks: 20, 5, 10, 15 gives p_o .70, p_e .50, kappa .40."""
    assert cohen_kappa([[20, 5], [10, 15]]) == pytest.approx(0.4, abs=1e-15)


def test_kappa_of_cohens_own_table() -> None:
    """Cohen (1960), the worked example, as 200 cases: kappa = .492 (p_o .70, p_e .41)."""
    table = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
    assert cohen_kappa(table) == pytest.approx((0.70 - 0.41) / (1 - 0.41), abs=1e-12)


@given(
    st.integers(2, 5).flatmap(
        lambda k: st.lists(st.lists(st.integers(0, 30), min_size=k, max_size=k), min_size=k, max_size=k)
    )
)
def test_kappa_agrees_with_statsmodels(table: list[list[int]]) -> None:
    counts = np.asarray(table)
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    if not counts.sum() or (rows * columns).sum() == counts.sum() ** 2:
        return  # no case, or one category only: neither has a kappa
    assert cohen_kappa(table) == pytest.approx(float(cohens_kappa(counts).kappa), abs=1e-12)


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ([[1, 2]], "not_square"),
        ([[1, -2], [0, 1]], "negative"),
        ([[1, float("nan")], [0, 1]], "negative"),
        ([[0, 0], [0, 0]], "too_few"),
        ([[7, 0], [0, 0]], "one_category"),
    ],
)
def test_a_table_without_a_kappa_says_why(table: list[list[float]], code: str) -> None:
    with pytest.raises(InvalidSample) as error:
        cohen_kappa(table)
    assert error.value.code == code


def test_figures_are_read_from_the_right_side_of_the_table() -> None:
    """Reference in rows: 40 positive, of which 30 found; 60 negative, of which 45 left alone."""
    found = agreement(pairs_of([[30, 10], [15, 45]], [YES, NO]), [YES, NO], positive=YES)
    assert found.table == ((30, 10), (15, 45))
    assert (found.n, found.clusters) == (100, 100)
    assert found.sensitivity is not None
    assert found.specificity is not None
    assert (found.sensitivity.value, found.sensitivity.n) == (0.75, 40)
    assert (found.specificity.value, found.specificity.n) == (0.75, 60)
    assert found.accuracy.value == 0.75
    assert found.kappa.value == pytest.approx(cohen_kappa([[30, 10], [15, 45]]))
    turned = agreement(pairs_of([[30, 10], [15, 45]], [YES, NO]), [YES, NO], positive=NO)
    assert turned.sensitivity == found.specificity


def test_one_case_a_cluster_gives_the_large_sample_interval_of_statsmodels() -> None:
    """statsmodels: kappa +- 1.96 standard errors; a percentile bootstrap of 400 cases comes near it."""
    table = [[120, 40], [30, 210]]
    found = agreement(pairs_of(table, [YES, NO]), [YES, NO]).kappa
    oracle = cohens_kappa(np.asarray(table))
    assert found.ci_low == pytest.approx(float(oracle.kappa_low), abs=0.012)
    assert found.ci_high == pytest.approx(float(oracle.kappa_upp), abs=0.012)


def test_alike_repetitions_of_one_person_widen_the_interval() -> None:
    """The same 240 cases, as 240 people or as 12 people of 20 alike: the figure is the same, the certainty is not."""
    cells = [(YES, YES)] * 5 + [(YES, NO)] * 1 + [(NO, YES)] * 1 + [(NO, NO)] * 5
    apart = [Pair(f"{n}-{i}", a, b) for n, (a, b) in enumerate(cells) for i in range(20)]
    alike = [Pair(str(n), a, b) for n, (a, b) in enumerate(cells) for _ in range(20)]
    wide, narrow = (agreement(pairs, [YES, NO]).kappa for pairs in (alike, apart))
    assert wide.value == narrow.value
    assert wide.ci_low is not None
    assert wide.ci_high is not None
    assert narrow.ci_low is not None
    assert narrow.ci_high is not None
    # Twenty alike are one: the standard error is sqrt(20) = 4.5 times as large, cut where kappa can't exceed 1.
    assert (wide.ci_high - wide.ci_low) > 2.5 * (narrow.ci_high - narrow.ci_low)


def test_the_order_of_the_cases_changes_no_digit() -> None:
    pairs = [Pair(f"s{i % 7}", YES if i % 3 else NO, YES if i % 4 else NO) for i in range(60)]
    shuffled = list(pairs)
    random.Random(4).shuffle(shuffled)
    assert agreement(pairs, [YES, NO], positive=NO) == agreement(shuffled, [YES, NO], positive=NO)


def test_two_people_have_a_figure_and_no_interval() -> None:
    pairs = [*pairs_of([[3, 1], [0, 0]], [YES, NO], "a"), *pairs_of([[0, 0], [1, 3]], [YES, NO], "b")]
    found = agreement(pairs, [YES, NO])
    assert found.kappa.value == pytest.approx(0.5)
    assert (found.kappa.ci_low, found.kappa.ci_high, found.draws) == (None, None, 0)


def test_a_figure_that_does_not_exist_is_none_not_a_number() -> None:
    found = agreement(pairs_of([[5, 0], [0, 0]], [YES, NO]), [YES, NO], positive=NO)
    assert found.kappa.value is None
    assert found.sensitivity is not None
    assert (found.sensitivity.value, found.sensitivity.n) == (None, 0)
    assert (found.accuracy.value, found.accuracy.ci_low, found.accuracy.ci_high) == (1.0, 1.0, 1.0)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidSample) as empty:
        agreement([], [YES, NO])
    assert empty.value.code == "too_few"
    with pytest.raises(InvalidSample) as unknown:
        agreement([Pair("a", YES, "maybe")], [YES, NO])
    assert unknown.value.code == "unknown_category"
    with pytest.raises(ValueError, match="not one of two"):
        agreement([Pair("a", YES, NO)], [YES, NO, "maybe"], positive=YES)
    with pytest.raises(ValueError, match="confidence"):
        agreement([Pair("a", YES, NO)], [YES, NO], confidence=95)
