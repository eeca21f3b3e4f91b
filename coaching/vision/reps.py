"""Repetitions from the curves of a set: turning points first, then what makes a rise a deadlift.

Counting uses the heights of shoulders and hands, which neither a plate nor a front view hides; joint angles are
left to the faults.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision import signal
from coaching.vision.signal import middle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.vision.kinematics import Body, Curves
    from coaching.vision.settings_table import RepSettings, Settings

    Array = NDArray[np.float64]
    Places = NDArray[np.int64]


EMPTY_HANDS = "hands empty"


@dataclass(frozen=True, slots=True)
class Rise:
    """One way up on the grid of the curves: indices of the lowest point before it, its highest point, and the
    lowest after it.

    why_not: empty for a repetition, else the reason why this rise is none.
    """

    low: int
    top: int
    next_low: int
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class RepTimes:
    """Moments of one repetition in seconds. top_start..top_end is the time at the top; lockout its middle.

    open_end: the clip stops before the bar is down again. agreement 0..1: of the signals, for the confidence.
    """

    start_s: float
    top_start_s: float
    lockout_s: float
    top_end_s: float
    end_s: float
    low_s: float
    open_end: bool
    agreement: float


def turning_points(values: Array, swing: float) -> list[tuple[int, bool]]:
    """Alternating (index, is_high) extremes of `values` that differ by at least `swing`; NaN are skipped.

    The first and the last stretch count too: a set may start at the bottom or end at the top.
    """
    finite = np.flatnonzero(np.isfinite(values))
    if finite.size == 0:
        return []
    points: list[tuple[int, bool]] = []
    low = high = int(finite[0])
    rising: bool | None = None
    heights = values.tolist()  # a loop over an array's elements costs five times as much
    for i in finite.tolist():
        v = heights[i]
        if rising is not False and v > heights[high]:
            high = i
        if rising is not True and v < heights[low]:
            low = i
        if rising is not False and heights[high] - v >= swing:
            points.append((high, True))
            rising, low = False, i
        elif rising is not True and v - heights[low] >= swing:
            points.append((low, False))
            rising, high = True, i
    if rising is not None:
        points.append((high, True) if rising else (low, False))
    return points


def find_rises(body: Body, curves: Curves, settings: Settings) -> list[Rise]:
    """Every large way up of the shoulders, judged.

    Two passes: what counts as large is half of the set's own middle rise, so neither a deep crouch after the set
    nor fidgeting before it changes the count.
    """
    r = settings.reps
    if not np.isfinite(curves.shoulder).any():
        return []
    rises = _rises(curves.shoulder, r.min_shoulder_rise)
    judged = _judged(rises, body, curves, r)
    sizes = [_size(rise, curves) for rise in judged if not rise.why_not]
    if sizes:
        large = _rises(curves.shoulder, max(r.min_shoulder_rise, r.relative_rise * float(np.median(sizes))))
        judged = judged if large == rises else _judged(large, body, curves, r)
    return judged


def _rises(shoulder: Array, swing: float) -> list[Rise]:
    points = turning_points(shoulder, swing)
    last = int(np.flatnonzero(np.isfinite(shoulder))[-1])
    return [
        Rise(points[k - 1][0], at, points[k + 1][0] if k + 1 < len(points) else last)
        for k, (at, is_high) in enumerate(points)
        if is_high and k > 0
    ]


def _size(rise: Rise, curves: Curves) -> float:
    return float(curves.shoulder[rise.top] - curves.shoulder[rise.low])


def _judged(rises: Sequence[Rise], body: Body, curves: Curves, r: RepSettings) -> list[Rise]:
    if not rises:
        return []
    standing = float(np.median(curves.shoulder[[rise.top for rise in rises]]))
    lowest = float(np.median(curves.shoulder[[rise.low for rise in rises]]))
    upright = lowest + r.min_lockout_level * (standing - lowest)
    return [replace(rise, why_not=_why_not(rise, body, curves, upright, r)) for rise in rises]


def _why_not(rise: Rise, body: Body, curves: Curves, upright: float, r: RepSettings) -> str:
    """The first thing about this rise that no deadlift does, or nothing. upright: least height of the shoulders."""
    t, shoulder = curves.time_s, curves.shoulder
    part = slice(rise.low, rise.top + 1)
    if _longest_hole_s(shoulder[part], t[part]) > r.max_bridge_s:
        return "not seen"
    if float(shoulder[rise.top]) < upright:
        return "not upright"
    at_top, at_low = _near(shoulder, rise, high=True), _near(shoulder, rise, high=False)
    return _why_not_body(rise, curves, at_top, at_low, r) or _why_not_hands(body, curves, at_top, at_low, r)


def _why_not_body(rise: Rise, curves: Curves, at_top: Places, at_low: Places, r: RepSettings) -> str:
    if middle(curves.trunk_deg[at_top]) > r.max_trunk_top_deg:
        return "trunk not upright"
    if float(curves.shoulder[rise.low]) < r.min_shoulder_low:
        return "lies or kneels"
    torso = curves.shoulder - curves.hip
    if middle(torso[at_low]) > r.max_torso_share * middle(torso[at_top]):
        return "no hinge"
    return ""


def _why_not_hands(body: Body, curves: Curves, at_top: Places, at_low: Places, r: RepSettings) -> str:
    top, low = middle(curves.wrist[at_top]), middle(curves.wrist[at_low])
    if not r.min_wrist_top <= top <= r.max_wrist_top:
        return "hands not at the hips"
    if low > r.max_wrist_bottom:
        return "hands not low"
    if top - low < r.min_wrist_rise:
        return "hands do not rise"
    return "walks" if _step_bh(body, curves, at_low, at_top) > r.max_step_bh else ""


def _near(shoulder: Array, rise: Rise, *, high: bool) -> Places:
    """Grid indices of the upper or lower sixth of a rise."""
    part = np.arange(rise.low, rise.top + 1)
    values = shoulder[part]
    span = float(shoulder[rise.top] - shoulder[rise.low])
    keep = values >= shoulder[rise.top] - span / 6 if high else values <= shoulder[rise.low] + span / 6
    return np.asarray(part[keep & np.isfinite(values)])


def _longest_hole_s(values: Array, time_s: Array) -> float:
    holes = [time_s[min(run.stop, time_s.size - 1)] - time_s[run.start] for run in signal.runs(~np.isfinite(values))]
    return float(max(holes, default=0.0))


def _step_bh(body: Body, curves: Curves, one: Places, other: Places) -> float:
    """How far the feet moved across the picture between two groups of grid points.

    In standing shoulder heights; 0 when a cut lies between them.
    """
    if not (one.size and other.size) or curves.shot[one[0]] != curves.shot[other[0]]:
        return 0.0
    shot = body.shots[curves.shot[one[0]]]
    places = []
    for group in (one, other):
        frames = np.searchsorted(body.time_s, curves.time_s[group]).clip(0, body.time_s.size - 1)
        places.append(middle((body.image[frames, 27, 0] + body.image[frames, 28, 0]) / 2))
    step = abs(places[0] - places[1]) / shot.height_px
    return step if np.isfinite(step) else 0.0


def rep_times(rise: Rise, curves: Curves, settings: Settings) -> RepTimes:
    """The moments of one repetition. Hands tell lift-off and floor, shoulders and hands together the top."""
    r, t = settings.reps, curves.time_s
    extension = rise_extension(rise, curves)
    part = np.arange(rise.low, rise.next_low + 1)
    top = rise.top - rise.low
    level = r.top_level
    below = np.flatnonzero(~(extension[:top] >= level))
    first = int(below[-1]) + 1 if below.size else 0
    fallen = np.flatnonzero(~(extension[top:] >= level))
    last = top + int(fallen[0]) - 1 if fallen.size else extension.size - 1
    first, last = min(first, top), max(last, top)
    start = _lift_off(curves.wrist[part], first, r)
    open_end = not fallen.size or float(np.nanmin(extension[last:])) > 0.5
    end = (
        extension.size - 1
        if open_end
        else last + _lift_off(curves.wrist[part][last:][::-1], extension.size - 1 - last, r, back=True)
    )
    lockout = (t[part[first]] + t[part[last]]) / 2
    held = first + np.flatnonzero(extension[first : last + 1] >= r.held_level)
    if held.size:
        first, last = int(held[0]), int(held[-1])
    return RepTimes(
        start_s=float(t[part[start]]),
        top_start_s=float(t[part[first]]),
        lockout_s=float(lockout),
        top_end_s=float(t[part[last]]),
        end_s=float(t[part[end]]),
        low_s=float(t[rise.low]),
        open_end=open_end,
        agreement=_agreement(rise, curves),
    )


def rise_extension(rise: Rise, curves: Curves) -> Array:
    """Extension 0..1 from the low point before to the low point after, each side of the top on its own range."""
    part = slice(rise.low, rise.next_low + 1)
    top = rise.top - rise.low
    mixed = np.zeros(rise.next_low + 1 - rise.low)
    weight = np.zeros_like(mixed)
    for values, w in ((curves.shoulder[part], 0.65), (curves.wrist[part], 0.35)):
        peak = middle(values[max(top - 3, 0) : top + 4])
        e = np.clip((values - np.nanmin(values)) / max(peak - float(np.nanmin(values)), 1e-6), 0.0, 1.05)
        ok = np.isfinite(e)
        mixed[ok] += w * e[ok]
        weight[ok] += w
    return np.where(weight > 0, mixed / np.maximum(weight, 1e-9), np.nan)


def _lift_off(wrist: Array, until: int, r: RepSettings, *, back: bool = False) -> int:
    """Index of the last sample before `until` at which the hands are still within 5 % of their travel from the
    lowest point.

    With `back` the curve is reversed in time and the answer is counted from the other end.
    """
    rise = wrist[: until + 1]
    if not np.isfinite(rise).any():
        return until if back else 0
    low, high = float(np.nanmin(rise)), float(rise[np.isfinite(rise)][-1])
    still = np.flatnonzero(rise <= low + r.floor_level * max(high - low, 1e-6))
    index = int(still[-1]) if still.size else 0
    return until - index if back else index


def _agreement(rise: Rise, curves: Curves) -> float:
    """Correlation of shoulder and hand heights through the rise, 0..1.

    A lift moves both, a tracking error only one.
    """
    part = slice(rise.low, rise.top + 1)
    a, b = curves.shoulder[part], curves.wrist[part]
    ok = np.isfinite(a) & np.isfinite(b)
    if ok.sum() < 5:
        return 0.5
    a, b = a[ok] - a[ok].mean(), b[ok] - b[ok].mean()
    scale = float(np.sqrt(np.sum(a * a) * np.sum(b * b)))
    return float(np.clip(np.sum(a * b) / scale, 0.0, 1.0)) if scale > 0.0 else 0.5
