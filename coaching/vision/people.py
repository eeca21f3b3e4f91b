"""How many people are in the picture, and whether it is clear who lifts.

The tracker follows one person; when another of the same size stands beside, it may follow the wrong one, or change in
mid-set. A few pictures of the clip are therefore searched for everybody in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from coaching.vision.types import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.vision.types import Pose

_SHOULDERS_HIPS = [11, 12, 23, 24]
_BODY = [0, 11, 12, 23, 24, 25, 26, 27, 28]
# A second person counts when the trunk is this large a share of the largest, is well seen, and stands apart: the finder
# sometimes returns the same person twice, a tenth of a trunk apart (measured on the real clips).
_MIN_SIZE = 0.6
_MIN_VISIBILITY = 0.6
_MIN_DISTANCE_TRUNKS = 0.8
# Somebody passing by is in one or two of the pictures; somebody who stays is in most of them.
_STAYS = 0.5

SEVERAL = Refusal(
    "several_people",
    "Several people are in the picture, so it is not clear who lifts. Film one lifter alone.",
)
SOMEBODY_ELSE = Refusal(
    "other_person",
    "Somebody else can be seen for a moment. Check that the skeleton in the video is on you.",
)


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


def distinct(people: Sequence[Person]) -> list[Person]:
    """The people of one picture that count: well seen, of comparable size, each once; the largest first."""
    seen = sorted((p for p in people if p.visibility >= _MIN_VISIBILITY), key=lambda p: -p.trunk)
    kept: list[Person] = []
    for person in seen:
        if person.trunk < _MIN_SIZE * seen[0].trunk:
            continue
        apart = _MIN_DISTANCE_TRUNKS * seen[0].trunk
        if all(np.hypot(person.x - other.x, person.y - other.y) > apart for other in kept):
            kept.append(person)
    return kept


def crowd_verdict(samples: Sequence[Sequence[Person]]) -> Refusal | None:
    """SEVERAL when somebody of the lifter's size stays in the picture, SOMEBODY_ELSE when in passing, else None."""
    occupied = [len(distinct(people)) for people in samples if people]
    crowded = sum(count > 1 for count in occupied)
    if not crowded:
        return None
    return SEVERAL if crowded >= _STAYS * len(samples) and crowded > 1 else SOMEBODY_ELSE
