"""The files in models/, as they are served."""

import hashlib
import json
from pathlib import Path

import pytest

from coaching.simulator import Camera, Faults, LiftSpec, simulate
from coaching.simulator.track import truth_track
from coaching.vision.classifier import Classifier
from coaching.vision.coach import analyse
from coaching.vision.repetition_inputs import INPUTS_VERSION, LHOF_SIZE, LHOG_SIZE, SKELETON_SIZE, repetition_inputs

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


def p_correct(faults: Faults, yaw_deg: float, seed: int) -> list[float]:
    """What the shipped model says of a simulated set, from its skeleton."""
    track = truth_track(simulate(LiftSpec(reps=2, faults=faults), seed=seed), Camera(yaw_deg=yaw_deg), noise_px=1.5)
    report = analyse(track)
    assert report.refused is None
    classifier = Classifier.load(MODELS)
    return [
        classifier.p_correct(
            repetition_inputs(
                track, None, start_s=rep.start_s, lockout_s=rep.lockout_s, end_s=rep.end_s, view=report.view.label
            )
        )
        for rep in report.reps
    ]


@pytest.mark.parametrize("yaw_deg", [0.0, 45.0, 90.0])
def test_a_clean_simulated_set_is_correct(yaw_deg: float) -> None:
    found = p_correct(Faults(), yaw_deg, seed=1)
    assert len(found) == 2
    assert min(found) > 0.5


@pytest.mark.parametrize(
    ("fault", "yaw_deg"), [("rounded_upper_back", 90.0), ("hips_first", 90.0), ("rounded_upper_back", 45.0)]
)
def test_a_gross_simulated_fault_of_the_pull_is_incorrect(fault: str, yaw_deg: float) -> None:
    found = p_correct(Faults.of(**{fault: 0.9}), yaw_deg, seed=1)
    assert len(found) == 2
    assert max(found) < 0.5
