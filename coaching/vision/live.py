"""Phase and count while the set is still going on.

A frame costs a few microseconds. When the shoulders have come up and slow down, everything seen so far is counted by
the rules of a whole set: the first time at once, then at growing intervals until the lifter goes down again. So the
count may fall by one when a rise turns out to be none, and ends where `finish` does.
"""

from __future__ import annotations

import math
import warnings
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from coaching.vision.hands import without_empty_hands
from coaching.vision.kinematics import body_of, curves_of
from coaching.vision.reps import find_rises
from coaching.vision.signal import OneEuro

if TYPE_CHECKING:
    from collections.abc import Callable

    from coaching.vision.settings_table import Settings
    from coaching.vision.types import FloatArray, Phase, Track


class LiveCounter:
    """Hysteresis on the filtered probability of 'up' for the phase; the finder of repetitions for the count."""

    def __init__(self, settings: Settings, seen_so_far: Callable[[], Track]) -> None:
        s = settings.signal
        self._settings = settings
        # The film goes on: that nothing follows a rise yet says nothing about it.
        self._unfinished = replace(settings, hands=replace(settings.hands, trimmed_s=0.0))
        self._seen_so_far = seen_so_far
        self._hands = OneEuro(s.one_euro_min_cutoff_hz, s.one_euro_beta)
        self._rise = _RiseWatch(settings)
        self._phase: Phase | None = None
        self._count = 0
        self._seen_s = -math.inf

    def push(self, time_s: float, image: FloatArray, *, detected: bool) -> tuple[Phase | None, float, int]:
        """Return (phase, p_up, repetitions so far) after this frame."""
        p_up, asks = self._follow(time_s, image, detected=detected)
        if asks:
            before, self._count = self._count, count_so_far(self._seen_so_far(), self._unfinished)
            if self._count > before:
                self._rise.was_counted()
        lost = time_s - self._seen_s > self._settings.signal.max_gap_s
        return None if lost else self._phase, p_up, self._count

    def catch_up(self, track: Track) -> None:
        """Be where pushing these frames would have led, at the price of one count."""
        for time_s, image, detected in zip(track.time_s, track.image, track.detected, strict=True):
            self._follow(float(time_s), image, detected=bool(detected))
        self._count = count_so_far(track, self._unfinished)

    def _follow(self, time_s: float, image: FloatArray, *, detected: bool) -> tuple[float, bool]:
        """(p_up, whether to count) after this frame; the phase is kept."""
        hands = _hands_between(image) if detected else math.nan
        if math.isnan(hands):
            return math.nan, False
        self._seen_s = time_s
        phases = self._settings.phases
        learned = self._settings.frames.phase
        p_up = float(expit(learned.weights[0] * self._hands(time_s, hands) - learned.edges[0]))
        if p_up > phases.live_up:
            self._phase = "up"
        elif p_up < phases.live_down:
            self._phase = "down"
        return p_up, self._rise.asks(time_s, _shoulders_px(image))


class _RiseWatch:
    """Says when to look whether a repetition was completed. Heights are px of the picture, so only ratios count."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.reps
        self._recent: deque[tuple[float, float]] = deque()
        self._low = self._high = math.inf
        self._asked_s = -math.inf
        self._wait_s = 0.0
        self._counted = False

    def asks(self, time_s: float, height_px: float) -> bool:
        r = self._settings
        self._recent.append((time_s, height_px))
        # Two frames at least, however slow the camera is.
        while len(self._recent) > 2 and self._recent[0][0] < time_s - r.live_window_s:
            self._recent.popleft()
        if height_px < self._low or height_px < self._high * (1.0 - r.min_shoulder_rise):
            self._low = self._high = height_px
            self._wait_s = r.live_wait_s
            self._counted = False
        self._high = max(self._high, height_px)
        then_s, then_px = self._recent[0]
        risen = height_px > self._low * (1.0 + r.min_shoulder_rise)
        slow = height_px - then_px < r.live_slow_s * (time_s - then_s) * height_px
        # Once counted, the way down tells nothing that the next way up does not.
        over = self._counted and then_px - height_px > r.live_slow_s * (time_s - then_s) * height_px
        if not (risen and slow and not over and time_s - self._asked_s >= self._wait_s):
            return False
        self._asked_s = time_s
        self._wait_s *= 1.5
        return True

    def was_counted(self) -> None:
        """This way up is a repetition; that it turns out to be none is rare, and is looked at less often."""
        self._counted = True
        self._wait_s = max(self._wait_s, self._settings.live_counted_s)


def count_so_far(track: Track, settings: Settings) -> int:
    """Repetitions in a track by the rules of a whole set; 0 when nobody is seen."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        body = body_of(track, settings)
        if body.seen.sum() < 2:
            return 0
        curves = curves_of(body, settings)
        rises = without_empty_hands(find_rises(body, curves, settings), curves, settings)
    return sum(not rise.why_not for rise in rises)


def _shoulders_px(image: FloatArray) -> float:
    """Height of the shoulders above the ankles in the picture."""
    y = image[:, 1]
    return float(y[27] + y[28] - y[11] - y[12]) / 2


def _hands_between(image: FloatArray) -> float:
    """Height of the hands above the knees as a share of the shoulders' height above the ankles.

    NaN when it can't be.
    """
    y = [float(v) for v in image[:, 1]]
    height = (y[27] + y[28] - y[11] - y[12]) / 2
    if not height > 0.0:
        return math.nan
    return (y[25] + y[26] - y[15] - y[16]) / 2 / height
