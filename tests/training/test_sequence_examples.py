"""Landmark sequences of another engine as examples: which are taken, and with what labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator import Camera, Faults, LiftSpec, simulate
from coaching.simulator.faults import FAULT_NAMES
from coaching.simulator.track import truth_track
from coaching.training.labels import UNKNOWN
from coaching.training.sequence_examples import sequence_examples
from coaching.vision.layouts import LAYOUTS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def points(yaw_deg: float = 0.0, **degrees: float) -> NDArray[np.float32]:
    lift = simulate(LiftSpec(reps=2, faults=Faults.of(**degrees)), seed=5)
    image = truth_track(lift, Camera(yaw_deg=yaw_deg), noise_px=1.0, seed=5).image
    found = np.zeros((len(image), 25, 3), np.float32)
    for number, place in LAYOUTS["body25"].places.items():
        found[:, place] = image[:, number][:, [0, 1, 3]]
    return found


def test_only_what_a_front_view_shows_is_taken_and_nothing_twice(tmp_path: Path) -> None:
    correct = points()
    sequences = {
        "A__front_correct": correct,
        "A__front_correct_elbowset": correct,  # the same film under another name
        "A__front_grip_wide": points(wide_grip=0.8),
        "B__front_elbow_bad": points(bent_arms=0.8),
        "B__front_mixed_grip": points(),
        "B__diag_knee_bad": points(yaw_deg=45.0),
    }
    np.savez(tmp_path / "s.npz", **{f"{name}__kp": array for name, array in sequences.items()})
    examples = {one.row.key: one for one in sequence_examples(tmp_path / "s.npz", variants=2)}
    assert sorted(examples) == [
        *(f"sequence/A__front_correct#{n}" for n in (1, 2)),
        *(f"sequence/A__front_grip_wide#{n}" for n in (1, 2)),
        *(f"sequence/B__front_elbow_bad#{n}" for n in (1, 2)),
    ]
    right = examples["sequence/A__front_correct#1"].row
    wide = examples["sequence/A__front_grip_wide#2"].row
    assert (right.label, wide.label) == (1, 0)
    assert (right.subject, wide.subject) == ("sequence A", "sequence A")
    known = dict(zip(FAULT_NAMES, wide.faults, strict=True))
    assert known["wide_grip"] == 1.0
    assert known["narrow_stance"] == UNKNOWN  # the owner says nothing of it
    assert dict(zip(FAULT_NAMES, right.faults, strict=True))["narrow_stance"] == 0.0
    assert dict(zip(FAULT_NAMES, right.faults, strict=True))["hips_first"] == UNKNOWN  # not seen from the front
    assert examples["sequence/A__front_grip_wide#1"].lhog is None
