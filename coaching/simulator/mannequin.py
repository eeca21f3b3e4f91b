"""The dressed lifter as a mesh over simulated points.

Sizes are metres for a stature of 1.75 m and girth 1; they scale with both. They were tuned until MediaPipe's landmarks fell on the
simulated joints (docs/simulator.md has the figures).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator.joints import Joint
from coaching.simulator.linkage import unit
from coaching.simulator.mesh import Mesh, ball, bone, frame_of, patch, span, tube
from coaching.simulator.scene import HAIR, SHIRTS, SHOES, SKIN, TROUSERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.simulator.body import Body
    from coaching.simulator.scene import Clothing

    Floats = NDArray[np.float64]

SIDES = ("LEFT", "RIGHT")


def dress(points: Floats, body: Body, clothing: Clothing) -> Mesh:
    """Mesh of the person for points (n, N_JOINTS, 3)."""
    size = body.stature_m / 1.75
    thick = size * body.girth
    parts = [_torso(points, body, clothing, thick), _pelvis(points, clothing, thick)]
    for name in SIDES:
        parts += [
            *_arm(points, name, clothing, thick),
            *_leg(points, name, clothing, thick),
            _shoe(points, name, clothing, size),
        ]
    parts += _head(points, clothing, body, size)
    return Mesh.joined(parts)


def _torso(points: Floats, body: Body, clothing: Clothing, thick: float) -> Mesh:
    pelvis, bend, chest, neck = (points[:, j] for j in (Joint.PELVIS, Joint.MID_SPINE, Joint.CHEST, Joint.NECK))
    low, high = bend - pelvis, chest - bend
    width, hips = body.shoulders_m / 0.371, body.hips_m / 0.2135
    # (centre, half width, half depth, sideways axis: 0 hips .. 1 shoulders)
    rings = (
        (pelvis + 0.02 * low, 0.158 * hips, 0.108, 0.0),
        (pelvis + 0.30 * low, 0.150 * hips, 0.104, 0.1),
        (pelvis + 0.62 * low, 0.138 * (hips + width) / 2, 0.098, 0.3),
        (pelvis + 0.95 * low, 0.146 * width, 0.104, 0.6),
        (bend + 0.35 * high, 0.163 * width, 0.114, 0.8),
        (bend + 0.68 * high, 0.172 * width, 0.112, 1.0),
        (bend + 0.93 * high, 0.170 * width, 0.088, 1.0),
        (chest + 0.22 * (neck - chest), 0.120 * width, 0.070, 1.0),
        (chest + 0.42 * (neck - chest), 0.066 * width, 0.058, 1.0),
    )
    centres = np.stack([r[0] for r in rings], axis=1)
    share = np.array([r[3] for r in rings])[None, :, None]
    hip_axis, shoulder_axis = (
        unit(span(points, Joint.RIGHT_HIP, Joint.LEFT_HIP)),
        unit(span(points, Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER)),
    )
    right = unit(hip_axis[:, None] * (1 - share) + shoulder_axis[:, None] * share)
    up = unit(np.gradient(centres, axis=1))
    right = unit(right - np.sum(right * up, axis=-1, keepdims=True) * up)
    front = np.cross(right, up)
    slim = 0.35 + 0.65 * thick  # width follows the skeleton more than the girth
    radii = np.array([(r[1] * slim, r[2] * thick) for r in rings])
    shirt, trousers = SHIRTS[clothing.shirt], TROUSERS[clothing.trousers]
    colours = np.array([trousers, *([shirt] * 7)], dtype=float)
    return tube(centres, right, front, radii, colours, sides=18)


def _pelvis(points: Floats, clothing: Clothing, thick: float) -> Mesh:
    across = span(points, Joint.RIGHT_HIP, Joint.LEFT_HIP)
    up = points[:, Joint.MID_SPINE] - points[:, Joint.PELVIS]
    legs = (points[:, Joint.PELVIS] - (points[:, Joint.LEFT_KNEE] + points[:, Joint.RIGHT_KNEE]) / 2) * 0.35
    axes = frame_of(across, unit(up) * 0.5 + unit(legs) * 0.5)
    centre = points[:, Joint.PELVIS] - 0.012 * thick * axes[:, 2] + 0.01 * thick * axes[:, 1]
    wide = float(np.linalg.norm(across[0])) / 2 + 0.062 * thick
    return ball(centre, axes, (wide, 0.118 * thick, 0.120 * thick), TROUSERS[clothing.trousers], rings=8, sides=16)


def _arm(points: Floats, name: str, clothing: Clothing, thick: float) -> list[Mesh]:
    shoulder, elbow, wrist, grip = (points[:, Joint[f"{name}_{j}"]] for j in ("SHOULDER", "ELBOW", "WRIST", "GRIP"))
    front = _chest_front(points)
    shirt, skin = SHIRTS[clothing.shirt], SKIN[clothing.skin]
    lower = shirt if clothing.sleeves else skin
    upper = bone(
        shoulder,
        elbow,
        front,
        [(-0.16, 0.020 * thick, 0.02 * thick), (-0.10, 0.044 * thick, 0.045 * thick), (0.08, 0.056 * thick, 0.058 * thick), (0.45, 0.051 * thick, 0.054 * thick),
         (0.55, 0.045 * thick, 0.048 * thick), (0.85, 0.040 * thick, 0.040 * thick), (1.06, 0.034 * thick, 0.034 * thick)],
        [shirt, shirt, shirt, shirt, lower, lower],
    )  # fmt: skip
    fore = bone(
        elbow,
        wrist,
        front,
        [(-0.08, 0.030 * thick, 0.030 * thick), (0.0, 0.038 * thick, 0.038 * thick), (0.25, 0.042 * thick, 0.040 * thick), (0.65, 0.033 * thick, 0.031 * thick), (1.0, 0.025 * thick, 0.023 * thick)],
        [lower] * 3 + [skin],
    )  # fmt: skip
    thumb, pinky = points[:, Joint[f"{name}_INDEX"]], points[:, Joint[f"{name}_PINKY"]]
    across = thumb - pinky
    hand_axes = frame_of(across, wrist - grip)
    hand = ball(
        (wrist + grip * 2) / 3,
        hand_axes,
        (0.040 * thick, 0.058 * thick, 0.026 * thick),
        skin,
        rings=5,
        sides=8,
        bias=0.01,
    )
    fist = ball(grip, hand_axes, (0.043 * thick, 0.030 * thick, 0.033 * thick), skin, rings=4, sides=8, bias=0.02)
    return [upper, fore, hand, fist]


def _chest_front(points: Floats) -> Floats:
    across = span(points, Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER)
    return np.cross(across, points[:, Joint.CHEST] - points[:, Joint.MID_SPINE])


def _leg(points: Floats, name: str, clothing: Clothing, thick: float) -> list[Mesh]:
    hip, knee, ankle, toe = (points[:, Joint[f"{name}_{j}"]] for j in ("HIP", "KNEE", "ANKLE", "FOOT_INDEX"))
    ahead = toe - ankle
    ahead = ahead * np.array([1.0, 0.0, 1.0])
    trousers, skin = TROUSERS[clothing.trousers], SKIN[clothing.skin]
    lower = skin if clothing.shorts else trousers
    thigh = bone(
        hip,
        knee,
        ahead,
        [(-0.10, 0.075 * thick, 0.08 * thick), (0.0, 0.090 * thick, 0.094 * thick), (0.22, 0.088 * thick, 0.092 * thick), (0.55, 0.073 * thick, 0.078 * thick), (0.72, 0.065 * thick, 0.069 * thick),
         (0.92, 0.055 * thick, 0.057 * thick), (1.0, 0.053 * thick, 0.056 * thick), (1.06, 0.042 * thick, 0.044 * thick)],
        [trousers] * 4 + [lower] * 3,
        sides=12,
    )  # fmt: skip
    shank = bone(
        knee,
        ankle,
        ahead,
        [(-0.08, 0.040 * thick, 0.042 * thick), (0.0, 0.052 * thick, 0.055 * thick), (0.28, 0.055 * thick, 0.062 * thick), (0.60, 0.044 * thick, 0.046 * thick), (0.88, 0.034 * thick, 0.036 * thick), (1.08, 0.036 * thick, 0.038 * thick)],
        [lower] * 5,
        back=[0.0, 0.0, 0.016 * thick, 0.008 * thick, 0.0, 0.0],
    )  # fmt: skip
    return [thigh, shank]


def _shoe(points: Floats, name: str, clothing: Clothing, size: float) -> Mesh:
    heel, toe, ankle = (points[:, Joint[f"{name}_{j}"]] for j in ("HEEL", "FOOT_INDEX", "ANKLE"))
    forward = unit(toe - heel)
    up = np.broadcast_to(np.array([0.0, 1.0, 0.0]), forward.shape)
    right = unit(np.cross(forward, up))
    up = np.cross(right, forward)
    length = float(np.linalg.norm(toe[0] - heel[0]))
    rings = ((-0.06, 0.016, 0.016, 0.024), (-0.01, 0.034, 0.036, 0.034), (0.22, 0.042, 0.050, 0.050), (0.45, 0.040, 0.040, 0.038),
             (0.75, 0.050, 0.026, 0.026), (0.98, 0.042, 0.021, 0.021), (1.08, 0.022, 0.013, 0.014))  # fmt: skip
    centres = np.stack([heel + forward * length * r[0] + up * (r[3] - 0.026) * size for r in rings], axis=1)
    spread = centres.shape
    return tube(
        centres,
        np.broadcast_to(right[:, None], spread),
        np.broadcast_to(up[:, None], spread),
        np.array([(r[1], r[2]) for r in rings]) * size,
        np.tile(np.array(SHOES[clothing.shoes], dtype=float), (len(rings) - 1, 1)),
    )


def _head(points: Floats, clothing: Clothing, body: Body, size: float) -> list[Mesh]:
    centre, base, chest = points[:, Joint.HEAD], points[:, Joint.NECK], points[:, Joint.CHEST]
    left = unit(span(points, Joint.RIGHT_EAR, Joint.LEFT_EAR))
    ears = (points[:, Joint.LEFT_EAR] + points[:, Joint.RIGHT_EAR]) / 2
    forward = unit(points[:, Joint.NOSE] - ears)
    axes = frame_of(left, np.cross(forward, left))
    left, up, front = axes[:, 0], axes[:, 1], axes[:, 2]
    skin = SKIN[clothing.skin]
    parts = [
        bone(
            chest + 0.1 * (base - chest),
            base + 0.035 * size * up,
            front,
            [(0.0, 0.066, 0.062), (0.5, 0.054, 0.054), (1.0, 0.052, 0.056)],
            [skin, skin],
        )
    ]
    parts.append(_skull(centre, axes, clothing, body, size))
    for side in (1.0, -1.0):
        parts.append(
            ball(
                centre + side * 0.078 * size * left - 0.006 * size * up,
                axes,
                (0.012 * size, 0.032 * size, 0.018 * size),
                skin,
                rings=4,
                sides=6,
            )
        )
        eye = centre + size * (side * 0.032 * left + 0.016 * up + 0.0915 * front)
        outward = unit(left - side * 0.35 * front)
        parts.append(patch(eye, outward, up, (0.015 * size, 0.0075 * size), (238, 236, 232), bias=0.03))
        parts.append(patch(eye, outward, up, (0.0065 * size, 0.0075 * size), (40, 30, 26), bias=0.035))
        parts.append(
            patch(eye + 0.018 * size * up, outward, up, (0.018 * size, 0.0035 * size), HAIR[clothing.hair], bias=0.03)
        )
    nose = points[:, Joint.NOSE] - 0.012 * size * front
    parts.append(
        ball(
            nose + 0.014 * size * up - 0.006 * size * front,
            axes,
            (0.011 * size, 0.030 * size, 0.014 * size),
            skin,
            rings=4,
            sides=6,
            bias=0.02,
        )
    )
    parts.append(ball(nose, axes, (0.017 * size, 0.012 * size, 0.015 * size), skin, rings=4, sides=8, bias=0.025))
    mouth = centre + size * (-0.052 * up + 0.088 * front)
    lips = (int(skin[0] * 0.78), int(skin[1] * 0.52), int(skin[2] * 0.52))
    parts.append(patch(mouth, left, up, (0.024 * size, 0.007 * size), lips, bias=0.03))
    return parts


def _skull(centre: Floats, axes: Floats, clothing: Clothing, body: Body, size: float) -> Mesh:
    """Head with hair as the colour of its crown and back."""
    mesh = ball(centre, axes, (0.076 * size, 0.116 * size, 0.096 * size), SKIN[clothing.skin], rings=14, sides=18)
    middle = mesh.corners.mean(axis=2)[0] - centre[0]
    local = middle @ axes[0].T / (np.array([0.076, 0.116, 0.096]) * size)
    hairline = 0.52 - 0.10 * np.abs(local[:, 0])
    behind = {"short": -0.28, "bun": -0.22, "long": -0.05}[body.hair]
    low = {"short": -0.25, "bun": -0.2, "long": -0.9}[body.hair]
    hair = (
        (local[:, 1] > hairline)
        | ((local[:, 2] < behind) & (local[:, 1] > low))
        | ((local[:, 2] < 0.25) & (local[:, 1] > 0.18))
    )
    colours = mesh.colours.copy()
    colours[hair] = HAIR[clothing.hair]
    corners = mesh.corners.copy()
    corners[:, hair] = centre[:, None, None] + (corners[:, hair] - centre[:, None, None]) * 1.07
    return Mesh(corners, mesh.normals, colours, mesh.bias)
