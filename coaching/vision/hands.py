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

from coaching.vision.reps import EMPTY_HANDS, rep_times
from coaching.vision.signal import middle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.vision.kinematics import Curves
    from coaching.vision.reps import RepTimes, Rise
    from coaching.vision.settings_table import HandSettings, Settings

    Array = NDArray[np.float64]


def without_empty_hands(rises: Sequence[Rise], curves: Curves, settings: Settings) -> list[Rise]:
    """Mark the rises in which the hands hold nothing; the rest stay as they are."""
    out = list(rises)
    h = settings.hands
    good = [i for i, rise in enumerate(rises) if not rise.why_not]
    times = {i: rep_times(rises[i], curves, settings) for i in good}
    for group in _by_camera(good, times, curves, h):
        hands = {i: _hands(curves, times[i].top_start_s, times[i].top_end_s) for i in group}
        sigma = _sigma(_at_top(times[group[0]], curves, curves.girdle), h)
        lifts = _lifts(group, hands, sigma, h)
        before = _held_before(rises[good[0]], curves, settings)
        began_with_bar = _nearest(before, [hands[i] for i in lifts], sigma) <= h.least
        for i in group:
            away = _nearest(hands[i], [hands[j] for j in lifts], sigma)
            stays_up = times[i].open_end and i == good[-1] and not began_with_bar
            allowed = _allowed_last(lifts, hands, sigma, h) if stays_up else _allowed(group, hands, sigma, h)
            # Nearer to how the hands hung before the first lift than to any lift.
            as_before = not began_with_bar and h.clear < away and _nearest(before, [hands[i]], sigma) < away
            if away > allowed or as_before:
                out[i] = replace(rises[i], why_not=EMPTY_HANDS)
    return out


def _allowed(group: Sequence[int], hands: dict[int, Array], sigma: Array, h: HandSettings) -> float:
    """The squared distance from which hands are empty: more where tracking is restless."""
    if len(group) < 3:
        # Two rises do not show how much the hands vary behind a plate.
        return float("inf")
    return max(h.most, h.restless * _spread(group, hands, sigma))


def _allowed_last(lifts: Sequence[int], hands: dict[int, Array], sigma: Array, h: HandSettings) -> float:
    """The same for a rise after which nothing follows, of a set that did not begin at the top.

    Less for steady lifts.
    """
    if len(lifts) < 2:
        return h.most_last
    return float(np.clip(h.spread * _spread(lifts, hands, sigma), h.least, h.most_last))


def _spread(group: Sequence[int], hands: dict[int, Array], sigma: Array) -> float:
    """Median distance of a rise to the one most like it."""
    return float(np.median([_nearest(hands[i], [hands[j] for j in group if j != i], sigma) for i in group]))


def _nearest(one: Array, others: Sequence[Array], sigma: Array) -> float:
    """Least squared distance in SDs; an unseen measure counts nothing, infinite without anything to compare."""
    if not np.isfinite(one).any():
        return float("inf")
    return min((float(np.nansum(((one - other) / sigma) ** 2)) for other in others), default=float("inf"))


def _held_before(first: Rise, curves: Curves, settings: Settings) -> Array:
    """Hands of the lifter standing before the first way down; NaN when the clip starts lower."""
    standing = np.flatnonzero(curves.shoulder[: first.low] > settings.reps.standing_level)
    if standing.size < settings.reps.standing_s * settings.signal.rate_hz:
        return np.full(4, np.nan)
    last = float(curves.time_s[standing[-1]])
    return _hands(curves, last - 1.0, last)


def _at_top(times: RepTimes, curves: Curves, values: Array) -> float:
    return _during(curves, values, times.top_start_s, times.top_end_s)


def _during(curves: Curves, values: Array, start_s: float, end_s: float) -> float:
    return middle(values[(curves.time_s >= start_s) & (curves.time_s <= end_s)])


def _hands(curves: Curves, start_s: float, end_s: float) -> Array:
    """Grip, reach, height and elbow of a moment."""
    measures = (curves.grip, curves.reach, curves.wrist, curves.elbow_deg)
    return np.array([_during(curves, values, start_s, end_s) for values in measures])


def _by_camera(good: Sequence[int], times: dict[int, RepTimes], curves: Curves, h: HandSettings) -> list[list[int]]:
    """Rises seen by the same camera: a cut, or a change of the apparent shoulder width, is another one."""
    groups: list[list[int]] = []
    width = {i: _at_top(times[i], curves, curves.girdle) for i in good}
    shot = {i: int(curves.shot[np.searchsorted(curves.time_s, times[i].lockout_s)]) for i in good}
    for i in good:
        for group in groups:
            usual = float(np.median([width[j] for j in group]))
            if shot[i] == shot[group[0]] and abs(width[i] - usual) <= h.same_girdle:
                group.append(i)
                break
        else:
            groups.append([i])
    return groups


def _sigma(girdle: float, h: HandSettings) -> Array:
    """SDs of grip, reach, height and elbow. The narrower the shoulders look, the more the far hand is a guess."""
    grip = h.sigma_grip if abs(girdle) > h.side_girdle else h.sigma_grip_side
    return np.array([grip, h.sigma_place, h.sigma_place, h.sigma_elbow_deg])


def _lifts(group: Sequence[int], hands: dict[int, Array], sigma: Array, h: HandSettings) -> list[int]:
    """The rises that are linked by small steps to the first of `group`, or the largest family if three times as
    large.
    """
    step = h.least if len(group) < 3 else max(h.least, h.restless * _spread(group, hands, sigma))
    families: list[list[int]] = []
    for i in group:
        linked = [f for f in families if _nearest(hands[i], [hands[j] for j in f], sigma) <= step]
        families = [f for f in families if f not in linked] + [[i, *(j for f in linked for j in f)]]
    first = next(f for f in families if group[0] in f)
    largest = max(families, key=len)
    return largest if len(largest) >= 3 * len(first) else first
