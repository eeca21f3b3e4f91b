"""One repetition as the classifier sees it: three sequences of 64 steps (specification S8, S9).

Training and serving both call `repetition_inputs`, so the network can't meet one kind of vector in training and
another in service. NumPy and SciPy only. Everything comes from the picture (pixels, visibility), not from MediaPipe's
world landmarks: their depth is a guess, and a simulated skeleton's would be perfect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision.back import bow
from coaching.vision.signal import middle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.types import PixelFeatures, Track, View

    Floats = NDArray[np.float64]

STEPS = 64
LHOG_SIZE = 7 * 7 * 48
LHOF_SIZE = 7 * 7 * 50
# Changes whenever the meaning of a column does: a model trained on other inputs must not be served with these.
INPUTS_VERSION = 2

# MediaPipe's numbers, the lifter's left and right. After the mirroring below "right" is the side that faces the camera.
POINTS: dict[str, int] = {
    "nose": 0,
    "ear_l": 7,
    "ear_r": 8,
    "shoulder_l": 11,
    "shoulder_r": 12,
    "elbow_l": 13,
    "elbow_r": 14,
    "wrist_l": 15,
    "wrist_r": 16,
    "hip_l": 23,
    "hip_r": 24,
    "knee_l": 25,
    "knee_r": 26,
    "ankle_l": 27,
    "ankle_r": 28,
    "toe_l": 31,
    "toe_r": 32,
}
PARTS = ("ear", "shoulder", "wrist", "hip", "knee", "ankle")
ANGLES = (
    "hip_l",
    "hip_r",
    "knee_l",
    "knee_r",
    "elbow_l",
    "elbow_r",
    "neck",
    "trunk",
    "shin",
    "thigh",
    "shoulder_tilt",
    "hip_tilt",
)
VIEWS: tuple[View, ...] = ("front", "back", "oblique", "side")
MIRRORED_VIEWS: frozenset[View] = frozenset({"oblique", "side"})

SKELETON_COLUMNS: tuple[str, ...] = (
    *(f"{point}_{axis}" for point in POINTS for axis in "xy"),
    "midhip_over_ankles_x",
    "midhip_over_ankles_y",
    "wrists_over_ankles_x",
    "torso_length",
    *(f"{angle}_angle" for angle in ANGLES),
    *(f"{angle}_rate" for angle in ANGLES),
    *(f"{part}_visibility" for part in PARTS),
    "from_lockout",
    "log_duration",
    "back_bow",
    "back_seen",
    *(f"view_{view}" for view in VIEWS),
)
SKELETON_SIZE = len(SKELETON_COLUMNS)

# Below this share of frames with a person, or this many of them, the curves would be invented.
MIN_DETECTED_SHARE = 0.6
MIN_FRAMES = 8
SMOOTHING_S = 0.05
# A rate beyond this (half turns a second) is a tracking jump, not a lifter.
MAX_RATE = 5.0
MAX_COORDINATE = 4.0
# A bow of a tenth of the trunk is a round back: it becomes 1.
BOW_UNIT = 0.1
MAX_BOW = 3.0

# The same points with left and right exchanged.
SWAP = np.arange(33)
for _left, _right in ((1, 4), (2, 5), (3, 6), (7, 8), (9, 10), *((i, i + 1) for i in range(11, 33, 2))):
    SWAP[_left], SWAP[_right] = _right, _left


class UnusableRepetition(Exception):
    """The skeleton is missing in too much of the repetition to judge it. `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class RepetitionInputs:
    """skeleton (64, SKELETON_SIZE), lhog (64, 2352), lhof (64, 2450): float32, without NaN.

    A step without pixel descriptors is all zeros, which the network takes as "nothing to see", not as a picture.
    """

    skeleton: NDArray[np.float32]
    lhog: NDArray[np.float32]
    lhof: NDArray[np.float32]

    def feeds(self) -> dict[str, NDArray[np.float32]]:
        """The same, by the names of the network's inputs, with a batch axis of one."""
        return {"skeleton": self.skeleton[None], "lhog": self.lhog[None], "lhof": self.lhof[None]}


def repetition_inputs(
    track: Track,
    pixels: PixelFeatures | None,
    *,
    start_s: float,
    lockout_s: float,
    end_s: float,
    view: View,
) -> RepetitionInputs:
    """Turn one repetition of a clip into the network's inputs.

    The skeleton is scaled by the repetition's own torso length, has its origin at mid-hip and y up. Seen from the
    side or obliquely it is mirrored, if need be, so that the lifter faces +x: then the right side is always the
    near one. A frontal view stays as it is. Raises UnusableRepetition (`too_short`, `lost_tracking`, `no_torso`).
    """
    if not end_s > start_s:
        raise UnusableRepetition("too_short")
    grid = np.linspace(start_s, end_s, STEPS)
    xy, visibility = _resample_landmarks(track, grid)
    sideways = view in MIRRORED_VIEWS
    flipped = sideways and _facing(xy) < 0
    back = _back(track, grid, behind=int(flipped)) if sideways else np.zeros((STEPS, 2))
    if flipped:
        xy = xy[:, SWAP] * np.array([-1.0, 1.0])
        visibility = visibility[:, SWAP]
    skeleton = _skeleton(xy, visibility, back, grid, lockout_s=lockout_s, view=view)
    lhog, lhof = _resample_pixels(track, pixels, grid, flipped=flipped)
    return RepetitionInputs(skeleton, lhog, lhof)


def _resample_landmarks(track: Track, grid: Floats) -> tuple[Floats, Floats]:
    """Picture coordinates (64, 33, 2) px with y up, and visibility (64, 33), as Gaussian means around each step.

    A local mean rather than a straight line between two frames: it takes the tracker's jitter out at 60 frames a
    second and interpolates at 15. Points missing throughout are NaN.
    """
    time = np.asarray(track.time_s, np.float64)
    image = np.asarray(track.image, np.float64)
    inside = (time >= grid[0] - 1e-6) & (time <= grid[-1] + 1e-6)
    if np.count_nonzero(inside) < MIN_FRAMES:
        raise UnusableRepetition("too_short")
    if np.mean(track.detected[inside]) < MIN_DETECTED_SHARE:
        raise UnusableRepetition("lost_tracking")
    spacing = float(np.median(np.diff(time[inside])))
    width = max(SMOOTHING_S, 0.6 * spacing)
    near = (time >= grid[0] - 3 * width) & (time <= grid[-1] + 3 * width)
    values = np.concatenate([image[near, :, :2], image[near, :, 3:4]], axis=2).reshape(-1, 33 * 3)
    known = np.isfinite(values) & np.asarray(track.detected, bool)[near, None]
    smooth = _local_mean(time[near], np.where(known, values, 0.0), known, grid, width).reshape(STEPS, 33, 3)
    return smooth[:, :, :2] * np.array([1.0, -1.0]), np.clip(np.nan_to_num(smooth[:, :, 2]), 0.0, 1.0)


def _local_mean(time: Floats, values: Floats, known: NDArray[np.bool_], grid: Floats, width: float) -> Floats:
    """Gaussian-weighted mean of the known values round each step; a gap is bridged by a straight line."""
    kernel = np.exp(-0.5 * ((grid[:, None] - time[None, :]) / width) ** 2)
    weight = kernel @ known
    sparse = weight < 0.1
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (kernel @ values) / weight
    for column in np.flatnonzero(sparse.any(axis=0)):
        have = known[:, column]
        holes = sparse[:, column]
        mean[holes, column] = np.interp(grid[holes], time[have], values[have, column]) if have.any() else np.nan
    return np.asarray(mean)


def _middle(xy: Floats, left: int, right: int) -> Floats:
    return np.asarray((xy[:, left] + xy[:, right]) / 2)


def _facing(xy: Floats) -> float:
    """Above zero if the lifter faces +x: toes before heels, nose before ears, shoulders before hips."""
    toes = _middle(xy, 31, 32) - _middle(xy, 29, 30)
    face = xy[:, 0] - _middle(xy, 7, 8)
    trunk = _middle(xy, 11, 12) - _middle(xy, 23, 24)
    return float(np.nansum([middle(part[:, 0]) for part in (toes, face, trunk)]))


def _back(track: Track, grid: Floats, *, behind: int) -> Floats:
    """Bow of the back's outline in BOW_UNIT and whether it was seen, (64, 2); zeros where it was not.

    behind: the row of the outline that looks towards the lifter's back.
    """
    if track.outline is None:
        return np.zeros((STEPS, 2))
    bows = bow(track.outline[:, behind]) / BOW_UNIT
    known = np.isfinite(bows) & np.asarray(track.detected, bool)
    if np.count_nonzero(known) < MIN_FRAMES:
        return np.zeros((STEPS, 2))
    time = np.asarray(track.time_s, np.float64)
    width = max(SMOOTHING_S, 0.6 * float(np.median(np.diff(time))))
    kernel = np.exp(-0.5 * ((grid[:, None] - time[None, known]) / width) ** 2)
    weight = kernel.sum(axis=1)
    seen = weight > 0.1
    mean = (kernel @ bows[known]) / np.maximum(weight, 1e-9)
    return np.column_stack([np.where(seen, np.clip(mean, -MAX_BOW, MAX_BOW), 0.0), seen.astype(np.float64)])


def _skeleton(
    xy: Floats, visibility: Floats, back: Floats, grid: Floats, *, lockout_s: float, view: View
) -> NDArray[np.float32]:
    hips, shoulders = _middle(xy, 23, 24), _middle(xy, 11, 12)
    torso = np.linalg.norm(shoulders - hips, axis=1)
    # Upright, and seen from the front, the torso is longest: bent towards the camera it shortens.
    scale = float(np.nanpercentile(torso, 90)) if np.isfinite(torso).any() else 0.0
    if not scale > 1.0:
        raise UnusableRepetition("no_torso")
    ankles = np.array([middle(axis) for axis in _middle(xy, 27, 28).T])
    wrists = _middle(xy, 15, 16)
    points = (xy[:, list(POINTS.values())] - hips[:, None]) / scale
    places = np.column_stack([(hips - ankles) / scale, (wrists - ankles)[:, 0] / scale, torso / scale])
    angles = _angles(xy)
    duration = float(grid[-1] - grid[0])
    rates = np.gradient(np.unwrap(np.nan_to_num(angles), period=2.0, axis=0), duration / (STEPS - 1), axis=0)
    seen = np.column_stack([_middle(visibility, POINTS[f"{p}_l"], POINTS[f"{p}_r"]) for p in PARTS])
    constants = np.tile([*(float(view == name) for name in VIEWS)], (STEPS, 1))
    columns = (
        np.clip(points.reshape(STEPS, -1), -MAX_COORDINATE, MAX_COORDINATE),
        np.clip(places, -MAX_COORDINATE, MAX_COORDINATE),
        angles,
        np.clip(rates, -MAX_RATE, MAX_RATE),
        seen,
        (grid - lockout_s) / duration,
        np.full(STEPS, np.log(duration)),
        back,
        constants,
    )
    return np.nan_to_num(np.column_stack(columns)).astype(np.float32)


def _angles(xy: Floats) -> Floats:
    """The angles of ANGLES, (64, 12), in half turns (1 = 180 degrees).

    Joint angles are 0..1 with a straight limb at 1. Trunk, shin and thigh are signed, from the vertical, positive
    towards +x. Tilts are the slope of the line from the lifter's right to his left, positive when his left is
    higher.
    """
    hips, shoulders, ears = _middle(xy, 23, 24), _middle(xy, 11, 12), _middle(xy, 7, 8)
    knees, ankles = _middle(xy, 25, 26), _middle(xy, 27, 28)
    columns = [
        _joint(xy[:, 11], xy[:, 23], xy[:, 25]),
        _joint(xy[:, 12], xy[:, 24], xy[:, 26]),
        _joint(xy[:, 23], xy[:, 25], xy[:, 27]),
        _joint(xy[:, 24], xy[:, 26], xy[:, 28]),
        _joint(xy[:, 11], xy[:, 13], xy[:, 15]),
        _joint(xy[:, 12], xy[:, 14], xy[:, 16]),
        _joint(ears, shoulders, hips),
        _from_vertical(shoulders - hips),
        _from_vertical(knees - ankles),
        _from_vertical(hips - knees),
        _tilt(xy[:, 11] - xy[:, 12]),
        _tilt(xy[:, 23] - xy[:, 24]),
    ]
    return np.column_stack(columns)


def _joint(a: Floats, vertex: Floats, b: Floats) -> Floats:
    u, v = a - vertex, b - vertex
    cross = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    return np.asarray(np.abs(np.arctan2(cross, (u * v).sum(axis=1))) / np.pi)


def _from_vertical(vector: Floats) -> Floats:
    return np.asarray(np.arctan2(vector[:, 0], vector[:, 1]) / np.pi)


def _tilt(vector: Floats) -> Floats:
    return np.asarray(np.arctan2(vector[:, 1], np.abs(vector[:, 0])) / np.pi)


def _resample_pixels(
    track: Track, pixels: PixelFeatures | None, grid: Floats, *, flipped: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """LHOG (64, 2352) and LHOF (64, 2450) on a straight line between the frames that have them; zeros without any."""
    if pixels is None or not np.any(pixels.valid):
        return np.zeros((STEPS, LHOG_SIZE), np.float32), np.zeros((STEPS, LHOF_SIZE), np.float32)
    have = np.flatnonzero(pixels.valid)
    time = np.asarray(track.time_s, np.float64)[have]
    after = np.clip(np.searchsorted(time, grid), 1, max(len(time) - 1, 1))
    before = after - 1
    after = np.minimum(after, len(time) - 1)
    span = np.maximum(time[after] - time[before], 1e-9)
    share = np.clip((grid - time[before]) / span, 0.0, 1.0).astype(np.float32)
    out = []
    for blocks in (pixels.lhog, pixels.lhof):
        first = np.asarray(blocks[have[before]], np.float32)
        second = np.asarray(blocks[have[after]], np.float32)
        mixed = first + (second - first) * share[:, None, None, None]
        out.append((mirror_blocks(mixed) if flipped else mixed).reshape(STEPS, -1))
    return out[0], out[1]


def mirror_blocks(blocks: NDArray[np.float32]) -> NDArray[np.float32]:
    """The descriptor that the mirrored picture would have: (..., 7, 7, 48 or more), extra values per block left as
    they are.

    A block holds four cells of 12 directions. Mirroring exchanges the columns of blocks, the left and right cells
    of a block, and turns a direction d into 180 degrees minus d.
    """
    flipped = blocks[..., :, ::-1, :]
    cells = flipped[..., :48].reshape(*flipped.shape[:-1], *_CELL_SHAPE, 12)
    mirrored = np.flip(cells, axis=_CELL_COLUMN_AXIS)[..., _MIRRORED_BIN]
    return np.concatenate([mirrored.reshape(*flipped.shape[:-1], 48), flipped[..., 48:]], axis=-1)


_CELL_SHAPE = (2, 2)
_CELL_COLUMN_AXIS = -2  # cells are stored row by row: (row, column, direction)
# Bin k is centred on (k + 0.5) * 30 degrees, so its mirror image is bin 5 - k.
_MIRRORED_BIN = (5 - np.arange(12)) % 12
