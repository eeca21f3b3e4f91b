"""Semesters drawn by assumptions, many at once. Pure: numpy only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.dryrun.assumptions import Assumptions

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

TOP = 10
"""The rubric's scale: whole points from 0 to 10."""


@dataclass(frozen=True, slots=True, eq=False)
class Semesters:
    """Rows are trials, columns students, arm by arm. `after` is NaN for who dropped out; `lessons` attended."""

    arm: Ints
    before: Floats
    after: Floats
    lessons: Ints
    dropped: NDArray[np.bool_]
    injuries: Ints
    hours: Floats


def draw(assumptions: Assumptions, *, arms: int, trials: int, rng: np.random.Generator) -> Semesters:
    """`trials` semesters of `arms` groups. Scores are normal, then rounded to the rubric; who drops out does so after a
    random share of the lessons, whatever the score; injuries are Poisson counts of the hours.
    """
    given = assumptions
    arm = np.repeat(np.arange(arms), given.students_per_arm)
    shape = (trials, arm.size)
    start = rng.standard_normal(shape)
    end = given.correlation * start + math.sqrt(1 - given.correlation**2) * rng.standard_normal(shape)
    before = _on_rubric(given.mean + given.sd * start)
    after = _on_rubric(given.mean + given.gain + given.effect * (arm == 0) + given.sd * end)
    dropped = rng.random(shape) < given.dropout
    stayed = np.where(dropped, rng.random(shape), 1.0)
    lessons = rng.binomial(np.floor(given.lessons * stayed).astype(np.int64), given.attendance)
    hours = lessons * given.lesson_minutes / 60
    rate = given.injuries_per_1000_h / 1000 * np.where(arm == 0, given.injury_ratio, 1.0)
    return Semesters(
        arm=arm,
        before=before,
        after=np.where(dropped, np.nan, after),
        lessons=lessons,
        dropped=dropped,
        injuries=rng.poisson(hours * rate),
        hours=hours,
    )


def _on_rubric(scores: Floats) -> Floats:
    return np.asarray(np.clip(np.rint(scores), 0, TOP), np.float64)
