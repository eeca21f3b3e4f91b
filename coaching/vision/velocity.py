"""Speed of the bar in each repetition of a set, and what the set lost of it.

The mean concentric velocity needs only where the way up starts, where it ends and how long that took, so it is the
measure that landmarks give best. Its scale enters one to one (specification 3.9). Best is a plate of known diameter
that was followed in the pictures; from the front, and without a plate, the lifter's stature; without either speeds are
in body heights a second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Literal

from coaching.vision.bar import path_of_hands, path_of_plate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coaching.vision.bar import BarPath
    from coaching.vision.plate import PlatePath
    from coaching.vision.types import FormReport, Rep, Track, View

Scale = Literal["plate", "height", "body"]

STATURE_SIGMA: Mapping[View, float] = {"front": 0.05, "back": 0.05, "oblique": 0.08, "side": 0.25, "unknown": 0.25}
"""Relative SD of a speed scaled by the stature. [MEAS] `python -m benchmarks.speed`: from the side the near plate hides
the hands, and their way is partly guessed.
"""
PLATE_SIGMA: Mapping[View, float] = {"front": 0.08, "back": 0.08, "oblique": 0.03, "side": 0.03, "unknown": 0.08}
"""Of one from a plate. [MEAS] likewise: from the front it is seen edge-on, and what is on the sleeve blurs its height.
"""
PLAUSIBLE = (0.65, 1.30)
"""A plate's way over that of the hands, by the stature: what is beyond is something else, or a wrong entry."""
USUAL_M = 1.72
FRAMES_SIGMA = 1.0
"""SD of lift-off and of lockout, in frames."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What is known of lifter and bar, as typed: stature and the largest plate's diameter, m; None: not told."""

    stature_m: float | None = None
    plate_m: float | None = None


@dataclass(frozen=True, slots=True)
class RepVelocity:
    """Mean concentric velocity of one repetition. bh_s: of the hands, body heights a second; m_s and its SD: None
    without any scale.

    share_sigma: relative SD that matters within a set, where the scale is the same for all repetitions.
    """

    number: int
    bh_s: float
    share_sigma: float
    m_s: float | None = None
    m_s_sigma: float | None = None

    @property
    def shown(self) -> float:
        """In the unit of the set."""
        return self.bh_s if self.m_s is None else self.m_s

    @property
    def shown_sigma(self) -> float:
        return self.bh_s * self.share_sigma if self.m_s_sigma is None else self.m_s_sigma


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Speeds of a set, one scale for all. loss: (share, its SD), None before the second repetition.

    plate_seen: whether a plate was found and followed; None where none was looked for. It need not be the scale: from
    the front the stature is the better one.
    """

    reps: tuple[RepVelocity, ...]
    scale: Scale
    loss: tuple[float, float] | None
    measures: Measures
    plate_seen: bool | None = None

    @property
    def unit(self) -> str:
        return "bh/s" if self.scale == "body" else "m/s"

    @property
    def best(self) -> RepVelocity | None:
        return max(self.reps, key=lambda one: one.shown, default=None)


def set_speed(
    track: Track, report: FormReport, measures: Measures | None = None, plate: PlatePath | None = None
) -> SetSpeed:
    """Of every repetition whose bar could be seen from lift-off to the top. plate: what `plate_pass` found, if it
    looked. A plate that lies still while the lifter rises takes the repetition out.
    """
    measures = measures or Measures()
    in_metres = None if plate is None or measures.plate_m is None else path_of_plate(plate, measures.plate_m)
    by_plate = {one.number: one for one in _velocities(in_metres, report.reps)}
    hands = _velocities(path_of_hands(track, report.reps), report.reps)
    metres = _metres_in_a_height(hands, by_plate, measures)
    if in_metres is not None and metres is not None:
        still = {rep.index for rep in report.reps if in_metres.lies_still(rep)}
        hands = [one for one in hands if one.number not in still]
    by_height, sigma = STATURE_SIGMA[report.view.label], PLATE_SIGMA[report.view.label]
    if metres is not None and (measures.stature_m is None or sigma < by_height):
        scale: Scale = "plate"
        found = [_by_plate(one, by_plate.get(one.number), metres, sigma) for one in hands]
    elif measures.stature_m is not None:
        scale = "height"
        found = [_scaled(one, one.bh_s * measures.stature_m, by_height) for one in hands]
    else:
        scale, found = "body", hands
    seen = None if measures.plate_m is None else metres is not None
    return SetSpeed(tuple(found), scale, velocity_loss(found), measures, seen)


def _velocities(path: BarPath | None, reps: Sequence[Rep]) -> list[RepVelocity]:
    """In the path's own unit."""
    if path is None:
        return []
    ways = [(rep, path.up(rep)) for rep in reps]
    ends = math.sqrt(2.0) * FRAMES_SIGMA * path.frame_s
    return [RepVelocity(rep.index, way.way / way.seconds, ends / way.seconds) for rep, way in ways if way]


def _metres_in_a_height(
    hands: Sequence[RepVelocity], by_plate: dict[int, RepVelocity], measures: Measures
) -> float | None:
    """What the plate says a body height is: the repetitions in which it was lost are told by that. None without a
    plate that moves as the hands do.
    """
    both = [by_plate[one.number].bh_s / one.bh_s for one in hands if one.number in by_plate]
    if not both:
        return None
    metres = median(both)
    low, high = (share * (measures.stature_m or USUAL_M) for share in PLAUSIBLE)
    return metres if low < metres < high else None


def _by_plate(hands: RepVelocity, plate: RepVelocity | None, metres: float, sigma: float) -> RepVelocity:
    if plate is None:
        return _scaled(hands, hands.bh_s * metres, sigma)
    return _scaled(replace(hands, share_sigma=plate.share_sigma), plate.bh_s, sigma)


def _scaled(one: RepVelocity, m_s: float, sigma: float) -> RepVelocity:
    return replace(one, m_s=m_s, m_s_sigma=m_s * math.hypot(one.share_sigma, sigma))


def velocity_loss(velocities: Sequence[RepVelocity]) -> tuple[float, float] | None:
    """(loss, its SD) of the last against the best repetition, as shares; None before the second. The best, not the
    first: the first repetition of a deadlift is often slow.
    """
    if len(velocities) < 2:
        return None
    best, last = max(velocities, key=lambda v: v.shown), velocities[-1]
    ratio = last.shown / best.shown
    sigma = 0.0 if last is best else ratio * math.hypot(last.share_sigma, best.share_sigma)
    return 1.0 - ratio, sigma
