"""Gaps filled and pooled: against statsmodels' MICE, the rules by hand, and by simulation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.imputation import mice

from analysis.stats import InvalidSample, sample, welch
from analysis.stats.imputation import impute, pool

if TYPE_CHECKING:
    from numpy.typing import NDArray


def with_gaps(seed: int, *, n: int = 60) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    arm = np.repeat([0.0, 1.0], n // 2)
    before = rng.normal(50, 10, n)
    after = 10 + 0.8 * before + 4 * arm + rng.normal(0, 5, n)
    after[rng.random(n) < 0.25] = np.nan
    return np.column_stack([after, arm, before])


def test_observed_values_stay_and_every_gap_is_filled() -> None:
    table = with_gaps(1)
    filled = impute(table, m=5)
    gaps = np.isnan(table)
    assert filled.shape == (5, 60, 3)
    assert np.isfinite(filled).all()
    for own in filled:
        assert (own[~gaps] == table[~gaps]).all()
    assert not np.array_equal(filled[0][gaps], filled[1][gaps])


def test_mean_matching_gives_only_values_that_were_observed() -> None:
    table = np.round(with_gaps(2))
    observed = set(table[~np.isnan(table[:, 0]), 0])
    filled = impute(table, m=10, method="pmm")
    assert set(filled[:, np.isnan(table[:, 0]), 0].ravel()) <= observed
    drawn = impute(table, m=10, method="normal")[:, np.isnan(table[:, 0]), 0]
    assert not set(drawn.ravel()) <= observed


def test_the_same_seed_gives_the_same_values_and_another_seed_others() -> None:
    table = with_gaps(3)
    assert np.array_equal(impute(table, seed=7), impute(table, seed=7))
    assert not np.array_equal(impute(table, seed=7), impute(table, seed=8))


def test_gaps_in_several_columns_are_filled_in_rounds() -> None:
    table = with_gaps(4)
    table[::7, 2] = np.nan
    filled = impute(table, m=3, method="normal")
    assert np.isfinite(filled).all()
    # What is filled keeps the columns' relation: correlated as they were drawn, about .85.
    assert np.corrcoef(filled[0][:, 0], filled[0][:, 2])[0, 1] > 0.6


def test_pooled_as_statsmodels_combines_the_same_fits() -> None:
    """statsmodels.imputation.mice.MICE.combine on OLS fits of our completed data: covariance and its share of gaps."""
    table = with_gaps(5)
    fits = [sm.OLS(own[:, 0], sm.add_constant(own[:, 1:])).fit() for own in impute(table, m=8)]
    reference = object.__new__(mice.MICE)
    reference.results_list, reference.exog_names, reference.endog_names = fits, ["c", "arm", "before"], "after"
    reference.model_class = sm.OLS
    theirs = reference.combine()
    for at in range(3):
        ours = pool([fit.params[at] for fit in fits], [fit.bse[at] ** 2 for fit in fits])
        assert ours.estimate == pytest.approx(theirs.params[at], rel=1e-12)
        assert ours.se == pytest.approx(math.sqrt(theirs.cov_params()[at, at]), rel=1e-10)
        assert ours.lambda_share == pytest.approx(theirs.frac_miss_info[at], rel=1e-10)


def test_rubins_rules_by_hand() -> None:
    """Means 2, 3, 4 with variances 1: W = 1, B = 1, T = 1 + 4/3, lambda = 4/7; old df = 2 / lambda^2 = 6.125.

    With 20 complete degrees of freedom: (21/23) 20 (3/7) = 7.826087, and 6.125 x 7.826087 / 13.951087 = 3.435917
    (Barnard and Rubin 1999; R's mice::barnard.rubin is the same formula). r = 4/3, so that the missing information is
    (r + 2 / (df + 3)) / (r + 1).
    """
    found = pool([2.0, 3.0, 4.0], [1.0, 1.0, 1.0], df_complete=20)
    assert found.lambda_share == pytest.approx(4 / 7, rel=1e-14)
    assert found.df == pytest.approx(3.4359174, rel=1e-7)
    assert found.se == pytest.approx(math.sqrt(7 / 3), rel=1e-14)
    assert found.p == pytest.approx(2 * stats.t.sf(3 / math.sqrt(7 / 3), found.df), rel=1e-12)
    assert found.missing_information == pytest.approx((4 / 3 + 2 / (found.df + 3)) / (7 / 3), rel=1e-12)
    assert pool([2.0, 3.0, 4.0], [1.0, 1.0, 1.0]).df == pytest.approx(6.125, rel=1e-12)


def test_without_differences_between_imputations_nothing_is_lost() -> None:
    found = pool([3.0, 3.0], [0.25, 0.25], df_complete=30)
    assert (found.estimate, found.se, found.missing_information) == (3.0, 0.5, 0.0)
    assert found.df < 30


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ([1.0, 2.0], "not_a_table"),
        ([[1.0, math.inf], [2.0, 1.0]], "infinite"),
        ([[1.0, 0.0], [math.nan, 1.0], [2.0, 0.0]], "too_few"),
        ([["a", "b"]], "not_numeric"),
    ],
)
def test_what_cannot_be_filled_is_refused(columns: list[object], code: str) -> None:
    with pytest.raises(InvalidSample) as caught:
        impute(columns)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_pooling_refuses_what_is_no_set_of_estimates() -> None:
    for given, code in (
        (([1.0], [1.0]), "too_few"),
        (([1.0, 2.0], [1.0]), "unpaired"),
        (([1.0, 1.0], [0, 0]), "constant"),
    ):
        with pytest.raises(InvalidSample) as caught:
            pool(*given)
        assert caught.value.code == code


def test_the_pooled_interval_covers_where_the_complete_cases_are_biased() -> None:
    """Gaps that depend on the value before, in one arm: complete cases lean to one side, imputation does not."""
    rng = np.random.default_rng(11)
    covered, lean, runs = 0, 0.0, 150
    for run in range(runs):
        n = 60
        arm = np.repeat([1.0, 0.0], n // 2)
        before = rng.normal(0, 1, n)
        after = 1.0 * arm + before + rng.normal(0, 0.6, n)
        gone = (arm == 1) & (before < -0.2) & (rng.random(n) < 0.8)
        after[gone] = np.nan
        seen = ~gone
        lean += float(after[seen & (arm == 1)].mean() - after[arm == 0].mean()) - 1.0
        tests = [
            welch(sample("a", own[arm == 1, 0]), sample("b", own[arm == 0, 0]))
            for own in impute(np.column_stack([after, arm, before]), m=10, seed=run, method="normal")
        ]
        found = pool([t.mean_difference for t in tests], [t.se**2 for t in tests], df_complete=n - 2)
        covered += found.ci_low <= 1.0 <= found.ci_high
    assert lean / runs > 0.3
    assert covered / runs > 0.9
