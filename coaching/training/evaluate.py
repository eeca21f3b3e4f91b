"""Leave-one-subject-out: what a network says about people it has never seen, by network and by source of training."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coaching.training.calibration import fit_temperature
from coaching.training.combination import Opinions, cross_fitted, network_logits
from coaching.training.fit import fit_members, member_logits, row_weights
from coaching.training.folds import hold_out_subjects, leave_one_subject_out
from coaching.training.network import Shape
from coaching.training.rivals import back_logits, rules_logit, zhou_logits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from coaching.training.dataset import Dataset
    from coaching.training.fit import Recipe
    from coaching.training.folds import Rows

WITH_PIXELS = "skeleton+lhog+lhof"
NETWORKS = ("keypoints", "skeleton", "skeleton+lhog", "skeleton+lhof", WITH_PIXELS)
# The best on people whom it had not seen: what is served, whatever was hoped for (docs/decisions/0005).
SHIPPED_NETWORK = "keypoints"
# Rivals that are no networks: nothing to train, or a support vector machine on pixels alone.
RULES, BACK, ZHOU = "rules", "back", "zhou"
RIVALS = (RULES, BACK, ZHOU)
# What users see: the shipped network and the measured faults, weighed by people other than the one judged.
COMBINED = "rules + network"
SIMULATED_SOURCES = ("film", "truth")
# What is learned from, by name.
PEOPLE_SOURCES = ("real", "sequence")
REGIMES = {
    "both": (*PEOPLE_SOURCES, *SIMULATED_SOURCES),
    "simulated": SIMULATED_SOURCES,
    "real": PEOPLE_SOURCES,
}
SHIPPED_REGIME = "both"
# The shipped network first; then without each branch, the rivals, then without each kind of source.
COMPARED = (
    *((network, SHIPPED_REGIME) for network in reversed(NETWORKS)),
    *((rival, SHIPPED_REGIME) for rival in RIVALS),
    *((network, regime) for network in ("skeleton", SHIPPED_NETWORK) for regime in REGIMES if regime != SHIPPED_REGIME),
)
TEST_SHARE, STOP_SHARE = 0.25, 0.15
SPLIT_SEED = 11


@dataclass(frozen=True, slots=True)
class Prediction:
    """One repetition judged by a network that never saw its person. p = sigmoid(logit / temperature)."""

    network: str
    regime: str
    key: str
    source: str
    subject: str
    clip: str
    view: str
    accepted: bool
    label: int
    logit: float
    temperature: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All predictions, the number of epochs that each fold found best, and what they were made from."""

    predictions: tuple[Prediction, ...]
    best_epochs: dict[str, list[int]]
    dataset_sha256: str

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def load(cls, path: Path) -> Evaluation:
        """Raises FileNotFoundError when nothing was evaluated yet."""
        if not path.exists():
            raise FileNotFoundError(f"no evaluation at {path}: run `python -m coaching.training evaluate` first")
        document = json.loads(path.read_text())
        predictions = tuple(Prediction(**one) for one in document["predictions"])
        return cls(predictions, document["best_epochs"], document["dataset_sha256"])


@dataclass(frozen=True, slots=True)
class SimulatedSplit:
    """Simulated people, apart: learned from, stopping the training, and tested on."""

    train: Rows
    stop: Rows
    test: Rows


def split_simulated(dataset: Dataset) -> SimulatedSplit:
    """Split each simulated source by person, so that each part has skeletons and films."""
    parts: list[tuple[Rows, Rows, Rows]] = []
    for source in SIMULATED_SOURCES:
        rows = np.flatnonzero(dataset.sources == source)
        if not len(rows):
            continue
        rest, test = hold_out_subjects(dataset.subjects, rows, share=TEST_SHARE, seed=SPLIT_SEED)
        train, stop = hold_out_subjects(dataset.subjects, rest, share=STOP_SHARE, seed=SPLIT_SEED)
        parts.append((train, stop, test))
    if not parts:
        nobody = np.zeros(0, np.int64)
        return SimulatedSplit(nobody, nobody, nobody)
    return SimulatedSplit(*(np.concatenate(part) for part in zip(*parts, strict=True)))


@dataclass(frozen=True, slots=True)
class _Task:
    """One fit: rows to learn from, to stop by, and to predict."""

    name: str
    train: Rows
    stop: Rows
    test: Rows


def _tasks(dataset: Dataset, regime: str) -> Iterator[_Task]:
    accepted = np.asarray([row.accepted for row in dataset.rows])
    simulated = split_simulated(dataset)
    real = np.flatnonzero(np.isin(dataset.sources, PEOPLE_SOURCES))
    if regime == "simulated" or not len(real):
        yield _Task("all", simulated.train, simulated.stop, np.concatenate([real, simulated.test]))
        return
    first = True
    usable = real[accepted[real]]
    for fold in leave_one_subject_out(dataset.subjects, dataset.labels.tolist(), pool=usable):
        # The refused clips of a person are tested with the accepted ones, and never learned from.
        test = real[np.asarray([dataset.rows[i].subject == fold.subject for i in real])]
        if regime == "real":
            yield _Task(fold.subject, fold.train, fold.stop, test)
            continue
        train = np.concatenate([fold.train, simulated.train])
        stop = np.concatenate([fold.stop, simulated.stop])
        yield _Task(fold.subject, train, stop, np.concatenate([test, simulated.test]) if first else test)
        first = False
    others = real[~np.isin(np.asarray(dataset.subjects)[real], np.asarray(dataset.subjects)[usable])]
    if len(others):
        yield _refused_only(usable, simulated, others, regime, dataset)


