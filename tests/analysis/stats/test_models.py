"""Paired and repeated measures, ANCOVA, clusters, normality: meaning and refusals. Oracles: benchmarks/oracles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from analysis.stats import InvalidSample, sample
from analysis.stats.ancova import Arm, ancova
from analysis.stats.anova import brown_forsythe_anova
from analysis.stats.clusters import cluster_icc, cluster_t, random_intercept
from analysis.stats.effects import glass_delta, partial_eta_squared
from analysis.stats.linear import least_squares
from analysis.stats.normality import qq_points, residuals, shapiro_wilk
from analysis.stats.paired import paired_t, repeated_measures
from tests.analysis.reference_data import ACCURACY, PLANTS, samples

if TYPE_CHECKING:
    from analysis.stats.samples import Sample


def code_of(error: pytest.ExceptionInfo[InvalidSample]) -> str:
    return error.value.code


def test_shapiro_gives_the_specifications_golden_values() -> None:
    """Specification 5.3: experimental W .858252 p .002536, control W .951392 p .269442."""
    found = [shapiro_wilk(group) for group in samples(ACCURACY)]
    assert [(round(x.w, 6), round(x.p, 6)) for x in found] == [(0.858252, 0.002536), (0.951392, 0.269442)]


@pytest.mark.parametrize(
    ("values", "code"), [([1.0, 2.0], "too_few"), ([2.0] * 9, "constant"), (list(range(5001)), "too_many")]
)
def test_shapiro_refuses_what_it_is_not_made_for(values: list[float], code: str) -> None:
    with pytest.raises(InvalidSample) as error:
        shapiro_wilk(sample("a", values))
    assert code_of(error) == code


def test_qq_points_are_sorted_and_symmetric_and_residuals_sum_to_zero() -> None:
    points = qq_points(sample("a", [5, 1, 3, 9]))
    assert [point.observed for point in points] == [1, 3, 5, 9]
    assert points[0].theoretical == pytest.approx(-points[3].theoretical)
    assert sum(r for _, r in residuals(samples(PLANTS))) == pytest.approx(0, abs=1e-12)


def test_two_conditions_give_the_square_of_the_paired_t() -> None:
    a, b = sample("a", [3, 5, 4, 7, 6]), sample("b", [4, 7, 4, 9, 9])
    t, table = paired_t(a, b), repeated_measures([a, b])
    assert table.f == pytest.approx(t.t**2)
    assert (table.p, table.p_gg) == pytest.approx((t.p, t.p))
    assert (table.epsilon_gg, table.mauchly_w) == (1.0, None)
    assert t.mean_difference == pytest.approx(-1.6)
    assert t.d_z.estimate == pytest.approx(-1.6 / np.std([-1, -2, 0, -2, -3], ddof=1))


def test_a_compound_symmetric_table_needs_no_correction() -> None:
    """Contrasts with equal variance and no covariance: a Latin square of +-1 around people's means."""
    y = np.array([[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [1, 0, 2], [2, 1, 0]], float)
    table = repeated_measures([sample(str(k), y[:, k]) for k in range(3)])
    assert table.epsilon_gg == pytest.approx(1.0)
    assert table.mauchly_w == pytest.approx(1.0)
    assert table.ss_conditions == pytest.approx(0.0, abs=1e-12)


def test_pairs_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidSample) as unequal:
        paired_t(sample("a", [1, 2, 3]), sample("b", [1, 2]))
    assert code_of(unequal) == "unpaired"
    with pytest.raises(InvalidSample) as constant:
        paired_t(sample("a", [1, 2, 3]), sample("b", [2, 3, 4]))
    assert code_of(constant) == "constant"
    with pytest.raises(InvalidSample) as conditions:
        repeated_measures([sample("a", [1, 2, 3]), sample("b", [1, 2])])
    assert code_of(conditions) == "unpaired"
    with pytest.raises(InvalidSample) as same_change:
        repeated_measures([sample("a", [1, 2, 3]), sample("b", [2, 3, 4])])
    assert code_of(same_change) == "constant"


def test_ancova_removes_what_the_arms_differed_in_before() -> None:
    """post = 2 pre + 5 in the second arm, + 1 in the first, and residuals +-0.1 that no term explains."""

    def arm(name: str, pre: list[float], plus: float) -> Arm:
        after = [2 * x + plus + e for x, e in zip(pre, (0.1, -0.1, -0.1, 0.1), strict=True)]
        return Arm(sample(f"pre {name}", pre), sample(name, after))

    found = ancova([arm("control", [1, 2, 3, 4], 1.0), arm("ours", [5, 6, 7, 8], 5.0)])
    (contrast,) = found.contrasts
    assert (found.reference, contrast.name) == ("control", "ours")
    assert contrast.estimate == pytest.approx(4.0)
    assert found.slope.estimate == pytest.approx(2.0)
    assert [mean.estimate for mean in found.adjusted_means] == pytest.approx([2 * 4.5 + 1, 2 * 4.5 + 5])
    assert found.slopes is not None
    assert found.slopes.f == pytest.approx(0.0, abs=1e-10)


