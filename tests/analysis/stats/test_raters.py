"""ICC, limits of agreement, McNemar: by hand, under clusters, refusals. Oracles: benchmarks/oracles/raters.py."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from analysis.stats import InvalidSample, Pair, agreement, sample
from analysis.stats.raters import bland_altman, icc, mcnemar, mcnemar_clustered

if TYPE_CHECKING:
    from analysis.stats.agreement import Figure


def test_a_constant_difference_is_forgiven_by_consistency_alone() -> None:
    """The second rater gives 2 more, always: consistency 1, agreement var / (var + 2) with var 2.5 of 1 to 5."""
    first, second = sample("a", [1, 2, 3, 4, 5]), sample("b", [3, 4, 5, 6, 7])
    assert icc([first, second], form="consistency").figure.value == pytest.approx(1.0)
    assert icc([first, second], form="agreement").figure.value == pytest.approx(2.5 / (2.5 + 2.0))


def test_alike_cases_of_one_person_widen_the_intervals() -> None:
    rng = np.random.default_rng(3)
    people = rng.normal(size=12)
    first = np.repeat(people, 6)
    second = first + np.repeat(rng.normal(0, 0.8, 12), 6)
    a, b = sample("a", first + rng.normal(0, 1e-3, 72)), sample("b", second)
    who = [f"p{i // 6}" for i in range(72)]
    alone, together = icc([a, b], form="agreement"), icc([a, b], form="agreement", clusters=who)
    assert alone.figure.value == together.figure.value
    assert (alone.clusters, together.clusters) == (None, 12)
    assert width(together.figure) > 1.5 * width(alone.figure)
    limits, wider = bland_altman(a, b), bland_altman(a, b, clusters=who)
    assert width(wider.bias) > 1.5 * width(limits.bias)
    assert wider.bias.value == pytest.approx(limits.bias.value)


def width(figure: Figure) -> float:
    assert figure.ci_low is not None
    assert figure.ci_high is not None
    return figure.ci_high - figure.ci_low


def test_limits_by_hand() -> None:
    """Differences -1, 0, 1, 2, 3: bias 1, SD sqrt(2.5)."""
    found = bland_altman(sample("a", [1, 2, 3, 4, 5]), sample("b", [2, 2, 2, 2, 2]))
    assert found.bias.value == pytest.approx(1.0)
    assert found.sd == pytest.approx(math.sqrt(2.5))
    assert found.high.value == pytest.approx(1 + 1.959964 * math.sqrt(2.5), abs=1e-5)
    assert found.high.ci_low is not None
    assert found.high.ci_high is not None
    assert found.high.value is not None
    assert found.high.ci_high - found.high.value > found.high.value - found.high.ci_low  # skewed outwards


def test_the_spread_of_people_and_within_people_add_up() -> None:
    """Three people of two cases; differences 0 2, 4 6, 8 10: within 2, means 1 5 9, MSB 32, between (32 - 2) / 2."""
    a, b = sample("a", [0, 2, 4, 6, 8, 10]), sample("b", [0, 0, 0, 0, 0, 0])
    found = bland_altman(a, b, clusters=["p", "p", "q", "q", "r", "r"])
    assert found.sd == pytest.approx(math.sqrt(2 + 15))
    one_each = bland_altman(a, b, clusters=list("pqrstu"))
    assert one_each.sd == pytest.approx(np.std([0, 2, 4, 6, 8, 10], ddof=1))


def test_two_people_have_limits_and_no_interval() -> None:
    a, b = sample("a", [0, 2, 4, 7]), sample("b", [0, 0, 0, 0])
    found = bland_altman(a, b, clusters=["p", "p", "q", "q"])
    assert found.high.value is not None
    assert (found.high.ci_low, found.high.ci_high) == (None, None)


def test_the_exact_interval_of_a_limit_covers() -> None:
    """1,000 samples of 12: the true 97.5 % point lies in the interval of the upper limit in 95 % of them."""
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(1000):
        found = bland_altman(sample("a", rng.normal(size=12)), sample("b", np.zeros(12)))
        assert found.high.ci_low is not None
        assert found.high.ci_high is not None
        covered += found.high.ci_low <= 1.959964 <= found.high.ci_high
    assert covered / 1000 == pytest.approx(0.95, abs=0.025)


def test_mcnemar_by_hand() -> None:
    """1 against 5: two-sided binomial 2 (1 + 6) / 64, mid-p 2 / 64 + 6 / 64, chi-squared 16 / 6 and 9 / 6."""
    found = mcnemar(1, 5)
    assert found.p_exact == pytest.approx(14 / 64)
    assert found.p_mid == pytest.approx(8 / 64)
    assert (found.chi2, found.chi2_corrected) == pytest.approx((16 / 6, 9 / 6))
    assert mcnemar(4, 4).p_exact == 1.0


def test_cases_of_people_count_once_for_each_person() -> None:
    """Durkalski by hand: differences of shares 1/2, 1/2, -1/2, 1: (3/2)^2 / (1/4 + 1/4 + 1/4 + 1)."""
    first = [True, True, True, False, False, True, True]
    second = [True, False, False, False, True, True, False]
    people = ["a", "a", "b", "b", "c", "c", "d"]
    found = mcnemar_clustered(first, second, people)
    assert found.chi2 == pytest.approx(2.25 / 1.75)
    assert (found.clusters, found.pairs) == (4, 7)


def test_what_cannot_be_compared_says_why() -> None:
    a, b = sample("a", [1, 2, 3]), sample("b", [1, 2])
    flat = sample("c", [2, 2, 2])
    for call, code in (
        (lambda: icc([a, b], form="agreement"), "unpaired"),
        (lambda: icc([flat, sample("d", [2, 2, 2])], form="agreement"), "constant"),
        (lambda: icc([a], form="agreement"), "too_few_groups"),
        (lambda: icc([a, flat], form="agreement", clusters=["x"]), "unpaired"),
        (lambda: bland_altman(a, b), "unpaired"),
        (lambda: bland_altman(a, sample("e", [2, 3, 4])), "constant"),
        (lambda: bland_altman(a, flat, clusters=["x"]), "unpaired"),
        (lambda: mcnemar(0, 0), "no_discordant"),
        (lambda: mcnemar(-1, 3), "not_a_count"),
        (lambda: mcnemar_clustered([True], [False], ["a"]), "too_few"),
        (lambda: mcnemar_clustered([True], [False], []), "unpaired"),
        (lambda: mcnemar_clustered([True] * 3, [True] * 3, list("abc")), "no_discordant"),
    ):
        with pytest.raises(InvalidSample) as error:
            call()
        assert error.value.code == code


def test_balanced_accuracy_is_the_mean_of_what_is_found_of_each_category() -> None:
    """30 of 40 and 54 of 60: (.75 + .90) / 2, where plain accuracy is .84."""
    cells = [("y", "y", 30), ("y", "n", 10), ("n", "y", 6), ("n", "n", 54)]
    pairs = [Pair(f"{a}{b}{i}", a, b) for a, b, count in cells for i in range(count)]
    found = agreement(pairs, ["y", "n", "never"])
    assert found.balanced_accuracy.value == pytest.approx(0.825)
    assert found.accuracy.value == pytest.approx(0.84)
    assert found.balanced_accuracy.ci_low is not None
    assert found.balanced_accuracy.ci_low < 0.825
