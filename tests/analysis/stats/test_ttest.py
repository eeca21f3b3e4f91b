from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from analysis.stats import InvalidSample, Summary, sample, student, t_test, welch
from tests.analysis.reference_data import ACCURACY, SLEEP, samples

if TYPE_CHECKING:
    from analysis.stats.ttest import Variant

VARIANTS: tuple[Variant, ...] = ("student", "welch")
whole = st.lists(st.integers(-50, 50), min_size=2, max_size=30).map(lambda xs: [float(x) for x in xs])


def test_student_gives_the_specifications_golden_values() -> None:
    """Specification 5.3: exact values of the Table 1 reconstruction."""
    test = student(*samples(ACCURACY))
    assert test.t == pytest.approx(7.303069657875, rel=1e-12)
    assert test.df == 48.0
    assert test.p == pytest.approx(2.526420447e-9, rel=1e-9)
    assert test.mean_difference == pytest.approx(2.52, rel=1e-14)
    assert test.se == pytest.approx(0.345060381190, rel=1e-11)
    assert (test.ci_low, test.ci_high) == pytest.approx((1.826209604101, 3.213790395899), rel=1e-12)


def test_welch_gives_the_specifications_golden_values() -> None:
    test = welch(*samples(ACCURACY))
    assert test.t == pytest.approx(7.303069657875, rel=1e-12)
    assert test.df == pytest.approx(36.299312089734, rel=1e-13)
    assert test.p == pytest.approx(1.256641041e-8, rel=1e-9)
    assert (test.ci_low, test.ci_high) == pytest.approx((1.820385419521, 3.219614580479), rel=1e-12)


def test_welch_agrees_with_r_on_the_sleep_data() -> None:
    """R: t.test(extra ~ group, data = sleep): t = -1.8608, df = 17.776, p-value = 0.07939."""
    test = welch(*samples(SLEEP))
    assert test.t == pytest.approx(-1.8608, abs=5e-5)
    assert test.df == pytest.approx(17.776, abs=5e-4)
    assert test.p == pytest.approx(0.07939, abs=5e-6)
    assert (test.ci_low, test.ci_high) == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)


def test_student_agrees_with_r_on_the_sleep_data() -> None:
    """R: t.test(extra ~ group, data = sleep, var.equal = TRUE): t = -1.8608, df = 18, p-value = 0.07919."""
    test = student(*samples(SLEEP))
    assert test.t == pytest.approx(-1.8608, abs=5e-5)
    assert test.df == 18.0
    assert test.p == pytest.approx(0.07919, abs=5e-6)
    assert (test.ci_low, test.ci_high) == pytest.approx((-3.363874, 0.203874), abs=5e-7)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_both_variants_agree_with_scipy_and_statsmodels(variant: Variant, confidence: float) -> None:
    a, b = [3.1, 4.7, 2.2, 9.9, 5.0, 6.1], [1.0, 1.4, 0.3, 2.2, 1.9, 2.8, 0.7, 1.1, 2.0]
    ours = t_test(sample("a", a), sample("b", b), variant=variant, confidence=confidence)
    theirs = scipy_stats.ttest_ind(a, b, equal_var=variant == "student")
    assert (ours.t, ours.df, ours.p) == pytest.approx((theirs.statistic, theirs.df, theirs.pvalue), rel=1e-12)
    interval = CompareMeans(DescrStatsW(a), DescrStatsW(b)).tconfint_diff(
        alpha=1 - confidence, usevar="pooled" if variant == "student" else "unequal"
    )
    assert (ours.ci_low, ours.ci_high) == pytest.approx(tuple(interval), rel=1e-11)


@pytest.mark.parametrize("variant", VARIANTS)
def test_summaries_give_what_the_values_give(variant: Variant) -> None:
    """Oracle: scipy.stats.ttest_ind_from_stats."""
    a = Summary.of("a", n=25, mean=8.32, sd=0.80208)
    b = Summary.of("b", n=23, mean=5.80, sd=1.52753)
    theirs = scipy_stats.ttest_ind_from_stats(8.32, 0.80208, 25, 5.80, 1.52753, 23, equal_var=variant == "student")
    ours = t_test(a, b, variant=variant)
    assert (ours.t, ours.p) == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-12)


