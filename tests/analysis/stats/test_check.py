from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from analysis.stats import PrintedRow, check_anova, check_t_row, p_of_f, p_of_t
from analysis.stats.check import NotPrintedNumber, Printed
from tests.analysis.reference_data import TABLE_1_POOLED, TABLE_1_WELCH, TABLE_2


def test_the_printed_p_of_table_2_is_impossible() -> None:
    check = p_of_f(".003", f="180.893", df1=1, df2=48)
    assert not check.consistent
    assert not check.any_rounding
    assert check.p == pytest.approx(6.7065e-18, rel=1e-4)
    assert check.p_low < 6.706291068e-18 < check.p_high


def test_the_printed_p_of_table_2_needs_an_f_of_9_78() -> None:
    """Specification 5.2: p = .003 belongs to F(1, 48) = 9.78 (9.44 to 10.18 for .0025 to .0035)."""
    check = p_of_f(".003", f="180.893", df1=1, df2=48)
    assert check.needed is not None
    assert check.needed_high is not None
    assert (round(check.needed, 2), round(check.needed_low, 2), round(check.needed_high, 2)) == (9.78, 9.44, 10.18)


def test_the_printed_levene_of_table_1_is_consistent() -> None:
    check = p_of_f(".004", f="9.271", df1=1, df2=48)
    assert check.consistent
    assert check.p == pytest.approx(0.003773, abs=5e-7)


@pytest.mark.parametrize("row", [TABLE_1_POOLED, TABLE_1_WELCH], ids=["pooled", "welch"])
def test_both_rows_of_table_1_are_consistent(row: PrintedRow) -> None:
    checks = check_t_row(row)
    assert [check.what for check in checks] == ["t", "p", "CI low", "CI high"]
    assert all(check.consistent for check in checks)


def test_table_2_fails_in_its_p_and_in_nothing_else() -> None:
    failed = [check.what for check in check_anova(TABLE_2) if not check.consistent]
    assert failed == ["p"]


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("ss_total", "461.230", "SS total"),
        ("df_total", 50, "df total"),
        ("ms_within", "2.016", "MS within"),
        ("f", "180.983", "F"),
    ],
)
def test_a_slip_in_one_figure_of_table_2_is_found(field: str, value: object, what: str) -> None:
    import dataclasses

    checks = check_anova(dataclasses.replace(TABLE_2, **{field: value}))  # type: ignore[arg-type]
    assert what in [check.what for check in checks if not check.consistent]


def test_exchanged_limits_are_found() -> None:
    row = PrintedRow("7.303", "48", ".000", "2.520", ".345", "3.214", "1.826")
    assert [check.what for check in check_t_row(row) if not check.consistent] == ["CI low", "CI high"]


@pytest.mark.parametrize(
    ("text", "value", "low", "high"),
    [
        (".003", 0.003, 0.0025, 0.0035),
        ("0.0030", 0.003, 0.00295, 0.00305),
        (".000", 0.0, -0.0005, 0.0005),
        ("< .001", 0.001, 0.0, 0.001),
        ("-1.5", -1.5, -1.55, -1.45),
        ("\N{MINUS SIGN}1.5", -1.5, -1.55, -1.45),
        ("48", 48.0, 47.5, 48.5),
    ],
)
def test_a_printed_figure_stands_for_what_rounds_to_it(text: str, value: float, low: float, high: float) -> None:
    printed = Printed.parse(text)
    assert (printed.value, printed.low, printed.high) == (value, low, high)


@pytest.mark.parametrize("text", ["n.s.", "", "1,5", ".05*", "p < .05", "1e-3"])
def test_text_that_is_no_figure_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NotPrintedNumber, match="write it like"):
        Printed.parse(text)


def test_less_than_is_met_by_anything_below() -> None:
    assert p_of_t("< .001", t="7.303", df="48").consistent
    assert not p_of_t("< .001", t="2.000", df="48").consistent


def test_cutting_off_is_told_from_rounding() -> None:
    """t(48) = 2.10 has p = .04101: cut off it prints .041, rounded up .042, never .043."""
    assert p_of_t(".041", t="2.10", df="48").consistent
    assert not p_of_t(".0420", t="2.100", df="48").any_rounding
    assert not p_of_t(".043", t="2.1000", df="48").any_rounding
    up = p_of_t(".042", t="2.1000", df="48")
    assert not up.consistent
    assert up.any_rounding


@given(st.floats(-30, 30), st.integers(2, 200), st.integers(2, 4))
def test_what_was_rounded_honestly_is_always_consistent(t: float, df: int, decimals: int) -> None:
    p = 2 * float(scipy_stats.t.sf(abs(t), df))
    check = p_of_t(f"{p:.{decimals}f}", t=f"{t:.3f}", df=str(df))
    assert check.consistent
    assert check.any_rounding
    assert check.p_low <= p * (1 + 1e-9)
    assert p <= check.p_high * (1 + 1e-9)


def test_a_rounded_df_is_no_reason_to_call_an_honest_p_wrong() -> None:
    """SciPy's `ttest_ind([-2, -263, -264, -268], [-75, 211, 499], equal_var=False)`: -2.305, 2.636, .1166."""
    assert p_of_t(".117", t="-2.31", df="2.64").consistent
    assert not p_of_t(".118", t="-2.31", df="2.64").consistent
    assert not p_of_t(".117", t="-2.31", df="3").consistent
