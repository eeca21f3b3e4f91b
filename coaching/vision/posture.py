"""Angles, widths and offsets of a set on the even grid: everything that stance, lean and faults are judged on.

In side view the picture's own plane is the lifter's, so angles are measured there, on the near side alone (the far side is the model's
guess). In oblique view they come from the three-dimensional landmarks. Seen from the front, sagittal angles are NaN: not observable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision import geometry as g
from coaching.vision import signal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.kinematics import Body, Curves
    from coaching.vision.settings_table import Settings
    from coaching.vision.view import Aspect

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Posture:
    """Smoothed (m,) curves on the grid of the Curves; NaN where the view does not show them.

    hip_deg, knee_deg: inner angles, 180 straight. trunk_deg: mid-hip to mid-shoulder forward of the vertical, negative = leaning back.
    neck_deg: ear-shoulder-hip. torso, thigh: lengths; wrist_x: hands forward of the mid-foot; all in standing shoulder heights.
    stance_ratio: ankle over shoulder distance. lean_deg, shoulder_tilt_deg, wrist_tilt_deg, hip_tilt_deg: positive = lifter's left is
    lower, or leans there. knee_ratio: knee over ankle distance. hip_jitter_deg: SD of the hip angle above the filter's cut-off.
    """

    hip_deg: Array
    knee_deg: Array
    trunk_deg: Array
    neck_deg: Array
    torso: Array
    thigh: Array
    wrist_x: Array
    stance_ratio: Array
    lean_deg: Array
    shoulder_tilt_deg: Array
    wrist_tilt_deg: Array
    hip_tilt_deg: Array
    knee_ratio: Array
    grip_ratio: Array
    hip_jitter_deg: float


def posture_of(body: Body, curves: Curves, aspect: Aspect, settings: Settings) -> Posture:
    """Measure every frame, then bring each curve to the grid, shot by shot."""
    height = _per_frame_height(body)
    raw = {**_sagittal(body, aspect, height, settings), **_frontal(body, aspect)}
    out = {name: np.full(curves.time_s.shape, np.nan) for name in raw}
    rest: list[float] = []
    for index, shot in enumerate(body.shots):
        inside = curves.shot == index
        part = slice(shot.start, shot.stop)
        for name, values in raw.items():
            on_grid = signal.resample(body.time_s[part], values[part], curves.time_s[inside], settings.signal.max_gap_s)
            out[name][inside] = calm = signal.smooth(on_grid, settings.signal)
            if name == "hip_deg":
                rest.append(signal.above_cutoff_sd(on_grid, calm))
    jitter = float(np.nanmax(rest)) if np.isfinite(rest).any() else float("nan")
    return Posture(**out, hip_jitter_deg=jitter)


def _per_frame_height(body: Body) -> Array:
    height = np.full(body.time_s.shape, np.nan)
    for shot in body.shots:
        height[shot.start : shot.stop] = shot.height_px
    return height


def _sagittal(body: Body, aspect: Aspect, height: Array, settings: Settings) -> dict[str, Array]:
    names = ("hip_deg", "knee_deg", "trunk_deg", "neck_deg", "torso", "thigh", "wrist_x")
    if not aspect.sagittal:
        return {name: np.full(body.time_s.shape, np.nan) for name in names}
    side = 0 if aspect.near == "left" else 1
    ear, shoulder, wrist, hip, knee, ankle, heel, toe = (
        pair[side] for pair in ((7, 8), (11, 12), (15, 16), (23, 24), (25, 26), (27, 28), (29, 30), (31, 32))
    )
    xy = body.xy
    flat = aspect.estimate.label == "side"
    points = xy if flat else body.world
    hip_deg = g.joint_angle_deg(points[:, shoulder], points[:, hip], points[:, knee])
    knee_deg = g.joint_angle_deg(points[:, hip], points[:, knee], points[:, ankle])
    impossible = (hip_deg < settings.quality.min_hip_deg) | (knee_deg < settings.quality.min_knee_deg)
    if flat:
        trunk = g.forward_deg(xy[:, hip], xy[:, shoulder], aspect.facing)
    else:
        trunk = g.from_vertical_deg(
            g.midpoint(points, g.LEFT_HIP, g.RIGHT_HIP), g.midpoint(points, g.LEFT_SHOULDER, g.RIGHT_SHOULDER)
        )
    feet = np.nanmedian((xy[:, heel, 0] + xy[:, toe, 0]) / 2)
    raw = {
        "hip_deg": hip_deg,
        "knee_deg": knee_deg,
        "trunk_deg": trunk,
        "neck_deg": g.joint_angle_deg(points[:, ear], points[:, shoulder], points[:, hip]),
        "torso": g.length(xy[:, shoulder], xy[:, hip]) / height,
        "thigh": g.length(xy[:, hip], xy[:, knee]) / height,
        "wrist_x": aspect.facing * (xy[:, wrist, 0] - feet) / height,
    }
    for name in ("hip_deg", "knee_deg"):
        raw[name] = np.where(impossible, np.nan, raw[name])
    return raw


def _frontal(body: Body, aspect: Aspect) -> dict[str, Array]:
    names = (
        "stance_ratio",
        "lean_deg",
        "shoulder_tilt_deg",
        "wrist_tilt_deg",
        "hip_tilt_deg",
        "knee_ratio",
        "grip_ratio",
    )
    if aspect.estimate.label in ("side", "unknown"):
        return {name: np.full(body.time_s.shape, np.nan) for name in names}
    xy = body.xy
    shoulders = _across(xy, g.LEFT_SHOULDER, g.RIGHT_SHOULDER)
    ankles = _across(xy, g.LEFT_ANKLE, g.RIGHT_ANKLE)
    with np.errstate(divide="ignore", invalid="ignore"):
        stance, knees = ankles / shoulders, _across(xy, g.LEFT_KNEE, g.RIGHT_KNEE) / ankles
        grip = _across(xy, g.LEFT_WRIST, g.RIGHT_WRIST) / shoulders
    return {
        "stance_ratio": np.where(np.isfinite(stance), stance, np.nan),
        "lean_deg": _lean_deg(body, aspect),
        "shoulder_tilt_deg": g.tilt_deg(xy[:, g.RIGHT_SHOULDER], xy[:, g.LEFT_SHOULDER]),
        "wrist_tilt_deg": g.tilt_deg(xy[:, g.RIGHT_WRIST], xy[:, g.LEFT_WRIST]),
        "hip_tilt_deg": g.tilt_deg(xy[:, g.RIGHT_HIP], xy[:, g.LEFT_HIP]),
        "knee_ratio": np.where(np.isfinite(knees), knees, np.nan),
        "grip_ratio": np.where(np.isfinite(grip), grip, np.nan),
    }


def _across(xy: Array, left: int, right: int) -> Array:
    return np.abs(xy[:, left, 0] - xy[:, right, 0])


def _lean_deg(body: Body, aspect: Aspect) -> Array:
    """Trunk to the vertical toward the lifter's left: in the picture from the front, about the shoulder line in space otherwise."""
    if aspect.frontal:
        hip = g.midpoint(body.xy, g.LEFT_HIP, g.RIGHT_HIP)
        return g.forward_deg(hip, g.midpoint(body.xy, g.LEFT_SHOULDER, g.RIGHT_SHOULDER), aspect.lateral)
    world = body.world
    trunk = g.midpoint(world, g.LEFT_SHOULDER, g.RIGHT_SHOULDER) - g.midpoint(world, g.LEFT_HIP, g.RIGHT_HIP)
    left = world[:, g.LEFT_HIP] - world[:, g.RIGHT_HIP] + world[:, g.LEFT_SHOULDER] - world[:, g.RIGHT_SHOULDER]
    left[:, 1] = 0.0
    left /= np.sqrt(np.sum(left * left, axis=1, keepdims=True))
    return np.degrees(np.arctan2(np.sum(trunk * left, axis=1), -trunk[:, 1]))
