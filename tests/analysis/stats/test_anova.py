from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.oneway import anova_oneway

from analysis.stats import InvalidSample, Summary, one_way, sample, student, welch, welch_anova
from tests.analysis.reference_data import INJURIES, PLANTS, SILVER, samples, simon_lesage

whole = st.lists(st.integers(-50, 50), min_size=2, max_size=25).map(lambda xs: [float(x) for x in xs])


def test_one_way_gives_the_specifications_golden_values() -> None:
    """Specification 5.3, on the Table 2 reconstruction; SciPy and statsmodels agreed on F and p."""
    table = one_way(samples(INJURIES))
    assert table.between.ss == pytest.approx(364.5, rel=1e-13)
    assert table.within.ss == pytest.approx(96.72, rel=1e-13)
    assert table.total_ss == pytest.approx(461.22, rel=1e-13)
    assert (table.between.df, table.within.df, table.total_df) == (1, 48, 49)
    assert table.within.ms == pytest.approx(2.015, rel=1e-13)
    assert table.f == pytest.approx(180.893300248139, rel=1e-13)
    assert table.p == pytest.approx(6.706291068e-18, rel=1e-9)


def test_welch_gives_the_specifications_golden_values() -> None:
    test = welch_anova(samples(INJURIES))
    assert (round(test.f, 4), test.df1) == (180.8933, 1)
    assert test.df2 == pytest.approx(38.893761, abs=5e-7)
    assert test.p == pytest.approx(3.2947e-16, rel=1e-4)


def test_one_way_agrees_with_r() -> None:
    """R: summary(aov(weight ~ group, data = PlantGrowth)): SS 3.76634, 10.49209; F 4.846, Pr 0.01591; df 2, 27."""
    table = one_way(samples(PLANTS))
    assert (round(table.between.ss, 5), round(table.within.ss, 5)) == (3.76634, 10.49209)
    assert (table.between.df, table.within.df) == (2, 27)
    assert (round(table.f, 3), round(table.p, 5)) == (4.846, 0.01591)


def test_welch_agrees_with_r() -> None:
    """R: oneway.test(weight ~ group, data = PlantGrowth): F = 5.181, num df = 2, denom df = 17.128, p = 0.01739."""
    test = welch_anova(samples(PLANTS))
    assert (round(test.f, 3), test.df1, round(test.df2, 3), round(test.p, 5)) == (5.181, 2, 17.128, 0.01739)


def test_one_way_keeps_the_certified_digits_of_nist_silver() -> None:
    """NIST StRD AtmWtAg, 7 constant leading digits. The data's own rounding to doubles costs the digits beyond 1e-9."""
    table = one_way(samples(SILVER))
    assert table.between.ss == pytest.approx(3.63834187500000e-09, rel=1e-9)
    assert table.within.ss == pytest.approx(1.04951729166667e-08, rel=1e-9)
    assert table.f == pytest.approx(1.59467335677930e01, rel=1e-9)


@pytest.mark.parametrize(("leading", "rel"), [(1, 1e-13), (10**6, 1e-9), (10**12, 2e-3)])
def test_one_way_keeps_the_certified_digits_of_nist_simon_lesage(leading: int, rel: float) -> None:
    """NIST StRD SmLs01, SmLs04, SmLs07: SS 1.68 and 1.80, F 21 whatever the leading digits.

    A double holds 10**12 + 0.4 to 6e-5, so the third digit is all that anybody can get from SmLs07.
    """
    table = one_way(samples(simon_lesage(leading)))
    assert (table.between.df, table.within.df) == (8, 180)
    assert table.between.ss == pytest.approx(1.68, rel=rel)
    assert table.within.ss == pytest.approx(1.80, rel=rel)
    assert table.f == pytest.approx(21.0, rel=rel)


@given(st.lists(whole, min_size=2, max_size=5))
def test_one_way_agrees_with_scipy(data: list[list[float]]) -> None:
    assume(any(len(set(values)) > 1 for values in data))
    table = one_way([sample(str(i), values) for i, values in enumerate(data)])
    theirs = scipy_stats.f_oneway(*data)
    assume(theirs.statistic >= 0)  # equal means: SciPy's F may be -1e-16 by rounding, and its p then NaN
    assert table.f == pytest.approx(theirs.statistic, rel=1e-8, abs=1e-10)
    assert table.p == pytest.approx(theirs.pvalue, rel=1e-7, abs=1e-14)


@given(st.lists(whole, min_size=2, max_size=5))
def test_welch_agrees_with_statsmodels(data: list[list[float]]) -> None:
    assume(all(len(set(values)) > 1 for values in data))
    test = welch_anova([sample(str(i), values) for i, values in enumerate(data)])
    theirs = anova_oneway(data, use_var="unequal", welch_correction=True)
    assert test.f == pytest.approx(theirs.statistic, rel=1e-8, abs=1e-10)
    assert test.df2 == pytest.approx(theirs.df[1], rel=1e-9)
    assert test.p == pytest.approx(theirs.pvalue, rel=1e-7, abs=1e-14)


@given(whole, whole)
def test_two_groups_give_the_square_of_t(a: list[float], b: list[float]) -> None:
    assume(len(set(a)) > 1 and len(set(b)) > 1)
    groups = sample("a", a), sample("b", b)
    t, table = student(*groups), one_way(groups)
    assert table.f == pytest.approx(t.t**2, rel=1e-9, abs=1e-12)
    assert table.p == pytest.approx(t.p, rel=1e-8)
    unequal, by_weights = welch(*groups), welch_anova(groups)
    assert by_weights.f == pytest.approx(unequal.t**2, rel=1e-9, abs=1e-12)
    assert by_weights.df2 == pytest.approx(unequal.df, rel=1e-9)


@given(st.lists(whole, min_size=2, max_size=4))
def test_the_rows_add_up_to_the_total_of_all_values(data: list[list[float]]) -> None:
    assume(any(len(set(values)) > 1 for values in data))
    table = one_way([sample(str(i), values) for i, values in enumerate(data)])
    everybody = sample("all", [x for values in data for x in values]).summary()
    assert table.total_ss == pytest.approx(everybody.ss, rel=1e-10, abs=1e-9)
    assert table.total_df == table.between.df + table.within.df == everybody.n - 1


@given(st.lists(whole, min_size=2, max_size=4), st.integers(-(10**6), 10**6), st.sampled_from([0.25, 2.0, 1024.0]))
def test_shifting_and_scaling_leave_f(data: list[list[float]], shift: int, factor: float) -> None:
    assume(any(len(set(values)) > 1 for values in data))
    one = one_way([sample(str(i), values) for i, values in enumerate(data)])
    other = one_way([sample(str(i), [x * factor + shift for x in values]) for i, values in enumerate(data)])
    assert other.f == pytest.approx(one.f, rel=1e-6, abs=1e-9)
    assert other.within.ss == pytest.approx(one.within.ss * factor**2, rel=1e-8)


def test_summaries_give_what_the_values_give() -> None:
    groups = samples(PLANTS)
    printed = [Summary.of(g.name, n=10, mean=g.summary().mean, sd=g.summary().sd) for g in groups]
    assert one_way(printed).f == pytest.approx(one_way(groups).f, rel=1e-12)


def test_constant_groups_are_refused() -> None:
    with pytest.raises(InvalidSample, match="all values of a group are equal"):
        one_way(samples({"a": [1.0, 1.0], "b": [2.0, 2.0]}))
    with pytest.raises(InvalidSample, match="a: all values are equal"):
        welch_anova(samples({"a": [1.0, 1.0], "b": [2.0, 3.0]}))
