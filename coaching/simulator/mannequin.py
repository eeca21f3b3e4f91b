"""The dressed lifter as a mesh over simulated points.

Sizes are metres for a stature of 1.75 m and girth 1; they scale with both. They were tuned until MediaPipe's landmarks
fell on the simulated joints (docs/simulator.md has the figures).
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
    from coaching.simulator.scene import Clothing, Rgb

    Floats = NDArray[np.float64]

SIDES = ("LEFT", "RIGHT")

# Rings of a limb: share of the way from joint to joint, radius across, radius fore and aft.
UPPER_ARM = (
    (-0.16, 0.020, 0.020), (-0.10, 0.044, 0.045), (0.08, 0.056, 0.058), (0.45, 0.051, 0.054),
    (0.55, 0.045, 0.048), (0.85, 0.040, 0.040), (1.06, 0.034, 0.034),
)  # fmt: skip
FOREARM = ((-0.08, 0.030, 0.030), (0.0, 0.038, 0.038), (0.25, 0.042, 0.040), (0.65, 0.033, 0.031), (1.0, 0.025, 0.023))
THIGH = (
    (-0.10, 0.075, 0.080), (0.0, 0.090, 0.094), (0.22, 0.088, 0.092), (0.55, 0.073, 0.078),
    (0.72, 0.065, 0.069), (0.92, 0.055, 0.057), (1.0, 0.053, 0.056), (1.06, 0.042, 0.044),
)  # fmt: skip
SHANK = (
    (-0.08, 0.040, 0.042), (0.0, 0.052, 0.055), (0.28, 0.055, 0.062), (0.60, 0.044, 0.046), (0.88, 0.034, 0.036),
    (1.08, 0.036, 0.038),
)  # fmt: skip
CALF = (0.0, 0.0, 0.016, 0.008, 0.0, 0.0)  # how far behind the bone each ring of the shank is
# Rings of a shoe: share of the way from heel to toe, radius across, radius up, height of the centre.
SHOE = (
    (-0.06, 0.016, 0.016, 0.024), (-0.01, 0.034, 0.036, 0.034), (0.22, 0.042, 0.050, 0.050),
    (0.45, 0.040, 0.040, 0.038),
    (0.75, 0.050, 0.026, 0.026), (0.98, 0.042, 0.021, 0.021), (1.08, 0.022, 0.013, 0.014),
)  # fmt: skip
NECK = ((0.0, 0.066, 0.062), (0.5, 0.054, 0.054), (1.0, 0.052, 0.056))
SKULL = (0.076, 0.116, 0.096)


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
    upper = bone(shoulder, elbow, front, UPPER_ARM, [shirt] * 4 + [lower] * 2, scale=thick)
    fore = bone(elbow, wrist, front, FOREARM, [lower] * 3 + [skin], scale=thick)
    across = points[:, Joint[f"{name}_INDEX"]] - points[:, Joint[f"{name}_PINKY"]]
    axes = frame_of(across, wrist - grip)
    palm = _scaled((0.040, 0.058, 0.026), thick)
    hand = ball((wrist + grip * 2) / 3, axes, palm, skin, rings=5, sides=8, bias=0.01)
    fist = ball(grip, axes, _scaled((0.043, 0.030, 0.033), thick), skin, rings=4, sides=8, bias=0.02)
    return [upper, fore, hand, fist]


def _scaled(radii: tuple[float, float, float], scale: float) -> tuple[float, float, float]:
    return radii[0] * scale, radii[1] * scale, radii[2] * scale


def _chest_front(points: Floats) -> Floats:
    across = span(points, Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER)
    return np.cross(across, points[:, Joint.CHEST] - points[:, Joint.MID_SPINE])


def _leg(points: Floats, name: str, clothing: Clothing, thick: float) -> list[Mesh]:
    hip, knee, ankle, toe = (points[:, Joint[f"{name}_{j}"]] for j in ("HIP", "KNEE", "ANKLE", "FOOT_INDEX"))
    ahead = (toe - ankle) * np.array([1.0, 0.0, 1.0])
    trousers = TROUSERS[clothing.trousers]
    lower = SKIN[clothing.skin] if clothing.shorts else trousers
    thigh = bone(hip, knee, ahead, THIGH, [trousers] * 4 + [lower] * 3, sides=12, scale=thick)
    shank = bone(knee, ankle, ahead, SHANK, [lower] * 5, back=CALF, scale=thick)
    return [thigh, shank]


def _shoe(points: Floats, name: str, clothing: Clothing, size: float) -> Mesh:
    heel, toe = points[:, Joint[f"{name}_HEEL"]], points[:, Joint[f"{name}_FOOT_INDEX"]]
    forward = unit(toe - heel)
    up = np.broadcast_to(np.array([0.0, 1.0, 0.0]), forward.shape)
    right = unit(np.cross(forward, up))
    up = np.cross(right, forward)
    length = float(np.linalg.norm(toe[0] - heel[0]))
    centres = np.stack([heel + forward * length * r[0] + up * (r[3] - 0.026) * size for r in SHOE], axis=1)
    spread = centres.shape
    return tube(
        centres,
        np.broadcast_to(right[:, None], spread),
        np.broadcast_to(up[:, None], spread),
        np.array([(r[1], r[2]) for r in SHOE]) * size,
        np.tile(np.array(SHOES[clothing.shoes], dtype=float), (len(SHOE) - 1, 1)),
    )


def _head(points: Floats, clothing: Clothing, body: Body, size: float) -> list[Mesh]:
    centre, base, chest = points[:, Joint.HEAD], points[:, Joint.NECK], points[:, Joint.CHEST]
    across = span(points, Joint.RIGHT_EAR, Joint.LEFT_EAR)
    ears = (points[:, Joint.LEFT_EAR] + points[:, Joint.RIGHT_EAR]) / 2
    axes = frame_of(across, np.cross(points[:, Joint.NOSE] - ears, across))
    up, front = axes[:, 1], axes[:, 2]
    skin = SKIN[clothing.skin]
    neck = bone(chest + 0.1 * (base - chest), base + 0.035 * size * up, front, NECK, [skin, skin])
    tip = points[:, Joint.NOSE] - 0.012 * size * front
    bridge = tip + size * (0.014 * up - 0.006 * front)
    return [
        neck,
        _skull(centre, axes, clothing, body, size),
        *_eyes_and_ears(centre, axes, clothing, size),
        ball(bridge, axes, _scaled((0.011, 0.030, 0.014), size), skin, rings=4, sides=6, bias=0.02),
        ball(tip, axes, _scaled((0.017, 0.012, 0.015), size), skin, rings=4, sides=8, bias=0.025),
        _mouth(centre, axes, skin, size),
    ]


def _eyes_and_ears(centre: Floats, axes: Floats, clothing: Clothing, size: float) -> list[Mesh]:
    left, up, front = axes[:, 0], axes[:, 1], axes[:, 2]
    parts = []
    for side in (1.0, -1.0):
        ear = centre + size * (side * 0.078 * left - 0.006 * up)
        eye = centre + size * (side * 0.032 * left + 0.016 * up + 0.0915 * front)
        brow = eye + 0.018 * size * up
        outward = unit(left - side * 0.35 * front)
        parts += [
            ball(ear, axes, _scaled((0.012, 0.032, 0.018), size), SKIN[clothing.skin], rings=4, sides=6),
            patch(eye, outward, up, (0.015 * size, 0.0075 * size), (238, 236, 232), bias=0.03),
            patch(eye, outward, up, (0.0065 * size, 0.0075 * size), (40, 30, 26), bias=0.035),
            patch(brow, outward, up, (0.018 * size, 0.0035 * size), HAIR[clothing.hair], bias=0.03),
        ]
    return parts


def _mouth(centre: Floats, axes: Floats, skin: Rgb, size: float) -> Mesh:
    lips = (int(skin[0] * 0.78), int(skin[1] * 0.52), int(skin[2] * 0.52))
    place = centre + size * (-0.052 * axes[:, 1] + 0.088 * axes[:, 2])
    return patch(place, axes[:, 0], axes[:, 1], (0.024 * size, 0.007 * size), lips, bias=0.03)


def _skull(centre: Floats, axes: Floats, clothing: Clothing, body: Body, size: float) -> Mesh:
    """Head with hair as the colour of its crown and back."""
    mesh = ball(centre, axes, _scaled(SKULL, size), SKIN[clothing.skin], rings=14, sides=18)
    middle = mesh.corners.mean(axis=2)[0] - centre[0]
    local = middle @ axes[0].T / (np.array(SKULL) * size)
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
