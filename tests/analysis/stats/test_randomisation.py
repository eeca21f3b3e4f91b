"""Exact p by brute force and against SciPy, draws against exact p, designs, refusals. Speed: benchmarks."""

from __future__ import annotations

import math
from itertools import combinations, permutations, product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from analysis.stats import InvalidSample
from analysis.stats.randomisation import randomisation_test
from analysis.stats.subsets import Block, all_sums, distribution, drawn_sums
from tests.analysis.reference_data import ACCURACY

if TYPE_CHECKING:
    from numpy.typing import NDArray

few = st.lists(st.integers(0, 9), min_size=4, max_size=8)


def test_fishers_tea() -> None:
    """Eight cups, four of each kind, all told apart: 1 of 70 each way, so 2 / 70 two-sided."""
    found = randomisation_test([1, 1, 1, 1, 0, 0, 0, 0], ["milk"] * 4 + ["tea"] * 4)
    assert (found.method, found.arrangements, found.blocks) == ("exact", 70, 1)
    assert found.p == pytest.approx(2 / 70)
    assert found.observed == 1.0


@settings(deadline=None)
@given(few, st.data())
def test_the_exact_p_is_a_share_of_all_allocations(values: list[int], data: st.DataObject) -> None:
    n1 = data.draw(st.integers(1, len(values) - 1))
    assume(len(set(values)) > 1)
    x = np.array(values, float)

    def statistic(first: tuple[int, ...]) -> float:
        rest = [i for i in range(x.size) if i not in first]
        return float(x[list(first)].mean() - x[rest].mean())

    found = [statistic(first) for first in combinations(range(x.size), n1)]
    observed = statistic(tuple(range(n1)))
    expected = np.mean([abs(d) >= abs(observed) - 1e-9 for d in found])
    test = randomisation_test(values, ["a"] * n1 + ["b"] * (x.size - n1))
    assert test.p == pytest.approx(expected, rel=1e-12)


def test_blocks_are_permuted_within_and_counted() -> None:
    """Two blocks of two people, 2 x 2 allocations. Differences of pairs 3 and 5: only both or none reversed reach 8."""
    found = randomisation_test([4, 1, 9, 4], ["a", "b", "a", "b"], blocks=["1", "1", "2", "2"])
    assert (found.arrangements, found.blocks, found.p) == (4, 2, 0.5)
    assert randomisation_test([4, 1, 9, 4], ["a", "b", "a", "b"]).arrangements == 6


def test_unequal_blocks_are_compared_with_what_they_expect() -> None:
    """By hand: block 1 (10, 0, 0) gives one of three to arm a, block 2 (6, 2) one of two. Six allocations.

    Sums of a: 16, 12, 6, 2, 6, 2; expected 10 / 3 + 4 = 7.33. Observed 16 is 8.67 away, and nothing else is.
    """
    found = randomisation_test([10, 0, 0, 6, 2], ["a", "b", "b", "a", "b"], blocks=[1, 1, 1, 2, 2])
    assert found.p == pytest.approx(1 / 6)
    unlike = randomisation_test([10, 0, 0, 6, 2], ["b", "a", "b", "b", "a"], blocks=[1, 1, 1, 2, 2])
    assert unlike.p == pytest.approx(3 / 6)  # 2 is 5.33 away: so are 2, and 16 more


def test_whole_numbers_are_counted_where_nobody_could_list_them() -> None:
    """The paper's 50: 1.3e14 allocations. The count agrees with the normal limit and with SciPy on a smaller class."""
    values = ACCURACY["experimental"] + ACCURACY["control"]
    found = randomisation_test(values, ["e"] * 25 + ["c"] * 25)
    assert (found.method, found.arrangements) == ("exact", math.comb(50, 25))
    assert 1e-9 < found.p < 1e-7
    halves = [x / 2 for x in values]
    assert randomisation_test(halves, ["e"] * 25 + ["c"] * 25).p == pytest.approx(found.p, rel=1e-9)


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_counting_and_listing_agree(decimals: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(decimals)
    values, arms = np.round(rng.normal(5, 2, 18), decimals), ["a"] * 8 + ["b"] * 10
    blocks = [0] * 4 + [1] * 4 + [0] * 6 + [1] * 4
    listed = randomisation_test(values, arms, blocks=blocks)
    monkeypatch.setattr("analysis.stats.randomisation.ENUMERATED", 0)
    counted = randomisation_test(values, arms, blocks=blocks)
    assert (listed.method, counted.method) == ("exact", "exact")
    assert counted.p == pytest.approx(listed.p, rel=1e-10)


def test_the_exact_p_agrees_with_scipy() -> None:
    """scipy.stats.permutation_test over all C(16, 8); equal arms, so that its two-sided p is ours."""
    rng = np.random.default_rng(9)
    x, y = rng.normal(size=8), rng.normal(size=8) + 0.8
    theirs = scipy_stats.permutation_test(
        (x, y), lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis), n_resamples=np.inf, vectorized=True
    )
    assert randomisation_test([*x, *y], ["a"] * 8 + ["b"] * 8).p == pytest.approx(theirs.pvalue, rel=1e-12)


