"""Which number of which point a column holds, by its title: `x1`, `left_hip_x`, `LEFT_HIP.y`, `leftHipZ`, `RHip_x`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coaching.vision.layouts import Layout

AXES = {
    **{axis: axis for axis in "xyz"},
    **dict.fromkeys(("v", "vis", "visibility", "c", "conf", "confidence", "score", "p", "likelihood"), "v"),
}
LEAST_POINTS = 7  # fewer numbered columns than shoulders, hips, ankles and hands are no skeleton
_FILLER = {"landmark", "landmarks", "lm", "joint", "point", "pt", "keypoint", "kp", "kpt", "pose", "body", "mp"}
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SIDES = {"l": "left", "left": "left", "r": "right", "right": "right"}
_PARTS = {
    "mediapipe33": (
        "nose left_eyeinner left_eye left_eyeouter right_eyeinner right_eye right_eyeouter left_ear right_ear "
        "left_mouth right_mouth left_shoulder right_shoulder left_elbow right_elbow left_wrist right_wrist left_pinky "
        "right_pinky left_index right_index left_thumb right_thumb left_hip right_hip left_knee right_knee left_ankle "
        "right_ankle left_heel right_heel left_footindex right_footindex"
    ),
    "body25": (
        "nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist midhip right_hip "
        "right_knee right_ankle left_hip left_knee left_ankle right_eye left_eye right_ear left_ear left_bigtoe "
        "left_smalltoe left_heel right_bigtoe right_smalltoe right_heel"
    ),
    "kinect17": (
        "head neck spinemid left_shoulder right_shoulder left_hand right_hand pelvis left_hip right_hip left_knee "
        "right_knee left_ankle right_ankle left_foot right_foot"
    ),
}
# Other words for the same point, where the layout has none of its own by that name.
_ALIASES = {
    "wrist": ("hand",),
    "hand": ("wrist",),
    "foot": ("footindex", "bigtoe"),
    "toe": ("footindex", "bigtoe", "foot"),
    "bigtoe": ("footindex", "foot"),
    "footindex": ("bigtoe", "foot"),
    "head": ("nose",),
    "nose": ("head",),
    "hipcenter": ("midhip", "pelvis"),
    "spinebase": ("pelvis", "midhip"),
    "spine": ("spinemid",),
}


def column_of(title: str) -> tuple[str, str] | None:
    """(point, axis) of a column's title, None where it holds no coordinate.

    point: a number as text, or words like `left_hip`; axis: one of x, y, z, v.
    """
    tokens = [token.lower() for token in _TOKEN.findall(title)]
    for axis, rest in ((tokens[-1:], tokens[:-1]), (tokens[:1], tokens[1:])):
        if axis and axis[0] in AXES and (point := _point(rest)):
            return point, AXES[axis[0]]
    return None


def _point(tokens: Sequence[str]) -> str:
    words = [token for token in tokens if token not in _FILLER]
    if len(words) == 1 and words[0].isdigit():
        return str(int(words[0]))
    sides = [_SIDES[word] for word in words if word in _SIDES]
    part = "".join(word for word in words if word not in _SIDES)
    if not sides and part[:1] in _SIDES and any(f"left_{part[1:]}" in names.split() for names in _PARTS.values()):
        sides, part = [_SIDES[part[0]]], part[1:]  # rhip
    return "_".join((*sides[:1], part)) if part else ""


def places_of(points: Iterable[str], layout: Layout) -> dict[str, int] | None:
    """Which point of the layout each of these is, by number or by name; None where they are named otherwise.

    Numbers count from 0, or from 1 where a whole skeleton does.
    """
    known = list(points)
    numbers = {point: int(point) for point in known if point.isdigit()}
    if len(numbers) > LEAST_POINTS:
        base = min(numbers.values()) if len(numbers) >= layout.joints else 0
        return {point: number - base for point, number in numbers.items() if number - base < layout.joints}
    order = _PARTS[layout.name].split()
    found: dict[str, int] = {}
    for point in known:
        side, _, part = point.rpartition("_")
        names = (part, *_ALIASES.get(part, ()))
        name = next((n for p in names if (n := f"{side}_{p}" if side else p) in order), None)
        if name is not None and (name == point or order.index(name) not in found.values()):
            found[point] = order.index(name)
    trunk = {f"{side}_{part}" for side in ("left", "right") for part in ("shoulder", "hip")}
    return found if trunk <= found.keys() else None
