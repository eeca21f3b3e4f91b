from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from analysis.stats import InvalidSample, Summary, one_way, student, welch
from analysis.stats.check import PrintedRow, check_t_row, p_of_chi2, p_of_r, p_of_z
from analysis.stats.integrity.__main__ import main
from analysis.stats.integrity.checker import Options, check_text
from analysis.stats.integrity.reading import GroupRow, read
from analysis.stats.integrity.summaries import f_range, t_range
from tests.analysis.reference_data import TABLE_1_POOLED, TABLE_1_WELCH, TABLE_2

# As it comes out of the paper's PDF.
TABLE_1 = """\t\tLevene's Test for Equality of Variances\t\t\t\tt-\ttest for Equality\t\t\t
\t\tF\tSig.\tt\tdf\tSig.\tMean\tStd. Error\t95% Confidence Interval of the Difference\t
\t\t\t\t\t\t(2-tailed)\tDifference\tDifference\tLower\tUpper
Training accuracy\tEqual variances assumed\t9.271\t.004\t7.303\t48\t.000\t2.520\t.345\t1.826\t3.214
i\tEqual variances not assumed\t\t\t7.303\t36.299\t.000\t2.520\t.345\t1.820\t3.220

The results of the One-Way ANOVA test presented in Table 2 provide a clear indication of the impact of it.
"""
ANOVA = """,\tSum of Squares\tdf\tMean Square\tF\tF
Between Groups\t364.500\t1\t364.500\t180.893\t.003
Within Groups\t96.720\t48\t2.015\t\t
Total\t461.220\t49\t\t\t
"""
GROUPS = """Group Statistics
group N Mean Std. Deviation Std. Error Mean
experimental 25 8.32 .802 .160
control 25 5.80 1.528 .306
"""


def test_the_papers_tables_are_read_from_its_text() -> None:
    found = read(TABLE_1 + ANOVA)
    (table,) = found.t_tables
    assert (table.levene_f, table.levene_p) == ("9.271", ".004")
    assert (table.pooled, table.welch) == (TABLE_1_POOLED, TABLE_1_WELCH)
    assert found.anovas == (TABLE_2,)
    assert (found.groups, found.sentences, found.unread) == ((), (), ())


def test_table_1_fits_and_table_2_fails_in_its_p_alone() -> None:
    first, second = check_text(TABLE_1 + ANOVA).tables
    assert (first.kind, first.worst, len(first.findings)) == ("t_test", "consistent", 9)
    assert first.data is not None
    assert first.data.found is not None
    assert (first.data.n, first.data.n_assumed, first.data.found.count) == ((25, 25), True, 56)
    assert (second.kind, second.worst) == ("anova", "inconsistent")
    (wrong,) = [finding for finding in second.findings if finding.verdict != "consistent"]
    assert (wrong.what, wrong.printed, wrong.verdict) == ("p", ".003", "inconsistent")  # no decision error
    assert [round(x or 0, 2) for x in (wrong.needed, wrong.needed_low, wrong.needed_high)] == [9.78, 9.44, 10.18]
    assert wrong.high < 1e-17


@pytest.mark.parametrize("separator", ["\n", "  ", " \t ", "\r\n"])
def test_cells_may_be_apart_in_any_way(separator: str) -> None:
    text = ANOVA.replace("\t", separator)
    assert read(text).anovas == (TABLE_2,)


def test_spss_27s_two_columns_of_p_are_told_apart() -> None:
    row = "Equal variances assumed 9.271 .004 7.303 48 <.001 <.001 2.520 .345 1.826 3.214"
    (table,) = read(row).t_tables
    assert table.pooled is not None
    assert (table.pooled.p, table.pooled.mean_difference) == ("<.001", "2.520")


def test_group_statistics_are_tied_to_the_table() -> None:
    report = check_text(GROUPS + TABLE_1)
    test, groups = report.tables
    assert {finding.what for finding in test.findings} >= {
        "difference from means", "t from means and SDs, equal variances", "t from means and SDs, unequal variances",
    }  # fmt: skip
    assert (test.worst, groups.worst) == ("consistent", "consistent")
    assert test.data is not None
    assert test.data.found is not None
    assert (test.data.n_assumed, test.data.found.count) == (False, 28)  # the SDs say which group is the steadier
    assert [grain.test for grain in groups.granularity] == ["GRIMMER", "GRIMMER"]


def test_group_statistics_beside_two_tables_are_tied_to_neither() -> None:
    """They are of Table 1, and would make Table 2's F impossible."""
    test, anova, groups = check_text(GROUPS + TABLE_1 + ANOVA).tables
    assert "difference from means" not in {finding.what for finding in test.findings}
    assert [f.what for f in anova.findings if f.verdict != "consistent"] == ["p"]
    assert groups.worst == "consistent"


