"""The paper's tables, specification 5.3; and data made up here, which must be found again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.stats import InvalidSample, PrintedRow, TTest, levene, sample, student, welch
from analysis.stats.integrity.forms import shape
from analysis.stats.integrity.twogroups import Enumeration, PrintedGroups, enumerate_groups
from tests.analysis.reference_data import ACCURACY, INJURIES, TABLE_1_POOLED, TABLE_1_WELCH, TABLE_2

TABLE_1 = PrintedGroups((25, 25), TABLE_1_POOLED, TABLE_1_WELCH, "9.271")


@pytest.fixture(scope="module")
def table_1() -> Enumeration:
    return enumerate_groups(TABLE_1)


def test_sums_of_squares_and_fractions_of_table_1_are_forced(table_1: Enumeration) -> None:
    """15.44 and 56.00; means k + .32 and j + .80 with the steadier group higher, or the mirror image."""
    assert [min(split.ss) for split in table_1.splits] == pytest.approx([15.44, 15.44])
    assert [max(split.ss) for split in table_1.splits] == pytest.approx([56.0, 56.0])
    assert sorted(split.totals for split in table_1.splits) == [(5, 17), (8, 20)]  # of 25: .20 .68, .32 .80
    assert {split.difference for split in table_1.splits} == {2.52}


def test_table_1_has_28_pairs_of_distributions_and_one_form_of_the_steadier_group(table_1: Enumeration) -> None:
    assert table_1.distinct is not None
    assert (table_1.count, len(table_1.distinct)) == (56, 28)
    assert table_1.forms_of(0) == ((4, 10, 10, 1),)
    assert len(table_1.forms_of(1)) == 28


def test_the_saved_reconstruction_is_one_of_them(table_1: Enumeration) -> None:
    counts = [tuple(ACCURACY[name].count(float(v)) for v in range(3, 11)) for name in ("experimental", "control")]
    ours = (counts[0][4:], counts[1][:7])
    assert ours in {(shape(pair.first), shape(pair.second)) for pair in table_1.distinct or ()}


@pytest.mark.parametrize(
    ("scale", "ways"), [((0, 5), 0), ((1, 5), 0), ((1, 6), 0), ((1, 7), 14), ((0, 7), 54), ((0, 10), 218)]
)
def test_table_1_needs_seven_points(table_1: Enumeration, scale: tuple[int, int], ways: int) -> None:
    assert table_1.on_scale(*scale) == ways


@pytest.mark.parametrize(
    "changed",
    [
        replace(TABLE_1, levene_f="9.272"),
        replace(TABLE_1, pooled=replace(TABLE_1_POOLED, se=".346")),
        replace(TABLE_1, welch=replace(TABLE_1_WELCH, df="36.298")),
        replace(TABLE_1, pooled=replace(TABLE_1_POOLED, mean_difference="2.521", t="7.306")),
        replace(TABLE_1, means=("8.32", "5.81")),
    ],
    ids=["levene", "se", "df", "difference", "mean"],
)
def test_another_last_digit_makes_table_1_impossible(changed: PrintedGroups) -> None:
    found = enumerate_groups(changed)
    assert not found.possible
    assert found.count == 0


def test_table_2_is_free_but_for_its_fractions() -> None:
    """Specification 5.3: (.64 & .04) or (.96 & .36) for (lower & higher); the difference is 135 / 25."""
    found = enumerate_groups(PrintedGroups((25, 25), anova=TABLE_2))
    assert {split.difference for split in found.splits} == {5.4}
    assert {split.totals for split in found.splits} == {(1, 16), (9, 24)}  # of 25, higher group first
    assert found.pairs is None
    assert found.count == 10_098_444
    saved = tuple(round(sample("a", values).summary().ss, 6) for values in INJURIES.values())
    assert saved[::-1] in {tuple(round(ss, 6) for ss in split.ss) for split in found.splits}
    with pytest.raises(InvalidSample):
        found.on_scale(0, 10)


def printed_row(test: TTest, digits: int = 3) -> PrintedRow:
    def text(x: float) -> str:
        return f"{x:.{digits}f}"

    row = (test.t, test.df, test.p, test.mean_difference, test.se, test.ci_low, test.ci_high)
    t, df, p, difference, se, low, high = (text(x) for x in row)
    return PrintedRow(t, df, p, difference, se, low, high)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=3, max_size=9), st.lists(st.integers(0, 6), min_size=3, max_size=9))
def test_data_printed_honestly_are_found_again(a: list[int], b: list[int]) -> None:
    first, second = sample("a", a), sample("b", b)
    assume(first.summary().ss > 0.5 and second.summary().ss > 0.5)
    try:
        spread = f"{levene([first, second], centre='mean').f:.3f}"
    except InvalidSample:
        spread = ""
    printed = PrintedGroups(
        (len(a), len(b)), printed_row(student(first, second)), printed_row(welch(first, second)), spread
    )
    found = enumerate_groups(printed)

    def counted(values: list[int]) -> tuple[int, ...]:
        return tuple(values.count(v) for v in range(min(values), max(values) + 1))

    assert found.possible
    if found.pairs is not None:
        assert (counted(a), counted(b)) in {(shape(pair.first), shape(pair.second)) for pair in found.pairs}


def test_large_spreads_are_judged_without_counting() -> None:
    """SD 10.0 of 30 each: some data fit, and nobody counts them."""
    row = PrintedRow("1.936", "58", ".058", "5.000", "2.583", "-.170", "10.170")
    found = enumerate_groups(PrintedGroups((30, 30), pooled=row))
    assert found.possible
    assert (found.count, found.pairs) == (None, None)


def test_what_bounds_nothing_is_refused() -> None:
    with pytest.raises(InvalidSample) as no_spread:
        enumerate_groups(PrintedGroups((5, 5), means=("2.4", "3.2")))
    assert no_spread.value.code == "unbounded"
    with pytest.raises(InvalidSample) as no_difference:
        enumerate_groups(PrintedGroups((5, 5), sds=("1.1", "1.2")))
    assert no_difference.value.code == "unbounded"
    with pytest.raises(InvalidSample) as size:
        enumerate_groups(PrintedGroups((1, 49), anova=TABLE_2))
    assert size.value.code == "too_few"
    coarse = PrintedRow("2", "398", ".04", "20", "10", "0", "40")
    with pytest.raises(InvalidSample) as coarse_error:
        enumerate_groups(PrintedGroups((200, 200), pooled=coarse))
    assert coarse_error.value.code == "too_many"
