from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.oneway import confint_effectsize_oneway, confint_noncentrality

from analysis.stats import Summary, cohen_d, eta_squared, hedges_g, omega_squared, one_way, sample
from analysis.stats.effects import bias_factor, f_noncentrality, t_noncentrality
from tests.analysis.reference_data import ACCURACY, INJURIES, PLANTS, samples


def test_d_and_g_give_the_specifications_golden_values() -> None:
    """Specification 5.1 and 5.3: d 2.065620 [1.368, 2.749], g 2.033147."""
    d, g = cohen_d(*samples(ACCURACY)), hedges_g(*samples(ACCURACY))
    assert round(d.estimate, 6) == 2.065620
    assert (round(d.ci_low, 3), round(d.ci_high, 3)) == (1.368, 2.749)
    assert round(g.estimate, 6) == 2.033147
    assert (g.ci_low, g.ci_high) == (d.ci_low, d.ci_high)


def test_the_injuries_give_the_specifications_golden_values() -> None:
    """Specification 5.2: |d| 3.804 [2.857, 4.736]; eta squared .790, 90 % CI [.693, .840]; omega squared .783."""
    control_first = cohen_d(*reversed(samples(INJURIES)))
    assert [round(x, 3) for x in (control_first.estimate, control_first.ci_low, control_first.ci_high)] == [
        3.804,
        2.857,
        4.736,
    ]
    table = one_way(samples(INJURIES))
    eta = eta_squared(table)
    assert [round(x, 3) for x in (eta.estimate, eta.ci_low, eta.ci_high)] == [0.790, 0.693, 0.840]
    assert eta.confidence == 0.90
    assert round(omega_squared(table).estimate, 3) == 0.783


def test_the_limits_of_t_agree_with_r_mbess() -> None:
    """R: MBESS::conf.limits.nct(t.value = 2.83, df = 126, conf.level = .95): 0.8337502, 4.815359."""
    low, high = t_noncentrality(2.83, 126, confidence=0.95)
    assert low == pytest.approx(0.8337502, abs=5e-7)
    assert high == pytest.approx(4.815359, abs=5e-6)


def test_the_interval_of_eta_squared_agrees_with_r_statpsych() -> None:
    """R: statpsych::ci.etasqr(.05, .241, 3, 116): LL 0.1040229, UL 0.3493431 (its search stops near 2e-6)."""
    f = (0.241 / 3) / (0.759 / 116)
    low, high = f_noncentrality(f, 3, 116, confidence=0.95)
    assert low / (low + 120) == pytest.approx(0.1040229, abs=3e-6)
    assert high / (high + 120) == pytest.approx(0.3493431, abs=3e-6)


@pytest.mark.parametrize(("f", "df1", "df2"), [(4.846, 2, 27), (180.8933, 1, 48), (1.1192, 2, 27), (0.2, 3, 40)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_the_limits_of_f_agree_with_statsmodels(f: float, df1: int, df2: int, confidence: float) -> None:
    """Where its limit would be negative statsmodels says nan or 0; ours is 0."""
    low, high = confint_noncentrality(f, (df1, df2), alpha=1 - confidence)
    ours = f_noncentrality(f, df1, df2, confidence=confidence)
    tail = (1 - confidence) / 2
    central = scipy_stats.f.cdf(f, df1, df2)
    assert ours[0] == pytest.approx(low if central > 1 - tail else 0.0, rel=1e-3, abs=1e-3)
    assert ours[1] == pytest.approx(high if central > tail else 0.0, rel=1e-3, abs=1e-3)


def test_the_interval_of_omega_squared_agrees_with_statsmodels() -> None:
    """Its `eta2` is the population's share, noncentrality / (noncentrality + N), solved to about 1e-4."""
    table = one_way(samples(PLANTS))
    theirs = confint_effectsize_oneway(table.f, (2, 27), alpha=0.1)
    omega = omega_squared(table)
    assert [omega.ci_low, omega.ci_high] == pytest.approx(list(theirs.eta2), rel=1e-4)


@given(st.floats(-40, 40), st.integers(3, 300))
def test_the_limits_of_t_put_the_observed_value_at_the_edges(t: float, df: int) -> None:
    low, high = t_noncentrality(t, df, confidence=0.95)
    assert low < t < high or abs(t) < 1e-6
    assert scipy_stats.nct.cdf(t, df, low) == pytest.approx(0.975, abs=1e-8)
    assert scipy_stats.nct.cdf(t, df, high) == pytest.approx(0.025, abs=1e-8)


@given(st.floats(0.01, 60), st.integers(1, 6), st.integers(4, 300))
def test_a_90_percent_interval_of_eta_excludes_zero_just_when_p_is_below_5_percent(
    f: float, df1: int, df2: int
) -> None:
    p = float(scipy_stats.f.sf(f, df1, df2))
    assume(abs(p - 0.05) > 1e-6)
    low, high = f_noncentrality(f, df1, df2, confidence=0.90)
    assert (low > 0) == (p < 0.05)
    assert low <= high


def test_one_df_between_gives_the_same_limits_as_t() -> None:
    low, high = f_noncentrality(25.0**2, 1, 48, confidence=0.9)
    t_low, t_high = t_noncentrality(25.0, 48, confidence=0.9)
    assert (low, high) == pytest.approx((t_low**2, t_high**2), rel=1e-7)


def test_huge_studies_keep_their_limits() -> None:
    low, high = t_noncentrality(500.0, 1e6, confidence=0.95)
    assert (low, high) == pytest.approx((497.9210, 502.0787), abs=1e-3)


def test_swapping_the_groups_flips_d_and_its_interval() -> None:
    first, second = samples(ACCURACY)
    one, other = cohen_d(first, second), cohen_d(second, first)
    assert one.estimate == -other.estimate
    assert (one.ci_low, one.ci_high) == pytest.approx((-other.ci_high, -other.ci_low), rel=1e-9)


def test_d_of_a_summary_equals_d_of_the_values() -> None:
    first, second = samples(ACCURACY)
    printed = Summary.of("c", n=25, mean=second.summary().mean, sd=second.summary().sd)
    assert cohen_d(first, printed).estimate == pytest.approx(cohen_d(first, second).estimate, rel=1e-13)


def test_omega_squared_may_be_negative_and_its_interval_is_empty_at_zero() -> None:
    table = one_way([sample("a", [1.0, 2.0, 3.0, 4.0]), sample("b", [1.0, 2.0, 3.0, 4.1])])
    omega = omega_squared(table)
    assert omega.estimate < 0
    assert omega.ci_low == 0.0


def test_hedges_correction_is_the_exact_one() -> None:
    """Closed forms: J(2) = 1 / sqrt(pi), J(4) = sqrt(2 / pi); Hedges' approximation 1 - 3 / (4 df - 1) is near it."""
    assert bias_factor(2) == pytest.approx(1 / math.sqrt(math.pi), rel=1e-14)
    assert bias_factor(4) == pytest.approx(math.sqrt(2 / math.pi), rel=1e-14)
    assert bias_factor(48) == pytest.approx(1 - 3 / 191, abs=2e-5)
    with pytest.raises(ValueError, match="more than 1 degree"):
        bias_factor(1)