def test_f_of_three_arms_by_brute_force() -> None:
    values = [1.0, 2.0, 4.0, 3.0, 6.0, 9.0, 5.0]
    arms = ["a", "a", "b", "b", "c", "c", "c"]
    found = randomisation_test(values, arms, statistic="f")
    observed = scipy_stats.f_oneway([1, 2], [4, 3], [6, 9, 5]).statistic
    orders = set(permutations(arms))
    reached = 0
    for order in orders:
        groups = [[v for v, arm in zip(values, order, strict=True) if arm == name] for name in "abc"]
        reached += scipy_stats.f_oneway(*groups).statistic >= observed * (1 - 1e-9)
    assert found.observed == pytest.approx(observed)
    assert found.arrangements == len(orders) == 210
    assert found.p == pytest.approx(reached / len(orders))


@pytest.mark.parametrize("n", [30, 60], ids=["in parts", "by shuffling"])
@pytest.mark.parametrize("statistic", ["difference", "studentised", "f"])
def test_draws_come_near_what_all_allocations_give(n: int, statistic: str) -> None:
    """Scores have an exact p by counting; times pi they have no step, and are drawn. F is the square of t here."""
    rng = np.random.default_rng(n)
    scores = rng.integers(0, 8, n) + np.repeat([1, 0], n // 2)
    arms = ["a"] * (n // 2) + ["b"] * (n // 2)
    exact = randomisation_test(scores, arms)
    drawn = randomisation_test(scores * math.pi, arms, statistic=statistic, draws=40_000)  # type: ignore[arg-type]
    assert (exact.method, drawn.method) == ("exact", "monte_carlo")
    assert drawn.mc_se == pytest.approx(math.sqrt(drawn.p * (1 - drawn.p) / 40_000))
    assert drawn.p_low < drawn.p < drawn.p_high
    assert drawn.p == pytest.approx(exact.p, abs=5 * drawn.mc_se)


def test_a_monte_carlo_p_is_never_zero_and_repeats() -> None:
    rng = np.random.default_rng(1)
    values, arms = [*rng.normal(9, 1, 25), *rng.normal(0, 1, 25)], ["a"] * 25 + ["b"] * 25
    found = randomisation_test(values, arms, draws=999)
    assert (found.p, found.at_least, found.p_low) == (1 / 1000, 0, 0.0)
    assert found == randomisation_test(values, arms, draws=999)
    assert found.p_high == pytest.approx(1 - 0.005 ** (1 / 999))


@pytest.mark.parametrize(("n", "take"), [(30, 11), (52, 26), (80, 30), (80, 55), (600, 200)])
def test_drawn_sums_have_the_mean_and_variance_of_a_draw_without_replacement(n: int, take: int) -> None:
    """Mean take x, variance take (n - take) / (n - 1) times the population's: Cochran."""
    rows = np.random.default_rng(n).gamma(2.0, size=(n, 1))
    draws = 50_000
    sums = np.concatenate(list(drawn_sums([Block(rows, take)], draws, np.random.default_rng(5))))
    spread = math.sqrt(take * (n - take) / (n - 1) * rows.var())
    assert sums.shape == (draws, 1)
    assert sums.mean() == pytest.approx(take * rows.mean(), abs=5 * spread / math.sqrt(draws))
    assert sums.std() == pytest.approx(spread, rel=0.02)


def test_every_subset_is_drawn_equally_often() -> None:
    """The place of each of C(16, 6) = 8,008 subsets in powers of two; chi-squared of 400,000 draws."""
    rows = 2.0 ** np.arange(16)[:, None]
    sums = np.concatenate(list(drawn_sums([Block(rows, 6)], 400_000, np.random.default_rng(6))))
    counts = np.unique(sums, return_counts=True)[1]
    assert counts.size == math.comb(16, 6)
    assert scipy_stats.chisquare(counts).pvalue > 1e-4


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=5), min_size=1, max_size=3))
def test_counted_sums_are_the_listed_ones(values: list[list[int]]) -> None:
    blocks = [(np.array(own), len(own) // 2) for own in values]
    shares = distribution(blocks)
    listed = all_sums([Block(own[:, None].astype(float), take) for own, take in blocks]).ravel()
    assert shares.sum() == pytest.approx(1.0)
    for total in set(listed):
        assert shares[int(total)] == pytest.approx((listed == total).mean())


def test_large_blocks_list_their_sums_without_all_their_subsets() -> None:
    rows = np.arange(30.0)[:, None]
    expected = sorted(a + b for a, b in combinations(range(30), 2))
    assert sorted(all_sums([Block(rows, 2)]).ravel()) == expected
    assert sorted(435 - all_sums([Block(rows, 28)]).ravel()) == expected


def test_a_procedure_of_the_callers_own() -> None:
    """Coin tosses that put the first half anywhere: with the design's own redraw its p is that of the permutation."""
    rng = np.random.default_rng(2)
    values, arms = rng.normal(size=20), ["a"] * 10 + ["b"] * 10

    def redraw(rng: np.random.Generator, m: int) -> NDArray[np.int64]:
        return rng.permuted(np.repeat([[0] * 10 + [1] * 10], m, axis=0), axis=1)

    exact = randomisation_test(values, arms)
    for statistic in ("difference", "studentised", "f"):
        drawn = randomisation_test(values, arms, redraw=redraw, draws=20_000, statistic=statistic)
        assert drawn.arrangements is None
        assert drawn.p == pytest.approx(exact.p, abs=5 * drawn.mc_se)
    with pytest.raises(ValueError, match="redraw was asked for"):
        randomisation_test(values, arms, redraw=lambda rng, m: np.zeros((m, 3)))


def test_an_allocation_that_empties_an_arm_counts_against_the_hypothesis_of_a_difference() -> None:
    found = randomisation_test(
        [1.0, 2.0, 3.0, 9.0], ["a", "a", "b", "b"], redraw=lambda rng, m: np.zeros((m, 4)), draws=99
    )
    assert found.p == 1.0


def test_a_studentised_difference_minds_unequal_spreads() -> None:
    """8 scattered against 32 steady people of equal means: the plain difference rejects far too often."""
    rng = np.random.default_rng(12)
    arms = ["a"] * 8 + ["b"] * 32
    plain = studentised = 0
    for _ in range(400):
        values = np.concatenate([rng.normal(0, 5, 8), rng.normal(0, 1, 32)])
        plain += randomisation_test(values, arms, draws=499).p <= 0.05
        studentised += randomisation_test(values, arms, draws=499, statistic="studentised").p <= 0.05
    assert plain / 400 > 0.15
    assert studentised / 400 < 0.10


@pytest.mark.parametrize(
    ("values", "arms", "options", "code"),
    [
        ([1, 2, 3], ["a", "b"], {}, "unpaired"),
        ([1, 2, 3], ["a", "a", "a"], {}, "too_few_groups"),
        ([1, 2, 3], ["a", "b", "c"], {}, "two_arms_needed"),
        ([2, 2, 2], ["a", "b", "b"], {}, "constant"),
        ([1, math.nan, 3], ["a", "b", "b"], {}, "missing"),
        ([1, math.inf, 3], ["a", "b", "b"], {}, "infinite"),
        ([1, 2, 3], ["a", "b", "b"], {"blocks": [1, 2, 2]}, "one_arrangement"),
        ([1, 2, 3], ["a", "b", "b"], {"blocks": [1, 2]}, "unpaired"),
        ([1, 2, 3], ["a", "b", "b"], {"statistic": "studentised"}, "too_few"),
    ],
)
def test_what_cannot_be_tested_says_why(
    values: list[float], arms: list[str], options: dict[str, object], code: str
) -> None:
    with pytest.raises(InvalidSample) as error:
        randomisation_test(values, arms, **options)  # type: ignore[arg-type]
    assert error.value.code == code


def test_a_large_trial_is_drawn() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=20_000)
    found = randomisation_test(values, ["a", "b"] * 10_000, draws=200)
    assert found.p == pytest.approx(scipy_stats.ttest_ind(values[::2], values[1::2]).pvalue, abs=6 * found.mc_se)
    million = rng.normal(size=1_000_000)
    assert 0 < randomisation_test(million, ["a", "b"] * 500_000, draws=3).p <= 1
    with pytest.raises(InvalidSample, match="ask for 5,000 at most"):
        randomisation_test(million, ["a", "b"] * 500_000)


def test_all_orders_of_strata_are_products() -> None:
    values, strata = [1.0, 5.0, 2.0, 7.0, 3.0, 9.0], ["m", "m", "m", "w", "w", "w"]
    arms = ["a", "b", "c", "a", "b", "c"]
    found = randomisation_test(values, arms, blocks=strata, statistic="f")
    observed = scipy_stats.f_oneway([1, 7], [5, 3], [2, 9]).statistic
    reached = total = 0
    for m, w in product(permutations(arms[:3]), permutations(arms[3:])):
        groups = [[v for v, arm in zip(values, (*m, *w), strict=True) if arm == name] for name in "abc"]
        reached += scipy_stats.f_oneway(*groups).statistic >= observed * (1 - 1e-9)
        total += 1
    assert found.arrangements == total
    assert found.p == pytest.approx(reached / total)
