from __future__ import annotations

from itertools import combinations_with_replacement

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.stats import InvalidSample
from analysis.stats.integrity.forms import FormCounts, count_forms, forms, has_form, shape


def by_trial(n: int, total: int, squares: int, low: int, high: int) -> set[tuple[int, ...]]:
    return {
        values
        for values in combinations_with_replacement(range(low, high + 1), n)
        if sum(values) == total and sum(v * v for v in values) == squares
    }


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(-8, 8), st.integers(0, 24), st.integers(-5, 0), st.integers(0, 5))
def test_forms_are_what_trying_all_values_finds(n: int, total: int, squares: int, low: int, high: int) -> None:
    expected = by_trial(n, total, squares, low, high)
    found = list(forms(n, total, squares, low=low, high=high))
    assert {tuple(v for v, count in form for _ in range(count)) for form in found} == expected
    assert len(found) == len(expected)
    assert count_forms(n, total, squares, low=low, high=high) == len(expected)
    assert has_form(n, total, squares, low=low, high=high) is bool(expected)


@settings(deadline=None)
@given(st.integers(1, 7), st.integers(0, 40))
def test_without_bounds_nothing_is_missed(n: int, squares: int) -> None:
    for total in range(-3, 4):
        assert len(by_trial(n, total, squares, -6, 6)) == count_forms(n, total, squares)


def test_the_experimental_injuries_of_table_2_have_ten_forms_from_zero_up() -> None:
    """Specification 5.3: 2,133 x 10 forms for the saved choice; the control group's on 0 to 12."""
    assert count_forms(25, 24, 48, low=0) == 10
    assert count_forms(25, 159 - 6 * 25, 1083 - 12 * 159 + 36 * 25, low=-6, high=6) == 2133


def test_one_table_counts_every_sum() -> None:
    table = FormCounts(25, 75)
    assert [table.of(8, 18), table.of(20, 72), table.of(8, 17)] == [11, 808, 0]
    assert table.of(999, 75) == 0
    assert len(list(forms(25, 20, 72))) == 808


def test_a_shape_forgets_where_it_stands() -> None:
    assert shape(((-1, 4), (0, 10), (2, 1))) == shape(((7, 4), (8, 10), (10, 1))) == (4, 10, 0, 1)


def test_too_much_to_count_is_refused() -> None:
    with pytest.raises(InvalidSample) as error:
        FormCounts(400, 5000)
    assert error.value.code == "too_many"
    assert has_form(400, 100, 5000)  # one is found at once, though all are too many