def test_ancova_refuses_what_it_cannot_adjust_for() -> None:
    post = sample("b", [1, 2, 4])
    with pytest.raises(InvalidSample) as constant:
        ancova([Arm(sample("p", [1, 1, 1]), sample("a", [1, 2, 3])), Arm(sample("q", [2, 2, 2]), post)])
    assert code_of(constant) == "constant"
    with pytest.raises(InvalidSample) as unpaired:
        ancova([Arm(sample("p", [1, 2]), sample("a", [1, 2, 3])), Arm(sample("q", [2, 3, 2]), post)])
    assert code_of(unpaired) == "unpaired"


def test_least_squares_refuses_what_has_no_answer() -> None:
    x = np.arange(5.0)
    with pytest.raises(InvalidSample) as collinear:
        least_squares(x**2, [("1", np.ones(5)), ("x", x), ("2x", 2 * x)])
    assert code_of(collinear) == "collinear"
    with pytest.raises(InvalidSample) as constant:
        least_squares(2 * x, [("1", np.ones(5)), ("x", x)])
    assert code_of(constant) == "constant"
    with pytest.raises(InvalidSample) as few:
        least_squares(x[:2], [("1", np.ones(2)), ("x", x[:2])])
    assert code_of(few) == "too_few"


def test_sections_that_do_not_differ_have_no_variance_between() -> None:
    """Means equal, so MSB = 0: ICC = -1 / (n - 1), REML's share is 0, and the design effect isn't taken below 1."""
    sections = [sample(name, [1, 2, 3]) for name in "abc"]
    icc = cluster_icc(sections)
    assert icc.icc == pytest.approx(-0.5)
    assert (icc.design_effect, icc.effective_n) == (1.0, 9.0)
    mixed = random_intercept(sections, {})
    assert (mixed.var_between, mixed.icc) == (0.0, 0.0)
    assert mixed.var_within == pytest.approx(6 / 8)


def test_a_section_is_one_value_of_the_cluster_test() -> None:
    def sections(*means: float) -> list[Sample]:
        return [sample(str(i), [mean - 1, mean + 1]) for i, mean in enumerate(means)]

    found = cluster_t(sections(5, 6, 7), sections(2, 3, 4), names=("ours", "theirs"), variant="student")
    assert (found.mean_difference, found.df) == (3.0, 4.0)
    assert found.se == pytest.approx(np.sqrt(2 / 3))
    with pytest.raises(InvalidSample, match="can't be told apart") as error:
        cluster_t(sections(5), sections(2, 3), names=("ours", "theirs"), variant="welch")
    assert (code_of(error), error.value.group) == ("too_few", "ours")


def test_the_mixed_model_refuses_what_it_cannot_fit() -> None:
    with pytest.raises(InvalidSample) as constant:
        random_intercept([sample("a", [1, 1]), sample("b", [2, 2]), sample("c", [4, 4])], {})
    assert code_of(constant) == "constant"
    clusters = [sample("a", [1, 2]), sample("b", [2, 4]), sample("c", [4, 3])]
    with pytest.raises(InvalidSample) as length:
        random_intercept(clusters, {"arm": [np.zeros(2), np.ones(2), np.ones(1)]})
    assert code_of(length) == "unpaired"
    with pytest.raises(InvalidSample) as collinear:
        random_intercept(clusters, {"arm": [np.ones(2), np.ones(2), np.ones(2)]})
    assert code_of(collinear) == "collinear"


def test_brown_and_forsythes_anova_lets_one_group_be_constant() -> None:
    found = brown_forsythe_anova([sample("a", [1, 1]), sample("b", [2, 3]), sample("c", [1, 4])])
    assert found.f > 0
    with pytest.raises(InvalidSample):
        brown_forsythe_anova([sample("a", [1, 1]), sample("b", [2, 2])])


def test_glass_delta_is_cohens_d_with_the_controls_spread() -> None:
    ours, control = sample("ours", [4.0, 8.0]), sample("control", [1.0, 2.0, 3.0])
    found = glass_delta(ours, control)
    assert found.estimate == pytest.approx(4.0)
    assert found.ci_low < 4.0 < found.ci_high
    with pytest.raises(InvalidSample):
        glass_delta(control, sample("flat", [2.0, 2.0]))


def test_partial_eta_squared_of_f() -> None:
    """Table 2: 180.893 / (180.893 + 48) = .790, 90 % interval .693 to .840, as eta squared of a one-way table."""
    found = partial_eta_squared(180.893, 1, 48)
    assert [round(x, 3) for x in (found.estimate, found.ci_low, found.ci_high)] == [0.790, 0.693, 0.840]
    with pytest.raises(InvalidSample):
        partial_eta_squared(float("nan"), 1, 48)
