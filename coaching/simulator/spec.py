"""What to simulate: one set of deadlifts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from coaching.simulator.body import Body
from coaching.simulator.faults import Faults

Style = Literal["conventional", "sumo", "romanian"]
Side = Literal["left", "right"]
Errand = Literal["belt", "squat", "crouch", "load"]
ERRANDS: tuple[Errand, ...] = ("belt", "squat", "crouch", "load")

PLATE_RADIUS_M = 0.225  # calibrated 20 and 25 kg plates: 0.450 m across


class InvalidLift(ValueError):
    """A set that can't be simulated."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """Seconds of each part of a repetition. variation: relative SD between repetitions."""

    concentric_s: float = 1.3
    top_s: float = 0.8
    eccentric_s: float = 1.4
    floor_s: float = 0.7
    variation: float = 0.06

    def __post_init__(self) -> None:
        for name in ("concentric_s", "top_s", "eccentric_s", "floor_s"):
            if getattr(self, name) <= 0.0:
                raise InvalidLift(f"{name} must be positive")
        if not 0.0 <= self.variation <= 0.3:
            raise InvalidLift("variation must be within 0..0.3")


@dataclass(frozen=True, slots=True)
class LiftSpec:
    """One set. reps = 0: the person stands, walks or waves, and never lifts.

    approach_s: walk to the bar (0: starts at the bar). stand_before_s / stand_after_s: upright without the bar
    (romanian: with it). bend_s: from upright to the bar and back. setup_s: hands on the bar before the first lift-off.
    wave_s: an arm is waved while standing. rest_s: extra pause between repetitions; rest_standing: spent upright
    without the bar. fault_reps: repetitions (from 1) that carry the faults of movement, None = all; stance is that of
    the whole set. weak_side: the side that lags in `asymmetry`. rate_hz: the rate of Lift.time_s.
    before / after: errands without the bar, in order, when the lifter stands (coaching.simulator.errands). failed:
    before which repetitions (reps + 1: after the last) an attempt leaves the floor, gets failed_share of the way and
    comes back. hinge_depth: how low the bar goes in the romanian style, 0 the knee to 1 the middle of the shin.
    """

    reps: int = 3
    style: Style = "conventional"
    faults: Faults = field(default_factory=Faults)
    body: Body = field(default_factory=Body)
    tempo: Tempo = field(default_factory=Tempo)
    approach_s: float = 0.0
    stand_before_s: float = 0.6
    bend_s: float = 1.2
    setup_s: float = 0.8
    stand_after_s: float = 0.6
    wave_s: float = 0.0
    rest_s: float = 0.0
    rest_standing: bool = False
    fault_reps: tuple[int, ...] | None = None
    weak_side: Side = "left"
    bar_height_m: float = PLATE_RADIUS_M
    rate_hz: float = 60.0
    before: tuple[Errand, ...] = ()
    after: tuple[Errand, ...] = ()
    failed: tuple[int, ...] = ()
    failed_share: float = 0.4
    hinge_depth: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.reps <= 100:
            raise InvalidLift(f"{self.reps} repetitions is outside 0..100")
        if self.style not in ("conventional", "sumo", "romanian"):
            raise InvalidLift(f"unknown style {self.style!r}")
        for name in ("approach_s", "stand_before_s", "stand_after_s", "wave_s", "rest_s"):
            if getattr(self, name) < 0.0:
                raise InvalidLift(f"{name} must not be negative")
        for name in ("bend_s", "setup_s", "rate_hz"):
            if getattr(self, name) <= 0.0:
                raise InvalidLift(f"{name} must be positive")
        if self.style != "conventional" and self.faults.narrow_stance:
            raise InvalidLift("narrow_stance is defined for the conventional style")
        if self.style == "romanian":
            self._from_the_top()
        self._around_the_set()

    def _from_the_top(self) -> None:
        for name in ("wide_stance", "hips_first"):
            if getattr(self.faults, name):
                raise InvalidLift(f"{name} is defined for the conventional and the sumo style")
        if self.before or self.after or self.failed:
            raise InvalidLift("a romanian set begins and ends with the bar in the hands and has no failed lift-off")
        if not 0.0 <= self.hinge_depth <= 1.0:
            raise InvalidLift("hinge_depth must be within 0..1")

    def _around_the_set(self) -> None:
        if unknown := sorted({*self.before, *self.after} - set(ERRANDS)):
            raise InvalidLift(f"unknown errand {', '.join(unknown)}; known: {', '.join(ERRANDS)}")
        if any(not 1 <= rep <= self.reps + 1 for rep in self.failed):
            raise InvalidLift("failed names repetitions from 1 to reps + 1")
        if not 0.1 <= self.failed_share <= 0.7:
            raise InvalidLift("failed_share must be within 0.1..0.7: beyond it the lift may look locked out")
