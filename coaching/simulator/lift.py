"""A simulated set: exact points, angles, repetitions and faults at any time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator.joints import Joint
from coaching.simulator.linkage import angle_deg
from coaching.simulator.motion import Motion, build_motion, only_stance
from coaching.simulator.path import P
from coaching.simulator.timeline import C, RepTempo, RepTimes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.simulator.faults import Faults
    from coaching.simulator.spec import LiftSpec

    Floats = NDArray[np.float64]

ANGLE_NAMES = ("hip", "knee", "knee_3d", "trunk", "lean")


@dataclass(frozen=True, slots=True)
class Lift:
    """One set with its truth. `points(times)` gives every joint at any times; the arrays are on the grid `time_s`.

    time_s (n,) s; joints (n, 33, 3) m in MediaPipe's order, x to the lifter's left, y up, z forward.
    angles (n,) deg: "hip" and "knee" (inner angles in the sagittal plane, mean of both sides, 180 = straight),
    "knee_3d" (the same in space, for wide stances), "trunk" (forward from the vertical, negative = behind it), "lean"
    (trunk in the frontal plane, towards the lifter's left positive).
    stance_ratio: ankle distance / shoulder distance. lean_deg: that of the set, as simulated. reps: (start_s,
    lockout_s, end_s). failed: attempts that are no repetitions, (start_s, highest point, end_s).
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
    motion: Motion
    failed: tuple[RepTimes, ...] = ()

    @property
    def faults(self) -> Faults:
        return self.spec.faults

    def points(self, time_s: Floats) -> Floats:
        """All points (n, N_JOINTS, 3) at the given times, MediaPipe's 33 first (see coaching.simulator.joints)."""
        return self.motion.points(time_s)

    def bar_progress(self, time_s: Floats) -> Floats:
        """Share 0..1 of the bar's way from its lowest point to the lockout at the given times (n,)."""
        return self.motion.timeline.sample(time_s)[:, C.PROGRESS]

    def faults_of(self, rep: int) -> Faults:
        """Faults of one repetition (from 1): those of movement only where spec.fault_reps says so."""
        if self.spec.fault_reps is None or rep in self.spec.fault_reps:
            return self.spec.faults
        return only_stance(self.spec.faults)


def simulate(spec: LiftSpec, seed: int = 0) -> Lift:
    """The set described by `spec`; the seed varies tempo and sway. Same spec and seed, same lift."""
    motion = build_motion(spec, seed)
    end_s = motion.timeline.end_s
    time_s = np.arange(0.0, end_s + 0.5 / spec.rate_hz, 1.0 / spec.rate_hz)
    joints = motion.points(time_s)[:, :33]
    return Lift(
        spec=spec,
        seed=seed,
        time_s=time_s,
        joints=joints,
        angles=true_angles(joints),
        reps=tuple(motion.timeline.reps),
        tempo=tuple(motion.timeline.tempo),
        stance_ratio=2 * motion.footing.ankle_x / spec.body.shoulders_m,
        lean_deg=float(np.degrees(motion.faulty[0, P.LEAN])),
        duration_s=end_s,
        motion=motion,
        failed=tuple(motion.timeline.failed),
    )


def true_angles(joints: Floats) -> dict[str, Floats]:
    """Angles in degrees (n,) of joints (n, 33 or more, 3); names and signs as in Lift."""
    left = (Joint.LEFT_SHOULDER, Joint.LEFT_HIP, Joint.LEFT_KNEE, Joint.LEFT_ANKLE)
    right = (Joint.RIGHT_SHOULDER, Joint.RIGHT_HIP, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE)
    sides = (left, right)
    flat = joints[:, :, 1:]  # what an ideal camera at the side sees
    hip = np.mean([angle_deg(flat[:, s], flat[:, h], flat[:, k]) for s, h, k, _ in sides], axis=0)
    knee = np.mean([angle_deg(flat[:, h], flat[:, k], flat[:, a]) for _, h, k, a in sides], axis=0)
    knee_3d = np.mean([angle_deg(joints[:, h], joints[:, k], joints[:, a]) for _, h, k, a in sides], axis=0)
    shoulders = (joints[:, Joint.LEFT_SHOULDER] + joints[:, Joint.RIGHT_SHOULDER]) / 2
    trunk = shoulders - (joints[:, Joint.LEFT_HIP] + joints[:, Joint.RIGHT_HIP]) / 2
    return {
        "hip": hip,
        "knee": knee,
        "knee_3d": knee_3d,
        "trunk": np.degrees(np.arctan2(trunk[:, 2], np.hypot(trunk[:, 0], trunk[:, 1]))),
        "lean": np.degrees(np.arctan2(trunk[:, 0], trunk[:, 1])),
    }
