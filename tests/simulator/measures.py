"""What a coach with perfect eyes would measure on a simulated repetition, by the definitions that the faults are
judged by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator import Joint, Lift

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measures:
    hip_over_shoulder_rise: float
    trunk_drop_deg: float
    neck_flexion_deg: float
    torso_share: float
    bar_range_statures: float
    hip_top_deg: float
    knee_top_deg: float
    lean_back_deg: float
    knees_inward_deg: float
    bar_tilt_deg: float
    hip_tilt_deg: float
    lean_deg: float
    shoulder_tilt_deg: float


def middle(joints: Floats, name: str) -> Floats:
    return np.asarray((joints[:, Joint[f"LEFT_{name}"]] + joints[:, Joint[f"RIGHT_{name}"]]) / 2)


def slope_deg(joints: Floats, name: str) -> Floats:
    """Tilt of the line between both sides in the frontal plane, the left side up positive."""
    line = joints[:, Joint[f"LEFT_{name}"]] - joints[:, Joint[f"RIGHT_{name}"]]
    return np.asarray(np.degrees(np.arctan2(line[:, 1], line[:, 0])))


def measure(lift: Lift, rep: int = 0) -> Measures:
    """Measures of one repetition. The set must begin upright: its first 0.3 s are the standing baseline."""
    time_s, joints = lift.time_s, lift.joints
    times, tempo = lift.reps[rep], lift.tempo[rep]
    pull = (time_s >= times.start_s) & (time_s <= times.start_s + tempo.concentric_s)
    ready = (time_s >= times.start_s - 0.3) & (time_s < times.start_s)
    top = np.abs(time_s - times.lockout_s) < 0.4 * tempo.top_s
    upright = time_s < 0.3
    hip, shoulder, wrist, ear = (middle(joints, name) for name in ("HIP", "SHOULDER", "WRIST", "EAR"))
    foot = (middle(joints, "HEEL") + middle(joints, "FOOT_INDEX")) / 2
    rise = wrist[pull, 1] - wrist[pull, 1][0]
    third = int(np.searchsorted(rise, rise[-1] / 3))
    trunk = lift.angles["trunk"]
    neck = _bend_deg(ear - shoulder, shoulder - hip)
    torso = np.linalg.norm(shoulder - hip, axis=1)
    return Measures(
        hip_over_shoulder_rise=float(np.ptp(hip[pull, 1][[0, third]]) / np.ptp(shoulder[pull, 1][[0, third]])),
        trunk_drop_deg=float(trunk[pull][:third].max() - trunk[ready].mean()),
        neck_flexion_deg=float((neck[pull] - neck[ready].mean()).max()),
        torso_share=float(torso[pull].min() / torso[upright].mean()),
        bar_range_statures=float(np.ptp((wrist - foot)[pull, 2]) / lift.spec.body.stature_m),
        hip_top_deg=float(lift.angles["hip"][top].mean()),
        knee_top_deg=float(lift.angles["knee"][top].mean()),
        lean_back_deg=float(trunk[upright].mean() - trunk[top].mean()),
        knees_inward_deg=float(_knees_inward_deg(joints)[pull].max()),
        bar_tilt_deg=float(np.abs(slope_deg(joints, "WRIST")[pull]).max()),
        hip_tilt_deg=float(np.abs(slope_deg(joints, "HIP")[pull]).max()),
        lean_deg=float(lift.angles["lean"][pull].mean()),
        shoulder_tilt_deg=float(slope_deg(joints, "SHOULDER")[pull].mean()),
    )


def _bend_deg(upper: Floats, lower: Floats) -> Floats:
    """Sagittal bend from `lower` to `upper`, towards flexion positive."""
    pitch = np.arctan2(upper[:, 2], upper[:, 1]) - np.arctan2(lower[:, 2], lower[:, 1])
    return np.asarray(np.degrees(pitch))


def _knees_inward_deg(joints: Floats) -> Floats:
    """Frontal angle hip-knee-ankle by which the knees are inside the straight leg, mean of both sides."""
    inward = np.zeros(len(joints))
    for name, side in (("LEFT", 1.0), ("RIGHT", -1.0)):
        hip, knee, ankle = (joints[:, Joint[f"{name}_{part}"], :2] for part in ("HIP", "KNEE", "ANKLE"))
        thigh, shank = knee - hip, ankle - knee
        turn = np.arctan2(thigh[:, 0] * shank[:, 1] - thigh[:, 1] * shank[:, 0], np.sum(thigh * shank, axis=1))
        inward += side * np.degrees(turn) / 2
    return inward
