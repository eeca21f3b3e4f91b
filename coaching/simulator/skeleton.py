"""From a posture to 3-D points: legs and arms solved as two-link chains, spine, head, hands and feet placed.

Axes in metres: x to the lifter's left, y up from the floor, z where the lifter faces; x = z = 0 between the ankles at
the bar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator.errands import hands_busy
from coaching.simulator.joints import N_JOINTS, Joint
from coaching.simulator.linkage import eased, middle_joint, smoothstep, tilted, unit
from coaching.simulator.path import LOWER_SPINE, P, hip_height
from coaching.simulator.timeline import C

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.simulator.body import Body
    from coaching.simulator.path import Footing

    Floats = NDArray[np.float64]

STEPS = 5  # of a walk to the bar
WALK_M = 1.3
KNEES_OVER_TOES = 0.75  # knees point a little less outwards than the toes
HANG = 0.975  # of the reach: a relaxed arm is slightly bent
SIDES: tuple[tuple[str, float], ...] = (("LEFT", 1.0), ("RIGHT", -1.0))


@dataclass(frozen=True, slots=True)
class _Spine:
    """Middle points (n, 3) and directions (n, 3) of the trunk."""

    pelvis: Floats
    bend: Floats
    chest: Floats
    upper: Floats  # direction of the upper part
    pitch: Floats  # its forward inclination, rad


def place_joints(body: Body, foot: Footing, rows: Floats, channels: Floats, time_s: Floats) -> Floats:
    """All points (n, N_JOINTS, 3) for postures (n, len(P)) and timeline channels (n, len(C))."""
    joints = np.zeros((len(rows), N_JOINTS, 3))
    feet = _feet(body, foot, channels, joints)
    spine = _spine(body, foot, rows, feet, joints)
    _head(body, spine, rows, channels, joints)
    _bar(foot, rows, joints)
    _legs(body, foot, rows, joints)
    _arms(body, foot, channels, time_s, joints)
    return joints


def _feet(body: Body, foot: Footing, channels: Floats, joints: Floats) -> Floats:
    """Place ankles, heels and toes; return the middle between the ankles (n, 3) at floor level."""
    walk = channels[:, C.WALK]
    middle = np.zeros((len(walk), 3))
    narrow = np.clip((1.0 - walk) * 3.0, 0.0, 1.0)  # feet come to the stance in the last steps
    for name, side in SIDES:
        z, lift = _steps(walk, first=side > 0)
        ankle = np.zeros((len(walk), 3))
        ankle[:, 0] = side * (foot.ankle_x * (1 - narrow) + min(foot.ankle_x, 0.09) * narrow)
        ankle[:, 1] = body.ankle_height_m + lift
        ankle[:, 2] = z
        toe = foot.toe_out * (1 - narrow) + np.radians(6.0) * narrow
        forward = np.stack((side * np.sin(toe), np.zeros_like(toe), np.cos(toe)), axis=1)
        down = np.array([0.0, body.ankle_height_m * 0.72, 0.0])
        joints[:, Joint[f"{name}_ANKLE"]] = ankle
        joints[:, Joint[f"{name}_HEEL"]] = ankle - forward * body.foot_m * 0.20 - down
        joints[:, Joint[f"{name}_FOOT_INDEX"]] = ankle + forward * body.foot_m * 0.56 - down * 1.02
        middle[:, 2] += z / 2
    return middle


def _steps(walk: Floats, *, first: bool) -> tuple[Floats, Floats]:
    """Forward position and height above the floor of one foot through the walk; both feet end at 0."""
    stride = 1.0 / STEPS
    knots, places = [0.0], [-WALK_M]
    for step in range(STEPS):
        moves = (step % 2 == 0) == first or step == STEPS - 1
        if moves:
            to = -WALK_M * (1.0 - (step + 1) * stride)
            knots += [step * stride, (step + 1) * stride]
            places += [places[-1], to if step < STEPS - 1 else 0.0]
    z = eased(walk, np.array(knots), np.array(places))
    lift = np.zeros_like(walk)
    for start, end, from_z, to_z in zip(knots[1::2], knots[2::2], places[1::2], places[2::2], strict=True):
        if to_z > from_z:
            share = np.clip((walk - start) / (end - start), 0.0, 1.0)
            lift += 0.06 * np.sin(np.pi * share)
    return z, lift


def _spine(body: Body, foot: Footing, rows: Floats, feet: Floats, joints: Floats) -> _Spine:
    hip_y, hip_z = hip_height(body, foot.ankle_x, rows)
    pelvis = feet.copy()
    pelvis[:, 1] += body.ankle_height_m + hip_y
    pelvis[:, 2] += hip_z
    _lower_to_reach(body, rows, pelvis, joints)
    low, high = LOWER_SPINE * body.trunk_m, (1.0 - LOWER_SPINE) * body.trunk_m
    bend = rows[:, P.ROUND]
    before = np.arctan2(high * np.sin(bend), low + high * np.cos(bend))
    low_pitch = rows[:, P.TRUNK] - before
    high_pitch = low_pitch + bend
    lean = rows[:, P.LEAN]
    lower, upper = tilted(_sagittal(low_pitch), lean), tilted(_sagittal(high_pitch), lean)
    middle = pelvis + low * lower
    chest = middle + high * upper
    across = _across(rows[:, P.SHOULDER_ROLL]) * body.shoulders_m / 2
    hips = _across(rows[:, P.HIP_ROLL]) * body.hips_m / 2
    joints[:, Joint.PELVIS], joints[:, Joint.MID_SPINE], joints[:, Joint.CHEST] = pelvis, middle, chest
    joints[:, Joint.LEFT_HIP], joints[:, Joint.RIGHT_HIP] = pelvis + hips, pelvis - hips
    joints[:, Joint.LEFT_SHOULDER], joints[:, Joint.RIGHT_SHOULDER] = chest + across, chest - across
    return _Spine(pelvis, middle, chest, upper, high_pitch)


def _lower_to_reach(body: Body, rows: Floats, pelvis: Floats, joints: Floats) -> None:
    """Lower the pelvis where a tilted pelvis or a long step would need a longer leg."""
    hips = _across(rows[:, P.HIP_ROLL]) * body.hips_m / 2
    leg = (body.thigh_m + body.shank_m) * 0.9995
    for name, side in SIDES:
        ankle = joints[:, Joint[f"{name}_ANKLE"]]
        hip = pelvis + side * hips
        level = (hip[:, 0] - ankle[:, 0]) ** 2 + (hip[:, 2] - ankle[:, 2]) ** 2
        highest = ankle[:, 1] + np.sqrt(np.maximum(leg * leg - level, 0.01))
        pelvis[:, 1] -= np.maximum(hip[:, 1] - highest, 0.0)


def _sagittal(pitch: Floats) -> Floats:
    return np.stack((np.zeros_like(pitch), np.cos(pitch), np.sin(pitch)), axis=1)


def _across(roll: Floats) -> Floats:
    """Direction to the lifter's left, rolled left side down."""
    return np.stack((np.cos(roll), -np.sin(roll), np.zeros_like(roll)), axis=1)


