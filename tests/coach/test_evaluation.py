"""The commands that print what the coach is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coaching.vision.evaluation.__main__ import main
from coaching.vision.evaluation.real import ClipTruth, judge_clip
from coaching.vision.people import Person
from tests.coach.lifts import lift_of, track_of

if TYPE_CHECKING:
    from pathlib import Path


def test_the_simulator_meets_every_bar(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--simulator", "--landmarks"]) == 0
    out = capsys.readouterr().out
    assert "repetitions exact in 45 of 45" in out
    assert "WRONG" not in out


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
