"""The hinge: one posture for every height of the bar, from the set-up to the lockout.

Set-up: the arms hang straight from shoulders that are slightly in front of the bar, the bar is over the middle of the
foot, the shank has its usual inclination; hip and knee follow. From there knee, trunk and hip move on coordinated
curves to the lockout; the bar stays on its nearly vertical path and its height is what the straight arms allow. Angles
in rad, lengths in metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator import faults as magnitude
from coaching.simulator.linkage import eased, middle_joint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.simulator.body import Body
    from coaching.simulator.faults import Faults
    from coaching.simulator.spec import LiftSpec, Style

    Floats = NDArray[np.float64]

GRID = 201
LOWER_SPINE = 0.55  # share of the trunk below the bend of a rounded upper back
SOFT_KNEE_DEG = 8.0  # romanian: unlocked at the top; a little more bent from there on
HINGED_KNEE_DEG = 22.0
SLACK = 0.996  # arms are never quite straight; also room for tilts


class P(IntEnum):
    """Columns of a posture."""

    KNEE = 0  # flexion
    TRUNK = 1  # mid-hip to mid-shoulder, forward from the vertical
    BACK = 2  # ankle to hip, backward from the vertical
    ROUND = 3  # bend of the spine
    LEAN = 4  # trunk in the frontal plane, towards the left
    SHOULDER_ROLL = 5  # left shoulder down
    HIP_ROLL = 6  # left hip down
    KNEES_IN = 7
    BAR_Y = 8
    BAR_Z = 9
    BAR_TILT = 10  # left end down


@dataclass(frozen=True, slots=True)
class Footing:
    """Where feet and hands are. Metres, rad; symmetrical about x = 0."""

    ankle_x: float
    toe_out: float
    grip_x: float
    bar_z: float
    shank_tilt: float
    arm_tilt: float  # shoulders in front of the bar at the set-up
    elbows_aside: float  # how far elbows that bend point outwards, against backwards


def footing(body: Body, style: Style, faults: Faults) -> Footing:
    """Stance and grip of a style (Escamilla 2000: toes 14 and 42 deg, grip 55 and 47 cm) with the stance faults."""
    size = body.stature_m / 1.75
    aside = 2.0 if faults.bent_arms else 0.35
    if style == "sumo":
        ratio = magnitude.stance_ratio(faults, magnitude.SUMO_STANCE_RATIO)
        grip = magnitude.grip_ratio(faults, magnitude.SUMO_GRIP_RATIO)
        return Footing(
            ratio * body.shoulders_m / 2,
            np.radians(38.0),
            grip * body.shoulders_m / 2,
            0.062 * size,
            np.radians(6.0),
            np.radians(4.0),
            aside,
        )
    ankle_x = magnitude.stance_ratio(faults) * body.shoulders_m / 2
    grip_x = magnitude.grip_ratio(faults) * body.shoulders_m / 2
    if not faults.narrow_grip:
        grip_x = max(grip_x, ankle_x + 0.085 * size)  # outside the legs
    return Footing(ankle_x, np.radians(13.0), grip_x, 0.085 * size, np.radians(10.0), np.radians(6.0), aside)


def held_reach(body: Body, faults: Faults) -> float:
    """Shoulder to grip while the bar is held, m: shorter by what the elbows are bent."""
    upper, lower = body.upper_arm_m, body.forearm_m + body.hand_m
    flexion = np.radians(magnitude.elbow_flexion_deg(faults))
    if not flexion:
        return body.reach_m * SLACK
    return SLACK * float(np.sqrt(upper**2 + lower**2 + 2.0 * upper * lower * np.cos(flexion)))


def standing(body: Body) -> Floats:
    """Upright, relaxed."""
    row = np.zeros(len(P))
    row[[P.KNEE, P.TRUNK, P.BACK]] = np.radians([4.0, 0.5, -2.0])
    row[P.BAR_Z] = 0.1 * body.stature_m / 1.75
    return row


def chord(trunk_m: float, bend: Floats) -> Floats:
    """Mid-hip to mid-shoulder of a trunk whose upper part is bent by `bend`."""
    low, high = LOWER_SPINE * trunk_m, (1.0 - LOWER_SPINE) * trunk_m
    return np.asarray(np.sqrt(low * low + high * high + 2.0 * low * high * np.cos(bend)))


def build_path(spec: LiftSpec, faults: Faults) -> Floats:
    """Postures (GRID, len(P)) at bar heights in equal steps from the lowest (row 0) to the lockout."""
    body, foot = spec.body, footing(spec.body, spec.style, faults)
    reach = held_reach(body, faults)
    u = np.linspace(0.0, 1.0, GRID)
    rows = np.zeros((GRID, len(P)))
    _bends(rows, u, faults, 1.0 if spec.weak_side == "left" else -1.0)
    if spec.style == "romanian":
        start = _hinged(body, foot, reach, spec.hinge_depth, rows[0])
    else:
        start = _setup(body, foot, reach, spec.bar_height_m, rows[0])
    _angles(rows, u, start, faults, spec.style)
    top_z = 0.104 * body.stature_m / 1.75 * (0.6 + 0.4 * body.girth)
    swing = eased(u, np.array([0.0, 0.45, 1.0]), np.array([0.0, 1.0, 0.0]))
    rows[:, P.BAR_Z] = (
        foot.bar_z + (top_z - foot.bar_z) * u + magnitude.bar_drift_statures(faults) * body.stature_m * swing
    )
    height = np.maximum.accumulate(_bar_height(body, foot, reach, rows))
    height += np.linspace(0.0, 1e-6, GRID)  # strictly rising, so that it can be inverted
    rows[:, P.BAR_Y] = height
    even = np.linspace(height[0], height[-1], GRID)
    return np.stack([np.interp(even, height, column) for column in rows.T], axis=1)


def _bends(rows: Floats, u: Floats, faults: Faults, weak: float) -> None:
    """Everything that does not decide where the hips are: rounding, lean, tilts (weak: 1 left, -1 right), knees."""
    rounding = eased(u, np.array([0.0, 0.22, 0.55, 1.0]), np.array([0.25, 1.0, 1.0, 0.3]))
    rows[:, P.ROUND] = np.radians(magnitude.upper_back_bend_deg(faults)) * rounding
    lean = np.radians(magnitude.lean_deg(faults))
    rows[:, P.LEAN] = lean
    tilt = (
        weak
        * np.radians(magnitude.bar_tilt_deg(faults))
        * eased(u, np.array([0.0, 0.2, 0.75, 1.0]), np.array([0.0, 1.0, 1.0, 0.45]))
    )
    rows[:, P.BAR_TILT] = tilt
    rows[:, P.SHOULDER_ROLL] = 0.65 * lean + 0.75 * tilt
    rows[:, P.HIP_ROLL] = 0.5 * tilt
    rows[:, P.KNEES_IN] = np.radians(magnitude.knees_in_deg(faults)) * eased(
        u, np.array([0.0, 0.25, 0.5, 0.9]), np.array([0.0, 1.0, 1.0, 0.0])
    )


def _angles(rows: Floats, u: Floats, start: Floats, faults: Faults, style: Style) -> None:
    """Knee, trunk and hip from `start` (knee, trunk, back) to the lockout: knees lead, the trunk follows."""
    knee_top = np.radians((SOFT_KNEE_DEG if style == "romanian" else 3.0) + magnitude.missing_knee_deg(faults))
    trunk_top = np.radians(0.5 + magnitude.missing_trunk_deg(faults) - magnitude.lean_back_deg(faults))
    back_top = np.radians(
        -2.0
        + 0.35 * magnitude.missing_trunk_deg(faults)
        - 0.25 * magnitude.lean_back_deg(faults)
        + 0.1 * magnitude.missing_knee_deg(faults)
    )
    knees_first = 0.0 if style == "romanian" else faults.hips_first
    knee_share = 1.0 - (1.0 - u) ** (1.6 + 2.4 * knees_first)
    if style == "romanian":
        knee_share, hips_with_knees = u**3, 0.0  # the knees have their angle once the hinge has begun
    else:
        hips_with_knees = 0.6
    trunk_share = u ** (1.45 + 0.6 * knees_first)
    tip = np.radians(magnitude.early_trunk_drop_deg(faults)) * eased(
        u, np.array([0.0, 0.3, 0.9]), np.array([0.0, 1.35, 0.0])
    )
    rows[:, P.KNEE] = start[0] + (knee_top - start[0]) * knee_share
    rows[:, P.TRUNK] = start[1] + (trunk_top - start[1]) * trunk_share + tip
    share = hips_with_knees * knee_share + (1.0 - hips_with_knees) * trunk_share
    rows[:, P.BACK] = start[2] + (back_top - start[2]) * share + 0.3 * tip


def _setup(body: Body, foot: Footing, reach: float, bar_y: float, bends: Floats) -> Floats:
    """Knee flexion, trunk and hip-back angles with the hands on a bar at rest.

    The shoulder is where the straight arm puts it; the hip is swung about it until the shank has its inclination.
    """
    across = foot.grip_x - body.shoulders_m / 2
    arm = np.sqrt(reach**2 - across**2)
    shoulder_y = bar_y + arm * np.cos(foot.arm_tilt) - abs(np.sin(bends[P.SHOULDER_ROLL])) * body.shoulders_m / 2
    shoulder_z = foot.bar_z + arm * np.sin(foot.arm_tilt)
    back = float(chord(body.trunk_m, bends[P.ROUND]))
    trunk = np.radians(np.linspace(25.0, 88.0, 400))
    hip = np.zeros((trunk.size, 3))
    hip[:, 0] = body.hips_m / 2
    hip[:, 1] = shoulder_y - back * np.cos(trunk)
    hip[:, 2] = shoulder_z - back * np.sin(trunk)
    ankle = np.broadcast_to(np.array([foot.ankle_x, body.ankle_height_m, 0.0]), hip.shape)
    pole = np.broadcast_to(np.array([np.sin(foot.toe_out), 0.0, np.cos(foot.toe_out)]), hip.shape)
    knee = middle_joint(hip, ankle, body.thigh_m, body.shank_m, pole)
    shank_tilt = np.arctan2(knee[:, 2], knee[:, 1] - body.ankle_height_m)
    distance = np.linalg.norm(hip - ankle, axis=1)
    # A leg that is stretched flat, or a hip below the knee, is no set-up whatever the shank does.
    penalty = (
        np.maximum(distance / (body.thigh_m + body.shank_m) - 0.97, 0.0) * 50
        + np.maximum(knee[:, 1] + 0.03 - hip[:, 1], 0) * 20
    )
    best = int(np.argmin(np.abs(shank_tilt - foot.shank_tilt) + penalty))
    cos = (body.thigh_m**2 + body.shank_m**2 - distance[best] ** 2) / (2 * body.thigh_m * body.shank_m)
    flexion = np.pi - np.arccos(np.clip(cos, -1.0, 1.0))
    return np.array([flexion, trunk[best], np.arctan2(-hip[best, 2], hip[best, 1] - body.ankle_height_m)])


def _hinged(body: Body, foot: Footing, reach: float, depth: float, bends: Floats) -> Floats:
    """The lowest point of a romanian deadlift: knees nearly as at the top, the hips back, the trunk so far down that
    the bar is at the knee (depth 0) to the middle of the shin (1), or as low as a nearly horizontal trunk gets it.
    """
    trunk = np.radians(np.linspace(35.0, 84.0, 400))
    rows = np.tile(bends, (trunk.size, 1))
    rows[:, P.KNEE], rows[:, P.TRUNK], rows[:, P.BACK] = (
        np.radians(HINGED_KNEE_DEG),
        trunk,
        np.radians(4.0) + 0.1 * trunk,
    )
    rows[:, P.BAR_Z] = foot.bar_z
    target = body.ankle_height_m + (1.0 - 0.5 * depth) * body.shank_m
    best = int(np.argmin(np.abs(_bar_height(body, foot, reach, rows) - target)))
    return rows[best, [P.KNEE, P.TRUNK, P.BACK]]


def hip_height(body: Body, ankle_x: float, rows: Floats) -> tuple[Floats, Floats]:
    """Height above the ankle and forward position of mid-hip, from knee flexion and the ankle-to-hip angle."""
    straight = np.sqrt(body.thigh_m**2 + body.shank_m**2 + 2 * body.thigh_m * body.shank_m * np.cos(rows[:, P.KNEE]))
    side = np.maximum(straight**2 - (ankle_x - body.hips_m / 2) ** 2, 1e-6)
    sagittal = np.sqrt(side)
    return np.asarray(sagittal * np.cos(rows[:, P.BACK])), np.asarray(-sagittal * np.sin(rows[:, P.BACK]))


def _bar_height(body: Body, foot: Footing, reach: float, rows: Floats) -> Floats:
    """Height of the middle of the bar at which neither arm is too short."""
    hip_y, hip_z = hip_height(body, foot.ankle_x, rows)
    back = chord(body.trunk_m, rows[:, P.ROUND])
    shoulder_y = body.ankle_height_m + hip_y + back * np.cos(rows[:, P.TRUNK]) * np.cos(rows[:, P.LEAN])
    shoulder_z = hip_z + back * np.sin(rows[:, P.TRUNK])
    middle_x = back * np.cos(rows[:, P.TRUNK]) * np.sin(rows[:, P.LEAN])
    height = []
    for side in (1.0, -1.0):
        x = middle_x + side * body.shoulders_m / 2 * np.cos(rows[:, P.SHOULDER_ROLL])
        y = shoulder_y - side * body.shoulders_m / 2 * np.sin(rows[:, P.SHOULDER_ROLL])
        across = x - side * foot.grip_x * np.cos(rows[:, P.BAR_TILT])
        forward = shoulder_z - rows[:, P.BAR_Z]
        arm = np.sqrt(np.maximum(reach**2 - across**2 - forward**2, 0.01))
        height.append(y - arm + side * foot.grip_x * np.sin(rows[:, P.BAR_TILT]))
    return np.asarray(np.maximum(height[0], height[1]))
