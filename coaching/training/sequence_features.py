"""One lift in a few dozen numbers that mean something: angles, widths and times, against the lifter's own body.

Where depth is real (kinect) the points are turned until the lifter faces the camera and stands plumb, and the sagittal
plane is measured too. In a flat picture only what lies across it is. A column that a layout cannot show is NaN in all
its rows. `changes` are measured from the lifter's own standing posture: a camera that was put up anew between two
recordings shows in how somebody stands, long before he lifts.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from coaching.vision import geometry as g
from coaching.vision.layouts import facing_away_deg, turned_about_vertical

Array = NDArray[np.float64]

PARTS = ("bottom", "half_up", "top")
ACROSS = (
    *("grip", "knees", "stance", "hand_tilt", "shoulder_tilt", "lean"),
    *("elbow", "elbow_least", "trunk_height", "hip_height", "hand_height"),
)
SAGITTAL = ("trunk_deg", "hip_deg", "knee_deg", "neck_deg", "hands_ahead", "knees_ahead", "hips_behind")
TIMES = ("up_s", "down_s", "up_share", "hips_first", "head_first", "rise")
NAMES = (*(f"{name}_{part}" for part in PARTS for name in (*ACROSS, *SAGITTAL)), *TIMES)


def lift_features(landmarks: Array, fps: float, *, depth: bool) -> Array:
    """Features (len(NAMES),) of the frames of one lift (n, 33, 4), y down; NaN where the layout does not show one."""
    if depth:
        landmarks = plumb(turned_about_vertical(landmarks, facing_away_deg(landmarks)))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        shoulder = _heights(landmarks)["shoulder"]
        low, high = np.nanpercentile(shoulder, [3, 97])
        extension = (shoulder - low) / (high - low)
        at = int(np.nanargmin(np.where(np.isfinite(extension), extension, np.inf)))
        rising = np.arange(len(extension)) > at
        parts = {
            "bottom": extension < 0.2,
            "half_up": rising & (extension > 0.3) & (extension < 0.7),
            "top": extension > 0.85,
        }
        curves = _curves(landmarks, depth=depth)
        values = [
            float(np.nanmedian(curves[name][parts[part]])) if parts[part].any() else np.nan
            for part in PARTS
            for name in (*ACROSS, *SAGITTAL)
        ]
        return np.array([*values, *_times(landmarks, extension, at, fps)])


STANDING = tuple(i for i, name in enumerate(NAMES) if name.endswith("_top"))
CHANGE_NAMES = (*(f"{name}_{part}_change" for part in PARTS[:2] for name in (*ACROSS, *SAGITTAL)), *TIMES)


def changes(features: Array) -> Array:
    """From (..., len(NAMES)) to (..., len(CHANGE_NAMES)): differences from the own standing posture, and the times."""
    one = len(ACROSS) + len(SAGITTAL)
    bottom, half, top = (features[..., k * one : (k + 1) * one] for k in range(3))
    return np.concatenate([bottom - top, half - top, features[..., 3 * one :]], axis=-1)


def plumb(landmarks: Array) -> Array:
    """Points in space turned so that the line from ankles to shoulders of the upright frames is vertical."""
    out = landmarks.copy()
    shoulder = (out[:, g.LEFT_SHOULDER, 1] + out[:, g.RIGHT_SHOULDER, 1]) / 2
    tall = shoulder <= np.nanpercentile(shoulder, 25)
    for axis in (2, 0):
        line = g.midpoint(out[..., :3], g.LEFT_SHOULDER, g.RIGHT_SHOULDER) - g.midpoint(
            out[..., :3], g.LEFT_ANKLE, g.RIGHT_ANKLE
        )
        x, y = np.nanmedian(line[tall][:, [axis, 1]], axis=0)
        turn = np.arctan2(x, -y)
        c, s = np.cos(turn), np.sin(turn)
        aside, down = out[..., axis].copy(), out[..., 1].copy()
        out[..., axis] = c * aside + s * down
        out[..., 1] = c * down - s * aside
    return out


def _heights(p: Array) -> dict[str, Array]:
    """Heights above the ankles in the lifter's standing shoulder height."""
    floor = np.nanmedian((p[:, g.LEFT_ANKLE, 1] + p[:, g.RIGHT_ANKLE, 1]) / 2)
    raw = {
        name: floor - (p[:, left, 1] + p[:, left + 1, 1]) / 2
        for name, left in (
            ("shoulder", g.LEFT_SHOULDER),
            ("hip", g.LEFT_HIP),
            ("hand", g.LEFT_WRIST),
            ("head", g.LEFT_EAR),
        )
    }
    tall = np.nanpercentile(raw["shoulder"], 95)
    return {name: values / tall for name, values in raw.items()}