def test_summaries_alone_are_recomputed() -> None:
    """SciPy: ttest_ind_from_stats(8.32, .802, 25, 5.80, 1.528, 25): t 7.3014, p 2.54e-9; Welch df 36.29."""
    (groups,) = check_text(GROUPS).tables
    by_test = {found.test: found for found in groups.recomputed}
    plain = scipy_stats.ttest_ind_from_stats(8.32, 0.802, 25, 5.80, 1.528, 25)
    unequal = scipy_stats.ttest_ind_from_stats(8.32, 0.802, 25, 5.80, 1.528, 25, equal_var=False)
    assert set(by_test) == {"student", "welch", "anova"}
    assert by_test["student"].range.at == pytest.approx(plain.statistic)
    assert by_test["student"].p == pytest.approx(plain.pvalue)
    assert by_test["welch"].p == pytest.approx(unequal.pvalue)
    assert by_test["anova"].range.at == pytest.approx(plain.statistic**2)
    for found in groups.recomputed:
        assert found.range.low < found.range.at < found.range.high
        assert found.p_low < found.p < found.p_high
    assert by_test["student"].range.low < 7.303069657875 < by_test["student"].range.high
    assert check_text("one 25 8.32 .802").tables[0].recomputed == ()
    assert check_text("a 25 8.32 .000\nb 25 5.80 .000").tables[0].recomputed == ()


def test_a_wrong_mean_is_found_by_grim_and_against_the_table() -> None:
    report = check_text(GROUPS.replace("8.32", "8.35") + TABLE_1)
    test, groups = report.tables
    assert [(grain.test, grain.possible) for grain in groups.granularity] == [("GRIM", False), ("GRIMMER", True)]
    assert "difference from means" in [f.what for f in test.findings if f.verdict == "inconsistent"]
    assert check_text(GROUPS.replace("8.32", "8.33"), Options(whole=False)).tables[0].granularity == ()


def test_a_wrong_standard_error_is_found() -> None:
    (groups,) = check_text(GROUPS.replace(".306", ".316")).tables
    assert [(f.what, f.verdict) for f in groups.findings] == [
        ("SE, experimental", "consistent"),
        ("SE, control", "inconsistent"),
    ]


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [
        ("t(48) = 7.30, p < .001", "consistent"),
        ("t(48) = 7.30, p = .000", "consistent"),
        ("t(48) = 2.10, p = .041", "consistent"),
        ("t(48) = 2.10, p = .031", "inconsistent"),
        ("t(48) = 2.10, p = .061", "decision_error"),
        ("t(48) = 1.90, p < .05", "decision_error"),
        ("t(48) = 1.90, p < .10", "consistent"),
        ("t(48) = 2.10, p > .05", "decision_error"),
        ("t(48) = 2.10, n.s.", "decision_error"),
        ("t(48) = 1.10, ns", "consistent"),
        ("t(36.299) = \N{MINUS SIGN}7.303, p = .000", "consistent"),
        ("t(20) = 1.80, p = .044 (one-tailed)", "consistent"),
        ("t(20) = 1.80, p = .044", "decision_error"),
        ("F(1, 48) = 180.893, p = .003", "inconsistent"),
        ("F(2, 27) = 4.846, p = .016", "consistent"),
        ("F(1.8, 22.2) = 4.85, p = .02", "consistent"),
        ("\N{GREEK SMALL LETTER CHI}\N{SUPERSCRIPT TWO}(2, N = 100) = 5.99, p = .05", "consistent"),
        ("r(48) = -.32, p = .023", "consistent"),
        ("r(48) = -.32, p = .23", "decision_error"),
        ("z = 1.96, p = .05", "consistent"),
    ],
)
def test_a_sentence_is_checked(sentence: str, verdict: str) -> None:
    (table,) = check_text(f"We found a difference, {sentence}, as expected.").tables
    assert [finding.verdict for finding in table.findings] == [verdict]


def test_one_sided_belongs_to_its_own_sentence() -> None:
    found = read("t(20) = 1.80, p = .044, and t(20) = 2.00, p = .030 (one-tailed).").sentences
    assert [result.one_sided for result in found] == [False, True]


@pytest.mark.parametrize(
    "text", ["", "hello", "F = 3", "t(0) = 2.1", "Total score", "x" * 500_000, "t" + " " * 300_000]
)
def test_text_without_a_table_says_what_to_paste(text: str) -> None:
    with pytest.raises(InvalidSample, match="paste SPSS's") as error:
        check_text(text)
    assert error.value.code == "nothing_read"


