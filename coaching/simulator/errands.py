"""What people do round a set without the bar, and what no counter should count: postures by name.

belt: stands and adjusts the belt, hands at the waist. squat: a deep squat, arms forward. crouch: down on bent knees,
hands at the shoes. load: bends from the hips and takes a plate at the bar, arms hanging.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator.path import P
from coaching.simulator.timeline import C

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Flexion of the knees, trunk forward, hips behind the ankles: degrees. The feet stay under the centre of mass.
_POSTURES: dict[C, tuple[float, float, float]] = {
    C.SQUAT: (108.0, 36.0, 25.0),
    C.CROUCH: (124.0, 47.0, 30.0),
    C.LOAD: (30.0, 76.0, 14.0),
}
_LEG_AND_TRUNK = [P.KNEE, P.TRUNK, P.BACK]


def bent(rows: Floats, channels: Floats) -> Floats:
    """Postures (n, len(P)) with the legs and the trunk of the errands; the same array where nobody runs one."""
    if not channels[:, [C.SQUAT, C.CROUCH, C.LOAD]].any():
        return rows
    rows = rows.copy()
    for channel, degrees in _POSTURES.items():
        share = channels[:, channel, None]
        rows[:, _LEG_AND_TRUNK] += (np.radians(degrees) - rows[:, _LEG_AND_TRUNK]) * share
    return rows


def hands_busy(hanging: Floats, shoulder: Floats, hip: Floats, side: float, channels: Floats) -> Floats:
    """Where a hand (n, 3) is that would hang at `hanging`: at the waist for the belt, forward in a squat."""
    trunk = np.linalg.norm(shoulder - hip, axis=-1, keepdims=True)
    waist = hip + np.array([[-side * 0.10, 0.20, 0.34]]) * trunk
    forward = shoulder + np.array([[-side * 0.14, -0.07, 1.30]]) * trunk
    for channel, place in ((C.BELT, waist), (C.SQUAT, forward)):
        share = channels[:, channel, None]
        hanging = hanging + (place - hanging) * share
    return hanging
