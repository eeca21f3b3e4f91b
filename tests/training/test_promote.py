"""Who may take the served model's place: real ONNX files, judged on a small data set, put in place or refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from coaching.training import dataset as data_set
from coaching.training import promote
from coaching.training.__main__ import main
from coaching.training.dataset import assemble
from coaching.training.export import INPUT_SIZES
from coaching.training.labels import UNKNOWN
from coaching.training.metrics import auc, balanced_accuracy
from coaching.vision.repetition_inputs import INPUTS_VERSION, STEPS
from coaching.vision.vocabulary import FAULT_NAMES
from tests.training.synthetic import CURVE, example, synthetic

if TYPE_CHECKING:
    from collections.abc import Mapping

FILES = ("deadlift.onnx", "deadlift.json", "MODEL_CARD.md")


def write_model(folder: Path, weight: float, *, note: str = "", **described: Any) -> Path:
    """A model that looks at the one curve in which the synthetic classes differ: p = sigmoid(weight * its mean)."""
    folder.mkdir()
    nodes = [
        helper.make_node("Gather", ["skeleton", "column"], ["curve"], axis=2),
        helper.make_node("ReduceMean", ["curve"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("Mul", ["mean", "weight"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["p_correct"]),
    ]
    constants = [
        helper.make_tensor("column", TensorProto.INT64, [1], [CURVE]),
        helper.make_tensor("weight", TensorProto.FLOAT, [1], [weight]),
    ]
    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, STEPS, size]) for n, size in INPUT_SIZES.items()]
    output = helper.make_tensor_value_info("p_correct", TensorProto.FLOAT, [1, 1])
    graph = helper.make_graph(nodes, "curve", inputs, [output], constants, doc_string=note)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    content = model.SerializeToString()
    (folder / "deadlift.onnx").write_bytes(content)
    description = {"name": "curve", "version": "1", "sha256": hashlib.sha256(content).hexdigest(), "threshold": 0.5}
    description |= {"combination": {"network": 1.0, "measures": 1.0, "bias": 0.0}}
    description |= {"inputs_version": INPUTS_VERSION, **described}
    (folder / "deadlift.json").write_text(json.dumps(description))
    (folder / "MODEL_CARD.md").write_text(f"weight {weight} {note}")
    return folder


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six filmed people, four repetitions each, both classes; and simulated ones, who don't count."""
    folder = tmp_path_factory.mktemp("labels")
    data_set.save(synthetic(), folder)
    return folder


