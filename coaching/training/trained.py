"""The networks to be shipped, between `train` and `export`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from coaching.training.calibration import fit_temperature
from coaching.training.combination import fit_combination
from coaching.training.evaluate import SHIPPED_NETWORK, SHIPPED_REGIME, SIMULATED_SOURCES, opinions
from coaching.training.fit import Recipe, Trained, fit_members
from coaching.training.network import Shape, build_network
from coaching.training.scaling import Projection, Scaling
from coaching.vision.verdict import AT_THEIR_WORD, Combination

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from coaching.training.dataset import Dataset
    from coaching.training.evaluate import Evaluation


@dataclass(frozen=True, slots=True)
class Shipment:
    """What `export` turns into files. temperature is that of predictions for people who were held out."""

    members: tuple[Trained, ...]
    temperature: float
    recipe: dict[str, Any]
    dataset_sha256: str
    dataset_info: dict[str, Any]
    combination: Combination = AT_THEIR_WORD


def train_shipped(dataset: Dataset, evaluation: Evaluation, recipe: Recipe, members: int) -> Shipment:
    """Train on everybody, for as long as the folds found best, at the temperature of the folds' predictions.

    Nobody is left to stop the training or to calibrate on, so both numbers come from leave-one-subject-out. Raises
    ValueError when the evaluation is of another data set or lacks the shipped network.
    """
    if evaluation.dataset_sha256 != dataset.sha256:
        raise ValueError("the evaluation is of another data set: run `python -m coaching.training evaluate` again")
    epochs = evaluation.best_epochs.get(f"{SHIPPED_NETWORK}|{SHIPPED_REGIME}")
    if not epochs:
        raise ValueError(f"the evaluation lacks {SHIPPED_NETWORK}, learned from {SHIPPED_REGIME}")
    final = replace(recipe, shape=Shape.named(SHIPPED_NETWORK), epochs=round(float(np.median(epochs))))
    accepted = np.asarray([row.accepted or row.source != "real" for row in dataset.rows])
    trained = fit_members(dataset, np.flatnonzero(accepted), None, final, members)
    temperature = held_out_temperature(evaluation)
    weights = held_out_combination(dataset, evaluation, temperature)
    return Shipment(tuple(trained), temperature, asdict(final), dataset.sha256, dataset.info, weights)


def held_out_combination(dataset: Dataset, evaluation: Evaluation, temperature: float) -> Combination:
    """What network and measures count, fitted on everybody who was held out, at the temperature to be shipped."""
    at_shipped = [replace(one, temperature=temperature) for one in evaluation.predictions]
    return fit_combination(opinions(dataset, at_shipped)[1])


def held_out_temperature(evaluation: Evaluation) -> float:
    """The temperature fitted on what the shipped network's folds said about people held out of them.

    Filmed people count as much as simulated ones, and correct as much as incorrect.
    """
    rows = [
        one
        for one in evaluation.predictions
        if (one.network, one.regime) == (SHIPPED_NETWORK, SHIPPED_REGIME) and one.accepted
    ]
    label = np.asarray([one.label for one in rows], np.int64)
    logit = np.asarray([one.logit for one in rows])
    simulated = np.asarray([one.source in SIMULATED_SOURCES for one in rows])
    weight = np.zeros(len(rows))
    for source in (False, True):
        for value in (0, 1):
            group = (simulated == source) & (label == value)
            weight[group] = 1.0 / max(int(group.sum()), 1)
    return fit_temperature(label, logit, weight)


def save(shipment: Shipment, folder: Path) -> None:
    """Write weights and scaling as plain arrays, so that another Keras can read them."""
    folder.mkdir(parents=True, exist_ok=True)
    scaling = shipment.members[0].scaling
    arrays = {
        "mean": scaling.mean,
        "scale": scaling.scale,
        "lhog_mean": scaling.lhog.mean,
        "lhog_matrix": scaling.lhog.matrix,
        "lhof_mean": scaling.lhof.mean,
        "lhof_matrix": scaling.lhof.matrix,
    }
    for number, member in enumerate(shipment.members):
        arrays |= {f"member{number}_{i:03d}": w for i, w in enumerate(member.model.get_weights())}
    np.savez(folder / "weights.npz", **arrays)
    document = {
        "members": len(shipment.members),
        "temperature": shipment.temperature,
        "recipe": shipment.recipe,
        "dataset_sha256": shipment.dataset_sha256,
        "dataset_info": shipment.dataset_info,
        "combination": asdict(shipment.combination),
    }
    (folder / "trained.json").write_text(json.dumps(document, indent=1))


def load(folder: Path) -> Shipment:
    """Raises FileNotFoundError when nothing was trained yet."""
    path = folder / "trained.json"
    if not path.exists():
        raise FileNotFoundError(f"no trained network in {folder}: run `python -m coaching.training train` first")
    document = json.loads(path.read_text())
    shape = Shape(**document["recipe"]["shape"])
    with np.load(folder / "weights.npz") as arrays:
        scaling = Scaling(
            mean=arrays["mean"],
            scale=arrays["scale"],
            lhog=Projection(arrays["lhog_mean"], arrays["lhog_matrix"]),
            lhof=Projection(arrays["lhof_mean"], arrays["lhof_matrix"]),
        )
        members = tuple(
            Trained(_network(shape, arrays, f"member{number}_"), scaling, document["recipe"]["epochs"], ())
            for number in range(document["members"])
        )
    return Shipment(
        members,
        document["temperature"],
        document["recipe"],
        document["dataset_sha256"],
        document["dataset_info"],
        Combination(**document["combination"]),
    )


def _network(shape: Shape, arrays: Any, prefix: str) -> Any:
    names: Sequence[str] = sorted(name for name in arrays.files if name.startswith(prefix))
    model = build_network(shape)
    model.set_weights([arrays[name] for name in names])
    return model
