"""Curves of a whole set on one even time grid: heights, angles and widths, cleaned of impossible frames and of cuts.

A film can be cut: each stretch between cuts is a `shot` with its own floor and scale. Heights are fractions of the
standing shoulder height above the floor of the shot, so that 1 means upright whatever the camera does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision import geometry as g
from coaching.vision import signal
from coaching.vision.back import STATIONS
from coaching.vision.sides import exchanged, put_back

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.settings_table import QualitySettings, Settings
    from coaching.vision.types import Track

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]


UPPER_BODY = [0, 7, 8, 11, 12, 23, 24]  # nose, ears, shoulders, hips
EXCHANGED = [0, 2, 1, 4, 3, 6, 5, 7]  # the same and the feet with left and right exchanged
CUT_FRAMES = 4
CURVES = ("shoulder", "wrist", "hip", "trunk_deg", "grip", "girdle", "reach", "elbow_deg")


@dataclass(frozen=True, slots=True)
class Shot:
    """Frames [start, stop) between two cuts; floor_y px of the ankles, height_px standing shoulders above them."""

    start: int
    stop: int
    floor_y: float
    height_px: float


@dataclass(frozen=True, slots=True)
class Body:
    """Frame by frame, float64: image (n, 33, 4) px, world (n, 33, 3) m, NaN where nobody was seen or the frame is
    impossible. outline (n, 2, 13) as in Track, NaN where no silhouette was seen.

    seen (n,): frames with a usable person. shots: stretches without a cut. Times in seconds.
    """

    time_s: Array
    image: Array
    world: Array
    outline: Array
    seen: Mask
    shots: tuple[Shot, ...]
    width: int
    height: int

    @property
    def xy(self) -> Array:
        return self.image[..., :2]


@dataclass(frozen=True, slots=True)
class Curves:
    """Smoothed (m,) curves on the even grid `time_s`. Heights are 1 at standing shoulder height; NaN in long holes
    and across cuts.

    shoulder, wrist, hip: heights of the midpoints. grip, girdle: distance right -> left of the hands and of the
    shoulders across the picture; reach: how far the hands are to the right of the shoulders; elbow_deg: mean of
    both, weighted by visibility. shot: index of the shot, -1 outside. jitter: SD of the shoulder height above the
    filter's cut-off.
    """

    time_s: Array
    shoulder: Array
    wrist: Array
    hip: Array
    trunk_deg: Array
    grip: Array
    girdle: Array
    reach: Array
    elbow_deg: Array
    shot: NDArray[np.int64]
    jitter: float


def body_of(track: Track, settings: Settings) -> Body:
    """Clean a track: float64, frames by time, cuts found, sides put back, scale and floor of each shot."""
    image = np.asarray(track.image, dtype=np.float64).copy()
    world = np.asarray(track.world, dtype=np.float64).copy()
    time_s = np.asarray(track.time_s, dtype=np.float64)
    seen = np.asarray(track.detected, dtype=bool) & np.isfinite(image[:, g.LEFT_SHOULDER, 0])
    seen &= ~_inverted(image, seen, settings)
    image[~seen] = np.nan
    world[~seen] = np.nan
    outline = np.full((time_s.size, 2, STATIONS.size), np.nan)
    if track.outline is not None:
        outline[seen] = track.outline[seen]
    parts = _between_cuts(time_s, image, seen, settings)
    for a, b in parts:
        wrong = exchanged(time_s[a:b], image[a:b, :, :2], settings.signal)
        put_back(image[a:b], wrong)
        put_back(world[a:b], wrong)
    shots = tuple(_shot(image, a, b) for a, b in parts)
    return Body(time_s, image, world, outline, seen, shots, track.width, track.height)


def _inverted(image: Array, seen: Mask, settings: Settings) -> Mask:
    """Single frames with the shoulders far below the hips are tracking errors.

    A whole film of them is upside down and stays.
    """
    trunk = g.from_vertical_deg(
        g.midpoint(image[..., :2], g.LEFT_HIP, g.RIGHT_HIP),
        g.midpoint(image[..., :2], g.LEFT_SHOULDER, g.RIGHT_SHOULDER),
    )
    if not seen.any() or float(np.median(trunk[seen])) > settings.quality.upside_down_deg:
        return np.zeros(seen.shape, dtype=bool)
    return np.asarray(trunk > settings.quality.max_trunk_deg)


def curves_of(body: Body, settings: Settings) -> Curves:
    """The curves that repetitions are counted on."""
    rate = settings.signal.rate_hz
    grid = signal.even_grid(body.time_s, rate)
    out = {name: np.full(grid.shape, np.nan) for name in CURVES}
    shot_of = np.full(grid.shape, -1, dtype=np.int64)
    rest: list[float] = []
    for index, shot in enumerate(body.shots):
        part = slice(shot.start, shot.stop)
        inside = (grid >= body.time_s[shot.start]) & (grid <= body.time_s[shot.stop - 1])
        if not inside.any():
            continue
        shot_of[inside] = index
        calm, jitter = signal.to_grid(body.time_s[part], _frame_curves(body, shot), grid[inside], settings.signal)
        rest.append(jitter["shoulder"])
        for name, values in calm.items():
            out[name][inside] = values
    worst = float(np.nanmax(rest)) if np.isfinite(rest).any() else np.nan
    return Curves(grid, **out, shot=shot_of, jitter=worst)


def _frame_curves(body: Body, shot: Shot) -> dict[str, Array]:
    xy, world = body.xy[shot.start : shot.stop], body.world[shot.start : shot.stop]
    points = {
        "shoulder": g.midpoint(xy, g.LEFT_SHOULDER, g.RIGHT_SHOULDER),
        "wrist": g.midpoint(xy, g.LEFT_WRIST, g.RIGHT_WRIST),
        "hip": g.midpoint(xy, g.LEFT_HIP, g.RIGHT_HIP),
    }
    curves = {name: (shot.floor_y - point[:, 1]) / shot.height_px for name, point in points.items()}
    curves["grip"] = (xy[:, g.LEFT_WRIST, 0] - xy[:, g.RIGHT_WRIST, 0]) / shot.height_px
    curves["girdle"] = (xy[:, g.LEFT_SHOULDER, 0] - xy[:, g.RIGHT_SHOULDER, 0]) / shot.height_px
    curves["elbow_deg"] = _elbow_deg(body.image[shot.start : shot.stop])
    curves["reach"] = (points["wrist"][:, 0] - points["shoulder"][:, 0]) / shot.height_px
    in_space = g.from_vertical_deg(
        g.midpoint(world, g.LEFT_HIP, g.RIGHT_HIP), g.midpoint(world, g.LEFT_SHOULDER, g.RIGHT_SHOULDER)
    )
    # An engine without depth: what the picture shows of the trunk is upright, too, when the lifter is.
    curves["trunk_deg"] = np.where(
        np.isfinite(in_space), in_space, g.from_vertical_deg(points["hip"], points["shoulder"])
    )
    return curves


def _elbow_deg(image: Array) -> Array:
    xy, seen = image[..., :2], image[..., 3]
    left = g.joint_angle_deg(xy[:, g.LEFT_SHOULDER], xy[:, g.LEFT_ELBOW], xy[:, g.LEFT_WRIST])
    right = g.joint_angle_deg(xy[:, g.RIGHT_SHOULDER], xy[:, g.RIGHT_ELBOW], xy[:, g.RIGHT_WRIST])
    w_left, w_right = (seen[:, elbow] * seen[:, wrist] + 1e-6 for elbow, wrist in ((13, 15), (14, 16)))
    return np.asarray((left * w_left + right * w_right) / (w_left + w_right))


def _between_cuts(time_s: Array, image: Array, seen: Mask, settings: Settings) -> list[tuple[int, int]]:
    """Frame ranges without a jump of the shoulders that no body makes."""
    frames = np.flatnonzero(seen)
    if frames.size < 2:
        return [(int(frames[0]), int(frames[0]) + 1)] if frames.size else []
    shoulders = g.midpoint(image[..., :2], g.LEFT_SHOULDER, g.RIGHT_SHOULDER)[frames]
    scale = _scale_px(image)[frames]
    step = g.length(shoulders[1:], shoulders[:-1])
    dt = np.diff(time_s[frames])
    q = settings.quality
    allowed = np.maximum(q.max_jump_bh, q.max_speed_bh_s * dt) * np.minimum(scale[1:], scale[:-1])
    jump = (step > allowed) | _moved_at_once(image[frames, :, :2], float(np.percentile(scale, 75)), dt, q)
    cut = np.flatnonzero(jump & (dt <= settings.reps.max_bridge_s))
    starts = [int(frames[0]), *(int(frames[i + 1]) for i in cut)]
    stops = [*(int(frames[i]) + 1 for i in cut), int(frames[-1]) + 1]
    return list(zip(starts, stops, strict=True))


def _moved_at_once(xy: Array, scale: float, dt: Array, q: QualitySettings) -> Mask:
    """Between which frames (n - 1,) nearly the whole body, feet too, went elsewhere in one step and stayed there.

    A body that moves fast covers a quarter of the way from four frames before to four after in the step between; a
    cut covers all of it, and takes feet along that stand on the floor. Left and right may be exchanged, which is an
    error of the model and no cut.
    """
    k, n = CUT_FRAMES, len(xy)
    found = np.zeros(n - 1, dtype=bool)
    if n < 2 * k:
        return found
    feet = g.midpoint(xy, g.LEFT_ANKLE, g.RIGHT_ANKLE)[:, None]
    points = np.concatenate((xy[:, UPPER_BODY], feet), axis=1)
    calm = np.median(np.lib.stride_tricks.sliding_window_view(points, k, axis=0), axis=-1)
    before, after = calm[: n - 2 * k + 1], calm[k:]
    step = g.length(points[k : n - k + 1], points[k - 1 : n - k])
    enough = np.maximum(q.min_cut_bh, q.min_cut_bh_s * dt[k - 1 : n - k])[:, None] * scale
    way, exchanged = g.length(after, before), g.length(after[:, EXCHANGED], before)
    at_once = step > 0.6 * way
    moved = (way > enough) & (exchanged > enough) & at_once
    feet_moved = (way[:, -1] > q.min_cut_feet_bh * scale) & at_once[:, -1]
    found[k - 1 : n - k] = (moved[:, :-1].sum(axis=1) >= len(UPPER_BODY) - 2) & feet_moved
    return found


def _scale_px(image: Array) -> Array:
    """Size of the body in each frame whatever its posture: shank + thigh + trunk px of the longer-looking side."""
    xy = image[..., :2]
    sides = []
    for shoulder, hip, knee, ankle in (
        (g.LEFT_SHOULDER, g.LEFT_HIP, g.LEFT_KNEE, g.LEFT_ANKLE),
        (g.RIGHT_SHOULDER, g.RIGHT_HIP, g.RIGHT_KNEE, g.RIGHT_ANKLE),
    ):
        chain = (
            g.length(xy[:, shoulder], xy[:, hip])
            + g.length(xy[:, hip], xy[:, knee])
            + g.length(xy[:, knee], xy[:, ankle])
        )
        sides.append(chain)
    return np.maximum(sides[0], sides[1])


def _shot(image: Array, start: int, stop: int) -> Shot:
    xy = image[start:stop, :, :2]
    floor = float(np.nanmedian(g.midpoint(xy, g.LEFT_ANKLE, g.RIGHT_ANKLE)[:, 1]))
    shoulder = floor - g.midpoint(xy, g.LEFT_SHOULDER, g.RIGHT_SHOULDER)[:, 1]
    chain = float(np.nanmedian(_scale_px(image[start:stop])))
    # A shot in which nobody stands upright still has long legs and a trunk; 0.8 of them keeps a bent view from being
    # "upright".
    height = max(float(np.nanpercentile(shoulder, 95)), 0.8 * chain, 1.0)
    return Shot(start, stop, floor, height)
