"""Rates and count models: golden values, few events, none. Oracles: benchmarks/oracles/injuries.py."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.stats import InvalidSample
from analysis.stats.counts import OFFSET, CountGroup, Family, count_group, count_model, dispersion_test
from analysis.stats.rates import burden, events, incidence, rate_ratio
from tests.analysis.reference_data import INJURIES

METHODS = ("wald", "score", "exact", "midp")


def injuries(hours: float = 48.0) -> list[CountGroup]:
    return [count_group(name, INJURIES[name], [hours] * 25) for name in ("control", "experimental")]


def test_the_ratio_of_table_2_gives_the_specifications_golden_values() -> None:
    """Specification 5.3: IRR .150943, Wald .09827 to .23186, score .09859 to .23111, dispersion .777."""
    ours, control = events("experimental", 24, 1200), events("control", 159, 1200)
    wald, score = (rate_ratio(ours, control, method=method) for method in ("wald", "score"))
    assert wald.ratio is not None
    assert wald.ci_high is not None
    assert score.ci_high is not None
    assert round(wald.ratio, 6) == 0.150943
    assert (round(wald.ci_low, 5), round(wald.ci_high, 5)) == (0.09827, 0.23186)
    assert (round(score.ci_low, 5), round(score.ci_high, 5)) == (0.09859, 0.23111)
    model = count_model(injuries(), family="poisson")
    assert round(model.dispersion, 3) == 0.777
    (term,) = model.ratios
    assert (term.ratio, term.ci_low) == pytest.approx((wald.ratio, wald.ci_low), rel=1e-12)


def test_a_rate_is_per_thousand_hours_of_exposure() -> None:
    """3 in 400 h are 7.5 per 1,000 h. Garwood's table: 3 events have .6187 to 8.7673."""
    rate = incidence(events("a", 3, 400))
    assert (rate.rate, rate.per_h) == (7.5, 1000)
    assert (round(rate.ci_low * 0.4, 4), round(rate.ci_high * 0.4, 4)) == (0.6187, 8.7673)


def test_no_event_has_a_finite_upper_limit() -> None:
    """The largest mean that gives no event with 2.5 %: -log(.025) = 3.689."""
    rate = incidence(events("a", 0, 1000))
    assert (rate.rate, rate.ci_low) == (0.0, 0.0)
    assert rate.ci_high == pytest.approx(-math.log(0.025))
    score = incidence(events("a", 0, 1000), method="score")
    assert (score.ci_low, score.ci_high) == pytest.approx((0.0, 1.959963985**2))


@pytest.mark.parametrize("method", ["score", "exact", "midp"])
def test_a_ratio_survives_no_event_on_one_side(method: str) -> None:
    none, some = events("ours", 0, 500), events("control", 6, 500)
    lower = rate_ratio(none, some, method=method)  # type: ignore[arg-type]
    assert (lower.ratio, lower.ci_low) == (0.0, 0.0)
    assert lower.ci_high is not None
    assert 0.3 < lower.ci_high < 1.1
    upper = rate_ratio(some, none, method=method)  # type: ignore[arg-type]
    assert (upper.ratio, upper.ci_high) == (None, None)
    assert upper.ci_low == pytest.approx(1 / lower.ci_high)
    assert upper.p == pytest.approx(lower.p)


def test_six_against_none_by_hand() -> None:
    """Given 6 events and equal hours, all on one side have 2 / 64; mid-p takes half of it."""
    six, none = events("a", 6, 500), events("b", 0, 500)
    assert rate_ratio(six, none, method="exact").p == pytest.approx(2 / 64)
    assert rate_ratio(six, none, method="midp").p == pytest.approx(1 / 64)
    assert rate_ratio(six, none, method="exact").ci_low == pytest.approx(1 / (0.025 ** (-1 / 6) - 1))


def test_what_has_no_ratio_says_so() -> None:
    none, some = events("a", 0, 10), events("b", 3, 10)
    for method in METHODS:
        with pytest.raises(InvalidSample) as both:
            rate_ratio(none, events("b", 0, 10), method=method)  # type: ignore[arg-type]
        assert both.value.code == "zero_events"
    with pytest.raises(InvalidSample, match="score or the exact") as error:
        rate_ratio(none, some, method="wald")
    assert (error.value.code, error.value.group) == ("zero_events", "a")


