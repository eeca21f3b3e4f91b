"""Examples from filmed people: the clips and `ground_truth.csv` of the data folder (its README tells the traps).

The clips are read where they lie. Nothing of them is copied: the cache holds landmarks and descriptors, git-
ignored.
"""

from __future__ import annotations

import csv
import hashlib
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator.faults import FAULT_NAMES
from coaching.training.augment import Span
from coaching.training.dataset import Row
from coaching.training.examples import Sight, example_of
from coaching.training.films import FILMS_VERSION, film, kept
from coaching.training.labels import CORRECT, INCORRECT, UNKNOWN, measured_bow, measured_faults, observable_faults
from coaching.vision.clip import file_sha256
from coaching.vision.coach import analyse
from coaching.vision.errors import PipelineError
from coaching.vision.pose import ENGINE_NAME
from coaching.vision.repetition_inputs import UnusableRepetition
from coaching.vision.settings_table import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from coaching.training.dataset import Example
    from coaching.training.films import Film
    from coaching.vision.pipeline import Engines
    from coaching.vision.types import FormReport, Rep, View

log = logging.getLogger(__name__)

FORM_LABELS = {"correct": CORRECT, "incorrect": INCORRECT}
# The owners' words for faults, where they mean one of ours.
FAULT_WORDS = {"rounded_back": "rounded_upper_back"}
SAME_REP_S = 0.6
# Clips that the quality gate refuses are still measured, and marked: it must be known what the gate is worth.
UNGATED = replace(
    DEFAULT,
    quality=replace(DEFAULT.quality, min_detected=0.3, max_shoulder_jitter_bh=1.0, max_cuts_per_10s=1e6),
)


@dataclass(frozen=True, slots=True)
class LabelledClip:
    """One row of ground_truth.csv that says correct or incorrect. lockouts_s is empty where nobody timed them."""

    path: Path
    origin: str
    subject: str
    view: str
    label: int
    faults: tuple[str, ...]
    reps: int
    lockouts_s: tuple[float, ...]


def labelled_clips(data: Path) -> Iterator[LabelledClip]:
    """The clips that carry a label, in the order of the file. Raises FileNotFoundError without the data folder."""
    folder = data / "videos"
    with (folder / "ground_truth.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["form"] in FORM_LABELS:
                yield LabelledClip(
                    path=folder / row["file"],
                    origin=row["source"],
                    subject=row["subject"],
                    view=row["view"],
                    label=FORM_LABELS[row["form"]],
                    faults=tuple(row["faults"].split()),
                    reps=int(row["reps"]),
                    lockouts_s=tuple(float(text) for text in row["lockouts_s"].split()),
                )


def clip_examples(clip: LabelledClip, engines: Engines, cache: Path, *, variants: int) -> list[Example]:
    """Examples of one clip; none where no repetition can be found even without the quality gate."""
    digest = file_sha256(clip.path)
    key = hashlib.sha256(f"{digest}:{ENGINE_NAME}:{FILMS_VERSION}".encode()).hexdigest()[:32]
    try:
        seen = kept(cache, f"real-{key}", lambda: film(clip.path, engines))
    except PipelineError as error:
        log.warning("%s: %s", clip.path.name, error.code)
        return []
    report = analyse(seen.track)
    accepted = report.refused is None
    if not accepted:
        report = analyse(seen.track, settings=UNGATED)
    found = []
    for number, rep in enumerate(_true_reps(clip, report.reps), start=1):
        row = Row(
            key=f"real/{clip.path.name}#{number}",
            source="real",
            subject=clip.subject,
            clip=clip.path.name,
            view=clip.view,
            label=clip.label,
            faults=_fault_targets(clip),
            origin=clip.origin,
            measured=measured_faults(rep.faults),
            back_bow=measured_bow(rep.faults),
            accepted=accepted,
            notes=", ".join(clip.faults),
        )
        try:
            found.append(_example(row, seen, rep, report, variants))
        except UnusableRepetition as error:
            log.warning("%s: %s", row.key, error.reason)
    return found


def _example(row: Row, seen: Film, rep: Rep, report: FormReport, variants: int) -> Example:
    span = Span(rep.start_s, rep.lockout_s, rep.end_s)
    # A fixed stream by name: the same copies whatever other clips there are.
    random = np.random.default_rng(list(hashlib.sha256(row.key.encode()).digest()[:8]))
    return example_of(row, Sight(seen.track, seen.pixels, span, report.view.label), variants, random)


def _true_reps(clip: LabelledClip, reps: Sequence[Rep]) -> list[Rep]:
    """Those of the coach's repetitions that a person has seen too."""
    if not clip.lockouts_s:
        return list(reps) if len(reps) == clip.reps else []
    return [rep for rep in reps if min(abs(rep.lockout_s - at) for at in clip.lockouts_s) <= SAME_REP_S]


def _fault_targets(clip: LabelledClip) -> tuple[float, ...]:
    """A correct clip has none of the faults that its view shows; of an incorrect one only the named ones are known."""
    view: View = clip.view  # type: ignore[assignment]
    visible = observable_faults(view)
    named = {FAULT_WORDS.get(word, word) for word in clip.faults}
    if clip.label == CORRECT:
        return tuple(0.0 if name in visible else UNKNOWN for name in FAULT_NAMES)
    return tuple(1.0 if name in named and name in visible else UNKNOWN for name in FAULT_NAMES)
