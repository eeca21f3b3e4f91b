"""A small training run from end to end. Slow: TensorFlow's import, compilation and the export take most of a minute."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coaching.training.evaluate import COMBINED, SHIPPED_NETWORK, Evaluation, evaluate, split_simulated
from coaching.training.export import ONNX_NAME, example_feeds, run_onnx, serving_model, sha256_of, write_onnx
from coaching.training.figures import figures
from coaching.training.fit import Recipe, fit_members, member_logits
from coaching.training.metrics import auc, sigmoid
from coaching.training.network import Shape
from coaching.training.release import CARD_NAME, release
from coaching.training.trained import Shipment, load, save, train_shipped
from coaching.vision.classifier import Classifier
from coaching.vision.repetition_inputs import RepetitionInputs
from tests.training.synthetic import synthetic

pytest.importorskip("tensorflow", reason="the `train` extra is not installed")
pytestmark = pytest.mark.slow

SMALL = Recipe(shape=Shape(width=16, memory=8, pixel_width=4), epochs=6, batches=8, batch=32)


def test_simulated_people_are_split_apart() -> None:
    built = synthetic(people=8, reps=2)
    split = split_simulated(built)
    people = [{built.subjects[i] for i in part} for part in (split.train, split.stop, split.test)]
    assert all(people)
    assert not people[0] & people[1]
    assert not people[0] & people[2]
    assert not people[1] & people[2]
    for part in (split.train, split.test):
        assert {built.rows[i].source for i in part} == {"film", "truth"}


def test_training_learns_exports_and_is_served_with_equal_probabilities(tmp_path: Path) -> None:
    built = synthetic()
    held_out = np.asarray([row.subject.endswith("5") for row in built.rows])
    stop = np.asarray([row.subject.endswith("4") for row in built.rows])
    members = fit_members(built, np.flatnonzero(~held_out & ~stop), np.flatnonzero(stop), SMALL, 2)

    test = np.flatnonzero(held_out)
    logits = member_logits(members, built, test)
    assert auc(built.labels[test], logits) > 0.9

    path = tmp_path / ONNX_NAME
    model = serving_model(members, temperature=1.7)
    assert write_onnx(model, path) == sha256_of(path)
    for feeds in example_feeds(seed=1, count=3):
        np.testing.assert_allclose(run_onnx(path, feeds), np.asarray(model(feeds)), atol=1e-5)

    # The whole chain: what is served for a row is the sigmoid of what training computed for it.
    for i in test[built.pixel_row[test] >= 0][:3]:
        pixels = built.pixel_row[i]
        feeds = RepetitionInputs(
            built.variants[i, 0],
            np.asarray(built.lhog[pixels], np.float32),
            np.asarray(built.lhof[pixels], np.float32),
        ).feeds()
        expected = sigmoid(logits[test == i] / 1.7)
        assert run_onnx(path, feeds)[0, 0] == pytest.approx(expected[0], abs=1e-4)


def test_evaluation_predicts_each_person_once_and_the_release_is_loaded_by_the_service(tmp_path: Path) -> None:
    built = synthetic(people=4, reps=2)
    brief = replace(SMALL, epochs=2, batches=2)
    said: list[str] = []
    pairs, kept = [(SHIPPED_NETWORK, "both")], tmp_path / "pairs"
    found = evaluate(built, brief, pairs=pairs, members=1, on_progress=said.append, kept=kept)
    assert len(said) == 4
    again = evaluate(built, brief, pairs=pairs, members=1, on_progress=said.append, kept=kept)
    assert again == found
    assert said[4:] == [f"{SHIPPED_NETWORK}, both: as evaluated before"]
    for judge in (SHIPPED_NETWORK, COMBINED):
        real = [one.key for one in found.predictions if one.source == "real" and one.network == judge]
        assert sorted(real) == sorted(row.key for row in built.rows if row.source == "real")

    found.save(tmp_path / "evaluation.json")
    assert Evaluation.load(tmp_path / "evaluation.json") == found
    line = figures("all", [one for one in found.predictions if one.source == "real"])
    assert line.metrics["auc"].subjects == 4

    save(train_shipped(built, found, brief, 1), tmp_path / "trained")
    shipment = load(tmp_path / "trained")
    sha256 = release(shipment, found, built, tmp_path / "models")
    classifier = Classifier.load(tmp_path / "models")
    assert classifier.info.sha256 == sha256
    assert classifier.info.combination == shipment.combination
    assert shipment.combination.measures > 0.5
    assert sha256 in (tmp_path / "models" / CARD_NAME).read_text()

    other = Shipment(shipment.members, 1.0, shipment.recipe, "0" * 64, {})
    with pytest.raises(ValueError, match="differ"):
        release(other, found, built, tmp_path / "models")
