"""The commands that print what the coach is worth."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from coaching.vision.evaluation.__main__ import _counted_summary, _simulated_summary, main
from coaching.vision.evaluation.real import ClipTruth, judge_clip
from coaching.vision.evaluation.robustness import CONDITIONS, SetResult, make, score
from coaching.vision.evaluation.simulated import SimulatedResult
from coaching.vision.people import Person
from tests.coach.lifts import lift_of, track_of

if TYPE_CHECKING:
    from pathlib import Path


def test_the_simulator_meets_every_bar(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--simulator", "--landmarks"]) == 0
    out = capsys.readouterr().out
    assert "repetitions exact in 45 of 45" in out
    assert "WRONG" not in out
    assert [line.split()[0] for line in out.splitlines()[-6:]] == ["met"] * 6


def test_a_missed_bar_says_so_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    far = SimulatedResult("neutral", "side", "side", "", 3, 2, {"hip": 12.0, "knee": 3.0, "trunk": 4.0}, None, None)
    near = replace(far, reps=3, rmse_deg={"hip": 9.0, "knee": 3.0, "trunk": 4.0}, stance_right=True, lean_right=True)
    assert _simulated_summary([far, near]) == 1
    out = capsys.readouterr().out
    assert "MISSED  repetitions exact in 1 of 2 (all)" in out
    # sqrt((12^2 + 9^2) / 2) = 10.6
    assert "MISSED  hip: RMSE 10.6 deg where observable (<= 10), 1 of 2 clips within" in out
    assert "met     knee: RMSE 3.0 deg" in out
    assert "hip from side: RMSE 10.6 deg over 2 clips, worst 12.0 (neutral)" in out


def set_result(view: str, true: int, found: int, *, refused: str = "", live: int | None = None) -> SetResult:
    return SetResult("everyday set", view, 0, true, found, refused, found if live is None else live, 0.1)


def test_counts_are_scored_over_the_judged_sets(capsys: pytest.CaptureFixture[str]) -> None:
    side = [set_result("side", 3, 3), set_result("side", 3, 5), set_result("side", 3, 2, live=3)]
    front = [set_result("front", 3, 0, refused="lost_tracking"), set_result("front", 0, 0, refused="no_lift")]
    assert _counted_summary([*side, *front]) == 1
    out = capsys.readouterr().out
    # Errors 0, 2, 1 from the side; from the front one set is not judged and one is rightly without a lift: 0.
    assert "side: exact 0.333, off by at most one 0.667, MAE 1.000, live agrees 0.667" in out
    assert "MISSED  count exact in 0.500 of 4 of 5 sets judged (>= 0.92)" in out
    assert "MISSED  off by at most one in 0.750 (>= 0.98)" in out
    assert "MISSED  mean absolute error 0.750 (<= 0.1)" in out
    assert "MISSED  the live count ends where the whole set's does in 0.750 (>= 0.95)" in out


def test_every_condition_is_filmed_with_its_own_truth() -> None:
    names = [condition.name for condition in CONDITIONS]
    assert len(names) == len(set(names))
    truth = {condition.name: len(make(condition, "oblique", 7).reps) for condition in CONDITIONS}
    assert {name for name, reps in truth.items() if reps == 0} == {"only a failed repetition", "no lift at all"}
    assert truth["twelve repetitions"] == 12
    assert truth["a single"] == 1


def test_a_set_is_counted_live_and_whole() -> None:
    (condition,) = (one for one in CONDITIONS if one.name == "stands before it")
    result = score(condition, "front", 3)
    assert (result.found, result.live, result.error) == (result.true_reps, result.true_reps, 0)
    assert -1.5 < result.delay_s < 0.3
    assert result == score(condition, "front", 3)


def test_a_folder_without_truth_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([str(tmp_path)])
    assert stopped.value.code == 2


def test_a_clip_is_scored_against_its_row() -> None:
    lift = lift_of(2)
    truth = ClipTruth("set.mp4", "side", 2, tuple(rep.lockout_s for rep in lift.reps))
    result = judge_clip(truth, track_of(lift), [])
    assert (result.reps, result.exact, result.refused) == (2, True, "")
    assert result.lockout_error_s < 0.15


def test_two_lifters_side_by_side_are_refused_here_as_in_the_pipeline() -> None:
    one = Person(100.0, 200.0, 80.0, 0.99, 60.0, 90.0, 140.0, 380.0)
    other = one._replace(x=400.0, x0=360.0, x1=440.0)
    truth = ClipTruth("set.mp4", "side", 2, ())
    result = judge_clip(truth, track_of(lift_of(2)), [[one, other]] * 5)
    assert (result.refused, result.reps) == ("several_people", 0)


def test_a_negative_with_repetitions_is_called_wrong() -> None:
    result = judge_clip(ClipTruth("negative_x.mp4", "", 0, ()), track_of(lift_of(1)), [])
    assert result.wrongly_judged
