"""Examples from instructors' reviews: the table that `manage.py export_labels` writes, beside the data folder's clips.

Bounds are the instructor's, not the coach's; a repetition that the coach missed is an example like any other. What is
"not a repetition" is none. The table's held-out students are not for training: `promote` judges models on them.
"""

from __future__ import annotations

import csv
import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from coaching.training.augment import Span
from coaching.training.dataset import Row
from coaching.training.examples import Sight, example_of
from coaching.training.films import FILMS_VERSION, film, kept
from coaching.training.labels import CORRECT, INCORRECT, UNKNOWN, measured_bow, measured_faults, observable_faults
from coaching.training.real import SAME_REP_S
from coaching.vision.clip import file_sha256
from coaching.vision.coach import analyse
from coaching.vision.errors import PipelineError
from coaching.vision.pose import ENGINE_NAME
from coaching.vision.repetition_inputs import UnusableRepetition
from coaching.vision.vocabulary import FAULT_NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from coaching.training.dataset import Example
    from coaching.vision.pipeline import Engines
    from coaching.vision.types import FormReport, View

log = logging.getLogger(__name__)

TABLE = "labels.csv"
Part = Literal["train", "held_out"]
LABELS = {"correct": CORRECT, "incorrect": INCORRECT}
ORIGIN = "instructors"


@dataclass(frozen=True, slots=True)
class ReviewedRepetition:
    """`label` as in coaching.training.labels; times in seconds from the film's first picture."""

    number: int
    start_s: float
    lockout_s: float
    end_s: float
    label: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewedClip:
    path: Path
    sha256: str
    subject: str
    view: str
    repetitions: tuple[ReviewedRepetition, ...]


def is_export(folder: Path) -> bool:
    return (folder / TABLE).is_file()


def reviewed_clips(folder: Path, part: Part) -> list[ReviewedClip]:
    """The clips of one part, in the order of the table.

    Raises FileNotFoundError without the table, ValueError when it is not one, or when a film of it has changed since.
    A film that is gone is left out with a warning: a student may have withdrawn it.
    """
    path = folder / TABLE
    if not path.is_file():
        raise FileNotFoundError(f"no {TABLE} in {folder}: run `python manage.py export_labels` first")
    clips: dict[str, ReviewedClip] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            try:
                if row["part"] == part and row["label"] in LABELS:
                    _collect(clips, folder, row)
            except (KeyError, ValueError) as error:
                raise ValueError(f"{path} is not a table of labels: {error!r}") from error
    return [clip for clip in clips.values() if _is_there(clip)]


def _collect(clips: dict[str, ReviewedClip], folder: Path, row: dict[str, str]) -> None:
    rep = ReviewedRepetition(
        number=int(row["repetition"]),
        start_s=float(row["start_s"]),
        lockout_s=float(row["lockout_s"]),
        end_s=float(row["end_s"]),
        label=LABELS[row["label"]],
        faults=tuple(row["faults"].split()),
    )
    if unknown := set(rep.faults) - set(FAULT_NAMES):
        raise ValueError(f"unknown faults {sorted(unknown)}")
    # Two students may have uploaded one film: then it is two clips.
    key = f"{row['subject']}/{row['sha256']}"
    before = clips[key].repetitions if key in clips else ()
    clips[key] = ReviewedClip(folder / row["film"], row["sha256"], row["subject"], row["view"], (*before, rep))


def _is_there(clip: ReviewedClip) -> bool:
    if not clip.path.is_file():
        log.warning("%s: the film is gone", clip.path)
        return False
    if file_sha256(clip.path) != clip.sha256:
        raise ValueError(f"{clip.path} is not the film that was reviewed: export the labels again")
    return True


def reviewed_examples(clip: ReviewedClip, engines: Engines, cache: Path, *, variants: int) -> list[Example]:
    """Examples of one clip, watched as the service does. None of a film that can't be analysed, with a warning."""
    digest = hashlib.sha256(f"{clip.sha256}:{ENGINE_NAME}:{FILMS_VERSION}".encode()).hexdigest()[:32]
    try:
        seen = kept(cache, f"reviewed-{digest}", lambda: film(clip.path, engines))
    except PipelineError as error:
        log.warning("%s: %s", clip.path.name, error.code)
        return []
    report = analyse(seen.track)
    found = []
    for rep in clip.repetitions:
        row = _row(clip, rep, report)
        span = Span(rep.start_s, rep.lockout_s, rep.end_s)
        # A fixed stream by name: the same copies whatever other clips there are.
        random = np.random.default_rng(list(hashlib.sha256(row.key.encode()).digest()[:8]))
        try:
            found.append(example_of(row, Sight(seen.track, seen.pixels, span, report.view.label), variants, random))
        except UnusableRepetition as error:
            log.warning("%s: %s", row.key, error.reason)
    return found


def _row(clip: ReviewedClip, rep: ReviewedRepetition, report: FormReport) -> Row:
    """`measured` is what the coach saw of this repetition, if it found it at all."""
    near = [one for one in report.reps if abs(one.lockout_s - rep.lockout_s) <= SAME_REP_S]
    seen = min(near, key=lambda one: abs(one.lockout_s - rep.lockout_s)).faults if near else ()
    return Row(
        key=f"reviewed/{clip.subject}/{clip.sha256[:16]}#{rep.number}",
        source="real",
        subject=clip.subject,
        clip=clip.sha256[:16],
        view=clip.view,
        label=rep.label,
        faults=_fault_targets(clip.view, rep),
        origin=ORIGIN,
        measured=measured_faults(seen) if near else (),
        back_bow=measured_bow(seen),
        accepted=report.refused is None,
        notes=", ".join(rep.faults),
    )


def _fault_targets(view: str, rep: ReviewedRepetition) -> tuple[float, ...]:
    """A correct repetition has none of the faults that its view shows; of an incorrect one only the named are known."""
    seen_from: View = view  # type: ignore[assignment]
    visible = observable_faults(seen_from)
    if rep.label == CORRECT:
        return tuple(0.0 if name in visible else UNKNOWN for name in FAULT_NAMES)
    return tuple(1.0 if name in rep.faults and name in visible else UNKNOWN for name in FAULT_NAMES)
