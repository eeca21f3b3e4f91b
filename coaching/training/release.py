"""Writes what is shipped: the ONNX file, its description and its card, together or not at all."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from typing import TYPE_CHECKING

from coaching.training.bars import Bar
from coaching.training.card import BARS_TITLE, CardFacts, bars_text, card_text
from coaching.training.evaluate import COMBINED, SHIPPED_REGIME
from coaching.training.export import INPUT_SIZES, ONNX_NAME, serving_model, write_onnx
from coaching.training.figures import as_document, tables
from coaching.vision.repetition_inputs import INPUTS_VERSION, SKELETON_SIZE, STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from coaching.training.dataset import Dataset
    from coaching.training.evaluate import Evaluation
    from coaching.training.trained import Shipment

MODEL_NAME = "deadlift-dense"
MODEL_VERSION = "0.3.0"
DESCRIPTION_NAME = "deadlift.json"
CARD_NAME = "MODEL_CARD.md"
THRESHOLD = 0.5


def release(
    shipment: Shipment,
    evaluation: Evaluation,
    dataset: Dataset,
    folder: Path,
    measure: Callable[[Path], Sequence[Bar]] = lambda folder: (),
) -> str:
    """Export into `folder`; returns the SHA-256 of the model.

    `measure` is asked for the bars once the new model can be loaded from `folder`; they go into description and card.

    Raises ExportDiffers when ONNX and Keras disagree, ValueError when evaluation, training and data don't belong
    together.
    """
    if not shipment.dataset_sha256 == evaluation.dataset_sha256 == dataset.sha256:
        raise ValueError("data set, evaluation and training differ: run `evaluate` and `train` again")
    model = serving_model(shipment.members, shipment.temperature)
    sha256 = write_onnx(model, folder / ONNX_NAME)
    found = tables(evaluation, (COMBINED, SHIPPED_REGIME))
    commit = current_commit()
    description = {
        "schema": 1,
        "name": MODEL_NAME,
        "version": MODEL_VERSION,
        "file": ONNX_NAME,
        "sha256": sha256,
        "inputs_version": INPUTS_VERSION,
        "inputs": {name: [1, STEPS, size] for name, size in INPUT_SIZES.items()},
        "output": "p_correct",
        "steps": STEPS,
        "threshold": THRESHOLD,
        "temperature": shipment.temperature,
        "combination": asdict(shipment.combination),
        "recipe": shipment.recipe,
        "members": len(shipment.members),
        "dataset_sha256": dataset.sha256,
        "dataset": shipment.dataset_info,
        "subjects": sorted(_people(dataset)),
        "commit": commit,
        "evaluation": as_document(found),
    }
    facts = CardFacts(
        name=MODEL_NAME,
        version=MODEL_VERSION,
        sha256=sha256,
        commit=commit,
        threshold=THRESHOLD,
        skeleton_size=SKELETON_SIZE,
        inputs_version=INPUTS_VERSION,
        people=_people(dataset),
        origins=tuple(sorted({row.origin for row in dataset.rows if row.source == "real"})),
    )
    _write(folder, description)
    found_bars = measure(folder)
    _write(folder, description | {"bars": [asdict(one) for one in found_bars]})
    (folder / CARD_NAME).write_text(card_text(facts, shipment, found) + bars_text(found_bars), encoding="utf-8")
    return sha256


def put_bars(folder: Path, measured: Sequence[Bar]) -> None:
    """Take bars that were measured anew into the description and the card of `folder`; the others stay as they are.

    Raises FileNotFoundError where nothing was exported yet.
    """
    description = json.loads((folder / DESCRIPTION_NAME).read_text(encoding="utf-8"))
    new = {one.what: one for one in measured}
    kept = [Bar(**one) for one in description["bars"]]
    bars = [new.pop(one.what, one) for one in kept] + list(new.values())
    description |= {"bars": [asdict(one) for one in bars], "bars_commit": current_commit()}
    card = folder / CARD_NAME
    before, _, _ = card.read_text(encoding="utf-8").partition(BARS_TITLE)
    anew = {one.what for one in measured}
    kept_names = [one.what for one in bars if one.what not in anew]
    _write(folder, description)
    card.write_text(before + bars_text(bars, description["bars_commit"], kept_names), encoding="utf-8")


def _write(folder: Path, description: dict[str, object]) -> None:
    (folder / DESCRIPTION_NAME).write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")


def _people(dataset: Dataset) -> dict[str, set[int]]:
    """The filmed people with accepted clips, and which labels each has."""
    found: dict[str, set[int]] = {}
    for row in dataset.rows:
        if row.source == "real" and row.accepted:
            found.setdefault(row.subject, set()).add(row.label)
    return found


def current_commit() -> str:
    """The commit of the working tree, `unknown` outside of git."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
