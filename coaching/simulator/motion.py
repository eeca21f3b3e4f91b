"""The set as a function of time: timeline, paths and sway together give every point at any moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator.errands import bent
from coaching.simulator.faults import Faults
from coaching.simulator.path import Footing, P, build_path, footing, standing
from coaching.simulator.skeleton import place_joints
from coaching.simulator.timeline import C, Timeline, build_timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.simulator.spec import LiftSpec

    Floats = NDArray[np.float64]

SWAY_TERMS = 5
SWAY_HELD = 0.2  # hands on the bar steady the body
BAR_COLUMNS = [P.BAR_Y, P.BAR_Z, P.BAR_TILT]


@dataclass(frozen=True, slots=True)
class Motion:
    """Everything that moves. clean and faulty: postures (GRID, len(P)) by bar progress; the same array when all
    repetitions agree.
    """

    spec: LiftSpec
    seed: int
    footing: Footing
    timeline: Timeline
    clean: Floats
    faulty: Floats

    def points(self, time_s: Floats) -> Floats:
        """All points (n, N_JOINTS, 3) m at the given times."""
        times = np.asarray(time_s, dtype=float)
        channels = self.timeline.sample(times)
        rows = self._postures(channels)
        bar = rows[:, BAR_COLUMNS]
        upright = channels[:, C.STAND, None]
        rows = rows + (standing(self.spec.body) - rows) * upright
        rows[:, BAR_COLUMNS] = bar
        rows = bent(rows, channels)
        held = channels[:, C.HOLD, None] >= 0.999
        rows += _sway(self.seed, times) * np.where(held, SWAY_HELD, 1.0)
        return place_joints(self.spec.body, self.footing, rows, channels, times)

    def _postures(self, channels: Floats) -> Floats:
        """Postures (n, len(P)) at the channels' bar progress, blended between the clean and the faulty path."""
        place = np.clip(channels[:, C.PROGRESS], 0.0, 1.0) * (len(self.clean) - 1)
        low = np.minimum(place.astype(int), len(self.clean) - 2)
        part = (place - low)[:, None]
        faulty = self.faulty[low] * (1 - part) + self.faulty[low + 1] * part
        if self.clean is self.faulty:
            return np.asarray(faulty, dtype=float)
        clean = self.clean[low] * (1 - part) + self.clean[low + 1] * part
        share = channels[:, C.FAULTY, None]
        return np.asarray(clean * (1 - share) + faulty * share, dtype=float)


def build_motion(spec: LiftSpec, seed: int) -> Motion:
    timeline = build_timeline(spec, np.random.default_rng(seed))
    faulty = build_path(spec, spec.faults)
    clean = faulty if spec.fault_reps is None else build_path(spec, only_stance(spec.faults))
    return Motion(spec, seed, footing(spec.body, spec.style, spec.faults), timeline, clean, faulty)


def only_stance(faults: Faults) -> Faults:
    """The faults that a repetition keeps when its movement is clean: feet and hands stay where they are."""
    kept = ("narrow_stance", "wide_stance", "narrow_grip", "wide_grip")
    return Faults(**{name: getattr(faults, name) for name in kept})


def _sway(seed: int, time_s: Floats) -> Floats:
    """Small slow movements (n, len(P)) of a living body; zero for everything that the hands on the bar fix."""
    rng = np.random.default_rng([seed, 77])
    rows = np.zeros((len(time_s), len(P)))
    for column, amplitude_deg in ((P.TRUNK, 0.5), (P.LEAN, 0.4), (P.BACK, 0.25), (P.SHOULDER_ROLL, 0.3)):
        hz, phase = rng.uniform(0.15, 0.9, SWAY_TERMS), rng.uniform(0, 2 * np.pi, SWAY_TERMS)
        waves = np.sin(2 * np.pi * np.outer(time_s, hz) + phase)
        rows[:, column] = np.radians(amplitude_deg) * waves.sum(axis=1) / np.sqrt(SWAY_TERMS)
    return rows