def test_the_result_says_which_variant_ran_and_on_whom() -> None:
    test = welch(*samples(SLEEP), confidence=0.9)
    assert (test.variant, test.first, test.second, test.confidence) == ("welch", "1", "2", 0.9)


@given(whole, whole, st.sampled_from(VARIANTS))
def test_swapping_the_groups_flips_the_sign_and_nothing_else(a: list[float], b: list[float], variant: Variant) -> None:
    assume(len(set(a)) > 1 or len(set(b)) > 1)
    one = t_test(sample("a", a), sample("b", b), variant=variant)
    other = t_test(sample("b", b), sample("a", a), variant=variant)
    assert (one.t, one.mean_difference) == (-other.t, -other.mean_difference)
    assert (one.ci_low, one.ci_high) == (-other.ci_high, -other.ci_low)
    assert (one.df, one.p, one.se) == (other.df, other.p, other.se)


@given(whole, whole, st.integers(-(10**6), 10**6), st.sampled_from(VARIANTS))
def test_shifting_both_groups_changes_nothing(a: list[float], b: list[float], shift: int, variant: Variant) -> None:
    assume(len(set(a)) > 1 or len(set(b)) > 1)
    one = t_test(sample("a", a), sample("b", b), variant=variant)
    other = t_test(sample("a", [x + shift for x in a]), sample("b", [x + shift for x in b]), variant=variant)
    assert other.t == pytest.approx(one.t, rel=1e-7, abs=1e-7)
    assert other.df == pytest.approx(one.df, rel=1e-9)
    assert other.se == pytest.approx(one.se, rel=1e-9)


@given(whole, whole, st.floats(1e-3, 1e3), st.sampled_from(VARIANTS))
def test_a_change_of_unit_scales_differences_and_leaves_t(
    a: list[float], b: list[float], factor: float, variant: Variant
) -> None:
    assume(len(set(a)) > 1 or len(set(b)) > 1)
    one = t_test(sample("a", a), sample("b", b), variant=variant)
    other = t_test(sample("a", [x * factor for x in a]), sample("b", [x * factor for x in b]), variant=variant)
    assert other.t == pytest.approx(one.t, rel=1e-9, abs=1e-9)
    assert other.p == pytest.approx(one.p, rel=1e-7)
    assert other.se == pytest.approx(one.se * factor, rel=1e-9)
    assert other.ci_high == pytest.approx(one.ci_high * factor, rel=1e-7, abs=1e-7)


@given(whole, whole)
def test_welch_never_has_more_degrees_of_freedom_than_student(a: list[float], b: list[float]) -> None:
    assume(len(set(a)) > 1 or len(set(b)) > 1)
    first, second = sample("a", a), sample("b", b)
    assert min(len(a), len(b)) - 1 - 1e-9 <= welch(first, second).df <= student(first, second).df + 1e-9


@pytest.mark.parametrize("variant", VARIANTS)
def test_two_constant_groups_are_refused_not_infinitely_significant(variant: Variant) -> None:
    with pytest.raises(InvalidSample, match="a, b: all values of a group are equal"):
        t_test(sample("a", [0.1] * 3), sample("b", [0.3] * 3), variant=variant)


def test_one_constant_group_leaves_welch_the_others_degrees_of_freedom() -> None:
    assert welch(sample("a", [2.0, 2.0, 2.0]), sample("b", [1.0, 2.0, 4.0, 9.0])).df == pytest.approx(3.0)


def test_two_groups_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidSample, match="two of one name"):
        student(sample("a", [1.0, 2.0]), sample("a", [3.0, 5.0]))


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, math.nan])
def test_confidence_is_a_proportion(confidence: float) -> None:
    with pytest.raises(ValueError, match="proportion between 0 and 1"):
        student(*samples(SLEEP), confidence=confidence)


def test_tiny_variances_do_not_underflow() -> None:
    test = welch(sample("a", [0.0, 1e-150, 3e-150]), sample("b", [1e-150, 4e-150, 5e-150]))
    assert math.isfinite(test.df)
    assert 2.0 <= test.df <= 4.0
