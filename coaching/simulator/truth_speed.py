"""How fast the simulated bar truly was: what measured speeds are compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator.joints import Joint

if TYPE_CHECKING:
    from coaching.simulator.lift import Lift

MOVES_M_S = 0.05
LOCKED = 0.9
AROUND_S = 0.2


def true_mean_velocity(lift: Lift, number: int) -> float:
    """m/s of the bar in repetition `number` (from 1), between the moments of specification 3.7: lift-off is the first
    faster than 0.05 m/s, lockout the first slower than that after 90 % of the way.
    """
    start_s, concentric_s = lift.reps[number - 1].start_s, lift.tempo[number - 1].concentric_s
    time_s = np.linspace(start_s - AROUND_S, start_s + concentric_s + AROUND_S, 1000)
    height = lift.points(time_s)[:, Joint.BAR, 1]
    speed = np.gradient(height, time_s)
    way = (height - height[0]) / (height[-1] - height[0])
    off = int(np.argmax(speed > MOVES_M_S))
    top = int(np.argmax((speed < MOVES_M_S) & (way > LOCKED)))
    return float((height[top] - height[off]) / (time_s[top] - time_s[off]))
