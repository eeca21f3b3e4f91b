"""When what happens: key moments of a set, eased between them. Seconds from the start of the clip."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from coaching.simulator.linkage import eased

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.simulator.spec import Errand, LiftSpec

    Floats = NDArray[np.float64]


class RepTimes(NamedTuple):
    """One repetition: the bar leaves its lowest point, middle of the top, the bar is down again (or the clip ends)."""

    start_s: float
    lockout_s: float
    end_s: float


class RepTempo(NamedTuple):
    """Seconds of the pull, the pause at the top and the lowering."""

    concentric_s: float
    top_s: float
    eccentric_s: float


class C(IntEnum):
    """Channels of the timeline, each 0..1."""

    PROGRESS = 0  # of the bar, lowest to lockout
    STAND = 1  # upright without the bar
    HOLD = 2  # hands on the bar
    FAULTY = 3  # share of the faulty path against the clean one
    WALK = 4  # of the way to the bar
    WAVE = 5  # an arm is up and waves
    BELT = 6  # hands at the waist; this and the rest: see coaching.simulator.errands
    SQUAT = 7
    CROUCH = 8
    LOAD = 9


@dataclass(slots=True)
class Timeline:
    """Key moments (k,), channel values (k, len(C)), and the repetitions they make with their tempo.

    failed: attempts that never reached lockout; their middle moment is the highest point.
    """

    moments: list[float] = field(default_factory=list)
    values: list[list[float]] = field(default_factory=list)
    reps: list[RepTimes] = field(default_factory=list)
    failed: list[RepTimes] = field(default_factory=list)
    tempo: list[RepTempo] = field(default_factory=list)

    @property
    def end_s(self) -> float:
        return self.moments[-1]

    def hold(self, seconds: float, **channels: float) -> float:
        """Move to the given channel values within `seconds` (the others stay) and return the time reached."""
        row = list(self.values[-1])
        for name, value in channels.items():
            row[C[name.upper()]] = value
        self.moments.append(self.moments[-1] + seconds)
        self.values.append(row)
        return self.moments[-1]

    def sample(self, time_s: Floats) -> Floats:
        """Channels (n, len(C)) at the given times."""
        return eased(time_s, np.array(self.moments), np.array(self.values))


def build_timeline(spec: LiftSpec, rng: np.random.Generator) -> Timeline:
    line = Timeline(moments=[0.0], values=[[0.0] * len(C)])
    first = line.values[0]
    first[C.WALK] = 0.0 if spec.approach_s > 0 else 1.0
    if spec.style == "romanian":
        first[C.PROGRESS] = first[C.HOLD] = first[C.WALK] = 1.0
        _romanian(line, spec, rng)
    else:
        upright = spec.approach_s + spec.stand_before_s + spec.wave_s > 0 or bool(spec.before) or spec.reps == 0
        first[C.STAND] = 1.0 if upright else 0.0
        first[C.HOLD] = 0.0 if upright else 1.0
        _from_the_floor(line, spec, rng, upright=upright)
    if line.end_s == 0.0:
        line.hold(1.0)
    return line


def _from_the_floor(line: Timeline, spec: LiftSpec, rng: np.random.Generator, *, upright: bool) -> None:
    _before(line, spec, rng)
    if spec.reps == 0 and not spec.failed:
        line.hold(spec.stand_after_s)
        return
    faulty = _faulty(spec, 1)
    if upright:
        line.hold(spec.bend_s * 0.75, stand=0.05, hold=0.15, faulty=faulty)
        line.hold(spec.bend_s * 0.25, stand=0.0, hold=1.0)
    line.values[-1][C.FAULTY] = faulty
    line.hold(spec.setup_s)
    for rep in range(1, spec.reps + 1):
        if rep in spec.failed:
            _fail(line, spec)
        concentric, top, eccentric, floor = _seconds(spec, rng)
        start = line.end_s
        locked = line.hold(concentric, progress=1.0)
        lowering = line.hold(top)
        end = line.hold(eccentric, progress=0.0)
        line.reps.append(RepTimes(start, (locked + lowering) / 2, end))
        line.tempo.append(RepTempo(concentric, top, eccentric))
        if rep < spec.reps:
            _rest(line, spec, floor, _faulty(spec, rep + 1))
    if spec.reps + 1 in spec.failed:
        line.hold(spec.tempo.floor_s)
        _fail(line, spec)
    if spec.stand_after_s > 0 or spec.after:
        line.hold(0.3)
        line.hold(spec.bend_s * 0.25, hold=0.15, stand=0.05)
        line.hold(spec.bend_s * 0.75, hold=0.0, stand=1.0)
        _errands(line, spec.after, rng)
        line.hold(spec.stand_after_s)


def _fail(line: Timeline, spec: LiftSpec) -> None:
    """The bar leaves the floor, sticks below the lockout and comes back."""
    tempo, start = spec.tempo, line.end_s
    peak = line.hold(max(1.5 * tempo.concentric_s * spec.failed_share, 0.3), progress=spec.failed_share)
    line.hold(0.2)
    end = line.hold(max(tempo.eccentric_s * spec.failed_share, 0.25), progress=0.0)
    line.failed.append(RepTimes(start, peak + 0.1, end))
    line.hold(tempo.floor_s + 0.5)


def _errands(line: Timeline, errands: Sequence[Errand], rng: np.random.Generator) -> None:
    """One after the other, each from standing and back, at a pace of its own."""
    for name in errands:
        pace = float(np.exp(rng.normal(0.0, 0.2)))
        go_s, stay_s = (0.5, 1.6) if name == "belt" else (1.0, 0.5)
        line.hold(go_s * pace, **{name: 1.0})
        line.hold(stay_s * pace)
        line.hold(go_s * pace, **{name: 0.0})
        line.hold(0.4 * pace)


def _romanian(line: Timeline, spec: LiftSpec, rng: np.random.Generator) -> None:
    """Starts and ends at the top with the bar; a repetition counts from its lowest point."""
    line.values[-1][C.FAULTY] = _faulty(spec, 1)
    line.hold(max(spec.stand_before_s, 0.3))
    bottoms: list[tuple[float, float, float, float]] = []
    for rep in range(1, spec.reps + 1):
        concentric, top, eccentric, floor = _seconds(spec, rng)
        line.hold(eccentric, progress=0.0)
        down = line.end_s
        start = line.hold(min(0.2, floor), faulty=_faulty(spec, rep))
        locked = line.hold(concentric, progress=1.0)
        lowering = line.hold(top + (spec.rest_s if rep < spec.reps else 0.0))
        bottoms.append((down, start, locked, lowering))
    line.hold(max(spec.stand_after_s, 0.3))
    ends = [down for down, *_ in bottoms[1:]] + [line.end_s]
    for (_, start, locked, lowering), end in zip(bottoms, ends, strict=True):
        line.reps.append(RepTimes(start, (locked + lowering) / 2, end))
        line.tempo.append(RepTempo(locked - start, lowering - locked, end - lowering))


def _before(line: Timeline, spec: LiftSpec, rng: np.random.Generator) -> None:
    if spec.approach_s > 0:
        # Long walks take several steps of even speed; the easing of one key would start and stop once.
        line.hold(spec.approach_s, walk=1.0)
    if spec.wave_s > 0:
        line.hold(0.4, wave=1.0)
        line.hold(max(spec.wave_s - 0.8, 0.1))
        line.hold(0.4, wave=0.0)
    _errands(line, spec.before, rng)
    if spec.stand_before_s > 0:
        line.hold(spec.stand_before_s)


def _rest(line: Timeline, spec: LiftSpec, floor_s: float, faulty: float) -> None:
    if not (spec.rest_standing and spec.rest_s > 0):
        line.hold(floor_s + spec.rest_s, faulty=faulty)
        return
    line.hold(0.3)
    line.hold(spec.bend_s * 0.25, hold=0.15, stand=0.05)
    line.hold(spec.bend_s * 0.75, hold=0.0, stand=1.0)
    line.hold(spec.rest_s, faulty=faulty)
    line.hold(spec.bend_s * 0.75, stand=0.05, hold=0.15)
    line.hold(spec.bend_s * 0.25, stand=0.0, hold=1.0)
    line.hold(floor_s)


def _faulty(spec: LiftSpec, rep: int) -> float:
    return 1.0 if spec.fault_reps is None or rep in spec.fault_reps else 0.0


def _seconds(spec: LiftSpec, rng: np.random.Generator) -> list[float]:
    """Concentric, top, eccentric and floor time of one repetition, varied about the tempo."""
    tempo = spec.tempo
    spread = np.exp(rng.normal(0.0, 1.0, 4) * tempo.variation)
    base = (tempo.concentric_s, tempo.top_s, tempo.eccentric_s, tempo.floor_s)
    return [float(s * k) for s, k in zip(base, spread, strict=True)]
