from __future__ import annotations

import json
from typing import Any

import pytest

from coaching.models import AnalysisRun
from coaching.pipeline import STAGE_ENDS
from coaching.simulator import FAULT_NAMES
from coaching.templatetags import coaching_display as display
from coaching.vision.stance import LEAN_CLASSES, STANCE_CLASSES


def fault(name: str, p: float | None, **values: Any) -> dict[str, Any]:
    return {"name": name, "p": p, "observable": p is not None, **values}


def test_every_fault_that_the_coach_knows_has_a_name() -> None:
    assert set(display.FAULTS) == set(FAULT_NAMES)


def test_every_label_of_the_live_panel_has_a_name_and_advice() -> None:
    stance, lean = json.loads(display.form_words("stance")), json.loads(display.form_words("lean"))
    assert set(STANCE_CLASSES) <= set(stance)
    assert set(lean) == set(LEAN_CLASSES)
    assert all(words["name"] and words["advice"] for words in [*stance.values(), *lean.values()])
    assert stance["neutral"]["advice"] == "Stance is fine, no adjustment needed."


def test_leaning_left_is_corrected_to_the_right() -> None:
    words = json.loads(display.form_words("lean"))
    assert "right" in words["left"]["advice"]
    assert "left" in words["right"]["advice"]


def test_every_stage_of_the_worker_has_a_sentence_and_a_step() -> None:
    assert set(STAGE_ENDS) <= set(display.STAGES)
    assert set(STAGE_ENDS) <= set().union(*(stages for _name, stages in display.STEPS))


def test_a_code_that_is_not_known_is_shown_in_its_own_words() -> None:
    assert display.fault_name("bar_wobbles") == "Bar wobbles"
    assert display.stage_sentence("polish") == "Working…"
    assert display.fault_name(None) == ""


@pytest.mark.parametrize(
    ("seconds", "shown"), [(83.44, "1:23.4"), (59.97, "1:00.0"), (0, "0:00.0"), (None, "–"), (True, "–")]
)
def test_times_read_as_on_the_video_s_clock(seconds: object, shown: str) -> None:
    assert display.timecode(seconds) == shown


def test_probabilities_have_two_digits_and_a_dash_where_there_is_none() -> None:
    assert display.probability(0.785) == "0.79"
    assert display.probability(0) == "0.00"
    assert display.probability(None) == "–"


def test_numbers_for_scripts_have_a_point_in_every_language() -> None:
    assert display.plain_number(1.5) == "1.500"
    assert display.plain_number(None) == ""


def test_a_measure_is_shown_with_its_uncertainty_and_unit() -> None:
    assert display.measured({"value": 6.23, "sigma": 2.04, "unit": "deg"}) == "6 ± 2°"
    assert display.measured({"value": 0.583, "sigma": 0.1, "unit": "shoulder widths"}) == "0.58 ± 0.10 shoulder widths"
    assert display.measured({"value": 0.5, "sigma": None, "unit": ""}) == "0.50"
    assert display.measured({"value": None, "sigma": 1.0, "unit": "deg"}) == ""


def test_faults_are_listed_likeliest_first_and_a_hidden_one_is_not_called_absent() -> None:
    rep = {
        "faults": [
            fault("hips_first", 0.5),
            fault("bar_drift", 0.9),
            fault("no_lockout", 0.49),
            fault("knees_in", None),
        ]
    }
    assert [f["name"] for f in display.faults_found(rep)] == ["bar_drift", "hips_first"]
    assert [f["name"] for f in display.faults_clear(rep)] == ["no_lockout"]
    assert [f["name"] for f in display.faults_hidden(rep)] == ["knees_in"]


def test_repetitions_without_a_verdict_are_not_counted_as_wrong() -> None:
    reps: list[dict[str, Any]] = [{"verdict": "correct"}, {"verdict": None}, {"verdict": "incorrect"}]
    assert display.verdict_tally(reps) == {"correct": 1, "judged": 2, "unjudged": 1}


def test_verdict_and_faults_disagree_in_both_directions_and_not_where_nothing_was_judged() -> None:
    there, absent = [fault("hips_first", 0.9)], [fault("hips_first", 0.1)]
    assert display.disagree([{"verdict": "correct", "faults": there}])
    assert display.disagree([{"verdict": "incorrect", "faults": absent}])
    assert not display.disagree([{"verdict": "correct", "faults": absent}, {"verdict": "incorrect", "faults": there}])
    assert not display.disagree([{"verdict": None, "faults": there}])


def test_praise_is_told_from_correction_by_the_cues_codes() -> None:
    assert display.is_praise([{"code": "stance_fine"}, {"code": "hips_first_fine"}])
    assert not display.is_praise([{"code": "narrow_stance"}])
    assert display.is_praise([])


def test_the_steps_of_a_waiting_run_are_all_to_come_and_of_a_running_one_split_at_its_stage() -> None:
    queued = AnalysisRun(state=AnalysisRun.State.QUEUED)
    running = AnalysisRun(state=AnalysisRun.State.RUNNING, stage="features")
    assert [step["state"] for step in display.run_steps(queued)] == ["later"] * 5
    assert [step["state"] for step in display.run_steps(running)] == ["done", "done", "now", "later", "later"]
