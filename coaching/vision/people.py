"""How many people are in the picture, and whether it is clear who lifts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.vision.types import Pose

_SHOULDERS_HIPS = [11, 12, 23, 24]
_BODY = [0, 11, 12, 23, 24, 25, 26, 27, 28]


class Person(NamedTuple):
    """One person in one sampled picture: centre of the trunk px, trunk length px, mean visibility of the trunk, box."""

    x: float
    y: float
    trunk: float
    visibility: float
    x0: float
    y0: float
    x1: float
    y1: float


def person_of(pose: Pose) -> Person:
    points = pose.image[_SHOULDERS_HIPS]
    shoulders, hips = points[:2, :2].mean(axis=0), points[2:, :2].mean(axis=0)
    body = pose.image[_BODY, :2]
    (x0, y0), (x1, y1) = body.min(axis=0), body.max(axis=0)
    centre = (shoulders + hips) / 2
    values = (*centre, np.linalg.norm(shoulders - hips), points[:, 3].mean(), x0, y0, x1, y1)
    return Person(*(float(v) for v in values))


def as_rows(people: Sequence[Person], limit: int = 3) -> NDArray[np.float32]:
    """(limit, 8) float32, largest trunk first, NaN where there are fewer people."""
    rows = np.full((limit, len(Person._fields)), np.nan, dtype=np.float32)
    for row, person in zip(rows, sorted(people, key=lambda p: -p.trunk), strict=False):
        row[:] = person
    return rows
