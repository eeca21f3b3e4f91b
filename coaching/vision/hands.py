"""Whether the hands hold anything.

Standing up after the bar was put down looks like a repetition in all other respects. A bar brings straight arms to the
same place at each lockout; empty hands hang elsewhere, with slack elbows, usually as they hung before the set. Rises
are grouped by where the hands are at the top. The lifts are the group that the set starts with, unless another is
larger by far.
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
    good = [i for i, rise in enumerate(rises) if not rise.why_not]
    if len(good) < 2:
        return list(rises)
    times = {i: rep_times(rises[i], curves, settings) for i in good}
    before = _held_before(rises[good[0]], curves, settings)
    # After the last rise nothing follows: the clip ends at a lockout, or the lifter left the bar on the floor.
    last = good[-1] if times[good[-1]].open_end else -1
    empty: set[int] = set()
    for group in _by_camera(good, times, curves, settings.hands):
        empty |= _Group(group, times, curves, settings.hands).empty(before, last)
    if last not in empty and _turned_away(last, good, times, curves, settings.hands):
        empty.add(last)
    return [replace(rise, why_not=EMPTY_HANDS) if i in empty else rise for i, rise in enumerate(rises)]


class _Group:
    """Rises seen by one camera, and where the hands are at the top of each."""

    def __init__(self, members: list[int], times: dict[int, RepTimes], curves: Curves, h: HandSettings) -> None:
        self.members = members
        self.h = h
        self.hands = {i: _hands(curves, times[i].top_start_s, times[i].top_end_s) for i in members}
        self.sigma = _sigma(_at_top(times[members[0]], curves, curves.girdle), h)

    def empty(self, before: Array, last: int) -> set[int]:
        """The members with empty hands. before: how the hands hung before the first lift, NaN when not seen."""
        others = [i for i in self.members if i != last]
        if not others:
            return set()
        lifts = self._lifts(others)
        began_with_bar = self._away(before, lifts) <= self.h.least
        known = np.full(4, np.nan) if began_with_bar else before
        found = {i for i in others if self._empty_between(i, lifts, known)}
        if last in self.members:
            away = self._away(self.hands[last], lifts)
            allowed = self.h.most if began_with_bar else self._allowed_last(lifts)
            if away > allowed or self._as_before(last, away, known):
                found.add(last)
        return found

    def _empty_between(self, i: int, lifts: Sequence[int], before: Array) -> bool:
        """Whether the hands are empty in a rise that is followed by another way down."""
        away = self._away(self.hands[i], lifts)
        if np.isfinite(before).any():
            return self._as_before(i, away, before)
        # Two rises do not show how much the hands vary behind a plate.
        return len(self.members) > 2 and away > max(self.h.most, self.h.restless * self._spread(self.members))

    def _as_before(self, i: int, away: float, before: Array) -> bool:
        """Nearer to how the hands hung before the first lift than to any lift."""
        return self.h.clear < away and self._away(before, [i]) < away

    def _allowed_last(self, lifts: Sequence[int]) -> float:
        if len(lifts) < 2:
            return self.h.most_last
        return float(np.clip(self.h.spread * self._spread(lifts), self.h.least, self.h.most_last))

    def _spread(self, group: Sequence[int]) -> float:
        """Median distance of a rise to the one most like it."""
        return float(np.median([self._away(self.hands[i], [j for j in group if j != i]) for i in group]))

    def _away(self, one: Array, others: Sequence[int]) -> float:
        """Least squared distance in SDs to the hands of `others`; infinite without anything to compare."""
        if not np.isfinite(one).any():
            return float("inf")
        return min((_distance(one, self.hands[j], self.sigma) for j in others), default=float("inf"))

    def _lifts(self, group: Sequence[int]) -> list[int]:
        """The rises linked by small steps to the first, or the largest family if that is three times as large."""
        step = self.h.least if len(group) < 3 else max(self.h.least, self.h.restless * self._spread(group))
        families: list[list[int]] = []
        for i in group:
            linked = [f for f in families if self._away(self.hands[i], f) <= step]
            families = [f for f in families if f not in linked] + [[i, *(j for f in linked for j in f)]]
        first = next(f for f in families if group[0] in f)
        largest = max(families, key=len)
        return largest if len(largest) >= 3 * len(first) else first


def _turned_away(last: int, good: Sequence[int], times: dict[int, RepTimes], curves: Curves, h: HandSettings) -> bool:
    """A last rise seen from another side than all others: height and elbow must tell, for they do not turn."""
    if last < 0:
        return False
    girdle = {i: _at_top(times[i], curves, curves.girdle) for i in good}
    others = [i for i in good if i != last]
    if min(abs(girdle[last] - girdle[i]) for i in others) <= h.same_girdle:
        return False
    sigma = np.array([np.inf, np.inf, h.sigma_place, h.sigma_elbow_deg])
    hands = {i: _hands(curves, times[i].top_start_s, times[i].top_end_s) for i in good}
    return min(_distance(hands[last], hands[i], sigma) for i in others) > h.most_last


def _held_before(first: Rise, curves: Curves, settings: Settings) -> Array:
    """Hands of the lifter standing before the first way down; NaN when the clip starts lower."""
    standing = np.flatnonzero(curves.shoulder[: first.low] > settings.reps.standing_level)
    if standing.size < settings.reps.standing_s * settings.signal.rate_hz:
        return np.full(4, np.nan)
    last = float(curves.time_s[standing[-1]])
    return _hands(curves, last - 1.0, last)


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


def _hands(curves: Curves, start_s: float, end_s: float) -> Array:
    """Grip, reach, height and elbow of a moment."""
    measures = (curves.grip, curves.reach, curves.wrist, curves.elbow_deg)
    return np.array([_during(curves, values, start_s, end_s) for values in measures])


def _at_top(times: RepTimes, curves: Curves, values: Array) -> float:
    return _during(curves, values, times.top_start_s, times.top_end_s)


def _during(curves: Curves, values: Array, start_s: float, end_s: float) -> float:
    return middle(values[(curves.time_s >= start_s) & (curves.time_s <= end_s)])


def _sigma(girdle: float, h: HandSettings) -> Array:
    """SDs of grip, reach, height and elbow. The narrower the shoulders look, the more the far hand is a guess."""
    grip = h.sigma_grip if abs(girdle) > h.side_girdle else h.sigma_grip_side
    return np.array([grip, h.sigma_place, h.sigma_place, h.sigma_elbow_deg])


def _distance(one: Array, other: Array, sigma: Array) -> float:
    """Squared distance in SDs; an unseen measure counts nothing."""
    return float(np.nansum(((one - other) / sigma) ** 2))
