"""The commands that print what the coach is worth."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from coaching.vision.evaluation.__main__ import _simulated_summary, main
from coaching.vision.evaluation.real import ClipTruth, judge_clip
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
