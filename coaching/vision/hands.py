"""Whether the hands hold anything: standing up after the bar was put down looks like a repetition in all other
respects.

A bar brings straight arms to the same place at each lockout; empty hands hang elsewhere, with slack elbows. Rises
are grouped by where the hands are at the top. The group of the lifts is the one that the set starts with, unless
another is larger by far.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision.reps import rep_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.vision.kinematics import Curves
    from coaching.vision.reps import RepTimes, Rise
    from coaching.vision.settings_table import RepSettings, Settings

    Array = NDArray[np.float64]


def without_empty_hands(rises: Sequence[Rise], curves: Curves, settings: Settings) -> list[Rise]:
    """Mark the rises in which the hands hold nothing; the rest stay as they are."""
    out = list(rises)
    r = settings.reps
    good = [i for i, rise in enumerate(rises) if not rise.why_not]
    times = {i: rep_times(rises[i], curves, settings) for i in good}
    for same_view in _by_camera(good, times, curves, r):
        far = _distances({i: _hands(times[i], curves) for i in same_view}, r)
        lifts = _lifts(same_view, far, r)
        # Two rises alone do not show how much the hands vary behind a plate: then only the one after which nothing
        # follows.
        usual = r.empty_hands if len(same_view) > 2 else np.inf
        for i in same_view:
            away = min(far[i, j] for j in lifts)
            stays_up = times[i].open_end and i == good[-1]
            if away > (r.empty_hands_last if stays_up else usual):
                out[i] = replace(rises[i], why_not="hands empty")
    return out


def _at_top(times: RepTimes, curves: Curves, values: Array) -> float:
    part = (curves.time_s >= times.top_start_s) & (curves.time_s <= times.top_end_s)
    return float(np.nanmedian(values[part]))


def _hands(times: RepTimes, curves: Curves) -> Array:
    return np.array([_at_top(times, curves, v) for v in (curves.grip, curves.reach, curves.wrist, curves.elbow_deg)])


def _by_camera(good: Sequence[int], times: dict[int, RepTimes], curves: Curves, r: RepSettings) -> list[list[int]]:
    """Rises seen by the same camera: a cut, or a change of the apparent shoulder width, is another one."""
    groups: list[list[int]] = []
    width = {i: _at_top(times[i], curves, curves.girdle) for i in good}
    shot = {i: int(curves.shot[np.searchsorted(curves.time_s, times[i].lockout_s)]) for i in good}
    for i in good:
        for group in groups:
            usual = float(np.median([width[j] for j in group]))
            if shot[i] == shot[group[0]] and abs(width[i] - usual) <= r.same_girdle:
                group.append(i)
                break
        else:
            groups.append([i])
    return groups


def _distances(hands: dict[int, Array], r: RepSettings) -> dict[tuple[int, int], float]:
    """Squared distance in SDs between the hands of each two rises; an unseen measure counts nothing."""
    sigma = np.array(r.hands_sigma)
    return {(i, j): float(np.nansum(((a - b) / sigma) ** 2)) for i, a in hands.items() for j, b in hands.items()}


def _lifts(group: Sequence[int], far: dict[tuple[int, int], float], r: RepSettings) -> list[int]:
    """The members of `group` that are linked by small steps to the first, or to the largest family if that is three
    times as large.
    """
    families: list[list[int]] = []
    for i in group:
        linked = [f for f in families if min(far[i, j] for j in f) <= r.empty_hands_last]
        families = [f for f in families if f not in linked] + [[i, *(j for f in linked for j in f)]]
    first = next(f for f in families if group[0] in f)
    largest = max(families, key=len)
    return largest if len(largest) >= 3 * len(first) else first
