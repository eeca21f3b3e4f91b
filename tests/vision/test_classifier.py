"""The model that ships, and what happens to one that does not match its description."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from coaching.vision.classifier import CARD_NAME, ONNX_NAME, Classifier
from coaching.vision.errors import ModelMissing
from coaching.vision.repetition_inputs import (
    INPUTS_VERSION,
    LHOF_SIZE,
    LHOG_SIZE,
    SKELETON_SIZE,
    STEPS,
    RepetitionInputs,
)

MODELS = Path("models")


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    for name in (ONNX_NAME, CARD_NAME):
        shutil.copy(MODELS / name, tmp_path / name)
    return tmp_path


def _inputs() -> RepetitionInputs:
    rng = np.random.default_rng(1)
    sizes = (SKELETON_SIZE, LHOG_SIZE, LHOF_SIZE)
    return RepetitionInputs(*(rng.normal(0, 0.3, (STEPS, size)).astype(np.float32) for size in sizes))


def test_the_shipped_model_gives_the_same_probability_every_time() -> None:
    first, second = Classifier.load(MODELS), Classifier.load(MODELS)
    p = first.p_correct(_inputs())
    assert 0.0 <= p <= 1.0
    assert second.p_correct(_inputs()) == p


def test_a_repetition_at_the_threshold_is_correct() -> None:
    classifier = Classifier.load(MODELS)
    assert classifier.verdict(classifier.info.threshold) == "correct"
    assert classifier.verdict(classifier.info.threshold - 1e-6) == "incorrect"


def test_a_model_that_is_not_the_described_one_is_not_run(shipped: Path) -> None:
    content = bytearray((shipped / ONNX_NAME).read_bytes())
    content[len(content) // 2] ^= 1
    (shipped / ONNX_NAME).write_bytes(content)
    with pytest.raises(ModelMissing, match="SHA-256"):
        Classifier.load(shipped)


def test_a_model_for_other_inputs_is_not_run(shipped: Path) -> None:
    card = json.loads((shipped / CARD_NAME).read_text())
    (shipped / CARD_NAME).write_text(json.dumps({**card, "inputs_version": 99}))
    with pytest.raises(ModelMissing, match="version 99"):
        Classifier.load(shipped)


def test_no_model_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="no model description"):
        Classifier.load(tmp_path)


def test_a_description_without_its_model_is_said_so(tmp_path: Path) -> None:
    card = {
        "name": "x",
        "version": "1",
        "sha256": "0",
        "threshold": 0.5,
        "inputs_version": INPUTS_VERSION,
        "combination": {"network": 1.0, "measures": 1.0, "bias": 0.0},
    }
    (tmp_path / CARD_NAME).write_text(json.dumps(card))
    with pytest.raises(ModelMissing, match="no model at"):
        Classifier.load(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"name": "x", "threshold": "high"}'])
def test_a_description_that_is_not_one_is_said_so(tmp_path: Path, text: str) -> None:
    (tmp_path / CARD_NAME).write_text(text)
    with pytest.raises(ModelMissing, match="not a model description"):
        Classifier.load(tmp_path)
