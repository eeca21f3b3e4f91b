"""Weighted kappa by hand, against statsmodels, and beside the ICC that it is close to."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from analysis.stats import InvalidSample, Pair, sample
from analysis.stats.raters import icc
from analysis.stats.weighted import Weights, weighted_kappa

TOTALS = [str(total) for total in range(11)]


def pairs_of(first: list[int], second: list[int]) -> list[Pair]:
    return [Pair(f"p{n}", str(a), str(b)) for n, (a, b) in enumerate(zip(first, second, strict=True))]


def test_by_hand_on_two_points_apart() -> None:
    """Categories 0, 1, 2; pairs 00, 11, 02, 22. Quadratic disagreement 4/4 = 1; margins (2,1,1) and (1,1,2):
    expected (0+1*2*1+4*2*2 + 1*1+0+1*2 + 4*1+1*1+0)/16 = 26/16; kappa = 1 - 16/26.
    """
    found = weighted_kappa(pairs_of([0, 1, 0, 2], [0, 1, 2, 2]), ["0", "1", "2"])
    assert found.value == pytest.approx(1 - 16 / 26)


@pytest.mark.parametrize("weights", ["linear", "quadratic"])
def test_against_statsmodels(weights: Weights) -> None:
    rng = np.random.default_rng(2)
    first = rng.integers(0, 11, 60)
    second = np.clip(first + rng.integers(-2, 3, 60), 0, 10)
    table = np.zeros((11, 11))
    np.add.at(table, (first, second), 1)
    expected = cohens_kappa(table, wt=weights).kappa
    assert weighted_kappa(pairs_of(list(first), list(second)), TOTALS, weights=weights).value == pytest.approx(expected)


def test_quadratic_weights_come_close_to_the_icc_and_the_interval_holds_it() -> None:
    rng = np.random.default_rng(8)
    first = rng.integers(2, 10, 80)
    second = np.clip(first + rng.integers(-1, 2, 80), 0, 10)
    kappa = weighted_kappa(pairs_of(list(first), list(second)), TOTALS)
    both = icc([sample("a", first), sample("b", second)], form="agreement")
    assert kappa.value == pytest.approx(both.figure.value, abs=0.02)
    assert kappa.ci_low is not None
    assert kappa.ci_high is not None
    assert kappa.ci_low < (kappa.value or 0) < kappa.ci_high


def test_one_category_of_both_has_no_kappa_and_two_people_no_interval() -> None:
    assert weighted_kappa(pairs_of([3, 3, 3], [3, 3, 3]), TOTALS).value is None
    found = weighted_kappa(pairs_of([3, 4], [3, 5]), TOTALS)
    assert (found.ci_low, found.ci_high, found.n) == (None, None, 2)


def test_bad_pairs_are_refused() -> None:
    with pytest.raises(InvalidSample) as empty:
        weighted_kappa([], TOTALS)
    assert empty.value.code == "too_few"
    with pytest.raises(InvalidSample) as unknown:
        weighted_kappa(pairs_of([11], [3]), TOTALS)
    assert unknown.value.code == "unknown_category"
