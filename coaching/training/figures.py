"""From predictions to the figures of the model card."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from coaching.training.evaluate import SIMULATED_SOURCES
from coaching.training.metrics import (
    Estimate,
    auc,
    balanced_accuracy,
    bootstrap,
    calibration_error,
    sigmoid,
    within_person_auc,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from coaching.training.evaluate import Evaluation, Prediction
    from coaching.training.metrics import Metric

METRICS: dict[str, Metric] = {
    "balanced_accuracy": balanced_accuracy,
    "auc": auc,
    "calibration_error": calibration_error,
}
# The people who were filmed doing it right and wrong in one place.
WITHIN_PERSON = ("B1", "B2", "T1")


@dataclass(frozen=True, slots=True)
class Figures:
    """One line of a table: METRICS by name, and the within-person AUCs where there are any."""

    title: str
    network: str
    regime: str
    metrics: dict[str, Estimate]
    within_person: dict[str, float]
    correct: int
    incorrect: int


def figures(title: str, rows: Sequence[Prediction]) -> Figures:
    """All metrics of some predictions of one network and regime. Raises ValueError without any."""
    if not rows:
        raise ValueError(f"{title}: no predictions")
    label = np.asarray([row.label for row in rows], np.int64)
    p = np.asarray([sigmoid(np.asarray(row.logit / row.temperature)) for row in rows], np.float64)
    subjects = [row.subject for row in rows]
    return Figures(
        title=title,
        network=rows[0].network,
        regime=rows[0].regime,
        metrics={name: bootstrap(metric, label, p, subjects) for name, metric in METRICS.items()},
        within_person=within_person_auc(label, p, subjects),
        correct=int(np.sum(label == 1)),
        incorrect=int(np.sum(label == 0)),
    )


def by_clip(rows: Iterable[Prediction]) -> list[Prediction]:
    """One prediction a clip and label: the mean logit of its repetitions, so that long sets count once."""
    groups: dict[tuple[str, int], list[Prediction]] = defaultdict(list)
    for row in rows:
        groups[row.clip, row.label].append(row)
    return [
        replace(group[0], key=clip, logit=float(np.mean([row.logit for row in group])))
        for (clip, _), group in groups.items()
    ]


def tables(evaluation: Evaluation, shipped: tuple[str, str]) -> dict[str, list[Figures]]:
    """The card's tables: ablation and sources on accepted real repetitions, then the shipped network in detail."""
    groups: dict[tuple[str, str], list[Prediction]] = defaultdict(list)
    for one in evaluation.predictions:
        groups[one.network, one.regime].append(one)
    compared = [
        figures(f"{network}, learned from {regime}", real)
        for (network, regime), rows in groups.items()
        if (real := [row for row in rows if row.source == "real" and row.accepted])
    ]
    return {"compared": compared, "shipped": _details(groups.get(shipped, []))}


def _details(rows: Sequence[Prediction]) -> list[Figures]:
    real = [row for row in rows if row.source == "real"]
    accepted = [row for row in real if row.accepted]
    sequences = [row for row in rows if row.source == "sequence"]
    simulated = [row for row in rows if row.source in SIMULATED_SOURCES]
    cuts: list[tuple[str, list[Prediction]]] = [
        ("filmed people, repetitions", accepted),
        ("filmed people, clips", by_clip(accepted)),
        *((f"filmed people, {view} view", _of(accepted, view)) for view in ("front", "oblique", "side")),
        ("filmed people, with the clips that the quality gate refuses", real),
        ("people in BODY_25 sequences, front view", sequences),
        *(
            (f"simulated people, films, {view} view", _of(simulated, view, "film"))
            for view in ("front", "oblique", "side")
        ),
        *(
            (f"simulated people, skeletons, {view} view", _of(simulated, view, "truth"))
            for view in ("front", "oblique", "side")
        ),
    ]
    return [figures(title, cut) for title, cut in cuts if cut]


def _of(rows: Iterable[Prediction], view: str, source: str | None = None) -> list[Prediction]:
    return [row for row in rows if row.view == view and (source is None or row.source == source)]


def as_document(found: dict[str, list[Figures]]) -> dict[str, Any]:
    """JSON-ready; NaN becomes null."""
    return {name: [_without_nan(asdict(one)) for one in lines] for name, lines in found.items()}


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, float):
        return round(value, 4) if np.isfinite(value) else None
    return value


def print_table(lines: Iterable[Figures], write: Callable[[str], None]) -> None:
    """One line of text a row, for the terminal."""
    for line in lines:
        texts = [f"{name} {_text(value)}" for name, value in line.metrics.items()]
        pairs = " ".join(f"{who} {value:.2f}" for who, value in line.within_person.items() if who in WITHIN_PERSON)
        count = f"{line.correct}+{line.incorrect}"
        write(f"{line.title:62} n={count:8} " + "  ".join(texts) + (f"  within {pairs}" if pairs else ""))


def _text(value: Estimate) -> str:
    if not np.isfinite(value.value):
        return "-"
    if not np.isfinite(value.low):
        return f"{value.value:.2f}"
    return f"{value.value:.2f} [{value.low:.2f}, {value.high:.2f}]"