@pytest.mark.parametrize(
    "text",
    [
        "Equal variances assumed 1 2 3",
        "Equal variances assumed 9.271 .004 7.303 0 .000 2.520 .345 1.826 3.214",
        "Equal variances assumed 9.271 .004 7.303 48 .000 2.520 < .345 1.826 3.214",
        "Between Groups 3 1.5 3 4 .05\nWithin Groups 9 48 2\nTotal 12 49",
    ],
)
def test_half_a_table_is_named_not_guessed(text: str) -> None:
    found = read(text)
    assert found.empty
    assert len(found.unread) == 1


def test_figures_that_cannot_be_give_no_finding() -> None:
    (table,) = check_text("r(10) = 1.40, p = .03").tables
    assert table.findings == ()
    (zero,) = check_text("F(0, 12) = 1.40, p = .03").tables
    assert zero.findings == ()


def test_n_that_does_not_fit_the_df_is_said() -> None:
    (table,) = check_text(TABLE_1, Options(n=(20, 25))).tables
    assert table.data is not None
    assert (table.data.found, table.data.problem) == (None, "n_and_df")


def test_long_nonsense_is_read_quickly() -> None:
    """Quadratic patterns would take minutes over these."""
    started = time.process_time()
    for text in (
        "between " * 20_000,
        "equal variances assumed " * 8_000,
        "a 1 " * 50_000,
        "F(" * 60_000,
        "- " * 90_000,
    ):
        read(text)
    assert time.process_time() - started < 20  # seconds, where the right answer takes a tenth of one


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    if read(text).empty:
        with pytest.raises(InvalidSample):
            check_text(text)
    else:
        assert check_text(text).tables


def test_ranges_hold_what_honest_rounding_leaves() -> None:
    """Means and SDs to two digits: t and F of the unrounded ones lie within."""
    exact = (("a", 20, 4.3449, 1.2051), ("b", 24, 3.7551, 0.9949), ("c", 18, 5.005, 2.0049))
    rows = [GroupRow(name, n, f"{mean:.2f}", f"{sd:.2f}") for name, n, mean, sd in exact]
    full = [Summary.of(name, n=n, mean=mean, sd=sd) for name, n, mean, sd in exact]
    for variant, test in (("student", student), ("welch", welch)):
        found = t_range(rows[0], rows[1], variant=variant)  # type: ignore[arg-type]
        assert found.low < test(full[0], full[1]).t < found.high
        assert found.low < found.at < found.high
    wide = f_range(rows)
    assert wide.low < one_way(full).f < wide.high
    assert wide.low < wide.at < wide.high
    equal = f_range([GroupRow("a", 9, "2.0", "1.00"), GroupRow("b", 9, "2.0", "1.00")])
    assert equal.low == pytest.approx(0.0, abs=1e-9)


def test_a_t_of_a_standard_error_of_zero_has_no_upper_bound() -> None:
    row = PrintedRow("2500.0", "20", ".000", "1.000", ".000", "1.000", "1.000")
    assert next(check for check in check_t_row(row) if check.what == "t").consistent
    below = PrintedRow("50.0", "20", ".000", "1.000", ".010", "1.000", "1.000")
    assert not next(check for check in check_t_row(below) if check.what == "t").consistent


def test_p_of_other_statistics() -> None:
    """R: pchisq(5.991465, 2, lower = FALSE) = .05, 2 * pnorm(-1.959964) = .05; r of t: .2787 with 48 df has p .05."""
    assert p_of_chi2(".05", chi2="5.991465", df=2).p == pytest.approx(0.05, abs=1e-6)
    assert p_of_z(".05", z="-1.959964").p == pytest.approx(0.05, abs=1e-6)
    check = p_of_r(".05", r=".2787", df=48)
    assert check.p == pytest.approx(0.05, abs=1e-4)
    assert check.needed == pytest.approx(0.2787, abs=1e-4)


def test_the_command_prints_every_figure_and_leaves_with_the_verdict(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("integrity")
    both, good = folder / "both.txt", folder / "good.txt"
    both.write_text(TABLE_1 + ANOVA, encoding="utf-8")
    good.write_text(TABLE_1, encoding="utf-8")
    assert main([str(both)]) == 1
    out = capsys.readouterr().out
    assert "56 pairs of distributions give every printed digit, 28 of them when mirror images are one" in out
    assert "forced: sums of squares 15.44 and 56.00, SD 0.802 and 1.528" in out
    assert "the printed p needs 9.776 (9.4359 to 10.183)" in out
    assert "15 figures checked, 1 of them do not fit." in out
    assert main([str(good), "--n", "25", "25"]) == 0
    assert "(taken from the df)" not in capsys.readouterr().out
    assert main([str(good), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tables"][0]["data"]["found"]["count"] == 56
    assert main([str(folder / "missing.txt")]) == 2
