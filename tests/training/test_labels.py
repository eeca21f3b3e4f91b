import pytest

from coaching.simulator.faults import FAULT_NAMES
from coaching.training.labels import (
    CORRECT,
    INCORRECT,
    UNDECIDED,
    UNKNOWN,
    fault_targets,
    label_of,
    observable_faults,
)
from coaching.vision.vocabulary import FRONTAL_FAULTS


def test_moderate_fault_is_incorrect_where_the_view_shows_it() -> None:
    assert label_of({"rounded_upper_back": 0.5}, "side") == INCORRECT
    assert label_of({"narrow_stance": 0.5}, "front") == INCORRECT


@pytest.mark.parametrize(
    ("fault", "view"),
    [("rounded_upper_back", "front"), ("narrow_stance", "side"), ("lean_left", "oblique"), ("wide_stance", "side")],
)
def test_a_gross_fault_that_the_view_hides_decides_nothing(fault: str, view: str) -> None:
    assert label_of({fault: 1.0}, view) is None  # type: ignore[arg-type]


def test_small_departures_are_correct_and_those_in_between_decide_nothing() -> None:
    assert label_of({"hips_first": 0.15, "rounded_upper_back": 0.1}, "side") == CORRECT
    assert label_of({"hips_first": 0.16}, "side") is None
    assert label_of({"hips_first": 0.49}, "side") is None


@pytest.mark.parametrize("fault", sorted(UNDECIDED))
def test_faults_that_are_no_part_of_the_verdict_do_not_make_a_repetition_incorrect(fault: str) -> None:
    assert label_of({fault: 1.0}, "side") == CORRECT
    assert label_of({fault: 1.0, "rounded_upper_back": 0.6}, "side") == INCORRECT


def test_an_unknown_view_gives_no_label() -> None:
    assert label_of({}, "unknown") is None


def test_a_misspelt_fault_is_an_error_and_not_a_correct_repetition() -> None:
    with pytest.raises(ValueError, match="rounded_back"):
        label_of({"rounded_back": 1.0}, "side")


def test_every_fault_is_seen_from_the_front_or_from_the_side_but_not_from_both() -> None:
    assert observable_faults("front") | observable_faults("side") == set(FAULT_NAMES)
    assert not observable_faults("front") & observable_faults("side")
    assert "asymmetry" in FRONTAL_FAULTS


def test_fault_targets_are_unknown_where_hidden_or_in_between() -> None:
    targets = dict(zip(FAULT_NAMES, fault_targets({"hips_first": 0.7, "bar_drift": 0.3}, "side"), strict=True))
    assert targets["hips_first"] == 1.0
    assert targets["bar_drift"] == UNKNOWN
    assert targets["no_lockout"] == 0.0
    assert targets["wide_stance"] == UNKNOWN