def content_of(folder: Path) -> Mapping[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run(candidate: Path, current: Path, labels: Path, *more: str) -> int:
    cache = str(current.parent / "cache")
    given = ["--candidate", str(candidate), "--current", str(current), "--held-out", str(labels), "--cache", cache]
    return main(["promote", *given, *more])


def test_a_better_model_takes_the_place_whole_and_what_it_replaced_is_kept(
    tmp_path: Path, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    current = write_model(tmp_path / "models", -1.0)
    candidate = write_model(tmp_path / "new", 8.0, subjects=["somebody"])
    before, wanted = content_of(current), content_of(candidate)
    assert run(candidate, current, labels) == 0
    said = capsys.readouterr().out
    assert "24 repetitions of 6 held-out people, 12 correct, 12 incorrect" in said
    assert "the candidate does not say" not in said
    assert "the current model does not say whom it was trained on" in said
    after = content_of(current)
    assert {name: after[name] for name in FILES} == wanted
    aside = f"replaced-{json.loads(before['deadlift.json'])['sha256'][:12]}"
    assert {name: after[f"{aside}/{name}"] for name in FILES} == before
    record = json.loads(after["promotion.json"])
    assert record["candidate_sha256"] == hashlib.sha256(wanted["deadlift.onnx"]).hexdigest()
    assert record["held_out_sha256"] == data_set.load(labels).sha256
    assert [one["name"] for one in record["measured"]] == ["balanced accuracy", "AUC", "calibration error"]
    assert not [name for name in after if name.startswith(".")]


def test_a_worse_model_is_refused_and_nothing_is_copied(
    tmp_path: Path, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    current = write_model(tmp_path / "models", 8.0)
    candidate = write_model(tmp_path / "new", -8.0)
    before = content_of(current)
    assert run(candidate, current, labels) == 1
    said = capsys.readouterr().out
    assert "refused: balanced accuracy is worse in 100 % of the draws" in said
    assert "refused: AUC is worse in 100 % of the draws" in said
    assert content_of(current) == before
    assert "the candidate does not say whom it was trained on" in said


def test_a_model_that_says_the_same_in_another_file_is_not_worse(tmp_path: Path, labels: Path) -> None:
    current = write_model(tmp_path / "models", 8.0)
    candidate = write_model(tmp_path / "new", 8.0, note="trained again")
    assert run(candidate, current, labels) == 0
    assert (current / "MODEL_CARD.md").read_text() == "weight 8.0 trained again"


def test_the_served_model_itself_is_no_candidate(
    tmp_path: Path, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    current, candidate = write_model(tmp_path / "models", 8.0), write_model(tmp_path / "new", 8.0)
    assert run(candidate, current, labels) == 1
    assert "it is the model that is served already" in capsys.readouterr().out


def test_a_model_that_was_trained_on_the_held_out_people_is_refused_however_good(
    tmp_path: Path, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    current = write_model(tmp_path / "models", -8.0, subjects=["real4", "real5"])
    candidate = write_model(tmp_path / "new", 8.0, subjects=["real2", "real0", "somebody"])
    before = content_of(current)
    assert run(candidate, current, labels) == 1
    said = capsys.readouterr().out
    assert "refused: it was trained on 2 of the held-out people: real0, real2" in said
    assert "the current model was trained on 2 of them" in said
    assert content_of(current) == before
    assert run(candidate, current, labels, "--subjects", "real1", "real3", "real4") == 0, "on people new to it"


def test_with_too_few_people_or_one_class_nothing_can_be_told(
    tmp_path: Path, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    current, candidate = write_model(tmp_path / "models", -8.0), write_model(tmp_path / "new", 8.0)
    assert run(candidate, current, labels, "--subjects", "real1", "real2") == 1
    assert "2 people and 2 of 2 classes are too little" in capsys.readouterr().out
    one_class = tmp_path / "one-class"
    data_set.save(assemble([example("real", person, person % 2) for person in range(5)]), one_class)
    assert run(candidate, current, one_class) == 1
    assert "5 people and 1 of 2 classes are too little" in capsys.readouterr().out


def test_what_the_measures_count_is_part_of_what_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One blind network twice; the measures know the truth, and the candidate listens to them the other way round."""
    measured = {label: tuple(1.0 - label if n == "hips_first" else UNKNOWN for n in FAULT_NAMES) for label in (0, 1)}
    examples = [example("real", person, rep) for person in range(4) for rep in range(2)]
    rows = [replace(one, row=replace(one.row, measured=measured[one.row.label])) for one in examples]
    data_set.save(assemble(rows), tmp_path / "labels")
    weights = {"network": 1.0, "measures": 1.0, "bias": 0.0}
    current = write_model(tmp_path / "models", 0.0, combination=weights)
    candidate = write_model(tmp_path / "new", 0.0, combination={**weights, "measures": -1.0})
    assert run(candidate, current, tmp_path / "labels") == 1
    said = capsys.readouterr().out
    assert "served already" not in said
    assert "balanced accuracy is worse in 100 % of the draws" in said
    assert run(current, candidate, tmp_path / "labels") == 0


@pytest.mark.parametrize("what", ["damaged", "other_inputs", "no_card", "no_labels"])
def test_what_can_not_be_compared_is_an_error_and_changes_nothing(
    tmp_path: Path, labels: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    current, candidate = write_model(tmp_path / "models", -8.0), write_model(tmp_path / "new", 8.0)
    if what == "damaged":
        (candidate / "deadlift.onnx").write_bytes(b"half a file")
    elif what == "other_inputs":
        description = json.loads((candidate / "deadlift.json").read_text())
        (candidate / "deadlift.json").write_text(json.dumps({**description, "inputs_version": INPUTS_VERSION + 1}))
    elif what == "no_card":
        (candidate / "MODEL_CARD.md").unlink()
    before = content_of(current)
    assert run(candidate, current, tmp_path if what == "no_labels" else labels) == 2
    assert capsys.readouterr().err.startswith("training: ")
    assert {name: content_of(current)[name] for name in before} == before
    assert not list(current.glob(".promote*"))


def test_when_the_disk_fails_half_way_the_old_model_is_back(
    tmp_path: Path, labels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    current, candidate = write_model(tmp_path / "models", -8.0), write_model(tmp_path / "new", 8.0)
    before = content_of(current)
    rename = Path.replace

    def fails_for_the_card(self: Path, target: Path) -> Path:
        if target.name == "MODEL_CARD.md":
            raise OSError(5, "input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", fails_for_the_card)
    with pytest.raises(OSError, match="input/output"):
        run(candidate, current, labels)
    assert {name: content_of(current)[name] for name in FILES} == before


def held_out(label: list[int], people: list[str]) -> promote.HeldOut:
    return promote.HeldOut(np.asarray(label), tuple(people), (), (), "")


def test_only_clearly_worse_probabilities_refuse_a_model_that_decides_the_same() -> None:
    label = [0, 1] * 10
    people = [f"p{i // 4}" for i in range(20)]
    sure = np.where(np.asarray(label) == 1, 0.9, 0.1)
    faint = np.where(np.asarray(label) == 1, 0.51, 0.49)
    accuracy, order, calibration = promote.measure(held_out(label, people), faint, sure, (0.5, 0.5))
    assert (accuracy.is_worse, order.is_worse, calibration.is_worse) == (False, False, True)
    assert calibration.candidate.value - calibration.current.value == pytest.approx(0.49 - 0.1)
    better = promote.measure(held_out(label, people), sure, faint, (0.5, 0.5))
    assert not any(one.is_worse for one in better)


def test_each_model_is_judged_at_its_own_threshold() -> None:
    label, people = [0, 1, 0, 1, 0, 1], ["a", "a", "b", "b", "c", "c"]
    p = np.asarray([0.2, 0.4, 0.2, 0.4, 0.2, 0.4])
    accuracy = promote.measure(held_out(label, people), p, p, (0.3, 0.5))[0]
    assert (accuracy.candidate.value, accuracy.current.value) == (1.0, 0.5)


def test_people_are_drawn_for_both_models_at_once() -> None:
    """By hand: the candidate wins on one of three people and loses on none, so that no draw is worse.

    The difference of a draw is that person's share of it: 0, 1/3, 2/3 or 1 of the gain.
    """
    label, people = [0, 1, 0, 1, 0, 1], ["a", "a", "b", "b", "c", "c"]
    old = np.asarray([0.9, 0.1, 0.1, 0.9, 0.1, 0.9])
    new = np.asarray([0.1, 0.9, 0.1, 0.9, 0.1, 0.9])
    accuracy = promote.measure(held_out(label, people), new, old, (0.5, 0.5))[0]
    assert accuracy.worse == 0.0
    assert (accuracy.low, accuracy.high) == (0.0, 1.0)
    back = promote.measure(held_out(label, people), old, new, (0.5, 0.5))[0]
    # A draw is worse unless the one person is not in it: 1 - (2/3)^3 = .704.
    assert back.worse == pytest.approx(1 - (2 / 3) ** 3, abs=0.03)
    assert back.is_worse
    assert back.candidate.value == balanced_accuracy(np.asarray(label), old) == pytest.approx(2 / 3)
    assert promote.measure(held_out(label, people), old, new, (0.5, 0.5))[1].candidate.value == auc(
        np.asarray(label), old
    )


def test_rows_of_refused_clips_and_of_simulated_people_are_no_labels(tmp_path: Path, labels: Path) -> None:
    def unused() -> Any:
        raise AssertionError("a data set needs no film watched")

    found = promote.held_out([labels], unused, tmp_path, ())
    assert set(found.subjects) == {f"real{person}" for person in range(6)}
    assert found.inputs[0].skeleton.shape == (STEPS, INPUT_SIZES["skeleton"])
    stored = data_set.load(labels)
    first = next(i for i, row in enumerate(stored.rows) if row.source == "real")
    assert np.array_equal(found.inputs[0].skeleton, stored.variants[first, 0])
    assert np.array_equal(found.inputs[0].lhog, stored.lhog[stored.pixel_row[first]].astype(np.float32))
