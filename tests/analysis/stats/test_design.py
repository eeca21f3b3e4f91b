"""Power, equivalence, Bayes factors: golden values, meaning, refusals. Oracles: benchmarks/oracles/design.py."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.stats import InvalidSample, sample
from analysis.stats.bayes import CURVE, bayes_paired, bayes_t, jzs, robustness
from analysis.stats.equivalence import equivalence, power_equivalence
from analysis.stats.power import (
    Clusters,
    detectable_d,
    detectable_d_clusters,
    detectable_f,
    detectable_ratio,
    n_anova,
    n_rates,
    n_t,
    power_anova,
    power_clusters,
    power_paired_t,
    power_rates,
    power_t,
)
from tests.analysis.reference_data import ACCURACY, SLEEP, samples


def test_a_class_of_50_sees_a_d_of_81_hundredths() -> None:
    """Specification row 19."""
    assert round(detectable_d(25, 25), 2) == 0.81
    assert power_t(detectable_d(25, 25), 25, 25) == pytest.approx(0.8)


def test_cohens_table_of_sample_sizes() -> None:
    """Cohen (1988), table 2.4.1: power .80, two-sided .05: d .20 needs 393, .50 64, .80 26; d .50 at .90 needs 85.

    Table 8.4.4, k = 3 arms, f .25: 52.
    """
    assert [n_t(d).per_arm for d in (0.2, 0.5, 0.8)] == [394, 64, 26]  # the book's 393 is 393.4 rounded down
    assert n_t(0.5, power=0.9).per_arm == 86  # 85.03
    assert n_anova(0.25, 3).per_arm == 53  # 52.4
    assert detectable_f(3, 52.4) == pytest.approx(0.25, abs=0.0005)


def test_two_arms_of_anova_are_a_t_test() -> None:
    assert power_anova(0.25, 2, 30) == pytest.approx(power_t(0.5, 30, 30), rel=1e-9)
    assert power_anova(0.0, 3, 20) == 0.05
    assert power_t(0.0, 20, 20) == 0.05


def test_sections_inflate_the_sample() -> None:
    """25 a section, ICC .05: design effect 1 + 24 x .05 = 2.2; sizes that vary by 40 %: 1 + (1.16 x 25 - 1) .05."""
    clusters = Clusters(25, 0.05)
    assert clusters.design_effect == pytest.approx(2.2)
    assert Clusters(25, 0.05, cv=0.4).design_effect == pytest.approx(2.4)
    found = n_t(0.5, clusters=clusters, dropout=0.1)
    assert (found.clusters_per_arm, found.per_arm, found.enrolled) == (7, 175, 195)
    assert found.power == pytest.approx(power_clusters(0.5, 7, clusters))
    assert power_clusters(0.5, 6, clusters) < 0.8 <= found.power
    assert detectable_d_clusters(7, clusters) < 0.5 < detectable_d_clusters(6, clusters)


def test_people_alone_in_their_sections_are_people() -> None:
    assert power_clusters(0.7, 30, Clusters(1, 0.3)) == pytest.approx(power_t(0.7, 30, 30))


def test_dropout_is_made_up_for() -> None:
    assert n_t(0.5, dropout=0.2).enrolled == 80  # 64 / .8
    assert n_t(0.5).enrolled == 64


def test_halving_a_rate_of_injuries() -> None:
    """3.4 per 1,000 h in 48 h each: .163 a head. (z .975 + z .8)^2 (1 / .5 + 1) / (log 2)^2 / .1632 = 300.3."""
    found = n_rates(0.5, 3.4 / 1000, 48)
    expected = (1.959964 + 0.841621) ** 2 * 3 / math.log(2) ** 2 / 0.1632
    assert found.exact == pytest.approx(expected, rel=1e-4)
    assert found.per_arm == 301
    assert n_rates(0.5, 3.4 / 1000, 48, dispersion=2).exact == pytest.approx(2 * found.exact, rel=1e-9)


def test_the_smallest_ratio_is_seen_with_the_power_asked_for() -> None:
    ratio = detectable_ratio(3 / 1000, (10_000, 10_000))
    assert power_rates(ratio, 3 / 1000, (10_000, 10_000)) == pytest.approx(0.8)
    with pytest.raises(InvalidSample) as error:
        detectable_ratio(3 / 1000, (5_000, 5_000))  # 15 events against any fewer reach 76 %
    assert error.value.code == "not_reachable"


@settings(deadline=None)
@given(st.floats(0.05, 3), st.integers(3, 200))
def test_more_people_and_larger_effects_give_more_power(d: float, n: int) -> None:
    assert power_t(d, n, n) <= power_t(d, n + 5, n) + 1e-12
    assert power_t(d, n, n) <= power_t(d + 0.1, n, n) + 1e-12
    assert power_paired_t(d, n) <= power_paired_t(d + 0.1, n) + 1e-12


def test_power_is_what_a_simulation_finds() -> None:
    """20,000 studies of 6 sections of 10 an arm, ICC .2, d 1."""
    rng = np.random.default_rng(4)
    studies, k, m, icc = 20_000, 6, 10, 0.2
    sections = rng.normal(0, math.sqrt(icc), (studies, 2, k)) + rng.normal(0, math.sqrt((1 - icc) / m), (studies, 2, k))
    sections[:, 0] += 1.0
    means, variances = sections.mean(axis=2), sections.var(axis=2, ddof=1)
    t = (means[:, 0] - means[:, 1]) / np.sqrt(variances.sum(axis=1) / k)
    assert (abs(t) > 2.228139).mean() == pytest.approx(power_clusters(1.0, k, Clusters(m, icc)), abs=0.01)


def test_what_cannot_be_planned_says_why() -> None:
    for call, code in (
        (lambda: power_t(0.5, 1, 1), "too_few"),
        (lambda: power_t(0.5, 10, 10, alpha=1.5), "not_a_number"),
        (lambda: n_t(0.5, power=1.0), "not_a_number"),
        (lambda: n_t(0.5, power=0.01), "not_a_number"),
        (lambda: n_t(0.0), "not_reachable"),
        (lambda: n_t(0.5, dropout=1.0), "not_a_number"),
        (lambda: n_t(0.5, clusters=Clusters(0, 0.1)), "not_a_number"),
        (lambda: power_clusters(0.5, 1, Clusters(20, 0.1)), "too_few"),
        (lambda: power_anova(0.3, 1, 20), "too_few"),
        (lambda: power_rates(0.0, 0.1, (10, 10)), "not_a_number"),
        (lambda: power_rates(0.5, 0.1, (10, 0)), "not_a_number"),
    ):
        with pytest.raises(InvalidSample) as error:
            call()
        assert error.value.code == code


def test_equivalence_and_its_interval_say_the_same() -> None:
    """Sleep, difference -1.58 [-3.053, -.107] at 90 %: within -4 to 1, not within -3 to 1."""
    a, b = samples(SLEEP)
    alike = equivalence(a, b, low=-4, high=1)
    assert alike.p < 0.05
    assert (round(alike.ci_low, 3), round(alike.ci_high, 3), alike.confidence) == (-3.053, -0.107, 0.9)
    assert equivalence(a, b, low=-3, high=1).p > 0.05
    one_side = equivalence(a, b, low=-4, high=None)
    assert (one_side.p, one_side.p_high, one_side.high) == (alike.p_low, None, None)


def test_bounds_that_are_swapped_or_missing_are_refused() -> None:
    a, b = samples(SLEEP)
    for low, high, code in (
        (1.0, -1.0, "bounds"),
        (0.5, 0.5, "bounds"),
        (None, None, "no_bound"),
        (math.nan, 1, "bounds"),
    ):
        with pytest.raises(InvalidSample) as error:
            equivalence(a, b, low=low, high=high)
        assert error.value.code == code
    with pytest.raises(InvalidSample):
        power_equivalence(25, 25, sd=1, low=1, high=-1)
    with pytest.raises(InvalidSample):
        power_equivalence(1, 25, sd=1, low=-1, high=1)
    with pytest.raises(InvalidSample):
        power_equivalence(25, 25, sd=0, low=-1, high=1)


def test_bounds_too_narrow_for_the_class_have_no_power() -> None:
    assert power_equivalence(5, 5, sd=1, low=-0.01, high=0.01) == pytest.approx(0, abs=1e-3)
    assert power_equivalence(2000, 2000, sd=1, low=-0.5, high=0.5) == pytest.approx(1.0)
    # At a bound the test rejects with alpha, when the other bound is far.
    assert power_equivalence(25, 25, sd=1, low=-50, high=0.5, difference=0.5) == pytest.approx(0.05)


def test_the_bayes_factor_gives_the_specifications_golden_value() -> None:
    """Specification 5.3: BF10 3.177e6 (pingouin)."""
    assert f"{bayes_t(*samples(ACCURACY)).bf10:.3e}" == "3.177e+06"


def test_no_difference_speaks_for_no_effect_the_more_the_wider_the_prior() -> None:
    a, b = sample("a", [1, 2, 3, 4, 5, 6]), sample("b", [1, 2, 3, 4, 5, 6])
    curve = robustness(a, b)
    assert [factor.scale for factor in curve] == list(CURVE)
    factors = [factor.bf10 for factor in curve]
    assert factors == sorted(factors, reverse=True)
    assert factors[0] < 1
    assert curve[0].bf01 == pytest.approx(1 / factors[0])


def test_a_huge_t_has_a_finite_logarithm() -> None:
    factor = jzs(200.0, 5000.0, 19_998.0)
    assert math.isinf(factor.bf10)
    assert factor.bf01 == 0.0
    assert 5000 < factor.log_bf10 < 12_000


def test_swapping_changes_no_factor_and_pairs_are_one_sample() -> None:
    a, b = samples(SLEEP)
    assert bayes_t(a, b).bf10 == bayes_t(b, a).bf10
    assert bayes_paired(a, b).bf10 == pytest.approx(jzs(-4.062127683382037, 10, 9).bf10)


def test_a_prior_without_a_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        jzs(2.0, 10, 18, scale=0)
    with pytest.raises(InvalidSample):
        jzs(math.nan, 10, 18)
