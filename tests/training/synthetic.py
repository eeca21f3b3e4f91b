"""A small data set whose classes differ in one curve: learnable in seconds, and not by who somebody is."""

from __future__ import annotations

import numpy as np

from coaching.simulator.faults import FAULT_NAMES
from coaching.training.dataset import Dataset, Example, Row, Source, assemble
from coaching.training.labels import UNKNOWN
from coaching.vision.repetition_inputs import LHOF_SIZE, LHOG_SIZE, SKELETON_SIZE, STEPS

CURVE = 45


def example(source: Source, person: int, rep: int, *, variants: int = 2, pixels: bool = True) -> Example:
    random = np.random.default_rng([len(source), person, rep])
    label = (person + rep) % 2
    skeleton = 0.3 * random.normal(size=(variants, STEPS, SKELETON_SIZE))
    skeleton += 0.5 * np.random.default_rng(person).normal(size=SKELETON_SIZE)  # the person's own body
    skeleton[:, :, CURVE] += (2 * label - 1) * np.sin(np.linspace(0, np.pi, STEPS))
    row = Row(
        key=f"{source}/{person}#{rep}",
        source=source,
        subject=f"{source}{person}",
        clip=f"{source}{person}",
        view="side",
        label=label,
        faults=(UNKNOWN,) * len(FAULT_NAMES),
        origin="synthetic",
        measured=tuple(0.8 - 0.6 * label if name == "hips_first" else UNKNOWN for name in FAULT_NAMES),
    )
    if not pixels:
        return Example(row, skeleton.astype(np.float32))
    lhog, lhof = (random.random((STEPS, size)).astype(np.float16) for size in (LHOG_SIZE, LHOF_SIZE))
    return Example(row, skeleton.astype(np.float32), lhog, lhof)


def synthetic(people: int = 6, reps: int = 4) -> Dataset:
    """`people` of each source, with pixels for all but the skeletons."""
    return assemble(
        [
            example(source, person, rep, pixels=source != "truth")
            for source in ("real", "film", "truth")
            for person in range(people)
            for rep in range(reps)
        ],
        info={"counts": {"real correct": people * reps // 2}},
    )
