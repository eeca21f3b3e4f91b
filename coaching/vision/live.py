"""Phase and count while the set is still going on: causal, a few microseconds a frame."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scipy.special import expit

from coaching.vision.signal import OneEuro

if TYPE_CHECKING:
    from coaching.vision.settings_table import Settings
    from coaching.vision.types import FloatArray, Phase


class LiveCounter:
    """Hysteresis on the filtered probability of 'up'. A repetition counts when the top is reached from a real low."""

    def __init__(self, settings: Settings) -> None:
        s = settings.signal
        self._settings = settings
        self._hands = OneEuro(s.one_euro_min_cutoff_hz, s.one_euro_beta)
        self._phase: Phase | None = None
        self._count = 0
        self._counted_s = -math.inf
        self._seen_s = -math.inf

    def push(self, time_s: float, image: FloatArray, *, detected: bool) -> tuple[Phase | None, float, int]:
        """Return (phase, p_up, repetitions so far) after this frame."""
        hands = _hands_between(image) if detected else math.nan
        if math.isnan(hands):
            if time_s - self._seen_s > self._settings.signal.max_gap_s:
                return None, math.nan, self._count
            return self._phase, math.nan, self._count
        self._seen_s = time_s
        phases = self._settings.phases
        learned = self._settings.frames.phase
        p_up = float(expit(learned.weights[0] * self._hands(time_s, hands) - learned.edges[0]))
        if p_up > phases.live_up:
            self._reach_top(time_s)
        elif p_up < phases.live_down:
            self._phase = "down"
        return self._phase, p_up, self._count

    def _reach_top(self, time_s: float) -> None:
        if self._phase == "down" and time_s - self._counted_s >= self._settings.reps.min_between_s:
            self._count += 1
            self._counted_s = time_s
        self._phase = "up"


def _hands_between(image: FloatArray) -> float:
    """Height of the hands above the knees as a share of the shoulders' height above the ankles.

    NaN when it can't be.
    """
    y = [float(v) for v in image[:, 1]]
    height = (y[27] + y[28] - y[11] - y[12]) / 2
    if not height > 0.0:
        return math.nan
    return (y[25] + y[26] - y[15] - y[16]) / 2 / height
