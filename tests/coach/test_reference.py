"""A lifter's own best repetitions: which they are, when they may speak, and what they say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from coaching.vision.reference import Reference, TooFewRepetitions, reference_of, worse_by
from coaching.vision.settings_table import DEFAULT
from coaching.vision.types import Moment
from tests.coach.judged import hidden, rep, set_of

if TYPE_CHECKING:
    from coaching.vision.history import JudgedSet

SETTINGS = DEFAULT.personal
NOW = set_of([4.0, 4.0], at="9")


def known(*earlier: JudgedSet, now: JudgedSet = NOW) -> Reference:
    found = reference_of(now, earlier, SETTINGS)
    assert isinstance(found, Reference)
    return found


def test_four_good_repetitions_are_not_enough_and_five_are() -> None:
    assert reference_of(NOW, [set_of([1.0, 2.0, 3.0, 4.0])], SETTINGS) == TooFewRepetitions(needed=5, found=4)
    own = known(set_of([1.0, 2.0, 3.0, 4.0, 5.0])).measures["hips_first"]
    assert (own.median, own.repetitions, own.films) == (3.0, 5, 1)


def test_an_improbable_repetition_is_none_of_the_best() -> None:
    assert reference_of(NOW, [set_of([1.0] * 9, p_correct=0.59)], SETTINGS) == TooFewRepetitions(5, 0)


def test_what_an_instructor_calls_correct_comes_before_what_the_machine_prefers() -> None:
    machine = set_of([9.0] * 20, p_correct=0.99, at="1")
    reviewed = set_of([2.0] * 6, p_correct=0.05, at="2", reviews=dict.fromkeys(range(1, 7), "correct"))
    found = known(machine, reviewed)
    assert (found.repetitions, found.reviewed) == (10, 6)
    assert found.measures["hips_first"].median == 2.0


@pytest.mark.parametrize("word", ["incorrect", "not_a_repetition", "disputed"])
def test_what_an_instructor_does_not_call_correct_is_never_a_reference(word: str) -> None:
    doubted = set_of([2.0] * 6, p_correct=0.99, reviews={1: word, 2: word})
    assert reference_of(NOW, [doubted], SETTINGS) == TooFewRepetitions(5, 4)


def test_another_view_another_engine_and_an_unknown_view_do_not_compare() -> None:
    good = set_of([1.0] * 6)
    for other in (replace(good, view="oblique"), replace(good, engine="another pose model")):
        assert reference_of(NOW, [other], SETTINGS) == TooFewRepetitions(5, 0)
    unknown = replace(good, view="unknown")
    assert reference_of(replace(NOW, view="unknown"), [unknown], SETTINGS) == TooFewRepetitions(5, 0)


def test_a_measure_that_too_few_of_the_best_show_is_missing() -> None:
    shown = set_of([1.0] * 4, at="1")
    not_shown = replace(
        shown, key="set 2", at="2", reps=tuple(rep(i, hidden("hips_first"), p_correct=0.9) for i in (1, 2))
    )
    assert known(shown, not_shown).measures == {}


def test_the_set_must_leave_the_own_best_by_more_than_the_smallest_detectable_change() -> None:
    # Spread 0, stated SD 3: each film's SEM is 0.7 * 3 = 2.1, so the change must exceed 1.96 * sqrt(2) * 2.1 = 5.82.
    own = known(set_of([2.0] * 5)).measures["hips_first"]
    assert own.exceeded_by([7.8] * 5, SETTINGS) < 0.0 < own.exceeded_by([7.9] * 5, SETTINGS)
    assert own.exceeded_by([7.8] * 5, SETTINGS) == pytest.approx(5.8 - 5.8209, abs=1e-3)


def test_a_fault_whose_measure_falls_is_worse_when_it_is_less() -> None:
    assert worse_by("no_lockout", 160.0, 170.0) == 10.0
    assert worse_by("narrow_stance", 0.5, 0.9) == pytest.approx(0.4)
    assert worse_by("lean_right", -6.0, 1.0) == 7.0
    assert worse_by("lean_left", 6.0, 1.0) == 5.0
    assert worse_by("hips_first", 12.0, 2.0) == 10.0
    assert worse_by("bent_arms", 130.0, 165.0) == 35.0
    assert worse_by("narrow_grip", 0.75, 1.25) == worse_by("wide_grip", 2.0, 1.5) == 0.5


def test_the_best_moment_is_the_one_with_the_least_of_the_fault() -> None:
    assert known(set_of([3.0, 1.0, 3.0, 3.0, 3.0])).measures["hips_first"].best == Moment(2, 8.5, "set 1")


def test_where_every_best_repetition_has_the_fault_there_is_no_picture_without_it() -> None:
    assert known(set_of([12.0] * 5)).measures["hips_first"].best is None