@pytest.mark.parametrize(
    ("count", "hours", "code"),
    [
        (-1, 10, "not_a_count"),
        (1.5, 10, "not_a_count"),
        (math.nan, 10, "not_a_count"),
        (1, 0, "no_exposure"),
        (0, 0, "no_exposure"),
        (1, -5, "not_a_number"),
        (1, math.inf, "not_a_number"),
    ],
)
def test_counts_and_hours_that_cannot_be_are_refused(count: float, hours: float, code: str) -> None:
    with pytest.raises(InvalidSample) as error:
        events("a", count, hours)
    assert error.value.code == code


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.floats(1, 5000), st.floats(1, 5000))
def test_swapping_groups_inverts_the_ratio(x: int, y: int, h1: float, h2: float) -> None:
    a, b = events("a", x, h1), events("b", y, h2)
    for method in METHODS:
        one = rate_ratio(a, b, method=method)  # type: ignore[arg-type]
        other = rate_ratio(b, a, method=method)  # type: ignore[arg-type]
        assert one.ratio is not None
        assert other.ci_high is not None
        assert one.ci_low == pytest.approx(1 / other.ci_high, rel=1e-7)
        assert one.p == pytest.approx(other.p, rel=1e-7)
        assert one.ci_low <= one.ratio


def test_burden_counts_days_over_hours_and_draws_people() -> None:
    """10 days in 400 h are 25 per 1,000 h."""
    found = burden("a", [0, 10, 0, 0], [100, 100, 100, 100])
    assert found.burden == 25.0
    assert found.ci_low == 0.0  # in about a third of the draws nobody lost a day
    assert found.ci_high is not None
    assert found.ci_high > 25.0
    assert found == burden("a", [0, 10, 0, 0], [100, 100, 100, 100])
    assert burden("a", [3, 0], [10, 10]).ci_low is None
    for days, hours, code in (
        ([1.0], [0.0], "no_exposure"), ([1.0, 2.0], [3.0], "unpaired"), ([-1.0], [3.0], "not_a_number"),
    ):  # fmt: skip
        with pytest.raises(InvalidSample) as error:
            burden("a", days, hours)
        assert error.value.code == code


def test_the_offset_is_printed_and_hours_change_the_rate_alone() -> None:
    short, long = count_model(injuries(24), family="poisson"), count_model(injuries(48), family="poisson")
    assert short.offset == OFFSET
    assert short.rate == pytest.approx(2 * long.rate)
    assert short.ratios[0].ratio == pytest.approx(long.ratios[0].ratio)
    assert long.rate == pytest.approx(1000 * 159 / 1200)
    assert (long.exposure_h, long.events) == (2400.0, 183)


def test_unequal_hours_are_taken_into_account() -> None:
    """Same events, the second arm trained four times as long: a quarter of the rate."""
    groups = [count_group("a", [2, 3], [10, 10]), count_group("b", [2, 3], [40, 40])]
    for family in get_args(Family):
        assert count_model(groups, family=family).ratios[0].ratio == pytest.approx(0.25)


def test_counts_that_vary_less_than_poisson_leave_alpha_at_zero() -> None:
    """Table 2's reconstruction: dispersion .777, so the negative binomial is the Poisson and no test speaks of more."""
    found = count_model(injuries(), family="negative_binomial")
    plain = count_model(injuries(), family="poisson")
    assert found.alpha == 0.0
    assert found.ratios == plain.ratios
    test = dispersion_test(injuries())
    assert (test.lr, test.p_lr) == (0.0, 1.0)
    assert min(test.p_pearson, test.p_linear, test.p_quadratic) > 0.8


def test_overdispersion_widens_the_interval_and_is_found() -> None:
    rng = np.random.default_rng(4)
    groups = [count_group(name, rng.negative_binomial(0.7, 0.7 / 3.7, 60), [20.0] * 60) for name in "ab"]
    test = dispersion_test(groups)
    assert max(test.p_pearson, test.p_lr, test.p_linear, test.p_quadratic) < 0.01
    poisson, quasi, negative = (count_model(groups, family=family).ratios[0].log_se for family in get_args(Family))
    assert poisson < 0.75 * min(quasi, negative)


def test_an_arm_without_events_is_sent_to_the_exact_interval() -> None:
    groups = [count_group("a", [0, 0], [10, 10]), count_group("b", [1, 2], [10, 10])]
    with pytest.raises(InvalidSample, match="exact or score") as error:
        count_model(groups, family="poisson")
    assert (error.value.code, error.value.group) == ("zero_events", "a")


@pytest.mark.parametrize(
    ("counts", "hours", "code"),
    [
        ([1, 2], [10, 0], "no_exposure"),
        ([1, 2.5], [10, 10], "not_a_count"),
        ([1, math.nan], [10, 10], "not_a_count"),
        ([1, 2], [10], "unpaired"),
        ([], [], "too_few"),
        (["x"], [1], "not_numeric"),
        ([1, 2], [10, math.inf], "not_a_number"),
    ],
)
def test_rows_that_cannot_be_are_refused(counts: list[float], hours: list[float], code: str) -> None:
    with pytest.raises(InvalidSample) as error:
        count_group("a", counts, hours)
    assert error.value.code == code


def test_a_million_people_are_modelled() -> None:
    rng = np.random.default_rng(6)
    groups = [count_group(name, rng.poisson(0.2, 500_000), np.full(500_000, 30.0)) for name in "ab"]
    assert count_model(groups, family="negative_binomial").ratios[0].ratio == pytest.approx(1.0, abs=0.02)
