"""Who is learned from, who stops the training, and who is only tested on: always whole people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fold:
    """Row numbers of one split. `subject` is the person tested; no person is in two of the three parts."""

    subject: str
    train: Rows
    stop: Rows
    test: Rows


def leave_one_subject_out(subjects: Sequence[str], labels: Sequence[int], *, pool: Rows) -> Iterator[Fold]:
    """One fold per person in `pool` (row numbers): tested on that person, stopped by another, trained on the rest.

    The stopping person is one with both classes if anybody else has them: with one class the loss could be driven
    down by always saying the same. Each tested person gets the next such one in turn, so that no single person
    steers every fold.
    """
    names, label = np.asarray(subjects), np.asarray(labels)
    people = sorted(set(names[pool].tolist()))
    if len(people) < 3:
        raise ValueError(f"leave-one-subject-out needs at least 3 people, got {len(people)}")
    both = [p for p in people if len(set(label[pool][names[pool] == p].tolist())) == 2]
    for turn, tested in enumerate(people):
        choice = [p for p in both if p != tested] or [p for p in people if p != tested]
        stopper = choice[turn % len(choice)]
        who = names[pool]
        yield Fold(
            subject=tested,
            train=pool[(who != tested) & (who != stopper)],
            stop=pool[who == stopper],
            test=pool[who == tested],
        )


def hold_out_subjects(subjects: Sequence[str], rows: Rows, *, share: float, seed: int) -> tuple[Rows, Rows]:
    """Split rows into (kept, held out) by whole people; at least one person on each side."""
    names = np.asarray(subjects)[rows]
    people = np.unique(names)
    if len(people) < 2:
        raise ValueError("nobody to hold out: one person only")
    random = np.random.default_rng(seed)
    count = min(max(1, round(share * len(people))), len(people) - 1)
    out = set(random.permutation(people)[:count].tolist())
    held = np.asarray([name in out for name in names])
    return rows[~held], rows[held]
