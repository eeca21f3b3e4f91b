"""Landmarks of a lift without pictures: thousands of training sequences at the price of a projection.

The errors are those that MediaPipe 0.10.21 made on rendered clips (`python -m coaching.training noise` prints both,
side by side): a slow wander that is larger for wrists, knees and feet, a small jitter, an offset that stays for the
clip with a mean of its own (ankles are marked too high), far limbs that are guessed and marked less visible, legs whose
depth is underestimated, points behind a plate that are wrong although they claim to be visible, and, in some clips,
left and right exchanged while the lifter is bent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d

from coaching.simulator.barbell import PLATE_AT_M
from coaching.simulator.clip import Truth, frame_times, true_frames
from coaching.simulator.joints import OTHER_SIDE, Joint
from coaching.simulator.linkage import unit
from coaching.simulator.writer import Encoding
from coaching.vision.types import Track

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.simulator.camera import Camera
    from coaching.simulator.lift import Lift

    Floats = NDArray[np.float64]

# Slow error of each landmark relative to noise_px.
WEIGHT = np.array(
    [0.75] * 11  # face
    + [0.8, 0.8, 0.9, 0.9, 1.0, 1.0]  # shoulders, elbows, wrists
    + [1.0] * 6  # hands
    + [1.0, 1.0, 1.4, 1.4, 1.6, 1.6, 1.7, 1.7, 1.55, 1.55]  # hips, knees, ankles, heels, toes
)
# Mean of the offset downwards, in trunk lengths: what the engine marks is not the joint's centre.
BELOW = np.array(
    [0.0] * 11
    + [0.03, 0.03, 0.0, 0.0, -0.01, -0.01]
    + [-0.045] * 6
    + [0.028, 0.028, 0.0, 0.0, -0.07, -0.07, -0.045, -0.045, -0.03, -0.03]
)
WANDER_S = 0.145  # width of the window that smooths the slow error: after 0.2 s it is related to itself by 0.6
FAST_SHARE = 0.09  # SD of the jitter from frame to frame against the slow error
OFFSET_SHARE = 1.0
FAR_SHARE = 0.4  # by which a limb on the far side is worse
WORLD_SIZE_M = 1.62  # MediaPipe's world is that of a person of about this stature, whoever stands there
IMAGE_DEPTH = 2.9  # its image z is about this many times too deep
LEGS = [Joint.LEFT_KNEE, Joint.RIGHT_KNEE, Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE, Joint.LEFT_HEEL, Joint.RIGHT_HEEL,
        Joint.LEFT_FOOT_INDEX, Joint.RIGHT_FOOT_INDEX]  # fmt: skip
ALWAYS_SURE = [*range(13), Joint.LEFT_HIP, Joint.RIGHT_HIP]  # visibility about 1 even when hidden
HIDDEN_ERROR = 3.0


def truth_track(
    lift: Lift,
    camera: Camera,
    *,
    noise_px: float = 2.5,
    seed: int = 0,
    plate_radius_m: float = 0.07,
    dropout: float = 0.0,
    turned: float = 0.0,
) -> Track:
    """Landmarks as a pose engine would report them for this lift and camera.

    noise_px: SD of the slow error of a typical landmark in a picture 640 px high (scaled with the picture); 0 = exact
    points with honest visibility. dropout: share of frames without a detection, in runs of about 0.2 s. turned: share
    of frames, those in which the lifter is bent most, in which the engine takes him for turned round and exchanges left
    and right. In a mirrored picture they are exchanged throughout, as an engine sees it. Deterministic in (lift,
    camera, seed).
    """
    time_s = frame_times(lift, camera, Encoding())
    truth = true_frames(lift, camera, time_s)
    rng = np.random.default_rng([seed, lift.seed, 23])
    hidden = behind_plate(truth, plate_radius_m)
    far = far_side(camera, truth.depth_m)
    noise = noise_px * camera.height / 640.0
    spread = noise * WEIGHT * (1.0 + FAR_SHARE * far) * (1.0 + (HIDDEN_ERROR - 1.0) * hidden)
    pixels = truth.pixels + _error(rng, camera.fps, spread, noise)
    if noise > 0:
        pixels[..., 1] += BELOW * _trunk_px(truth.pixels)
    depth = truth.depth_m - truth.depth_m[:, [Joint.LEFT_HIP, Joint.RIGHT_HIP]].mean(axis=1, keepdims=True)
    seen_depth = _engine_depth(depth, rng, noise)
    px_per_m = camera.focal / camera.distance_m
    image = np.concatenate(
        (pixels, seen_depth[..., None] * IMAGE_DEPTH * px_per_m, _visibility(far, hidden, rng, noise)[..., None]),
        axis=-1,
    )
    world = _world(lift, camera, truth.joints, (pixels - truth.pixels) / px_per_m, seen_depth)
    if camera.mirrored:
        image, world = image[:, list(OTHER_SIDE)], world[:, list(OTHER_SIDE)]
    if turned > 0:
        bent = _most_bent(truth.joints, turned)
        image[bent], world[bent] = image[bent][:, list(OTHER_SIDE)], world[bent][:, list(OTHER_SIDE)]
    detected = _detected(rng, len(time_s), camera.fps, dropout)
    image[~detected], world[~detected] = np.nan, np.nan
    return Track(
        time_s=time_s,
        image=image.astype(np.float32),
        world=world.astype(np.float32),
        detected=detected,
        fps=float(camera.fps),
        width=camera.width,
        height=camera.height,
    )


def _error(rng: np.random.Generator, fps: float, spread: Floats, noise: float) -> Floats:
    """Errors (n, 33, 2) px: slow wander, fast jitter and an offset for the whole clip; `spread` (n, 33) is the
    wander's SD.
    """
    n = len(spread)
    width = WANDER_S * fps
    edge = int(np.ceil(4.0 * width))
    wander = gaussian_filter1d(rng.normal(0.0, 1.0, (n + 2 * edge, 33, 2)), width, axis=0)[edge : n + edge]
    wander *= np.sqrt(2.0 * np.sqrt(np.pi) * width)  # what the smoothing took of the SD
    fast = FAST_SHARE * rng.normal(0.0, 1.0, (n, 33, 2))
    offset = OFFSET_SHARE * noise * WEIGHT[:, None] * rng.normal(0.0, 1.0, (33, 2))
    return np.asarray(spread[..., None] * (wander + fast) + offset)


def _trunk_px(pixels: Floats) -> float:
    """Length of the upright trunk in the picture."""
    trunk = (pixels[:, 11] + pixels[:, 12] - pixels[:, 23] - pixels[:, 24]) / 2.0
    return float(np.percentile(np.linalg.norm(trunk, axis=1), 90))


def _most_bent(joints: Floats, share: float) -> NDArray[np.bool_]:
    """Frames (n,) in which the shoulders are lowest."""
    height = joints[:, [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER], 1].mean(axis=1)
    return np.asarray(height <= np.quantile(height, share))


def far_side(camera: Camera, depth_m: Floats) -> Floats:
    """How much each landmark (n, 33) is on the side away from the camera, 0..1; 0 in front and behind."""
    sideways = np.sin(np.radians(camera.yaw_deg))
    left = np.array([0.5 if i == OTHER_SIDE[i] else float(j.name.startswith("LEFT") or j.name.endswith("LEFT"))
                     for i, j in enumerate(list(Joint)[:33])])  # fmt: skip
    away = np.where(left == 0.5, 0.0, (1.0 - 2.0 * left) * sideways)
    return np.broadcast_to(np.clip(away, 0.0, 1.0) ** 1.5, depth_m.shape)


def behind_plate(truth: Truth, radius_m: float) -> NDArray[np.bool_]:
    """Landmarks (n, 33) that a plate covers."""
    camera = truth.camera
    hidden = np.zeros(truth.depth_m.shape, dtype=bool)
    if radius_m <= 0:
        return hidden
    points = truth.lift.points(truth.time_s)
    along = unit(points[:, Joint.BAR_LEFT] - points[:, Joint.BAR])
    for side in (1.0, -1.0):
        seen = camera.seen(points[:, Joint.BAR] + side * PLATE_AT_M * along)
        centre, depth = camera.picture(seen), seen[:, 2]
        tall = camera.focal * radius_m / depth
        wide = np.maximum(tall * abs(np.sin(np.radians(camera.yaw_deg))), 0.03 * tall)
        offset = truth.pixels - centre[:, None]
        inside = (offset[..., 0] / wide[:, None]) ** 2 + (offset[..., 1] / tall[:, None]) ** 2 < 1.0
        hidden |= inside & (depth[:, None] < truth.depth_m - 0.05)
    return hidden


def _visibility(far: Floats, hidden: NDArray[np.bool_], rng: np.random.Generator, noise: float) -> Floats:
    sure = 0.97 - 0.75 * far**2.5 - 0.12 * hidden  # at 45 deg the far limbs are still seen
    sure[:, ALWAYS_SURE] = 0.995
    if noise > 0:
        sure += 0.02 * rng.normal(0.0, 1.0, sure.shape[1]) + 0.01 * rng.normal(0.0, 1.0, sure.shape)
    return np.asarray(np.clip(sure, 0.0, 1.0))


def _engine_depth(depth: Floats, rng: np.random.Generator, noise: float) -> Floats:
    """Depth (n, 33) m from mid-hip as an engine estimates it: flattened, legs most; exact without noise."""
    if noise <= 0:
        return depth
    flat = depth * rng.uniform(0.8, 1.0)
    flat[:, LEGS] = flat[:, LEGS] * rng.uniform(0.4, 0.8) + rng.normal(0.08, 0.05)
    return np.asarray(flat + rng.normal(0.0, 0.02, 33) + 0.01 * rng.normal(0.0, 1.0, depth.shape))


def _world(lift: Lift, camera: Camera, joints: Floats, error_m: Floats, depth: Floats) -> Floats:
    """World landmarks (n, 33, 3) in MediaPipe's axes: right, down, away, origin at mid-hip, of a person of
    standard size.
    """
    right, down, _ = camera.axes
    middle = (joints[:, Joint.LEFT_HIP] + joints[:, Joint.RIGHT_HIP])[:, None] / 2
    local = joints - middle
    x, y = local @ right, local @ down
    if camera.mirrored:
        x = -x
    placed = np.stack((x + error_m[..., 0], y + error_m[..., 1], depth), axis=-1)
    placed -= (placed[:, [Joint.LEFT_HIP]] + placed[:, [Joint.RIGHT_HIP]]) / 2
    return np.asarray(placed * (WORLD_SIZE_M / lift.spec.body.stature_m))


def _detected(rng: np.random.Generator, n: int, fps: float, dropout: float) -> NDArray[np.bool_]:
    """Frames (n,) with a detection: gaps of about 0.2 s that add up to the share `dropout`."""
    detected = np.ones(n, dtype=bool)
    length = max(1, round(0.2 * fps))
    for start in rng.integers(0, n, round(n * dropout / length)):
        detected[start : start + length] = False
    return detected
