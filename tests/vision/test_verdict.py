"""The verdict weighs what the network says and what was measured."""

from __future__ import annotations

import pytest

from coaching.vision.types import Fault
from coaching.vision.verdict import (
    AT_THEIR_WORD,
    OUTLINE_UNIT,
    ROUNDED_UNSEEN,
    Combination,
    combined_p_correct,
    logit,
    measures_logit,
)

STRAIGHT_BACK = Fault("rounded_upper_back", 0.0, observable=True, unit=OUTLINE_UNIT)


def fault(name: str, p: float | None, *, observable: bool = True) -> Fault:
    return Fault(name=name, p=p, observable=observable)


def test_opinions_add_up_as_odds() -> None:
    # Odds 4 of the network times odds 1/9 of the measure: 4/9 of 13/9.
    faults = [fault("hips_first", 0.9), STRAIGHT_BACK]
    assert combined_p_correct(0.8, faults, AT_THEIR_WORD) == pytest.approx(4 / 13)


def test_without_the_outline_of_the_back_nothing_found_is_no_all_clear() -> None:
    """From the side and at an angle; from the front nobody looks for it."""
    fine = [fault("hips_first", 0.0)]
    assert combined_p_correct(0.5, [*fine, STRAIGHT_BACK], AT_THEIR_WORD) == pytest.approx(0.99)
    for head_says in (fault("rounded_upper_back", None, observable=False), fault("rounded_upper_back", 0.0)):
        assert combined_p_correct(0.5, [*fine, head_says], AT_THEIR_WORD) == pytest.approx(1.0 - ROUNDED_UNSEEN)
    assert combined_p_correct(0.5, [fault("wide_stance", 0.0)], AT_THEIR_WORD) == pytest.approx(0.99)


def test_a_measured_fault_overrules_a_network_that_is_pleased() -> None:
    assert combined_p_correct(0.82, [fault("rounded_upper_back", 0.98)], AT_THEIR_WORD) < 0.1


def test_decisive_faults_leave_what_all_of_them_leave() -> None:
    assert measures_logit({"hips_first": 0.5, "rounded_upper_back": 0.2}) == pytest.approx(logit(0.4))


def test_one_opinion_is_never_surer_than_one_in_a_hundred() -> None:
    assert logit(1.0) == pytest.approx(logit(0.99)) == pytest.approx(-logit(0.0))
    assert measures_logit({"hips_first": 1.0, "rounded_upper_back": 1.0}) == logit(0.01)


def test_what_the_view_hides_and_what_is_not_decisive_is_no_opinion() -> None:
    hidden = [fault("hips_first", None, observable=False), fault("rounded_upper_back", None)]
    assert combined_p_correct(0.7, [*hidden, fault("bar_drift", 0.99)], AT_THEIR_WORD) == pytest.approx(0.7)


def test_the_weights_are_those_of_the_model() -> None:
    measures_only = Combination(network=0.0, measures=1.0, bias=0.0)
    assert combined_p_correct(0.01, [fault("wide_stance", 0.3)], measures_only) == pytest.approx(0.7)
    doubtful = Combination(network=1.0, measures=0.0, bias=-1.0)
    assert combined_p_correct(0.5, [fault("wide_stance", 1.0)], doubtful) == pytest.approx(0.2689, abs=1e-4)


def test_frontal_faults_decide_only_where_the_sagittal_ones_are_hidden() -> None:
    assert measures_logit({"narrow_stance": 0.9, "lean_left": 0.5}) == pytest.approx(logit(0.05))
    assert measures_logit({"narrow_stance": 0.9, "hips_first": 0.2}) == pytest.approx(logit(0.8))


def test_without_the_network_the_measures_speak_alone() -> None:
    weights = Combination(network=0.5, measures=1.0, bias=0.0)
    assert combined_p_correct(None, [fault("wide_stance", 0.3)], weights) == pytest.approx(0.7)


def test_no_verdict_is_certain() -> None:
    faults = [fault("rounded_upper_back", 1.0)]
    assert combined_p_correct(0.0, faults, Combination(network=3.0, measures=3.0, bias=0.0)) == 0.01
    faults = [fault("hips_first", 0.0), STRAIGHT_BACK]
    assert combined_p_correct(1.0, faults, Combination(network=3.0, measures=3.0, bias=0.0)) == 0.99
