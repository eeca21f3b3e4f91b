"""The body from the front and from behind, as boxes that are labels of the region's radio buttons. Plain numbers.

Seen from the front the person's right is on the left of the picture, from behind it is on the right.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDTH, HEIGHT = 176, 400

# Region: x, y, width and height of the box on the picture's left; `PAIRED` ones have their mirror image too.
MIDDLE: dict[str, tuple[int, int, int, int]] = {
    "head": (68, 4, 40, 46),
    "neck": (78, 51, 20, 16),
}
FRONT: dict[str, tuple[int, int, int, int]] = {"chest": (58, 69, 60, 52), "abdomen": (60, 123, 56, 46)}
BACK: dict[str, tuple[int, int, int, int]] = {"upper_back": (58, 69, 60, 58), "lower_back": (60, 129, 56, 40)}
PAIRED: dict[str, tuple[int, int, int, int]] = {
    "shoulder": (30, 67, 26, 28),
    "upper_arm": (26, 97, 24, 42),
    "elbow": (22, 141, 25, 20),
    "forearm": (17, 163, 25, 38),
    "wrist": (13, 203, 25, 16),
    "hand": (6, 221, 30, 32),
    "hip_groin": (56, 171, 31, 30),
    "thigh": (55, 203, 31, 66),
    "knee": (57, 271, 28, 26),
    "calf": (58, 299, 26, 58),
    "ankle": (60, 359, 23, 16),
    "foot": (52, 377, 31, 20),
}


@dataclass(frozen=True, slots=True)
class Spot:
    """One box. `side` is the person's own; "middle" has no side."""

    region: str
    side: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One view of the body with its boxes."""

    view: str
    spots: tuple[Spot, ...]


def figures() -> tuple[Figure, Figure]:
    """Front and back."""
    return (
        Figure("front", (*_middle({**MIDDLE, **FRONT}), *_paired(left="right", right="left"))),
        Figure("back", (*_middle({**MIDDLE, **BACK}), *_paired(left="left", right="right"))),
    )


def _middle(boxes: dict[str, tuple[int, int, int, int]]) -> tuple[Spot, ...]:
    return tuple(Spot(region, "middle", *box) for region, box in boxes.items())


def _paired(*, left: str, right: str) -> tuple[Spot, ...]:
    """Boxes of both halves; `left` and `right` are the person's sides on the picture's left and right."""
    spots = []
    for region, (x, y, width, height) in PAIRED.items():
        spots += [Spot(region, left, x, y, width, height), Spot(region, right, WIDTH - x - width, y, width, height)]
    return tuple(spots)
