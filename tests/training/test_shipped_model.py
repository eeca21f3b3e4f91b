"""The files in models/, as they are served."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.simulator import Camera, Faults, LiftSpec, simulate
from coaching.simulator.track import truth_track
from coaching.training.outlines import simulated_outline
from coaching.vision.classifier import Classifier
from coaching.vision.coach import analyse
from coaching.vision.repetition_inputs import INPUTS_VERSION, LHOF_SIZE, LHOG_SIZE, SKELETON_SIZE, repetition_inputs
from coaching.vision.verdict import combined_p_correct

if TYPE_CHECKING:
    from coaching.vision.types import View

MODELS = Path(__file__).resolve().parents[2] / "models"


@pytest.fixture(scope="module")
def description() -> dict[str, object]:
    read: dict[str, object] = json.loads((MODELS / "deadlift.json").read_text())
    return read


def test_the_model_is_the_one_that_its_description_and_card_name(description: dict[str, object]) -> None:
    digest = hashlib.sha256((MODELS / "deadlift.onnx").read_bytes()).hexdigest()
    assert description["sha256"] == digest
    assert digest in (MODELS / "MODEL_CARD.md").read_text()


def test_the_model_takes_the_inputs_that_the_code_makes(description: dict[str, object]) -> None:
    assert description["inputs_version"] == INPUTS_VERSION
    assert description["inputs"] == {
        "skeleton": [1, 64, SKELETON_SIZE],
        "lhog": [1, 64, LHOG_SIZE],
        "lhof": [1, 64, LHOF_SIZE],
    }


def test_the_model_is_small() -> None:
    assert sum(path.stat().st_size for path in MODELS.iterdir()) < 5_000_000


@pytest.mark.parametrize(
    "said",
    [
        "What it can't do yet",
        "must not be used",
        "licence",
        "student repositories",
        "confounded with the place",
        "Leave-one-subject-out",
        "Simulated people",
        "Lumbar",
        "pixels (LHOG, LHOF)",
    ],
)
def test_the_card_says_sources_and_limits(said: str) -> None:
    assert said in (MODELS / "MODEL_CARD.md").read_text()


def verdicts(faults: Faults, yaw_deg: float, seed: int) -> list[float]:
    """What users would be told of a simulated set: the shipped model and the measures, weighed as shipped."""
    lift = simulate(LiftSpec(reps=2, faults=faults), seed=seed)
    track = truth_track(lift, Camera(yaw_deg=yaw_deg), noise_px=1.5)
    view: View = "front" if yaw_deg == 0 else "oblique" if yaw_deg == 45 else "side"
    track = replace(track, outline=simulated_outline(track, lift, view, np.random.default_rng(seed)))
    report = analyse(track)
    assert report.refused is None
    classifier = Classifier.load(MODELS)
    found = []
    for rep in report.reps:
        inputs = repetition_inputs(
            track, None, start_s=rep.start_s, lockout_s=rep.lockout_s, end_s=rep.end_s, view=report.view.label
        )
        found.append(combined_p_correct(classifier.p_correct(inputs), rep.faults, classifier.info.combination))
    return found


@pytest.mark.parametrize("yaw_deg", [0.0, 45.0, 90.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_clean_simulated_set_is_correct(yaw_deg: float, seed: int) -> None:
    found = verdicts(Faults(), yaw_deg, seed)
    assert len(found) == 2
    assert min(found) > 0.5


@pytest.mark.parametrize(
    ("fault", "yaw_deg"),
    [
        ("rounded_upper_back", 90.0),
        ("rounded_upper_back", 45.0),
        ("hips_first", 90.0),
        ("hips_first", 45.0),
        ("narrow_stance", 0.0),
        ("wide_stance", 0.0),
        ("lean_left", 0.0),
        ("lean_right", 0.0),
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_gross_decisive_fault_is_incorrect_on_a_simulated_lifter(fault: str, yaw_deg: float, seed: int) -> None:
    found = verdicts(Faults.of(**{fault: 0.9}), yaw_deg, seed)
    assert len(found) == 2
    assert max(found) < 0.5


@pytest.mark.parametrize("fault", ["no_lockout", "hyperextension", "bar_drift"])
def test_a_fault_that_is_shown_beside_the_verdict_does_not_turn_it(fault: str) -> None:
    assert min(verdicts(Faults.of(**{fault: 0.6}), 90.0, seed=1)) > 0.5
