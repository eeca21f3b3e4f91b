"""Correct or not, and which fault, from the numbers of whole lifts: by kind, by recording and by person left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coaching.training.landmark_tables import read_tables
from coaching.training.metrics import auc, balanced_accuracy, bootstrap
from coaching.training.sequence_features import STANDING, changes, lift_features
from coaching.training.sequences import without_spikes
from coaching.training.tables import Finding, mean_recall
from coaching.vision.coach import analyse
from coaching.vision.layouts import LAYOUTS, track_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Labels = NDArray[np.int64]

FPS = 30.0
BLOCKS = 5
AROUND_S = 0.4  # of standing before and after a repetition
MODELS: dict[str, Any] = {
    "logistic": lambda: LogisticRegression(C=0.1, class_weight="balanced", max_iter=2000),
    "LDA": lambda: LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
}


@dataclass(frozen=True, slots=True)
class Lifts:
    """Features (n, len(NAMES)) of lifts, what each is (`good` or the kind of fault), and whom or what to leave out."""

    features: Array
    kinds: NDArray[np.str_]
    groups: NDArray[np.str_]


def kinect_lifts(folder: Path) -> Lifts:
    """One lift a file; groups are fifths of each kind by recording number."""
    tables = read_tables(folder, LAYOUTS["kinect17"])
    features = np.array([lift_features(without_spikes(t.landmarks), FPS, depth=True) for t in tables])
    found = [re.search(r"bad_form(\d+)_", table.name) for table in tables]
    kinds = np.array([f"bad {m[1]}" if m else "good" for m in found])
    number = np.array([int(table.name.rsplit("_", 1)[1]) for table in tables])
    block = np.empty(len(tables), dtype=np.int64)
    for kind in np.unique(kinds):
        rows = np.flatnonzero(kinds == kind)
        block[rows[np.argsort(number[rows])]] = np.arange(len(rows)) * BLOCKS // len(rows)
    return Lifts(features, kinds, block.astype(str))


def openpose_lifts(path: Path, view: str) -> Lifts:
    """The repetitions that the coach finds in the sequences of one view; groups are the persons."""
    rows, kinds, people, seen = [], [], [], set()
    for table in read_tables(path, LAYOUTS["body25"]):
        person, what = table.name.split("__", 1)
        where, kind = what.split("_", 1)
        content = table.landmarks.tobytes()
        if where != view or content in seen:
            continue
        seen.add(content)
        track = track_of(table.landmarks, FPS)
        for rep in analyse(track).reps:
            inside = (track.time_s >= rep.start_s - AROUND_S) & (track.time_s <= rep.end_s + AROUND_S)
            rows.append(lift_features(table.landmarks[inside], FPS, depth=False))
            kinds.append(kind)
            people.append(person)
    return Lifts(np.array(rows), np.array(kinds), np.array(people))


def held_out(model: str, x: Array, y: NDArray[Any], folds: list[NDArray[np.bool_]]) -> list[tuple[Labels, Any]]:
    """For each fold the rows left out and the fitted model's answer about them."""
    known = np.isfinite(x).any(axis=0)
    out = []
    for test in folds:
        pipe = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), MODELS[model]())
        pipe.fit(x[~test][:, known], y[~test])
        out.append((np.flatnonzero(test), pipe.predict_proba(x[test][:, known])))
    return out


def kinect_findings(folder: Path) -> Iterator[Finding]:
    """Three views of the same lifts: how they stand (which no fault should show), everything, and the change alone."""
    lifts = kinect_lifts(folder)
    good = lifts.kinds == "good"
    y = good.astype(np.int64)
    bad_kinds = sorted(set(lifts.kinds[~good].tolist()))
    by_kind = [(lifts.kinds == kind) | (good & (lifts.groups == str(k % BLOCKS))) for k, kind in enumerate(bad_kinds)]
    by_block = [lifts.groups == str(block) for block in range(BLOCKS)]
    named = np.array(
        [f"{kind}{'' if kind != 'good' else block}" for kind, block in zip(lifts.kinds, lifts.groups, strict=True)]
    )
    measured = {
        "standing": (lifts.features[:, STANDING], "control: no lift in it, so this is place, not form"),
        "everything": (lifts.features, "has the standing in it"),
        "change": (changes(lifts.features), ""),
    }
    for what, (x, note) in measured.items():
        for how, folds in (("kind left out", by_kind), ("fifth left out", by_block)):
            for model in MODELS:
                p = np.full(len(y), np.nan)
                for rows, answer in held_out(model, x, y, folds):
                    p[rows] = answer[:, 1]
                missed = [k for k in bad_kinds if np.mean(p[lifts.kinds == k] < 0.5) < 0.5]
                said = f"misses {', '.join(missed)}" if missed else ""
                for name, metric in (("balanced accuracy", balanced_accuracy), ("AUC", auc)):
                    estimate = bootstrap(metric, y, p, named.tolist(), draws=1000)
                    yield Finding("form", f"kinect, {how}", f"{what}, {model}", name, estimate, note or said)


def openpose_findings(path: Path) -> Iterator[Finding]:
    """Which fault it is, each person left out in turn. Only one person has correct lifts, so "correct" is in no fold
    both learned and tested: those lifts are left out.
    """
    for view in ("front", "diag"):
        lifts = openpose_lifts(path, view)
        bad = ~np.char.startswith(lifts.kinds, "correct")
        x, kinds, people = lifts.features[bad], lifts.kinds[bad], lifts.groups[bad]
        names = sorted(set(kinds.tolist()))
        label = np.array([names.index(kind) for kind in kinds.tolist()])
        for model in MODELS:
            said = np.zeros(len(label))
            for rows, answer in held_out(model, x, label, [people == who for who in sorted(set(people.tolist()))]):
                said[rows] = answer.argmax(axis=1)
            estimate = bootstrap(mean_recall, label, said, people.tolist(), draws=1000)
            learned = f"the other two persons, {model}"
            yield Finding(
                "fault", f"openpose {view}, person out", learned, "balanced accuracy", estimate, ", ".join(names)
            )
