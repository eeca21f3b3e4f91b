"""python -m coaching.simulator"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from coaching.simulator.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

FAST = ["--width", "96", "--height", "128", "--fps", "12"]


def test_command_writes_clip_and_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "side.mp4"
    arguments = [
        str(out),
        "--view",
        "side",
        "--reps",
        "2",
        "--seed",
        "4",
        "--fault",
        "bar_drift:0.8",
        "--fault",
        "hips_first",
    ]
    assert main([*arguments, *FAST]) == 0
    truth = json.loads((tmp_path / "new" / "side.truth.json").read_text(encoding="utf-8"))
    assert out.stat().st_size > 1000
    assert truth["camera"]["yaw_deg"] == 90.0
    assert truth["seed"] == 4
    assert truth["faults"] == {"hips_first": 0.5, "bar_drift": 0.8}
    assert len(truth["reps"]) == 2
    assert "2 repetitions" in capsys.readouterr().out


@pytest.mark.parametrize("fault", ["backflip:0.5", "bar_drift:2", "bar_drift:much"])
def test_command_names_what_is_wrong_with_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    assert main([str(tmp_path / "clip.mp4"), "--fault", fault]) == 2
    assert fault.partition(":")[0] in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
