from __future__ import annotations

import statistics
from itertools import combinations_with_replacement

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.stats import InvalidSample
from analysis.stats.check import NotPrintedNumber
from analysis.stats.integrity.granularity import closure, debit, grim, grimmer, sprite


def test_the_example_of_brown_and_heathers() -> None:
    """A mean of 5.19 of 28 people: 145 / 28 = 5.18, 146 / 28 = 5.21."""
    assert not grim("5.19", 28).possible
    assert grim("5.18", 28).possible
    assert grim("5.21", 28).possible
    assert grim("5.19", 28, items=4).possible  # 112 cells: 581 / 112 = 5.1875, either way of rounding


def test_a_mean_of_more_than_a_hundred_people_tells_nothing_with_two_decimals() -> None:
    assert grim("5.19", 100).share == 1.0
    assert grim("5.19", 28).share == 0.28
    assert grim("5.190", 28).share == 0.028


def test_a_five_may_be_rounded_either_way() -> None:
    """2 / 16 = .125: .12 and .13 are both honest."""
    assert grim(".12", 16).possible
    assert grim(".13", 16).possible


def test_an_sd_of_the_wrong_parity_is_impossible() -> None:
    """n 18, M 3.44: sum 62; SD 2.47 leaves sums of squares 316.9 to 317.7, so 317, which is odd where 62 is even."""
    found = grimmer("3.44", "2.47", 18)
    assert (found.possible, found.reason) == (False, "sd")
    assert grimmer("3.44", "2.45", 18).possible


@settings(deadline=None)
@given(st.integers(2, 5), st.data())
def test_what_whole_numbers_give_is_possible_and_nothing_else(n: int, data: st.DataObject) -> None:
    """All samples of n on 1 to 6, by trial: GRIMMER and CLOSURE agree with them."""
    values = data.draw(st.lists(st.integers(1, 6), min_size=n, max_size=n))
    honest = data.draw(st.booleans())
    mean = f"{statistics.fmean(values) + (0 if honest else 0.1):.2f}"
    sd = f"{statistics.stdev(values) + (0 if honest else 0.07):.2f}"

    def fits(sample: tuple[int, ...]) -> bool:
        return (
            abs(statistics.fmean(sample) - float(mean)) <= 0.005 + 1e-12
            and abs(statistics.stdev(sample) - float(sd)) <= 0.005 + 1e-12
        )

    by_trial = {sample for sample in combinations_with_replacement(range(1, 7), n) if fits(sample)}
    found = closure(mean, sd, n, scale=(1, 6))
    assert {tuple(v for v, count in form for _ in range(count)) for form in found} == by_trial
    assert grimmer(mean, sd, n, scale=(1, 6)).possible is bool(by_trial)
    if honest:
        assert grimmer(mean, sd, n).possible


def test_a_scale_can_be_too_short() -> None:
    """M 3.00, SD 4.00 of 12 people needs values beyond 1 to 5."""
    assert grimmer("3.00", "4.00", 12).possible
    assert grimmer("3.00", "4.00", 12, scale=(1, 5)).reason == "scale"


def test_items_make_the_grain_finer() -> None:
    """Means of 2 items are halves: of 3 people 1, 1.5, 2 has M 1.50 and SD .50."""
    assert grimmer("1.50", ".50", 3, items=2).possible
    assert not grimmer("1.50", ".50", 3).possible


def test_zeros_and_ones() -> None:
    """k of 20: SD^2 = k (20 - k) / 380; M .35 has SD .489."""
    assert debit(".35", ".49", 20).possible
    assert debit(".35", ".48", 20).reason == "sd"
    assert debit(".36", ".49", 20).reason == "mean"
    assert debit("1.20", ".49", 20).reason == "mean"


def test_sprite_finds_samples_that_fit_and_the_same_ones_again() -> None:
    found = sprite("3.40", "1.10", 30, scale=(1, 5), wanted=5)
    assert len(found) == len(set(found)) == 5
    for form in found:
        values = [v for v, count in form for _ in range(count)]
        assert len(values) == 30
        assert (f"{statistics.fmean(values):.2f}", f"{statistics.stdev(values):.2f}") == ("3.40", "1.10")
        assert set(values) <= {1, 2, 3, 4, 5}
    assert found == sprite("3.40", "1.10", 30, scale=(1, 5), wanted=5)
    assert sprite("3.41", "1.10", 30, scale=(1, 5)) == []
    assert sprite("9.40", "1.10", 30, scale=(1, 5)) == []


def test_what_cannot_be_checked_is_refused() -> None:
    for n in (1, 0, 20_000):
        with pytest.raises(InvalidSample):
            grim("5.19", n)
    with pytest.raises(InvalidSample):
        grim("5.19", 28, items=0)
    with pytest.raises(NotPrintedNumber, match="write it like"):
        grimmer("5.2", "n.a.", 20)
    with pytest.raises(InvalidSample) as error:
        closure("4.0", "1.5", 60, scale=(1, 7))
    assert error.value.code == "too_many"


def test_large_figures_are_answered_at_once() -> None:
    assert grimmer("5000.0", "1000.0", 10_000).possible
    assert grimmer("100.50", "63.982", 4).possible  # 10, 101, 141, 150
    assert grimmer("100.50", "63.983", 4).reason == "sd"
    with pytest.raises(InvalidSample):
        grimmer("5000.0", "4000.0", 4)