def _refused_only(usable: Rows, simulated: SimulatedSplit, others: Rows, regime: str, dataset: Dataset) -> _Task:
    """People of whom every clip was refused: they are in nobody's training, so one fit serves them all."""
    train, stop = hold_out_subjects(dataset.subjects, usable, share=0.2, seed=SPLIT_SEED)
    if regime == "real":
        return _Task("refused", train, stop, others)
    return _Task("refused", np.concatenate([train, simulated.train]), np.concatenate([stop, simulated.stop]), others)


def evaluate(
    dataset: Dataset,
    recipe: Recipe,
    *,
    pairs: Sequence[tuple[str, str]],
    members: int,
    on_progress: Callable[[str], None],
    kept: Path | None = None,
) -> Evaluation:
    """Each (network, regime) of `pairs`; `members` networks a fold, their logits averaged, as shipped.

    kept: a folder in which finished pairs of this data set, recipe and number of members are found again, so that an
    evaluation that was stopped goes on.
    """
    predictions: list[Prediction] = []
    best: dict[str, list[int]] = {}
    for network, regime in pairs:
        path = None if kept is None else kept / f"{_pair_key(dataset, recipe, members, network, regime)}.json"
        if path is not None and path.exists():
            pair = Evaluation.load(path)
            on_progress(f"{network}, {regime}: as evaluated before")
        else:
            pair = _evaluate_pair(dataset, recipe, members, (network, regime), on_progress)
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                pair.save(path)
        predictions += pair.predictions
        best |= pair.best_epochs
    return Evaluation((*predictions, *_combined(dataset, predictions)), best, dataset.sha256)


def _pair_key(dataset: Dataset, recipe: Recipe, members: int, network: str, regime: str) -> str:
    parts = [dataset.sha256, repr(recipe), members, network, regime]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _evaluate_pair(
    dataset: Dataset, recipe: Recipe, members: int, pair: tuple[str, str], on_progress: Callable[[str], None]
) -> Evaluation:
    network, regime = pair
    predictions: list[Prediction] = []
    best: list[int] = []
    for task in _tasks(dataset, regime):
        found, epochs = _judge(dataset, recipe, task, members, network)
        best.extend(epochs)
        predictions += [replace(one, network=network, regime=regime) for one in found]
        on_progress(f"{network}, {regime}, without {task.name}: best epochs {epochs}")
    return Evaluation(tuple(predictions), {f"{network}|{regime}": best}, dataset.sha256)


def _combined(dataset: Dataset, predictions: Sequence[Prediction]) -> list[Prediction]:
    """The shipped network's predictions joined with the measures, by weights fitted on other people."""
    kept, both = opinions(dataset, predictions)
    found = zip(kept, cross_fitted(both), strict=True) if kept else ()
    return [
        replace(one, network=COMBINED, logit=float(value), temperature=1.0)
        for one, value in found
        if np.isfinite(value)
    ]


def opinions(dataset: Dataset, predictions: Iterable[Prediction]) -> tuple[list[Prediction], Opinions]:
    """The shipped network's predictions for repetitions that the coach found too, and both opinions on them."""
    measured = {row.key: rules_logit(row) for row in dataset.rows}
    kept = [
        one
        for one in predictions
        if (one.network, one.regime) == (SHIPPED_NETWORK, SHIPPED_REGIME) and np.isfinite(measured[one.key])
    ]
    return kept, Opinions(
        label=np.asarray([one.label for one in kept], np.int64),
        network=network_logits(
            *(np.asarray([getattr(one, name) for one in kept]) for name in ("logit", "temperature"))
        ),
        measures=np.asarray([measured[one.key] for one in kept]),
        subjects=np.asarray([one.subject for one in kept]),
        simulated=np.asarray([one.source in SIMULATED_SOURCES for one in kept], np.bool_),
        accepted=np.asarray([one.accepted for one in kept], np.bool_),
    )


def _judge(
    dataset: Dataset, recipe: Recipe, task: _Task, members: int, network: str
) -> tuple[list[Prediction], list[int]]:
    """Predictions of one network or rival for the rows of `task.test`, and the epochs that its members found best."""
    if network == RULES:
        return _predictions(dataset, task.test, [rules_logit(dataset.rows[i]) for i in task.test], 1.0), []
    if network == BACK:
        return _predictions(dataset, task.test, back_logits(dataset, task.train, task.test), 1.0), []
    if network == ZHOU:
        stop, test = zhou_logits(dataset, task.train, [task.stop, task.test], seed=recipe.seed)
        known = np.isfinite(stop)
        temperature = fit_temperature(dataset.labels[task.stop[known]], stop[known])
        return _predictions(dataset, task.test, test, temperature), []
    return _run(dataset, replace(recipe, shape=Shape.named(network)), task, members)


def _run(dataset: Dataset, recipe: Recipe, task: _Task, members: int) -> tuple[list[Prediction], list[int]]:
    trained = fit_members(dataset, task.train, task.stop, recipe, members)
    temperature = fit_temperature(
        dataset.labels[task.stop], member_logits(trained, dataset, task.stop), row_weights(dataset, task.stop)
    )
    logits = member_logits(trained, dataset, task.test)
    return _predictions(dataset, task.test, logits, temperature), [one.best_epoch for one in trained]


def _predictions(dataset: Dataset, rows: Rows, logits: Iterable[float], temperature: float) -> list[Prediction]:
    """One a row; rows that could not be judged (NaN) are left out."""
    found = []
    for i, value in zip(rows, logits, strict=True):
        if not np.isfinite(value):
            continue
        row = dataset.rows[i]
        found.append(
            Prediction(
                network="",
                regime="",
                key=row.key,
                source=row.source,
                subject=row.subject,
                clip=row.clip,
                view=row.view,
                accepted=row.accepted,
                label=row.label,
                logit=float(value),
                temperature=temperature,
            )
        )
    return found
