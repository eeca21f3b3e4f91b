"""How many people are in the picture, and whether it is clear who lifts.

The tracker follows one person; when another of the same size stands beside, it may follow the wrong one, or change in
mid-set. A few pictures of the clip are therefore searched for somebody else, with the tracked person painted over:
left in sight, the larger of two often hides the other from the finder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from coaching.vision.types import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from coaching.vision.types import Image, Pose

_SHOULDERS_HIPS = [11, 12, 23, 24]
_BODY = [0, 11, 12, 23, 24, 25, 26, 27, 28]
# Another person counts when standing nearly as tall as the lifter: somebody who sits or is far behind does not.
_MIN_HEIGHT = 0.7
_MIN_VISIBILITY = 0.6
# The finder sometimes returns the same person twice, a tenth of a trunk apart (measured on the real clips).
_MIN_DISTANCE_TRUNKS = 0.8
# Somebody passing by is in one of five pictures; somebody who stays is in more.
_STAYS = 0.4
_PAINT_MARGIN = 0.10

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

    @property
    def height(self) -> float:
        """From nose to ankles in px, less when bent or sitting."""
        return self.y1 - self.y0


def person_of(pose: Pose) -> Person:
    points = pose.image[_SHOULDERS_HIPS]
    shoulders, hips = points[:2, :2].mean(axis=0), points[2:, :2].mean(axis=0)
    body = pose.image[_BODY, :2]
    (x0, y0), (x1, y1) = np.nanmin(body, axis=0), np.nanmax(body, axis=0)
    centre = (shoulders + hips) / 2
    values = (*centre, np.linalg.norm(shoulders - hips), points[:, 3].mean(), x0, y0, x1, y1)
    return Person(*(float(v) for v in values))


def as_rows(people: Sequence[Person], limit: int = 3) -> NDArray[np.float32]:
    """(limit, 8) float32, NaN where there are fewer people."""
    rows = np.full((limit, len(Person._fields)), np.nan, dtype=np.float32)
    for row, person in zip(rows, people, strict=False):
        row[:] = person
    return rows


def find_people(rgb: Image, lifter: Pose | None, finder: Callable[[Image], Sequence[Pose]]) -> list[Person]:
    """The tracked person first, if there is one, then whoever else is in the picture."""
    if lifter is None:
        return sorted((person_of(pose) for pose in finder(rgb)), key=lambda p: -p.trunk)
    hidden = _painted_over(rgb, lifter)
    return [person_of(lifter), *(person_of(pose) for pose in finder(hidden))]


def _painted_over(rgb: Image, person: Pose) -> Image:
    """The picture with the person's box filled with the median colour."""
    points = person.image[:, :2]
    (x0, y0), (x1, y1) = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    dx, dy = _PAINT_MARGIN * (x1 - x0), _PAINT_MARGIN * (y1 - y0)
    out = rgb.copy()
    rows = slice(max(0, int(y0 - dy)), max(0, int(y1 + dy)))
    columns = slice(max(0, int(x0 - dx)), max(0, int(x1 + dx)))
    out[rows, columns] = np.median(rgb[::8, ::8].reshape(-1, 3), axis=0).astype(np.uint8)
    return out


def others(people: Sequence[Person], standing_px: float) -> list[Person]:
    """Those beside the first who are well seen, stand apart, and are nearly as tall as `standing_px`."""
    if not people:
        return []
    lifter = people[0]
    apart = _MIN_DISTANCE_TRUNKS * lifter.trunk
    return [
        person
        for person in people[1:]
        if person.visibility >= _MIN_VISIBILITY
        and person.height >= _MIN_HEIGHT * standing_px
        and np.hypot(person.x - lifter.x, person.y - lifter.y) > apart
    ]


def crowd_verdict(samples: Sequence[Sequence[Person]]) -> Refusal | None:
    """SEVERAL when somebody of the lifter's size stays in the picture, SOMEBODY_ELSE when in passing, else None."""
    standing = max((people[0].height for people in samples if people), default=0.0)
    crowded = sum(bool(others(people, standing)) for people in samples)
    if not crowded:
        return None
    return SEVERAL if crowded > 1 and crowded >= _STAYS * len(samples) else SOMEBODY_ELSE