# Offsets from the centre of the skull in statures: left, up, forward.
FACE: dict[Joint, tuple[float, float, float]] = {
    Joint.NOSE: (0.0, -0.010, 0.068),
    Joint.LEFT_EYE_INNER: (0.010, 0.010, 0.054),
    Joint.LEFT_EYE: (0.018, 0.010, 0.052),
    Joint.LEFT_EYE_OUTER: (0.026, 0.010, 0.048),
    Joint.LEFT_EAR: (0.043, 0.0, -0.004),
    Joint.MOUTH_LEFT: (0.013, -0.030, 0.055),
}
FACE_RIGHT: dict[Joint, Joint] = {
    Joint.LEFT_EYE_INNER: Joint.RIGHT_EYE_INNER,
    Joint.LEFT_EYE: Joint.RIGHT_EYE,
    Joint.LEFT_EYE_OUTER: Joint.RIGHT_EYE_OUTER,
    Joint.LEFT_EAR: Joint.RIGHT_EAR,
    Joint.MOUTH_LEFT: Joint.MOUTH_RIGHT,
}


def _head(body: Body, spine: _Spine, rows: Floats, channels: Floats, joints: Floats) -> None:
    """Neck in line with the upper back, the face lifted part of the way towards the horizon."""
    unstooped = 0.97 * spine.pitch
    lean = rows[:, P.LEAN] * 0.6
    neck = tilted(_sagittal(unstooped), lean)
    face = unstooped - 0.36 * spine.pitch * (1.0 - 0.35 * np.clip(rows[:, P.ROUND], 0, 1))
    up, forward = tilted(_sagittal(face), lean), tilted(_sagittal(face + np.pi / 2), lean)
    left = np.cross(up, forward)
    base = spine.chest + neck * body.head_m * 0.42
    head = base + (0.7 * up + 0.3 * neck) * body.head_m * 0.17
    joints[:, Joint.NECK], joints[:, Joint.HEAD] = base, head
    size = body.stature_m * 0.97
    for joint, (aside, above, ahead) in FACE.items():
        joints[:, joint] = head + size * (aside * left + above * up + ahead * forward)
        if joint in FACE_RIGHT:
            joints[:, FACE_RIGHT[joint]] = head + size * (-aside * left + above * up + ahead * forward)


