"""A new model takes the served one's place only if it is not worse on people whom it was not made from.

The labels: the held-out students of `manage.py export_labels` folders, and accepted filmed rows of data set folders.
Judged is what users would read: each network's probability and the measured faults, weighed as its description says.
Where the coach did not find the repetition nothing was measured, and the network speaks alone.

Worse, precisely: over DRAWS draws of whole people with replacement, the same draw for both models, any of

- balanced accuracy (each at its own threshold) lower than the current model's in more than MORE_OFTEN_THAN_NOT of the
  draws in which both have one,
- AUC likewise,
- expected calibration error higher in more than CLEARLY of the draws.

A candidate is refused too when nothing can be told (fewer than three people, or one class only), when it names one of
the held-out people among those it was trained on, and when it is the current model. Equal draws count for neither.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from coaching.training import dataset as data_set
from coaching.training.labels import UNKNOWN
from coaching.training.metrics import Estimate, auc, balanced_accuracy, calibration_error
from coaching.training.release import CARD_NAME, DESCRIPTION_NAME
from coaching.training.reviews import is_export, reviewed_clips, reviewed_examples
from coaching.vision.classifier import ONNX_NAME, Classifier
from coaching.vision.errors import ModelMissing
from coaching.vision.repetition_inputs import LHOF_SIZE, LHOG_SIZE, STEPS, RepetitionInputs
from coaching.vision.types import Fault
from coaching.vision.verdict import combined_p_correct
from coaching.vision.vocabulary import FAULT_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.training.dataset import Dataset, Row
    from coaching.training.metrics import Floats, Labels
    from coaching.vision.pipeline import Engines

    Measure = Callable[[Labels, Floats], float]

DRAWS, SEED = 2000, 0
MORE_OFTEN_THAN_NOT, CLEARLY = 0.5, 0.975
FEWEST_PEOPLE = 3
RECORD_NAME = "promotion.json"


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Labelled repetitions as the network takes them, and whose they are. sha256: of labels, people and inputs.

    faults: of each repetition those that the coach could observe, with the probability that it gave them.
    """

    label: Labels
    subjects: tuple[str, ...]
    inputs: tuple[RepetitionInputs, ...]
    faults: tuple[tuple[Fault, ...], ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure of both models, and the candidate's minus the current's. `worse`: share of draws, of those with both.

    `limit` is the share from which on the candidate counts as worse by this figure.
    """

    name: str
    candidate: Estimate
    current: Estimate
    low: float
    high: float
    worse: float
    limit: float

    @property
    def is_worse(self) -> bool:
        return self.worse > self.limit


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reasons` is empty when the candidate may be promoted. `subjects_known`: it says whom it was trained on.

    `current_saw`: how many of the held-out people the current model says it was trained on; None if it says nothing.
    """

    measured: tuple[Measured, ...]
    reasons: tuple[str, ...]
    subjects_known: bool
    current_saw: int | None


def held_out(folders: Sequence[Path], engines: Callable[[], Engines], cache: Path, only: Collection[str]) -> HeldOut:
    """The labels of all folders; with `only`, those of these people. Films are watched once and kept in `cache`.

    Raises FileNotFoundError for a folder that is neither an export nor a data set, ValueError for one of other inputs.
    """
    sets = [_export_set(folder, engines(), cache) if is_export(folder) else data_set.load(folder) for folder in folders]
    found: dict[str, tuple[Row, RepetitionInputs]] = {}
    for one in sets:
        for i, row in enumerate(one.rows):
            if row.source == "real" and row.accepted and row.label in (0, 1) and (not only or row.subject in only):
                found[row.key] = (row, _inputs(one, i))
    ordered = [found[key] for key in sorted(found)]
    return HeldOut(
        label=np.asarray([row.label for row, _seen in ordered], np.int64),
        subjects=tuple(row.subject for row, _seen in ordered),
        inputs=tuple(seen for _row, seen in ordered),
        faults=tuple(_faults(row) for row, _seen in ordered),
        sha256=_fingerprint(sets),
    )


def _export_set(folder: Path, engines: Engines, cache: Path) -> Dataset:
    clips = reviewed_clips(folder, "held_out")
    return data_set.assemble([one for clip in clips for one in reviewed_examples(clip, engines, cache, variants=1)])


def _inputs(dataset: Dataset, i: int) -> RepetitionInputs:
    """The repetition as it was measured: the first variant is unaltered."""
    pixels = int(dataset.pixel_row[i])

    def sequence(stored: NDArray[np.float16], size: int) -> NDArray[np.float32]:
        return np.asarray(stored[pixels], np.float32) if pixels >= 0 else np.zeros((STEPS, size), np.float32)

    return RepetitionInputs(
        skeleton=np.asarray(dataset.variants[i, 0], np.float32),
        lhog=sequence(dataset.lhog, LHOG_SIZE),
        lhof=sequence(dataset.lhof, LHOF_SIZE),
    )


def _faults(row: Row) -> tuple[Fault, ...]:
    named = zip(FAULT_NAMES, row.measured, strict=True) if row.measured else ()
    return tuple(Fault(name, p, observable=True) for name, p in named if p != UNKNOWN)


def _fingerprint(sets: Sequence[Dataset]) -> str:
    return "+".join(one.sha256 for one in sets)


def compare(candidate: Path, current: Path, labels: HeldOut) -> Verdict:
    """Judge the models of two folders on the same labels. Raises ValueError when one of them does not load."""
    new, old = _load(candidate), _load(current)
    subjects, trained_on = set(labels.subjects), _trained_on(candidate)
    served_on = _trained_on(current)
    current_saw = len(subjects & served_on) if served_on else None
    reasons = []
    if (new.info.sha256, new.info.threshold, new.info.combination) == (
        old.info.sha256,
        old.info.threshold,
        old.info.combination,
    ):
        reasons.append("it is the model that is served already")
    if seen := sorted(subjects & trained_on):
        reasons.append(f"it was trained on {len(seen)} of the held-out people: {', '.join(seen)}")
    if len(subjects) < FEWEST_PEOPLE or len(set(labels.label.tolist())) < 2:
        classes = len(set(labels.label.tolist()))
        reasons.append(f"{len(subjects)} people and {classes} of 2 classes are too little to tell which is better")
        return Verdict((), tuple(reasons), bool(trained_on), current_saw)
    measured = measure(labels, _answers(new, labels), _answers(old, labels), (new.info.threshold, old.info.threshold))
    reasons += [f"{one.name} is worse in {100 * one.worse:.0f} % of the draws" for one in measured if one.is_worse]
    return Verdict(measured, tuple(reasons), bool(trained_on), current_saw)


def _load(folder: Path) -> Classifier:
    try:
        return Classifier.load(folder)
    except ModelMissing as error:
        raise ValueError(f"no usable model in {folder}: {error}") from error


def _trained_on(folder: Path) -> set[str]:
    """Whom the model's description says it was trained on; empty when it does not say."""
    description = json.loads((folder / DESCRIPTION_NAME).read_text(encoding="utf-8"))
    return set(description.get("subjects", []))


def _answers(model: Classifier, labels: HeldOut) -> Floats:
    """What a user would read of each repetition: the probability after network and measures were weighed."""
    weights = model.info.combination
    both = zip(labels.inputs, labels.faults, strict=True)
    return np.asarray([combined_p_correct(model.p_correct(inputs), faults, weights) for inputs, faults in both])


def measure(labels: HeldOut, new: Floats, old: Floats, thresholds: tuple[float, float]) -> tuple[Measured, ...]:
    """Balanced accuracy, AUC and calibration error of both models' probabilities, with the paired draws."""
    new_threshold, old_threshold = thresholds
    figures: tuple[tuple[str, Measure, Measure, int, float], ...] = (
        (
            "balanced accuracy",
            lambda y, p: balanced_accuracy(y, p, new_threshold),
            lambda y, p: balanced_accuracy(y, p, old_threshold),
            1,
            MORE_OFTEN_THAN_NOT,
        ),
        ("AUC", auc, auc, 1, MORE_OFTEN_THAN_NOT),
        ("calibration error", calibration_error, calibration_error, -1, CLEARLY),
    )
    found = []
    for name, of_new, of_old, sign, limit in figures:
        drawn_new, drawn_old = _draws(labels, (new, of_new), (old, of_old))
        both = np.isfinite(drawn_new) & np.isfinite(drawn_old)
        difference = drawn_new[both] - drawn_old[both]
        low, high = np.percentile(difference, [2.5, 97.5]) if len(difference) else (np.nan, np.nan)
        found.append(
            Measured(
                name=name,
                candidate=_estimate(of_new(labels.label, new), drawn_new, labels),
                current=_estimate(of_old(labels.label, old), drawn_old, labels),
                low=float(low),
                high=float(high),
                worse=float(np.mean(sign * difference < 0)) if len(difference) else 1.0,
                limit=limit,
            )
        )
    return tuple(found)


def _draws(labels: HeldOut, new: tuple[Floats, Measure], old: tuple[Floats, Measure]) -> tuple[Floats, Floats]:
    """Both models' figure in each draw of people, the same people for both; NaN where a draw has none."""
    names = np.asarray(labels.subjects)
    rows = [np.flatnonzero(names == person) for person in np.unique(names)]
    random = np.random.default_rng(SEED)
    found = np.empty((2, DRAWS))
    for draw in range(DRAWS):
        take = np.concatenate([rows[i] for i in random.integers(0, len(rows), len(rows))])
        found[:, draw] = [of(labels.label[take], p[take]) for p, of in (new, old)]
    return found[0], found[1]


def _estimate(value: float, drawn: Floats, labels: HeldOut) -> Estimate:
    kept = drawn[np.isfinite(drawn)]
    low, high = np.percentile(kept, [2.5, 97.5]) if len(kept) else (np.nan, np.nan)
    return Estimate(value, float(low), float(high), len(labels.subjects), len(set(labels.subjects)))


def put_in_place(candidate: Path, current: Path, record: dict[str, Any]) -> Path:
    """Model, description, card and the record of the comparison into `current`, all or none. Returns where the old are.

    Every file is whole on the same disk before the first is renamed; when a rename fails, those before it are undone.
    In the instant between the renames the description does not fit the model, and whoever loads it then is refused
    rather than served a wrong one. Raises OSError.
    """
    names = [ONNX_NAME, DESCRIPTION_NAME, CARD_NAME, RECORD_NAME]
    old_sha256 = json.loads((current / DESCRIPTION_NAME).read_text(encoding="utf-8"))["sha256"]
    aside = current / f"replaced-{old_sha256[:12]}"
    staged = current / f".promote-{os.getpid()}"
    staged.mkdir()
    try:
        for name in names[:-1]:
            shutil.copyfile(candidate / name, staged / name)
        (staged / RECORD_NAME).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        aside.mkdir(exist_ok=True)
        for name in names:
            if (current / name).exists():
                shutil.copyfile(current / name, aside / name)
        _swap(names, staged, current, aside)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return aside


def _swap(names: Sequence[str], staged: Path, current: Path, aside: Path) -> None:
    done: list[str] = []
    try:
        for name in names:
            (staged / name).replace(current / name)
            done.append(name)
    except OSError:
        for name in done:
            if (aside / name).exists():
                shutil.copyfile(aside / name, current / name)
            else:
                (current / name).unlink()
        raise


def record_of(verdict: Verdict, labels: HeldOut, candidate: Path, current: Path) -> dict[str, Any]:
    """What was compared with which result, to lie beside the promoted model."""
    hashes = [json.loads((folder / DESCRIPTION_NAME).read_text())["sha256"] for folder in (candidate, current)]
    return {
        "promoted_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "candidate_sha256": hashes[0],
        "replaced_sha256": hashes[1],
        "held_out_sha256": labels.sha256,
        "people": len(set(labels.subjects)),
        "repetitions": len(labels.subjects),
        "training_subjects_known": verdict.subjects_known,
        "measured": [asdict(one) for one in verdict.measured],
    }


def lines(verdict: Verdict, labels: HeldOut) -> list[str]:
    """The comparison as it is printed."""
    people, repetitions = len(set(labels.subjects)), len(labels.subjects)
    correct = int(labels.label.sum())
    said = [
        f"{repetitions} repetitions of {people} held-out people, {correct} correct, {repetitions - correct} incorrect"
    ]
    if not verdict.subjects_known:
        said.append("the candidate does not say whom it was trained on: it may know these people already")
    if verdict.current_saw is None:
        said.append("the current model does not say whom it was trained on; if on these, that can only favour it")
    elif verdict.current_saw:
        said.append(f"the current model was trained on {verdict.current_saw} of them, which can only favour it")
    if verdict.measured:
        said.append(f"{'':18}{'candidate':>23}{'current':>23}{'difference':>25}{'worse in':>11}")
    for one in verdict.measured:
        difference = one.candidate.value - one.current.value
        said.append(
            f"{one.name:18}{_interval(one.candidate.value, one.candidate.low, one.candidate.high):>23}"
            f"{_interval(one.current.value, one.current.low, one.current.high):>23}"
            f"{_interval(difference, one.low, one.high):>25}{100 * one.worse:>9.1f} %"
        )
    return said


def _interval(value: float, low: float, high: float) -> str:
    if not np.isfinite(low):
        return f"{value:.3f}"
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"
