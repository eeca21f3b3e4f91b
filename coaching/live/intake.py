"""What becomes of frames between the socket and the coach: order, clock and rate. Plain Python.

Frames that overtook one another are put back in order, repeated ones dropped, a clock that jumps is set right, and a
flood is refused. What comes out increases in sequence and time, whatever came in.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from coaching.live.protocol import ProtocolError

if TYPE_CHECKING:
    from coaching.live.protocol import LiveFrame

MOST_AHEAD = 64
"""Frames that wait for one that is missing; then it is given up."""
GAP_MS = 5000.0
"""A step of the clock beyond this is no gap but a jump: frames come also when nobody is seen."""
STEP_MS = 40.0
"""What is put in the place of a jump."""
MOST_BACK = 5
"""So many frames in a row from the past are a clock that was set back; fewer are a camera's stumble, and dropped."""
RATE_PER_S = 240.0
BURST = 480.0


@dataclass(slots=True)
class Dropped:
    """How many frames were not used, by reason; and how often the clock was set right."""

    repeated: int = 0
    missing: int = 0
    not_later: int = 0
    clock_jumps: int = 0

    def as_dict(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in Dropped.__slots__}


class Order:
    """Frames in the order of their sequence. `next`: the one that is waited for."""

    def __init__(self, following: int = 0) -> None:
        self.next = following
        self._early: dict[int, LiveFrame] = {}

    def take(self, frame: LiveFrame, dropped: Dropped) -> list[LiveFrame]:
        """The frames whose turn it is now; nothing while an earlier one is missing."""
        if frame.sequence < self.next or frame.sequence in self._early:
            dropped.repeated += 1
            return []
        self._early[frame.sequence] = frame
        if len(self._early) > MOST_AHEAD:
            first = min(self._early)
            dropped.missing += first - self.next
            self.next = first
        return self._due()

    def _due(self) -> list[LiveFrame]:
        due = []
        while (frame := self._early.pop(self.next, None)) is not None:
            due.append(frame)
            self.next += 1
        return due

    def rest(self, dropped: Dropped) -> list[LiveFrame]:
        """What still waits, at the end of a set: the missing ones will not come."""
        due: list[LiveFrame] = []
        while self._early:
            first = min(self._early)
            dropped.missing += first - self.next
            self.next = first
            due += self._due()
        return due


class Clock:
    """The set's own time: increases, and makes no jump that no set has."""

    def __init__(self, last_ms: float | None = None) -> None:
        self.last_ms = last_ms
        self._offset = 0.0
        self._back = 0

    def set_right(self, frame: LiveFrame, dropped: Dropped) -> LiveFrame | None:
        """The frame with its time in the set; None when it is dropped."""
        time_ms = frame.time_ms + self._offset
        if self.last_ms is None:
            if time_ms > GAP_MS:
                self._offset, time_ms = -frame.time_ms, 0.0
        elif time_ms - self.last_ms > GAP_MS:
            time_ms = self._jump(frame, dropped)
        elif time_ms <= self.last_ms:
            self._back += 1
            if self._back < MOST_BACK:
                dropped.not_later += 1
                return None
            time_ms = self._jump(frame, dropped)
        self._back = 0
        self.last_ms = time_ms
        return frame if time_ms == frame.time_ms else replace(frame, time_ms=time_ms)

    def _jump(self, frame: LiveFrame, dropped: Dropped) -> float:
        dropped.clock_jumps += 1
        assert self.last_ms is not None
        self._offset = self.last_ms + STEP_MS - frame.time_ms
        return self.last_ms + STEP_MS


class Rate:
    """A bucket of BURST frames that fills at RATE_PER_S: four cameras' worth, and a page that catches up."""

    def __init__(self, now_s: float) -> None:
        self._left = BURST
        self._at_s = now_s

    def spend(self, now_s: float) -> None:
        """Count one frame. Raises ProtocolError `too_fast`."""
        self._left = min(BURST, self._left + RATE_PER_S * (now_s - self._at_s)) - 1.0
        self._at_s = now_s
        if self._left < 0.0:
            raise ProtocolError("too_fast", "more frames than any camera makes")


@dataclass(slots=True)
class Intake:
    """Order, clock and counts of one set on one connection."""

    order: Order = field(default_factory=Order)
    clock: Clock = field(default_factory=Clock)
    dropped: Dropped = field(default_factory=Dropped)

    @classmethod
    def after(cls, following: int, last_ms: float | None, dropped: dict[str, int]) -> Intake:
        """Where a set was left."""
        known = {name: int(dropped.get(name, 0)) for name in Dropped.__slots__}
        return cls(Order(following), Clock(last_ms), Dropped(**known))

    def take(self, frame: LiveFrame) -> list[LiveFrame]:
        """Frames for the coach, in order, each with its time in the set."""
        return self._timed(self.order.take(frame, self.dropped))

    def rest(self) -> list[LiveFrame]:
        return self._timed(self.order.rest(self.dropped))

    def _timed(self, due: list[LiveFrame]) -> list[LiveFrame]:
        timed = (self.clock.set_right(frame, self.dropped) for frame in due)
        return [frame for frame in timed if frame is not None]
