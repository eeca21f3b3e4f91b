"""A repetition is correct if the network says so and no decisive fault was measured."""

from __future__ import annotations

import pytest

from coaching.vision.types import Fault
from coaching.vision.verdict import combined_p_correct


def fault(name: str, p: float | None, *, observable: bool = True) -> Fault:
    return Fault(name=name, p=p, observable=observable)


def test_a_measured_fault_of_the_pull_overrules_a_network_that_is_pleased() -> None:
    assert combined_p_correct(0.82, [fault("hips_first", 0.98)]) == pytest.approx(0.0164)


def test_two_decisive_faults_multiply() -> None:
    both = [fault("hips_first", 0.5), fault("rounded_upper_back", 0.2)]
    assert combined_p_correct(0.9, both) == pytest.approx(0.36)


def test_no_fault_never_makes_a_repetition_better_than_the_network_says() -> None:
    assert combined_p_correct(0.3, [fault("hips_first", 0.0), fault("rounded_upper_back", 0.0)]) == 0.3


def test_what_the_view_hides_and_what_is_not_decisive_changes_nothing() -> None:
    hidden = [fault("hips_first", None, observable=False), fault("rounded_upper_back", None)]
    assert combined_p_correct(0.7, [*hidden, fault("bar_drift", 0.99)]) == 0.7
