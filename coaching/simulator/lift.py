"""A simulated set: exact points, angles, repetitions and faults at any time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator.faults import Faults
from coaching.simulator.joints import Joint
from coaching.simulator.linkage import angle_deg
from coaching.simulator.path import Footing, P, build_path, footing, standing
from coaching.simulator.skeleton import place_joints
from coaching.simulator.timeline import C, RepTempo, RepTimes, Timeline, build_timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.simulator.spec import LiftSpec

    Floats = NDArray[np.float64]

SWAY_TERMS = 5


@dataclass(frozen=True, slots=True)
class Lift:
    """One set with its truth. `points(times)` gives every joint at any times; the arrays are on the grid `time_s`.

    time_s (n,) s; joints (n, 33, 3) m in MediaPipe's order, x to the lifter's left, y up, z forward.
    angles: "hip" and "knee" (inner angles in the sagittal plane, mean of both sides, 180 = straight), "knee_3d" (the same in space, for
    wide stances), "trunk" (forward from the vertical, negative = behind it), "lean" (trunk in the frontal plane, towards the lifter's
    left positive), all (n,) deg.
    stance_ratio: ankle distance / shoulder distance. lean_deg: that of the set. reps: (start_s, lockout_s, end_s).
    """

    spec: LiftSpec
    seed: int
    time_s: Floats
    joints: Floats
    angles: dict[str, Floats]
    reps: tuple[RepTimes, ...]
    tempo: tuple[RepTempo, ...]
    stance_ratio: float
    lean_deg: float
    duration_s: float
    _timeline: Timeline
    _clean: Floats
    _faulty: Floats
    _footing: Footing

    @property
    def faults(self) -> Faults:
        return self.spec.faults

    @property
    def grip_half_m(self) -> float:
        return self._footing.grip_x

    def points(self, time_s: Floats) -> Floats:
        """All points (n, N_JOINTS, 3) at the given times, MediaPipe's 33 first (see coaching.simulator.joints)."""
        return _points(self.spec, self.seed, self._footing, self._timeline, (self._clean, self._faulty), time_s)

    def bar_progress(self, time_s: Floats) -> Floats:
        """Share 0..1 of the bar's way from its lowest point to the lockout at the given times (n,)."""
        return self._timeline.sample(time_s)[:, C.PROGRESS]

    def faults_of(self, rep: int) -> Faults:
        """Faults of one repetition (from 1): those of movement only where spec.fault_reps says so."""
        if self.spec.fault_reps is None or rep in self.spec.fault_reps:
            return self.spec.faults
        return _of_the_stance(self.spec.faults)


def simulate(spec: LiftSpec, seed: int = 0) -> Lift:
    """The set described by `spec`; the seed varies tempo and sway. Same spec and seed, same lift."""
    timeline = build_timeline(spec, np.random.default_rng(seed))
    foot = footing(spec.body, spec.style, spec.faults)
    faulty = build_path(spec, spec.faults)
    clean = faulty if spec.fault_reps is None else build_path(spec, _of_the_stance(spec.faults))
    time_s = np.arange(0.0, timeline.end_s + 0.5 / spec.rate_hz, 1.0 / spec.rate_hz)
    joints = _points(spec, seed, foot, timeline, (clean, faulty), time_s)[:, :33]
    return Lift(
        spec=spec,
        seed=seed,
        time_s=time_s,
        joints=joints,
        angles=true_angles(joints),
        reps=tuple(timeline.reps),
        tempo=tuple(timeline.tempo),
        stance_ratio=2 * foot.ankle_x / spec.body.shoulders_m,
        lean_deg=float(np.degrees(faulty[0, P.LEAN])),
        duration_s=timeline.end_s,
        _timeline=timeline,
        _clean=clean,
        _faulty=faulty,
        _footing=foot,
    )


