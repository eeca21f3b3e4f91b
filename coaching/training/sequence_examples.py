"""Examples from people's landmark sequences, brought to the project's skeleton: no pictures, people from the front.

Only what the view shows can be learned from: sequences whose fault lies in another plane, or in no landmark (which way
a hand holds the bar), are left out. The Kinect lifts are not learned from either: how the lifter stands, with no lift
in it, tells good from bad there (`coaching.training.sequence_tables`), so a network would learn where the sensor stood.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator.faults import FAULT_NAMES
from coaching.training.augment import Span
from coaching.training.dataset import Example, Row
from coaching.training.examples import Sight, example_of
from coaching.training.labels import CORRECT, INCORRECT, UNKNOWN, measured_faults, observable_faults
from coaching.training.landmark_tables import read_tables
from coaching.vision.coach import analyse
from coaching.vision.layouts import LAYOUTS, track_of
from coaching.vision.repetition_inputs import UnusableRepetition

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from coaching.vision.types import FormReport, Rep, Track

SEQUENCES = "sequences_openpose25_abc.npz"
ORIGIN = "BODY_25 sequences"
FPS = 30.0
# The owners' words for what our vocabulary has, seen from the front. Anything else is not learned from.
KINDS: dict[str, tuple[str, ...]] = {
    "correct": (),
    "correct_elbowset": (),
    "grip_wide": ("wide_grip",),
    "grip_narrow": ("narrow_grip",),
    "elbow_bad": ("bent_arms",),
}


def sequence_examples(path: Path, *, variants: int) -> Iterator[Example]:
    """Examples of every repetition that the coach finds in a front view; none twice, where a sequence is there twice.

    Raises UnreadableTable.
    """
    seen = set()
    for table in read_tables(path, LAYOUTS["body25"]):
        person, what = table.name.split("__", 1)
        view, kind = what.split("_", 1)
        content = table.landmarks.tobytes()
        if view != "front" or kind not in KINDS or content in seen:
            continue
        seen.add(content)
        track = track_of(table.landmarks, FPS)
        report = analyse(track)
        for rep in report.reps:
            row = _row(table.name, person, kind, report, rep)
            try:
                yield _example(row, track, rep, report, variants)
            except UnusableRepetition:
                continue


def _row(name: str, person: str, kind: str, report: FormReport, rep: Rep) -> Row:
    visible, named = observable_faults("front"), KINDS[kind]
    absent = 0.0 if not named else UNKNOWN
    return Row(
        key=f"sequence/{name}#{rep.index}",
        source="sequence",
        subject=f"sequence {person}",
        clip=name,
        view=report.view.label,
        label=INCORRECT if named else CORRECT,
        faults=tuple(1.0 if f in named else absent if f in visible else UNKNOWN for f in FAULT_NAMES),
        origin=ORIGIN,
        measured=measured_faults(rep.faults),
        notes=kind,
    )


def _example(row: Row, track: Track, rep: Rep, report: FormReport, variants: int) -> Example:
    random = np.random.default_rng(list(hashlib.sha256(row.key.encode()).digest()[:8]))
    span = Span(rep.start_s, rep.lockout_s, rep.end_s)
    return example_of(row, Sight(track, None, span, report.view.label), variants, random)
