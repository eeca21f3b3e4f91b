"""Words: few, concrete, supported by the view, never frightening."""

from __future__ import annotations

import pytest

from coaching.vision import faults, feedback, quality, stance, vocabulary
from coaching.vision.coach import analyse
from tests.coach.lifts import lift_of, track_of

EVERYTHING = {
    "narrow_stance": 1.0,
    "lean_left": 1.0,
    "hips_first": 1.0,
    "rounded_upper_back": 1.0,
    "knees_in": 1.0,
    "bar_drift": 1.0,
    "no_lockout": 1.0,
    "asymmetry": 1.0,
}


@pytest.mark.parametrize("yaw_deg", [0.0, 45.0, 90.0])
def test_never_more_than_two_things_at_once(yaw_deg: float) -> None:
    cues = analyse(track_of(lift_of(faults=EVERYTHING), yaw_deg)).cues
    assert len(cues) == 2


@pytest.mark.parametrize("yaw_deg", [0.0, 45.0, 90.0])
def test_no_cue_about_what_the_view_hides(yaw_deg: float) -> None:
    report = analyse(track_of(lift_of(faults=EVERYTHING), yaw_deg))
    observable = {fault.name for rep in report.reps for fault in rep.faults if fault.observable}
    assert {cue.code for cue in report.cues} <= observable


def test_a_cue_points_to_the_repetition_and_the_moment_that_show_it() -> None:
    lift = lift_of(3, faults={"no_lockout": 1.0}, fault_reps=(2,))
    (cue,) = analyse(track_of(lift)).cues
    assert (cue.code, cue.rep) == ("no_lockout", 2)
    assert cue.at_s == pytest.approx(lift.reps[1].lockout_s, abs=0.2)
    assert cue.p is not None
    assert cue.p > 0.9


def test_a_narrow_stance_is_corrected_by_an_amount_one_can_see() -> None:
    cues = analyse(track_of(lift_of(faults={"narrow_stance": 0.5}), 0.0)).cues
    assert [cue.text for cue in cues] == ["Widen your stance by about two foot widths."]
    assert feedback._feet(0.60) == "about a foot's width"
    assert feedback._feet(0.20) == "about three foot widths"


def test_leaning_left_is_answered_with_right() -> None:
    (cue,) = analyse(track_of(lift_of(faults={"lean_left": 1.0}), 0.0)).cues
    assert cue.text == "Lean a little to your right to level your shoulders."


def test_a_clean_set_is_told_what_is_fine() -> None:
    cues = analyse(track_of(lift_of(), 0.0)).cues
    assert [cue.code for cue in cues] == ["stance_fine", "lean_fine"]
    assert cues[0].text == "Stance is fine, no adjustment needed."


def test_one_doubtful_repetition_among_clean_ones_is_no_cue() -> None:
    lift = lift_of(4, faults={"hips_first": 0.45}, fault_reps=(3,))
    assert "hips_first" not in {cue.code for cue in analyse(track_of(lift)).cues}


def test_nothing_frightens_and_nothing_speaks_of_the_lower_back() -> None:
    texts = [
        *feedback.TEXT.values(),
        *feedback.OWN.values(),
        *feedback.GOOD.values(),
        *quality.ADVICE.values(),
        *stance.STANCE.advice.values(),
        *stance.LEAN.advice.values(),
        faults.BY_THE_PLATE,
        faults.FROM_THE_FRONT,
    ]
    for text in texts:
        assert not {"danger", "dangerous", "injury", "lumbar", "lower back", "wrong"} & set(text.lower().split()), text
        assert text.endswith(".")


def test_every_fault_has_a_weight_and_words() -> None:
    for table in (feedback.WEIGHT, feedback.TEXT, feedback.OWN, feedback.BETTER):
        assert table.keys() == set(vocabulary.FAULT_NAMES)
