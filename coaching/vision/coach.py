"""The coach: one engine for a live set and for an upload.

Live, `push` takes a frame at a time, answers with phase and count, and keeps the frame. `finish` evaluates
everything it was given, so a clip and the same clip streamed end in the same report. `analyse` feeds a whole track
to the same engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision.assessment import assess_set
from coaching.vision.back import STATIONS
from coaching.vision.live import LiveCounter
from coaching.vision.settings_table import DEFAULT
from coaching.vision.types import N_LANDMARKS, Track

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.vision.settings_table import Settings
    from coaching.vision.types import FloatArray, FormReport, Phase, Refusal


@dataclass(frozen=True, slots=True)
class CoachState:
    """What can be said at once. phase is None until somebody is seen; p_up is NaN then."""

    time_s: float
    phase: Phase | None
    p_up: float
    rep_count: int


class Coach:
    """Judges one set. Not thread-safe; one per lifter and set."""

    def __init__(self, settings: Settings = DEFAULT, *, width: int = 0, height: int = 0) -> None:
        self._settings = settings
        self._size = (width, height)
        self._times: list[float] = []
        self._images: list[FloatArray] = []
        self._worlds: list[FloatArray] = []
        self._detected: list[bool] = []
        self._outlines: list[FloatArray | None] = []
        self._live = LiveCounter(settings, self.track)

    def push(
        self, time_s: float, image: FloatArray, world: FloatArray, detected: bool, outline: FloatArray | None = None
    ) -> CoachState:
        """Take one frame: image (33, 4) px, world (33, 3) m, NaN when not detected; outline (2, 13) where seen.

        Times must increase, else ValueError.
        """
        if self._times and time_s <= self._times[-1]:
            raise ValueError(f"frame at {time_s} s does not follow {self._times[-1]} s")
        self._times.append(float(time_s))
        self._images.append(np.array(image, dtype=np.float32))
        self._worlds.append(np.array(world, dtype=np.float32))
        self._detected.append(bool(detected))
        self._outlines.append(outline)
        phase, p_up, count = self._live.push(time_s, image, detected=detected)
        return CoachState(time_s, phase, p_up, count)

    def feed(self, track: Track) -> None:
        """Take all frames of a track without answering in between."""
        self._size = (track.width, track.height)
        self._times.extend(np.asarray(track.time_s, dtype=np.float64).tolist())
        self._images.extend(np.asarray(track.image, dtype=np.float32))
        self._worlds.extend(np.asarray(track.world, dtype=np.float32))
        self._detected.extend(np.asarray(track.detected, dtype=bool).tolist())
        self._outlines.extend([None] * len(track.time_s) if track.outline is None else track.outline)

    def catch_up(self, track: Track) -> None:
        """Take the frames of a set that was interrupted, to go on with `push` as if it had not been."""
        self.feed(track)
        self._live.catch_up(self.track())

    def track(self) -> Track:
        """Everything that was fed so far."""
        n = len(self._times)
        times = np.asarray(self._times, dtype=np.float64)
        span = float(times[-1] - times[0]) if n > 1 else 0.0
        return Track(
            time_s=times,
            image=np.asarray(self._images, dtype=np.float32).reshape(n, N_LANDMARKS, 4),
            world=np.asarray(self._worlds, dtype=np.float32).reshape(n, N_LANDMARKS, 3),
            detected=np.asarray(self._detected, dtype=np.bool_),
            fps=(n - 1) / span if span > 0 else 0.0,
            width=self._size[0],
            height=self._size[1],
            outline=self._outline(),
        )

    def _outline(self) -> FloatArray | None:
        if all(one is None for one in self._outlines):
            return None
        unseen = np.full((2, STATIONS.size), np.nan, np.float32)
        return np.asarray([unseen if one is None else one for one in self._outlines], dtype=np.float32)

    def finish(self, notices: Sequence[Refusal] = ()) -> FormReport:
        """Judge the whole set. May be called again after more frames."""
        return assess_set(self.track(), self._settings, notices)


def analyse(track: Track, notices: Sequence[Refusal] = (), settings: Settings = DEFAULT) -> FormReport:
    """Judge a whole track with the engine that judges a live set."""
    coach = Coach(settings)
    coach.feed(track)
    return coach.finish(notices)
