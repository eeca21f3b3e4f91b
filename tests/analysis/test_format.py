from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.format import degrees, p_scientific, p_value, percent, spss


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (9.271274163756, "9.271"),
        (2.52, "2.520"),
        (0.34506038119, ".345"),
        (-0.25, "-.250"),
        (0.0, ".000"),
        (-0.0, ".000"),
        (-0.0004, ".000"),
        (0.9996, "1.000"),
        (-1.8264, "-1.826"),
        (364.49999999999994, "364.500"),
        (0.0625, ".063"),  # a tie that a double holds exactly: away from zero, as SPSS
        (1e22, "10000000000000000000000.000"),
    ],
)
def test_numbers_look_as_in_spss(x: float, text: str) -> None:
    assert spss(x) == text


def test_nothing_is_rounded_twice() -> None:
    """.34549 rounded to four places is .3455, and that to three .346; the figure is .345."""
    assert spss(0.34549) == ".345"


@given(st.floats(-1e9, 1e9), st.integers(0, 6))
def test_a_printed_number_is_the_nearest_to_the_exact_value(x: float, decimals: int) -> None:
    exact = Decimal(x).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    assert Decimal(spss(x, decimals=decimals)) == exact


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_never_printed(x: float) -> None:
    with pytest.raises(ValueError, match="can't be printed"):
        spss(x)


def test_whole_degrees_of_freedom_have_no_decimals() -> None:
    assert (degrees(48.0), degrees(36.299312), degrees(1)) == ("48", "36.299", "1")


@pytest.mark.parametrize(
    ("p", "default", "paper"),
    [
        (0.003772543846, ".004", ".004"),
        (2.5e-9, "< .001", ".000"),
        (0.00099, "< .001", ".001"),
        (0.001, ".001", ".001"),
        (0.05, ".050", ".050"),
        (0.9996, "> .999", "1.000"),
        (1.0, "1.000", "1.000"),
        (0.0, "< .001", ".000"),
    ],
)
def test_only_the_papers_skin_prints_p_as_zero(p: float, default: str, paper: str) -> None:
    assert p_value(p, skin="default") == default
    assert p_value(p, skin="paper") == paper


@pytest.mark.parametrize(
    ("p", "text"), [(6.706291068e-18, "6.7e-18"), (0.0038, "3.8e-3"), (1.0, "1.0e0"), (0.0, "< 2.2e-308")]
)
def test_a_tiny_p_keeps_two_digits(p: float, text: str) -> None:
    assert p_scientific(p) == text


@pytest.mark.parametrize("p", [-0.001, 1.001, math.nan])
def test_what_is_no_probability_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match="no probability"):
        p_value(p)
    with pytest.raises(ValueError, match="no probability"):
        p_scientific(p)


@pytest.mark.parametrize(("share", "text"), [(0.95, "95%"), (0.9, "90%"), (0.999, "99.9%"), (0.29, "29%")])
def test_levels_are_printed_as_percent(share: float, text: str) -> None:
    assert percent(share) == text