def _bar(foot: Footing, rows: Floats, joints: Floats) -> None:
    middle = np.stack((np.zeros(len(rows)), rows[:, P.BAR_Y], rows[:, P.BAR_Z]), axis=1)
    along = _across(rows[:, P.BAR_TILT])
    joints[:, Joint.BAR], joints[:, Joint.BAR_LEFT] = middle, middle + along
    joints[:, Joint.LEFT_GRIP], joints[:, Joint.RIGHT_GRIP] = middle + along * foot.grip_x, middle - along * foot.grip_x


def _legs(body: Body, foot: Footing, rows: Floats, joints: Floats) -> None:
    for name, side in SIDES:
        hip, ankle = joints[:, Joint[f"{name}_HIP"]], joints[:, Joint[f"{name}_ANKLE"]]
        out = KNEES_OVER_TOES * foot.toe_out - rows[:, P.KNEES_IN]
        pole = np.stack((side * np.sin(out), np.zeros_like(out), np.cos(out)), axis=1)
        joints[:, Joint[f"{name}_KNEE"]] = middle_joint(hip, ankle, body.thigh_m, body.shank_m, pole)


def _arms(body: Body, foot: Footing, channels: Floats, time_s: Floats, joints: Floats) -> None:
    hold, wave = channels[:, C.HOLD, None], channels[:, C.WAVE, None]
    busy = bool(channels[:, [C.BELT, C.SQUAT]].any())
    stride = (joints[:, Joint.LEFT_ANKLE, 2] - joints[:, Joint.RIGHT_ANKLE, 2])[:, None]
    for name, side in SIDES:
        shoulder, bar = joints[:, Joint[f"{name}_SHOULDER"]], joints[:, Joint[f"{name}_GRIP"]]
        down = np.array([[side * 0.16, -1.0, 0.06]]) - np.array([[0.0, 0.0, side * 0.4]]) * stride
        hanging = shoulder + unit(down) * body.reach_m * HANG
        if busy:
            hanging = hands_busy(hanging, shoulder, joints[:, Joint[f"{name}_HIP"]], side, channels)
        grip = hanging + (bar - hanging) * smoothstep(hold)
        pole = np.broadcast_to(np.array([side * foot.elbows_aside, 0.0, -1.0]), shoulder.shape)
        if side < 0:
            grip = grip + (_waving(body, shoulder, time_s) - grip) * wave
            pole = pole + wave * np.array([[-1.2, -0.8, 0.8]])
        towards = unit(grip - shoulder)
        wrist = grip - towards * body.hand_m
        joints[:, Joint[f"{name}_GRIP"]] = grip
        joints[:, Joint[f"{name}_WRIST"]] = wrist
        joints[:, Joint[f"{name}_ELBOW"]] = middle_joint(shoulder, wrist, body.upper_arm_m, body.forearm_m, pole)
        _knuckles(body, name, towards, hold, joints)


def _waving(body: Body, shoulder: Floats, time_s: Floats) -> Floats:
    """Where the right hand is while it waves beside the head."""
    swing = np.sin(2 * np.pi * 1.4 * time_s)[:, None]
    place = np.array([[-0.30, 0.72, 0.12]]) + 0.20 * swing * np.array([[-1.0, -0.2, 0.0]])
    return np.asarray(shoulder + body.reach_m * place)


def _knuckles(body: Body, name: str, towards: Floats, hold: Floats, joints: Floats) -> None:
    """Index, little finger and thumb: along the bar when holding it (thumbs inwards), fore and aft when the arm
    hangs.
    """
    side = 1.0 if name == "LEFT" else -1.0
    grip, half = joints[:, Joint[f"{name}_GRIP"]], body.hand_m * 0.42
    inward = hold * np.array([[-side, 0.0, 0.0]]) + (1 - hold) * np.array([[-side * 0.3, 0.0, 0.95]])
    ahead = np.array([[0.0, 0.0, 1.0]]) * hold * body.hand_m * 0.25
    joints[:, Joint[f"{name}_INDEX"]] = grip + inward * half * 0.9 + ahead + towards * body.hand_m * 0.12 * (1 - hold)
    joints[:, Joint[f"{name}_PINKY"]] = grip - inward * half + ahead
    joints[:, Joint[f"{name}_THUMB"]] = grip + inward * half * 1.3 - towards * body.hand_m * 0.25
