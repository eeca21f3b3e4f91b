from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from analysis.stats import CENTRES, InvalidSample, levene, sample
from tests.analysis.reference_data import ACCURACY, GEARS, INJURIES, PLANTS, samples

if TYPE_CHECKING:
    from analysis.stats.levene import Centre

whole = st.lists(st.integers(-20, 20), min_size=3, max_size=25).map(lambda xs: [float(x) for x in xs])


@pytest.mark.parametrize(
    ("centre", "f", "p"),
    [("mean", 9.271274163756, 0.003772543846), ("median", 8.206687, 0.006175), ("trimmed", 9.340179, 0.003656)],
)
def test_levene_gives_the_specifications_golden_values(centre: Centre, f: float, p: float) -> None:
    """Specification 5.3, on the Table 1 reconstruction; the mean centred one is the paper's 9.271, .004."""
    test = levene(samples(ACCURACY), centre=centre)
    assert test.f == pytest.approx(f, rel=1e-12 if centre == "mean" else 1e-7)
    assert test.p == pytest.approx(p, rel=1e-9 if centre == "mean" else 1e-4)
    assert (test.df1, test.df2) == (1, 48)


def test_levene_of_the_injuries_gives_the_specifications_golden_value() -> None:
    test = levene(samples(INJURIES), centre="mean")
    assert (round(test.f, 6), round(test.p, 6)) == (6.165444, 0.016574)


def test_median_centring_agrees_with_r_car() -> None:
    """R: car::leveneTest(weight ~ group, data = PlantGrowth): F = 1.1192, df 2 27, Pr = 0.3412."""
    test = levene(samples(PLANTS), centre="median")
    assert (round(test.f, 4), test.df1, test.df2, round(test.p, 4)) == (1.1192, 2, 27, 0.3412)


def test_median_centring_agrees_with_the_nist_handbook() -> None:
    """NIST/SEMATECH e-Handbook 1.3.5.10 on GEAR.DAT: W = 1.705910 (its own last digits are rounded), df 9 and 90."""
    test = levene(samples(GEARS), centre="median")
    assert test.f == pytest.approx(1.705910, abs=1e-5)
    assert (test.df1, test.df2) == (9, 90)


@given(st.lists(whole, min_size=2, max_size=4), st.sampled_from(CENTRES), st.sampled_from([0.05, 0.1, 0.25]))
def test_every_centring_agrees_with_scipy(data: list[list[float]], centre: Centre, trim: float) -> None:
    groups = [sample(str(i), values) for i, values in enumerate(data)]
    assume(any(len({abs(x - y) for x in values for y in values}) > 2 for values in data))
    ours = levene(groups, centre=centre, trim=trim)
    theirs = scipy_stats.levene(*data, center=centre, proportiontocut=trim)
    assume(theirs.statistic < 1e9)  # beyond, the deviations are equal but for their last bits
    assert ours.f == pytest.approx(theirs.statistic, rel=1e-7, abs=1e-9)
    assert ours.p == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-12)


@given(whole, whole, st.integers(-1000, 1000), st.sampled_from(CENTRES))
def test_moving_a_group_does_not_change_its_spread(a: list[float], b: list[float], shift: int, centre: Centre) -> None:
    assume(len(set(a)) > 2 and len(set(b)) > 2)
    one = levene([sample("a", a), sample("b", b)], centre=centre)
    other = levene([sample("a", [x + shift for x in a]), sample("b", b)], centre=centre)
    assert other.f == pytest.approx(one.f, rel=1e-6, abs=1e-9)


def test_trimming_nothing_is_centring_on_the_mean() -> None:
    groups = samples(ACCURACY)
    assert levene(groups, centre="trimmed", trim=0.0).f == levene(groups, centre="mean").f


def test_only_the_trimmed_result_names_a_trim() -> None:
    groups = samples(ACCURACY)
    assert [levene(groups, centre=centre).trim for centre in CENTRES] == [None, None, 0.05]


def test_groups_without_varying_deviations_are_refused() -> None:
    with pytest.raises(InvalidSample, match="spreads can't be tested") as caught:
        levene([sample("a", [1.0, 1.0, 1.0]), sample("b", [2.0, 4.0])], centre="mean")
    assert caught.value.code == "constant_deviations"


def test_a_trim_of_half_leaves_nothing_and_is_refused() -> None:
    with pytest.raises(ValueError, match="below"):
        levene(samples(ACCURACY), centre="trimmed", trim=0.5)


def test_one_group_is_no_comparison() -> None:
    with pytest.raises(InvalidSample, match="at least 2"):
        levene(samples({"a": [1.0, 2.0, 4.0]}), centre="mean")