def _curves(p: Array, *, depth: bool) -> dict[str, Array]:
    size = p[..., :3] if depth else p[..., :2]
    heights = _heights(p)
    shoulders = float(np.nanmedian(g.length(size[:, g.LEFT_SHOULDER], size[:, g.RIGHT_SHOULDER])))

    def across(left: int) -> Array:
        return np.asarray(np.abs(p[:, left, 0] - p[:, left + 1, 0]) / shoulders)

    def angle(a: int, b: int, c: int) -> tuple[Array, Array]:
        left, right = (g.joint_angle_deg(size[:, a + s], size[:, b + s], size[:, c + s]) for s in (0, 1))
        return left, right

    elbows = np.stack(angle(g.LEFT_SHOULDER, g.LEFT_ELBOW, g.LEFT_WRIST))
    hip, chest = g.midpoint(size, g.LEFT_HIP, g.RIGHT_HIP), g.midpoint(size, g.LEFT_SHOULDER, g.RIGHT_SHOULDER)
    out = {
        "grip": across(g.LEFT_WRIST),
        "knees": across(g.LEFT_KNEE),
        "stance": across(g.LEFT_ANKLE),
        "hand_tilt": np.abs(p[:, g.LEFT_WRIST, 1] - p[:, g.RIGHT_WRIST, 1]) / shoulders,
        "shoulder_tilt": np.abs(p[:, g.LEFT_SHOULDER, 1] - p[:, g.RIGHT_SHOULDER, 1]) / shoulders,
        "lean": np.abs(chest[:, 0] - hip[:, 0]) / shoulders,
        "elbow": np.nanmean(elbows, axis=0),
        "elbow_least": np.nanmin(elbows, axis=0),
        "trunk_height": heights["shoulder"] - heights["hip"],
        "hip_height": heights["hip"],
        "hand_height": heights["hand"],
    }
    blank = np.full(len(p), np.nan)
    return out | (_sagittal(p, shoulders) if depth else dict.fromkeys(SAGITTAL, blank))


def _sagittal(p: Array, shoulders: float) -> dict[str, Array]:
    middle = {
        name: g.midpoint(p[..., :3], left, left + 1)
        for name, left in (
            ("ear", g.LEFT_EAR),
            ("shoulder", g.LEFT_SHOULDER),
            ("hip", g.LEFT_HIP),
            ("knee", g.LEFT_KNEE),
            ("ankle", g.LEFT_ANKLE),
            ("hand", g.LEFT_WRIST),
        )
    }
    # The lifter faces the camera: ahead is towards it, smaller z.
    trunk, head = (
        np.degrees(np.arctan2(middle[low][:, 2] - middle[high][:, 2], middle[low][:, 1] - middle[high][:, 1]))
        for low, high in (("hip", "shoulder"), ("shoulder", "ear"))
    )
    ahead = {name: (middle["ankle"][:, 2] - middle[name][:, 2]) / shoulders for name in ("hand", "knee", "hip")}
    return {
        "trunk_deg": trunk,
        "hip_deg": g.joint_angle_deg(middle["shoulder"], middle["hip"], middle["knee"]),
        "knee_deg": g.joint_angle_deg(middle["hip"], middle["knee"], middle["ankle"]),
        "neck_deg": head - trunk,
        "hands_ahead": ahead["hand"],
        "knees_ahead": ahead["knee"],
        "hips_behind": -ahead["hip"],
    }


def _times(p: Array, extension: Array, at: int, fps: float) -> list[float]:
    """Seconds up and down, and by how much hips and head lead the shoulders when these have risen a third."""
    heights = _heights(p)
    after, before = extension[at:], extension[: at + 1][::-1]
    up = _first(after, 0.9) / fps
    down = _first(before, 0.9) / fps
    third = at + min(int(_first(after, 1 / 3)), len(after) - 1)
    top = at + min(int(_first(after, 0.9)), len(after) - 1)

    def lead(name: str) -> float:
        values = heights[name]
        return float((values[third] - values[at]) / (values[top] - values[at])) - 1 / 3

    rise = float(np.nanmax(heights["shoulder"]) - np.nanmin(heights["shoulder"]))
    return [up, down, up / max(up + down, 1e-6), lead("hip"), lead("head"), rise]


def _first(values: Array, level: float) -> float:
    above = np.flatnonzero(values >= level)
    return float(above[0]) if above.size else float(len(values))
