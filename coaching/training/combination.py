"""What the measured faults add to the network on filmed people that it was not trained on.

`python -m coaching.training.combination` reads the predictions that `evaluate` left (each person judged by networks
that never saw them) and the skeletons of `coaching.vision.tracks`, and prints a table (docs/decisions/0005).
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from coaching.vision.coach import analyse
from coaching.vision.tracks import load_track
from coaching.vision.verdict import DECISIVE_FAULTS, combined_p_correct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.vision.types import Fault, FormReport


def _rows(predictions: list[dict[str, object]], tracks: Path) -> list[tuple[str, int, float, Sequence[Fault]]]:
    """(person, label, the network's probability, faults) of each accepted repetition of a filmed person."""
    reports: dict[str, FormReport] = {}
    rows = []
    for one in predictions:
        clip, number = str(one["clip"]), int(str(one["key"]).rpartition("#")[2])
        if one["source"] != "real" or not one["accepted"]:
            continue
        if clip not in reports:
            reports[clip] = analyse(load_track(tracks / f"{Path(clip).stem}.npz"))
        if number <= len(reports[clip].reps):
            logit = float(str(one["logit"])) / max(1.0, float(str(one["temperature"])))
            faults = reports[clip].reps[number - 1].faults
            rows.append((str(one["subject"]), int(str(one["label"])), 1.0 / (1.0 + math.exp(-logit)), faults))
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m coaching.training.combination", description=__doc__)
    parser.add_argument("--evaluation", type=Path, default=Path("var/cache/training/evaluation.json"))
    parser.add_argument("--tracks", type=Path, default=Path("var/cache/tracks"))
    options = parser.parse_args(argv)
    rows = _rows(json.loads(options.evaluation.read_text())["predictions"], options.tracks)
    label = np.array([row[1] for row in rows])
    scores = {
        "network": np.array([row[2] for row in rows]),
        "decisive faults": np.array([combined_p_correct(1.0, row[3]) for row in rows]),
        "both (shipped)": np.array([combined_p_correct(row[2], row[3]) for row in rows]),
    }
    people = np.array([row[0] for row in rows])
    both_ways = [p for p in np.unique(people) if len(np.unique(label[people == p])) > 1]
    out = [
        f"{len(rows)} repetitions of {len(np.unique(people))} people; decisive: {', '.join(sorted(DECISIVE_FAULTS))}"
    ]
    for name, score in scores.items():
        within = ", ".join(f"{p} {roc_auc_score(label[people == p], score[people == p]):.2f}" for p in both_ways)
        auc, accuracy = roc_auc_score(label, score), balanced_accuracy_score(label, score >= 0.5)
        out.append(f"{name:16s} AUC {auc:.2f}  balanced accuracy {accuracy:.2f}  within one person: {within}")
    sys.stdout.write("\n".join(out) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
