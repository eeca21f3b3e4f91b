"""Angles, widths and offsets of a set on the even grid: everything that stance, lean and faults are judged on.

In side view the picture's own plane is the lifter's, so angles are measured there, on the near side alone (the far
side is the model's guess). At an angle, the midpoints of left and right move in the sagittal plane, which the
picture shows compressed by the sine of the camera's yaw: stretched back, they give hip, knee and trunk to 6-10
degrees, where the model's own depth is 16 degrees off [simulator]. Seen from the front, sagittal angles are NaN:
not observable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from coaching.vision import geometry as g
from coaching.vision import signal
from coaching.vision.back import bow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.kinematics import Body, Curves
    from coaching.vision.settings_table import Settings
    from coaching.vision.view import Aspect

    Array = NDArray[np.float64]


PLANTED_S = 4.0  # a repetition; the bar hides the shins for less than half of it


@dataclass(frozen=True, slots=True)
class Posture:
    """Smoothed (m,) curves on the grid of the Curves; NaN where the view does not show them.

    hip_deg, knee_deg: inner angles, 180 straight. hip_bend_deg, knee_bend_deg: flexion, negative beyond straight.
    trunk_deg: mid-hip to mid-shoulder forward of the vertical, negative = leaning back. neck_deg: shoulder to ear
    against hip to shoulder, positive = bowed forward. back_bow: how far the outline of the back bulges, in trunk
    lengths, see `back.bow`. torso, thigh: lengths; wrist_x: hands forward of the mid-foot, or of the ankle;
    arms_uneven: how much higher the left arm is than the right, mean of shoulder, elbow and wrist; all in standing
    shoulder heights. stance_ratio:
    ankle over shoulder distance. lean_deg: positive = the lifter leans left. knees_out_deg: knees outside the line
    from hip to ankle. hands_inside: knee distance minus hand distance in shoulder widths. grip_ratio: hand over
    shoulder distance. elbow_deg: the more bent of the two elbows, 180 straight. hip_jitter_deg: SD of the hip angle
    above the filter's cut-off.
    """

    hip_deg: Array
    knee_deg: Array
    trunk_deg: Array
    neck_deg: Array
    back_bow: Array
    torso: Array
    thigh: Array
    wrist_x: Array
    hip_bend_deg: Array
    knee_bend_deg: Array
    stance_ratio: Array
    lean_deg: Array
    arms_uneven: Array
    knees_out_deg: Array
    hands_inside: Array
    grip_ratio: Array
    elbow_deg: Array
    hip_jitter_deg: float


_FRONTAL = (
    *("stance_ratio", "lean_deg", "arms_uneven", "knees_out_deg", "hands_inside"),
    *("grip_ratio", "elbow_deg"),
)
_SAGITTAL = (
    *("hip_deg", "knee_deg", "hip_bend_deg", "knee_bend_deg"),
    *("trunk_deg", "neck_deg", "back_bow", "torso", "thigh", "wrist_x"),
)
_CHAIN = {
    "ear": (g.LEFT_EAR, g.RIGHT_EAR),
    "shoulder": (g.LEFT_SHOULDER, g.RIGHT_SHOULDER),
    "wrist": (g.LEFT_WRIST, g.RIGHT_WRIST),
    "hip": (g.LEFT_HIP, g.RIGHT_HIP),
    "knee": (g.LEFT_KNEE, g.RIGHT_KNEE),
    "ankle": (g.LEFT_ANKLE, g.RIGHT_ANKLE),
    "heel": (g.LEFT_HEEL, g.RIGHT_HEEL),
    "toe": (g.LEFT_FOOT, g.RIGHT_FOOT),
}


def posture_of(body: Body, curves: Curves, aspect: Aspect, settings: Settings) -> Posture:
    """Measure every frame, then bring each curve to the grid, shot by shot."""
    height = _per_frame_height(body)
    raw = {**_sagittal(body, aspect, height, settings), **_frontal(body, aspect, height)}
    out = {name: np.full(curves.time_s.shape, np.nan) for name in raw}
    rest: list[float] = []
    for index, shot in enumerate(body.shots):
        inside = curves.shot == index
        if not inside.any():
            continue
        part = slice(shot.start, shot.stop)
        frames = {name: values[part] for name, values in raw.items()}
        calm, jitter = signal.to_grid(body.time_s[part], frames, curves.time_s[inside], settings.signal)
        rest.append(jitter["hip_deg"])
        for name, values in calm.items():
            out[name][inside] = values
    worst = float(np.nanmax(rest)) if np.isfinite(rest).any() else float("nan")
    return Posture(**out, hip_jitter_deg=worst)


def _per_frame_height(body: Body) -> Array:
    height = np.full(body.time_s.shape, np.nan)
    for shot in body.shots:
        height[shot.start : shot.stop] = shot.height_px
    return height


def _sagittal(body: Body, aspect: Aspect, height: Array, settings: Settings) -> dict[str, Array]:
    if not aspect.sagittal:
        return {name: np.full(body.time_s.shape, np.nan) for name in _SAGITTAL}
    p = _plane(body, aspect)
    trunk, thigh, shank, head = (
        g.forward_deg(p[low], p[high], aspect.facing)
        for low, high in (("hip", "shoulder"), ("knee", "hip"), ("ankle", "knee"), ("shoulder", "ear"))
    )
    hip_deg = g.joint_angle_deg(p["shoulder"], p["hip"], p["knee"])
    knee_deg = g.joint_angle_deg(p["hip"], p["knee"], p["ankle"])
    impossible = (hip_deg < settings.quality.min_hip_deg) | (knee_deg < settings.quality.min_knee_deg)
    feet = np.nanmedian((p["heel"][:, 0] + p["toe"][:, 0]) / 2)
    if not np.isfinite(feet):
        feet = np.nanmedian(p["ankle"][:, 0])  # an engine may know no feet
    return {
        "hip_deg": np.where(impossible, np.nan, hip_deg),
        "knee_deg": np.where(impossible, np.nan, knee_deg),
        "hip_bend_deg": np.where(impossible, np.nan, _wrapped(trunk - thigh)),
        "knee_bend_deg": np.where(impossible, np.nan, _wrapped(shank - thigh)),
        "trunk_deg": trunk,
        "neck_deg": _wrapped(head - trunk),
        "back_bow": bow(body.outline[:, 0 if aspect.facing > 0 else 1]),
        "torso": g.length(p["shoulder"], p["hip"]) / height,
        "thigh": g.length(p["hip"], p["knee"]) / height,
        "wrist_x": aspect.facing * (p["wrist"][:, 0] - feet) / height,
    }


def _wrapped(angle_deg: Array) -> Array:
    return np.asarray((angle_deg + 180.0) % 360.0 - 180.0)


def _plane(body: Body, aspect: Aspect) -> dict[str, Array]:
    """Points (n, 2) px in the lifter's sagittal plane.

    The near side in side view, stretched midpoints at an angle.
    """
    if aspect.estimate.label == "side":
        side = 0 if aspect.near == "left" else 1
        return {name: body.xy[:, pair[side]] for name, pair in _CHAIN.items()}
    stretch = np.array([1.0 / np.sin(np.radians(aspect.estimate.yaw_deg)), 1.0])
    return {name: g.midpoint(body.xy, *pair) * stretch for name, pair in _CHAIN.items()}


def _frontal(body: Body, aspect: Aspect, height: Array) -> dict[str, Array]:
    if aspect.estimate.label in ("side", "unknown"):
        return {name: np.full(body.time_s.shape, np.nan) for name in _FRONTAL}
    xy = body.xy
    with np.errstate(divide="ignore", invalid="ignore"):
        shoulders = _across(xy, g.LEFT_SHOULDER, g.RIGHT_SHOULDER)
        stance = _across(xy, g.LEFT_ANKLE, g.RIGHT_ANKLE) / shoulders
        hands = _across(xy, g.LEFT_WRIST, g.RIGHT_WRIST)
        inside = (_across(xy, g.LEFT_KNEE, g.RIGHT_KNEE) - hands) / shoulders
        grip = hands / shoulders
    return {
        "stance_ratio": np.where(np.isfinite(stance), stance, np.nan),
        "lean_deg": _lean_deg(body, aspect),
        "arms_uneven": _arms_uneven(xy) / height,
        "knees_out_deg": _knees_out_deg(body, aspect),
        "hands_inside": np.where(np.isfinite(inside), inside, np.nan),
        "grip_ratio": np.where(np.isfinite(grip), grip, np.nan),
        "elbow_deg": _elbow_deg(xy),
    }


def _across(xy: Array, left: int, right: int) -> Array:
    return np.abs(xy[:, left, 0] - xy[:, right, 0])


def _lean_deg(body: Body, aspect: Aspect) -> Array:
    """Trunk to the vertical toward the lifter's left, the picture's width stretched back by the cosine of the yaw."""
    hip, shoulder = g.midpoint(body.xy, g.LEFT_HIP, g.RIGHT_HIP), g.midpoint(body.xy, g.LEFT_SHOULDER, g.RIGHT_SHOULDER)
    stretch = np.array([1.0 / np.cos(np.radians(aspect.estimate.yaw_deg)), 1.0])
    return g.forward_deg(hip * stretch, shoulder * stretch, aspect.lateral)


def _arms_uneven(xy: Array) -> Array:
    """A bar that tilts takes straight arms along to the shoulder: three pairs of points tell it better than one."""
    pairs = ((g.LEFT_SHOULDER, g.RIGHT_SHOULDER), (g.LEFT_ELBOW, g.RIGHT_ELBOW), (g.LEFT_WRIST, g.RIGHT_WRIST))
    return np.asarray(np.mean([xy[:, right, 1] - xy[:, left, 1] for left, right in pairs], axis=0))


def _elbow_deg(xy: Array) -> Array:
    """The more bent of the two elbows, in the picture."""
    left, right = (
        g.joint_angle_deg(xy[:, g.LEFT_SHOULDER + side], xy[:, g.LEFT_ELBOW + side], xy[:, g.LEFT_WRIST + side])
        for side in (0, 1)
    )
    return np.asarray(np.fmin(left, right))


def _knees_out_deg(body: Body, aspect: Aspect) -> Array:
    """Frontal plane projection angle, mean of both knees.

    How far the knee lies outside the line from hip to ankle; negative = inward. The ankles are where they usually are:
    feet stand still in a lift, but their landmarks slip aside while bar and hands pass in front of the shins.
    """
    out = np.zeros(body.time_s.shape)
    for outward, hip, knee, ankle in (
        (aspect.lateral, g.LEFT_HIP, g.LEFT_KNEE, g.LEFT_ANKLE),
        (-aspect.lateral, g.RIGHT_HIP, g.RIGHT_KNEE, g.RIGHT_ANKLE),
    ):
        h, k, a = body.xy[:, hip], body.xy[:, knee], _planted(body, ankle)
        leg = np.maximum(a[:, 1] - h[:, 1], 1e-6)
        on_line = h[:, 0] + (a[:, 0] - h[:, 0]) * (k[:, 1] - h[:, 1]) / leg
        out += np.degrees(2.0 * np.arctan2(outward * (k[:, 0] - on_line), leg / 2.0)) / 2.0
    return out


def _planted(body: Body, point: int) -> Array:
    """A point of the feet (n, 2) as its median over PLANTED_S round each frame; NaN where it was not seen."""
    out = np.full((body.time_s.size, 2), np.nan)
    for shot in body.shots:
        frames = shot.start + np.flatnonzero(np.isfinite(body.xy[shot.start : shot.stop, point, 0]))
        if frames.size < 2:
            continue
        step = float(np.median(np.diff(body.time_s[frames])))
        size = (2 * int(PLANTED_S / 2.0 / step) + 1, 1)
        out[frames] = ndimage.median_filter(body.xy[frames, point], size=size, mode="nearest")
    return out
