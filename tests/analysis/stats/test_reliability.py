"""Cronbach's alpha by hand, against a known identity, and Feldt's interval against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis.stats.reliability import cronbach_alpha
from analysis.stats.samples import InvalidSample
from tests.analysis.reference_data import SHROUT_FLEISS

BY_HAND = [[1, 2, 1], [2, 2, 3], [3, 4, 3], [4, 3, 5], [5, 5, 4]]
"""Item variances 2.5, 1.7, 2.2, sum 6.4; sums 4, 7, 10, 12, 14, variance 15.8; alpha = 3/2 (1 - 6.4/15.8)."""


def test_alpha_by_hand() -> None:
    found = cronbach_alpha(BY_HAND, ["a", "b", "c"])
    assert found.alpha == pytest.approx(1.5 * (1 - 6.4 / 15.8), abs=1e-12)
    assert found.alpha == pytest.approx(0.8924050632911392)
    assert found.people == 5


def test_feldts_interval_is_the_one_that_its_f_distribution_gives() -> None:
    """n 5, k 3: degrees of freedom 4 and 8. F(.975) = 5.0526, F(.025) = 1/8.9796 = 0.11136 (tables of F)."""
    found = cronbach_alpha(BY_HAND, ["a", "b", "c"])
    assert found.ci_low == pytest.approx(1 - (1 - found.alpha) * 5.0526, abs=1e-4)
    assert found.ci_high == pytest.approx(1 - (1 - found.alpha) / 8.9796, abs=1e-5)
    narrower = cronbach_alpha(BY_HAND, ["a", "b", "c"], confidence=0.8)
    assert found.ci_low < narrower.ci_low < found.alpha < narrower.ci_high < found.ci_high


def test_alpha_is_shrout_and_fleisss_icc_of_the_mean_of_fixed_raters() -> None:
    """Shrout and Fleiss (1979), table 4: ICC(3,4) .91; R psych::ICC gives ICC3k .91, .676 to .99, by the same F."""
    found = cronbach_alpha(SHROUT_FLEISS, ["a", "b", "c", "d"])
    assert found.alpha == pytest.approx(0.91, abs=0.005)
    assert found.ci_low == pytest.approx(0.676, abs=0.0005)
    assert found.ci_high == pytest.approx(0.99, abs=0.005)


def test_item_statistics_by_hand() -> None:
    """Without c: variances 2.5 and 1.7, sums 3, 4, 7, 7, 10 with variance 7.7: alpha = 2 (1 - 4.2/7.7)."""
    found = cronbach_alpha(BY_HAND, ["a", "b", "c"])
    last = found.items[2]
    assert last.name == "c"
    assert last.mean == pytest.approx(3.2)
    assert last.sd == pytest.approx(2.2**0.5)
    assert last.alpha_without == pytest.approx(2 * (1 - 4.2 / 7.7))
    assert last.rest_correlation == pytest.approx(np.corrcoef([1, 3, 3, 5, 4], [3, 4, 7, 7, 10])[0, 1])


def test_parallel_items_give_the_spearman_brown_value() -> None:
    """Items of equal variance and mean correlation r: alpha and standardised alpha are k r / (1 + (k - 1) r)."""
    rng = np.random.default_rng(11)
    person = rng.normal(size=(400, 1))
    y = stats.zscore(person + rng.normal(size=(400, 4)), axis=0)
    found = cronbach_alpha(y, ["a", "b", "c", "d"])
    r = found.mean_correlation
    assert r is not None
    assert found.standardised == pytest.approx(4 * r / (1 + 3 * r))
    assert found.alpha == pytest.approx(found.standardised)
    assert found.alpha == pytest.approx(0.8, abs=0.03), "half of the variance is common: 4 * .5 / 2.5"


def test_the_interval_covers_the_true_alpha_as_often_as_it_says() -> None:
    """True alpha .8 (four parallel items, r = .5): 400 samples of 30 people, 95 % intervals."""
    rng = np.random.default_rng(5)
    held = 0
    for _sample in range(400):
        y = rng.normal(size=(30, 1)) + rng.normal(size=(30, 4))
        found = cronbach_alpha(y, ["a", "b", "c", "d"])
        held += found.ci_low <= 0.8 <= found.ci_high
    assert 0.92 <= held / 400 <= 0.98


def test_an_item_that_was_not_turned_lowers_alpha_and_goes_against_the_rest() -> None:
    y = np.array(BY_HAND, float)
    y[:, 2] = 6 - y[:, 2]
    found = cronbach_alpha(y, ["a", "b", "c"])
    assert found.alpha < 0
    assert (found.items[2].rest_correlation or 0) < -0.7


def test_shifts_change_nothing_and_two_items_have_no_alpha_without_one() -> None:
    shifted = cronbach_alpha(np.array(BY_HAND) + 100.0, ["a", "b", "c"])
    assert shifted.alpha == pytest.approx(cronbach_alpha(BY_HAND, ["a", "b", "c"]).alpha)
    two = cronbach_alpha([row[:2] for row in BY_HAND], ["a", "b"])
    assert [item.alpha_without for item in two.items] == [None, None]


def test_an_item_that_nobody_varies_on_has_no_correlation() -> None:
    found = cronbach_alpha([[1, 2, 4], [2, 2, 4], [3, 4, 4], [4, 3, 4]], ["a", "b", "c"])
    assert found.items[2].rest_correlation is None
    assert (found.standardised, found.mean_correlation) == (None, None)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([[1, 2], [2, 3]], "too_few"),
        ([[1], [2], [3]], "not_a_table"),
        ([[1, 2], [2, float("nan")], [3, 3]], "missing"),
        ([[1, 3], [2, 2], [3, 1]], "constant"),
        ([["a", 1], [2, 2], [3, 3]], "not_numeric"),
    ],
)
def test_what_has_no_alpha_is_refused(values: list[list[object]], code: str) -> None:
    with pytest.raises(InvalidSample) as refused:
        cronbach_alpha(values, ["a", "b"])  # type: ignore[arg-type]
    assert refused.value.code == code
