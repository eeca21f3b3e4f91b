from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats import InvalidSample, Summary, sample
from tests.analysis.reference_data import ACCURACY, INJURIES

finite = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([1.0, math.nan, math.nan], "missing"),
        ([1.0, math.inf, 2.0], "infinite"),
        ([1.0], "too_few"),
        ([], "too_few"),
        ([[1.0, 2.0], [3.0, 4.0]], "not_a_list"),
        (["a", "b"], "not_numeric"),
        ([None, 1.0], "missing"),
    ],
)
def test_bad_values_raise_and_name_their_group(values: list[object], code: str) -> None:
    with pytest.raises(InvalidSample) as caught:
        sample("control", values)  # type: ignore[arg-type]  # what a caller without types may pass
    assert caught.value.code == code
    assert caught.value.group == "control"
    assert str(caught.value).startswith("control: ")


def test_missing_values_are_counted_in_the_sentence() -> None:
    with pytest.raises(InvalidSample, match="2 missing; exclude them and report it"):
        sample("control", [1.0, math.nan, math.nan])


def test_a_sample_neither_changes_nor_freezes_the_callers_array() -> None:
    mine = np.array([1.0, 2.0, 4.0])
    group = sample("mine", mine)
    mine[0] = 99.0
    assert group.values[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        group.values[0] = 2.0


def test_the_reconstructions_have_the_paper_specifications_means_and_sds() -> None:
    experimental, control = (sample(name, values).summary() for name, values in ACCURACY.items())
    assert (experimental.n, control.n) == (25, 25)
    assert experimental.mean == pytest.approx(8.32, abs=1e-14)
    assert control.mean == pytest.approx(5.80, abs=1e-14)
    assert experimental.ss == pytest.approx(15.44, rel=1e-14)
    assert control.ss == pytest.approx(56.0, rel=1e-14)
    assert experimental.sd == pytest.approx(0.80208, abs=5e-6)
    assert control.sd == pytest.approx(1.52753, abs=5e-6)
    assert [sample(n, v).summary().mean for n, v in INJURIES.items()] == pytest.approx([0.96, 6.36], abs=1e-14)


def test_a_constant_group_has_a_spread_of_exactly_zero() -> None:
    assert sample("constant", [0.1] * 7).summary().ss == 0.0


def test_a_printed_summary_equals_the_sample_it_was_printed_from() -> None:
    group = sample("g", ACCURACY["control"]).summary()
    assert Summary.of("g", n=25, mean=group.mean, sd=group.sd).ss == pytest.approx(group.ss, rel=1e-14)


@pytest.mark.parametrize(("n", "mean", "sd"), [(1, 0.0, 1.0), (5, math.nan, 1.0), (5, 0.0, -1.0), (5, 0.0, math.inf)])
def test_an_impossible_printed_summary_is_refused(n: int, mean: float, sd: float) -> None:
    with pytest.raises(InvalidSample):
        Summary.of("g", n=n, mean=mean, sd=sd)


@given(st.lists(finite, min_size=2, max_size=40))
def test_moments_equal_exact_rational_arithmetic(values: list[float]) -> None:
    """Oracle: the standard library's `statistics`, which sums fractions."""
    group = sample("g", values).summary()
    assert group.mean == pytest.approx(statistics.mean(values), rel=1e-12, abs=1e-9)
    assert group.variance == pytest.approx(statistics.variance(values), rel=1e-9, abs=1e-9)


@given(st.lists(finite, min_size=2, max_size=40), st.randoms())
def test_the_order_of_the_rows_changes_no_digit_but_the_origins(values: list[float], random: object) -> None:
    shuffled = [values[0], *sorted(values[1:])]
    assert sample("g", values).summary() == sample("g", shuffled).summary()
