"""Meaning, edges, refusals; the agreement with SciPy and R is in benchmarks/oracles, run by test_oracles.py."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from analysis.stats import InvalidSample, sample
from analysis.stats.ranks import brunner_munzel, kruskal_wallis, mann_whitney, signed_rank
from tests.analysis.reference_data import ACCURACY, samples

if TYPE_CHECKING:
    from collections.abc import Callable

few = st.lists(st.integers(0, 6), min_size=2, max_size=6).map(lambda xs: [float(x) for x in xs])


def test_mann_whitney_and_brunner_munzel_give_the_specifications_golden_values() -> None:
    """Specification 5.3: U 571, p 3.4128e-7; Brunner-Munzel -10.377078, p 7.538e-12."""
    a, b = samples(ACCURACY)
    ranks = mann_whitney(a, b, method="normal")
    assert (ranks.u, f"{ranks.p:.4e}") == (571.0, "3.4128e-07")
    unequal = brunner_munzel(a, b)
    assert (round(unequal.t, 6), f"{unequal.p:.3e}") == (-10.377078, "7.538e-12")


@settings(deadline=None)
@given(few, few)
def test_the_exact_p_is_a_count_of_all_assignments(a: list[float], b: list[float]) -> None:
    """By brute force: every choice of len(a) of the pooled values, ties and all; twice the smaller tail."""
    pooled = np.array(a + b)
    assume(len(set(pooled)) > 1)
    ranks = scipy_stats.rankdata(pooled)
    observed = ranks[: len(a)].sum()
    sums = np.array([ranks[list(chosen)].sum() for chosen in combinations(range(pooled.size), len(a))])
    expected = min(1.0, 2 * min((sums <= observed).mean(), (sums >= observed).mean()))
    assert mann_whitney(sample("a", a), sample("b", b)).p == pytest.approx(expected, rel=1e-12)


@settings(deadline=None)
@given(few, few)
def test_swapping_groups_mirrors_u_and_the_interval(a: list[float], b: list[float]) -> None:
    assume(len(set(a + b)) > 1)
    one, other = (mann_whitney(sample(x, u), sample(y, v)) for x, u, y, v in (("a", a, "b", b), ("b", b, "a", a)))
    assert one.u + other.u == len(a) * len(b)
    assert one.p == pytest.approx(other.p, rel=1e-12)
    assert one.rank_biserial.ci_low == pytest.approx(-other.rank_biserial.ci_high, abs=1e-9)
    assert -1 <= one.rank_biserial.ci_low <= one.rank_biserial.estimate <= one.rank_biserial.ci_high <= 1


def test_groups_that_do_not_overlap_have_a_rank_biserial_of_one_and_an_interval_below() -> None:
    low, high = sample("low", [1, 2, 3, 4]), sample("high", [5, 6, 7, 8])
    found = mann_whitney(high, low)
    assert (found.u, found.rank_biserial.estimate, found.rank_biserial.ci_high) == (16.0, 1.0, 1.0)
    assert 0 < found.rank_biserial.ci_low < 0.8
    assert found.p == pytest.approx(2 / 70)  # one of C(8, 4) at each end
    with pytest.raises(InvalidSample, match="don't overlap") as error:
        brunner_munzel(high, low)
    assert error.value.code == "separated"


def test_the_method_follows_the_number_of_values_and_is_named() -> None:
    assert mann_whitney(sample("a", range(25)), sample("b", range(25))).method == "exact"
    assert mann_whitney(sample("a", range(26)), sample("b", range(25))).method == "normal"
    with pytest.raises(InvalidSample) as error:
        mann_whitney(sample("a", range(101)), sample("b", range(100)), method="exact")
    assert error.value.code == "too_many"


def test_a_million_values_are_ranked() -> None:
    rng = np.random.default_rng(2)
    a, b = sample("a", rng.integers(0, 10, 500_000)), sample("b", rng.integers(0, 10, 500_000))
    assert abs(mann_whitney(a, b).rank_biserial.estimate) < 0.005
    assert 0 <= kruskal_wallis([a, b]).p <= 1
    assert 0 <= brunner_munzel(a, b).p <= 1


@pytest.mark.parametrize(
    "test", [mann_whitney, brunner_munzel, lambda a, b: kruskal_wallis([a, b]), signed_rank],
    ids=["mann-whitney", "brunner-munzel", "kruskal", "signed rank"],
)  # fmt: skip
def test_equal_values_are_refused(test: Callable[..., object]) -> None:
    with pytest.raises(InvalidSample) as error:
        test(sample("a", [3, 3, 3]), sample("b", [3, 3, 3]))
    assert error.value.code in {"constant", "separated"}


def test_pratt_ranks_zeros_and_wilcoxon_drops_them() -> None:
    """By hand: differences 0, 1, -2, 3; dropped: ranks 1, 2, 3 and V = 1 + 3; Pratt: ranks 2, 3, 4 and V = 2 + 4."""
    a, b = sample("a", [5, 6, 5, 8]), sample("b", [5, 5, 7, 5])
    dropped, kept = signed_rank(a, b), signed_rank(a, b, zeros="pratt")
    assert (dropped.v, dropped.n, dropped.zeros) == (4.0, 3, 1)
    assert (kept.v, kept.n, kept.zeros) == (6.0, 3, 1)
    assert dropped.rank_biserial == pytest.approx((4 - 2) / 6)
    assert dropped.p == pytest.approx(min(1.0, 2 * 3 / 8))  # V >= 4 for 4, 5, 6: 3 of 8 sign patterns


def test_values_that_are_no_pairs_are_refused() -> None:
    with pytest.raises(InvalidSample, match="no pairs") as error:
        signed_rank(sample("a", [1, 2, 3]), sample("b", [1, 2]))
    assert error.value.code == "unpaired"


def test_kruskal_of_separated_groups_has_the_largest_share() -> None:
    found = kruskal_wallis([sample("a", [1, 1]), sample("b", [2, 2])])
    assert found.epsilon_squared.estimate == pytest.approx(1.0)
    assert found.epsilon_squared.ci_high == 1.0
