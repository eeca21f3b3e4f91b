"""Whether the hands hold anything.

Standing up after the bar was put down looks like a repetition in most respects, and so does bending for a plate or a
shoe. A bar takes straight arms along the same way each time: it starts at the same height, stays over the feet while
the shoulders travel, and ends at the same place of the thighs. Empty hands hang under the shoulders, and a body that
goes down for something else goes elsewhere. So rises are compared by their whole way up. Those alike are a family, and
one family holds the bar: not the one whose hands hang as they hung before the first way down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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

LEVELS = ((0.35, 0.6), (0.6, 0.85))  # parts of the shoulders' rise over which the way up is compared
AROUND_S = 0.06  # a moment is the median of so much before and after it
TOP = slice(0, 4)  # of a way up: the hands at the top
TURNS = [0, 1, 4, 5, 7, 8]  # of a way up: what another camera sees otherwise


def without_empty_hands(rises: Sequence[Rise], curves: Curves, settings: Settings) -> list[Rise]:
    """Mark the rises in which the hands hold nothing; the rest stay as they are."""
    good = [i for i, rise in enumerate(rises) if not rise.why_not]
    if not good:
        return list(rises)
    times = {i: rep_times(rises[i], curves, settings) for i in good}
    ways = {i: way_up(rises[i], times[i], curves) for i in good}
    # After the last rise nothing follows: the clip ends at a lockout, or the lifter left the bar on the floor.
    last = _last_of(good, times, curves, settings.hands)
    whole = [i for i in good if _seen_by_one_camera(rises[i], times[i], curves, settings.hands)]
    empty: set[int] = set()
    for group in by_camera(whole, times, curves, settings.hands):
        before = _held_before(rises[good[0]], curves, settings) if good[0] in group else np.full(4, np.nan)
        girdle = _at_top(times[group[0]], curves, curves.girdle)
        empty |= _Group({i: ways[i] for i in group}, girdle, before, last, settings.hands).empty()
        if group == [last.index]:
            whole.remove(last.index)
    if last.index not in [-1, *whole] and len(good) > 1 and _unlike_seen_elsewhere(ways, last.index, settings.hands):
        empty.add(last.index)
    if (
        len(good) == 1
        and not last.trimmed
        and _left_on_the_floor(rises[good[0]], times[good[0]], ways[good[0]], curves, settings)
    ):
        empty.add(good[0])
    return [replace(rise, why_not=EMPTY_HANDS) if i in empty else rise for i, rise in enumerate(rises)]


@dataclass(frozen=True, slots=True)
class _Last:
    """A rise after which the lifter stays up; index -1 when there is none. trimmed: the clip stops at once."""

    index: int
    trimmed: bool


def _last_of(good: Sequence[int], times: dict[int, RepTimes], curves: Curves, h: HandSettings) -> _Last:
    if not times[good[-1]].open_end:
        return _Last(-1, trimmed=False)
    return _Last(good[-1], trimmed=float(curves.time_s[-1]) - times[good[-1]].top_start_s < h.trimmed_s)


class _Group:
    """Rises seen by one camera. ways: by rise; before: hands before the first way down, NaN when not seen."""

    def __init__(self, ways: dict[int, Array], girdle: float, before: Array, last: _Last, h: HandSettings) -> None:
        self.ways = ways
        self.before = before
        self.last = last
        self.h = h
        self.sigma = sigmas(girdle, h)

    def empty(self) -> set[int]:
        """The members with empty hands."""
        families = self._families()
        lifts = max(families, key=self._holds)
        found: set[int] = set()
        for family in families:
            if family is not lifts:
                found |= {i for i in family if self._other(i, family, lifts)}
        return found

    def _other(self, i: int, family: Sequence[int], lifts: Sequence[int]) -> bool:
        """Whether a rise that is not of the lifts' family has empty hands."""
        if i == self.last.index:
            return not self._likely_held(lifts) or self._away(i, lifts) > self.h.far
        hands = self._hands(family)
        if self._distance_at_top(hands, self.before) < self._distance_at_top(hands, self._hands(lifts)):
            return True
        # Two rises do not show how much the hands vary behind a plate.
        return len(self.ways) > 2 and self._away(i, lifts) > self.h.far

    def _likely_held(self, lifts: Sequence[int]) -> bool:
        """Whether a last rise, after which the lifter stays up, is to be believed if it only looks a little different.

        Who began with the bar in the hands never let go; and a film that stops as soon as the lifter is up was cut at
        a lockout rather than at somebody's standing up.
        """
        return self.last.trimmed or self._away_from_before(lifts) < self.h.same

    def _holds(self, family: Sequence[int]) -> float:
        """How much speaks for this family as the one that holds the bar, in natural logarithms of odds.

        Its size; hands that hang otherwise than before the set; when that was not seen, that it came first. A rise
        after which the lifter stays up has less to say than one that is followed by another.
        """
        away = self._away_from_before(family)
        first = np.log(self.h.head_start) if min(family) == min(self.ways) else 0.0
        hands = first if np.isnan(away) else float(np.clip((away - self.h.clear) / self.h.clear_sd, -2.0, 2.0))
        alone = 2.0 if list(family) == [self.last.index] else 0.0
        return float(self.h.size * np.log(len(family)) + hands - alone)

    def _families(self) -> list[list[int]]:
        """Rises linked by small steps, in the order of their first members."""
        families: list[list[int]] = []
        step = self._step()
        for i in self.ways:
            linked = [f for f in families if self._away(i, f) <= step]
            families = [f for f in families if f not in linked] + [sorted([i, *(j for f in linked for j in f)])]
        return sorted(families)

    def _step(self) -> float:
        """How far two rises of a family may be from each other: more where the hands are restless."""
        if len(self.ways) < 3:
            return self.h.link
        nearest = sorted(self._away(i, list(self.ways)) for i in self.ways)
        return float(np.clip(self.h.restless * nearest[(len(nearest) - 1) // 3], self.h.link, self.h.far))

    def _hands(self, family: Sequence[int]) -> Array:
        return np.asarray(np.nanmean([self.ways[i][TOP] for i in family], axis=0))

    def _away_from_before(self, family: Sequence[int]) -> float:
        """From the hands at the top to those before the set; NaN when these were not seen."""
        return self._distance_at_top(self._hands(family), self.before)

    def _distance_at_top(self, one: Array, other: Array) -> float:
        return distance(one, other, self.sigma[TOP]) if np.isfinite(one - other).any() else float("nan")

    def _away(self, one: int, others: Sequence[int]) -> float:
        """Least squared distance in SDs to the way up of `others`; infinite without anything to compare."""
        if not np.isfinite(self.ways[one][TOP]).any():
            return float("inf")
        distances = [distance(self.ways[one], self.ways[j], self.sigma) for j in others if j != one]
        return min(distances, default=float("inf"))


def _unlike_seen_elsewhere(ways: dict[int, Array], last: int, h: HandSettings) -> bool:
    """A last rise seen by another camera than all others: heights and elbow must tell, for they do not turn."""
    sigma = sigmas(0.0, h)
    sigma[TURNS] = np.inf
    return min(distance(ways[last], way, sigma) for i, way in ways.items() if i != last) > h.link


def _left_on_the_floor(rise: Rise, times: RepTimes, way: Array, curves: Curves, settings: Settings) -> bool:
    """The only rise, with hands at its top as before it, after a stay below: what they may have held is still there.

    Somebody who went down with a bar in the hands comes up again at once.
    """
    h, before = settings.hands, _held_before(rise, curves, settings)
    sigma = sigmas(_at_top(times, curves, curves.girdle), h)[TOP]
    if not np.isfinite(before).any() or distance(way[TOP], before, sigma) >= h.clear:
        return False
    shoulder, t = curves.shoulder, curves.time_s
    low = shoulder <= shoulder[rise.low] + (shoulder[rise.top] - shoulder[rise.low]) / 4
    higher = np.flatnonzero(~low[: rise.low])
    up_s = float(t[rise.low + np.flatnonzero(low[rise.low : rise.top])[-1]])
    stay_s = up_s - float(t[higher[-1]]) if higher.size else 0.0
    return stay_s > h.stays_below * (times.top_start_s - up_s)


def _held_before(first: Rise, curves: Curves, settings: Settings) -> Array:
    """Hands of the lifter standing before the first way down; NaN when the clip starts lower."""
    standing = np.flatnonzero(curves.shoulder[: first.low] > settings.reps.standing_level)
    if standing.size < settings.hands.standing_s * settings.signal.rate_hz:
        return np.full(4, np.nan)
    last = float(curves.time_s[standing[-1]])
    return _hands(curves, last - 0.5, last)


def by_camera(good: Sequence[int], times: dict[int, RepTimes], curves: Curves, h: HandSettings) -> list[list[int]]:
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


def _seen_by_one_camera(rise: Rise, times: RepTimes, curves: Curves, h: HandSettings) -> bool:
    """Neither a cut on the part of the way up that is compared, nor shoulders that look wider or narrower after it.

    From the side the width of the shoulders is a guess that changes as the trunk bends: it tells of no other camera.
    """
    part = _part(rise, curves, LEVELS[0][0], LEVELS[0][1])
    if not part.size or curves.shot[part[0]] != curves.shot[rise.top]:
        return False
    bent, upright = middle(curves.girdle[part]), _at_top(times, curves, curves.girdle)
    if max(abs(bent), abs(upright)) < h.side_girdle:
        return True
    return not abs(bent - upright) > h.same_girdle


def _part(rise: Rise, curves: Curves, low: float, high: float) -> NDArray[np.int64]:
    """Grid points of the way up at which the shoulders are between two shares of their rise."""
    shoulder = curves.shoulder[rise.low : rise.top + 1]
    share = (shoulder - shoulder[0]) / (shoulder[-1] - shoulder[0])
    return np.asarray(rise.low + np.flatnonzero((share >= low) & (share <= high)))


def way_up(rise: Rise, times: RepTimes, curves: Curves) -> Array:
    """What the hands and the hips do on the way up: grip, reach, height and elbow at the top; grip, reach and height
    of the hips half and three quarters up; heights of shoulders, hips and hands at the lowest point, NaN before a cut.
    """
    values = [*_hands(curves, times.top_start_s, times.top_end_s)]
    for low, high in LEVELS:
        part = _part(rise, curves, low, high)
        values += [middle(one[part]) for one in (curves.grip, curves.reach, curves.hip)]
    if curves.shot[rise.low] == curves.shot[rise.top]:
        values += [_at(curves, one, times.low_s) for one in (curves.shoulder, curves.hip, curves.wrist)]
    else:
        values += [np.nan] * 3
    return np.array(values)


def _hands(curves: Curves, start_s: float, end_s: float) -> Array:
    """Grip, reach, height and elbow of a moment."""
    measures = (curves.grip, curves.reach, curves.wrist, curves.elbow_deg)
    return np.array([_during(curves, values, start_s, end_s) for values in measures])


def _at_top(times: RepTimes, curves: Curves, values: Array) -> float:
    return _during(curves, values, times.top_start_s, times.top_end_s)


def _at(curves: Curves, values: Array, time_s: float) -> float:
    return _during(curves, values, time_s - AROUND_S, time_s + AROUND_S)


def _during(curves: Curves, values: Array, start_s: float, end_s: float) -> float:
    t = curves.time_s
    return middle(values[t.searchsorted(start_s) : t.searchsorted(end_s, side="right")])


def sigmas(girdle: float, h: HandSettings) -> Array:
    """SDs of what `way_up` returns. Where the shoulders look narrow the far hand is a guess: no grip, rougher."""
    side = abs(girdle) <= h.side_girdle
    top = (np.inf, h.reach_side, h.height_side) if side else (h.grip, h.reach, h.height)
    half = (np.inf if side else h.grip_half, h.reach_half, h.hip_half)
    return np.array([*top, h.elbow_deg, *half, *half, h.low_shoulder, h.low_hip, h.low_hand])


def distance(one: Array, other: Array, sigma: Array) -> float:
    """Squared distance in SDs; an unseen measure counts as the others do."""
    squares = ((one - other) / sigma) ** 2
    seen = np.isfinite(squares)
    return float(squares[seen].sum() * squares.size / seen.sum()) if seen.any() else 0.0