def true_angles(joints: Floats) -> dict[str, Floats]:
    """Angles in degrees (n,) of joints (n, 33 or more, 3); names and signs as in Lift."""
    sides = (
        (Joint.LEFT_SHOULDER, Joint.LEFT_HIP, Joint.LEFT_KNEE, Joint.LEFT_ANKLE),
        (Joint.RIGHT_SHOULDER, Joint.RIGHT_HIP, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE),
    )
    flat = joints[:, :, 1:]  # what an ideal camera at the side sees
    hip = np.mean([angle_deg(flat[:, s], flat[:, h], flat[:, k]) for s, h, k, _ in sides], axis=0)
    knee = np.mean([angle_deg(flat[:, h], flat[:, k], flat[:, a]) for _, h, k, a in sides], axis=0)
    knee_3d = np.mean([angle_deg(joints[:, h], joints[:, k], joints[:, a]) for _, h, k, a in sides], axis=0)
    trunk = (joints[:, Joint.LEFT_SHOULDER] + joints[:, Joint.RIGHT_SHOULDER]) / 2 - (
        joints[:, Joint.LEFT_HIP] + joints[:, Joint.RIGHT_HIP]
    ) / 2
    return {
        "hip": hip,
        "knee": knee,
        "knee_3d": knee_3d,
        "trunk": np.degrees(np.arctan2(trunk[:, 2], np.hypot(trunk[:, 0], trunk[:, 1]))),
        "lean": np.degrees(np.arctan2(trunk[:, 0], trunk[:, 1])),
    }


def _of_the_stance(faults: Faults) -> Faults:
    return Faults(narrow_stance=faults.narrow_stance, wide_stance=faults.wide_stance)


def _points(
    spec: LiftSpec, seed: int, foot: Footing, timeline: Timeline, paths: tuple[Floats, Floats], time_s: Floats
) -> Floats:
    channels = timeline.sample(np.asarray(time_s, dtype=float))
    rows = _postures(paths, channels)
    held = channels[:, C.HOLD, None] >= 0.999
    bar = rows[:, [P.BAR_Y, P.BAR_Z, P.BAR_TILT]].copy()
    upright = channels[:, C.STAND, None]
    rows = rows + (standing(spec.body) - rows) * upright
    rows[:, [P.BAR_Y, P.BAR_Z, P.BAR_TILT]] = bar
    rows += _sway(seed, time_s) * np.where(held, 0.35, 1.0)
    return place_joints(spec.body, foot, rows, channels, time_s)


def _postures(paths: tuple[Floats, Floats], channels: Floats) -> Floats:
    """Postures (n, len(P)) at the channels' bar progress, blended between the clean and the faulty path."""
    clean, faulty = paths
    place = np.clip(channels[:, C.PROGRESS], 0.0, 1.0) * (len(clean) - 1)
    low = np.minimum(place.astype(int), len(clean) - 2)
    part = (place - low)[:, None]
    share = channels[:, C.FAULTY, None]

    def at(path: Floats) -> Floats:
        return np.asarray(path[low] * (1 - part) + path[low + 1] * part)

    return at(clean) if clean is faulty else at(clean) * (1 - share) + at(faulty) * share


def _sway(seed: int, time_s: Floats) -> Floats:
    """Small slow movements (n, len(P)) of a living body; zero for everything that the hands on the bar fix."""
    rng = np.random.default_rng([seed, 77])
    rows = np.zeros((len(time_s), len(P)))
    for column, amplitude_deg in ((P.TRUNK, 0.5), (P.LEAN, 0.4), (P.BACK, 0.25), (P.SHOULDER_ROLL, 0.3)):
        hz, phase = rng.uniform(0.15, 0.9, SWAY_TERMS), rng.uniform(0, 2 * np.pi, SWAY_TERMS)
        waves = np.sin(2 * np.pi * np.outer(time_s, hz) + phase)
        rows[:, column] = np.radians(amplitude_deg) * waves.sum(axis=1) / np.sqrt(SWAY_TERMS)
    return rows
