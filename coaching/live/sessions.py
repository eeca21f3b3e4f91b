"""One connection's set: frames go in, messages come out. No socket, no database.

What a student without AI feedback is told is decided here, so that no message can carry more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings

from coaching.live.engine import LiveEngine
from coaching.live.protocol import encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.live.engine import Answer, Size
    from coaching.live.intake import Intake
    from coaching.live.protocol import LiveFrame

    Json = dict[str, Any]

STATE_EVERY_MS = 100.0
RECORDING_EVERY_MS = 1000.0
SETTLES_MS = 400.0
"""From the bar's coming down to the judgement of the repetition: then it is on the floor."""


class TooLong(Exception):
    """The set has reached its greatest length; what came before is kept."""


@dataclass
class Pending:
    """Frames that the coach has and the database has not."""

    payload: bytearray = field(default_factory=bytearray)
    frames: int = 0

    def add(self, frame: LiveFrame) -> None:
        self.payload += encode(frame)
        self.frames += 1

    def put_back(self, earlier: Pending) -> None:
        """Frames that could not be kept are the first of the next try."""
        self.payload[:0] = earlier.payload
        self.frames += earlier.frames


class LiveSession:
    """The coach of one connection. Not thread-safe."""

    def __init__(self, size: Size, intake: Intake, *, feedback: bool, count: int = 0) -> None:
        self.engine = LiveEngine(size)
        self.intake = intake
        self.feedback = feedback
        self.pending = Pending()
        self.count = count
        self.judged = count
        self.phase: str | None = None
        self.cue: Json | None = None
        self.trend: list[Json] = []
        self._received = 0
        self._told_ms = -math.inf
        self._judge_at_ms: float | None = None

    def resume(self, frames: Sequence[LiveFrame], size: Size) -> None:
        """Go on after the frames that were kept."""
        self.engine.catch_up(frames, size)
        self._received = len(frames)

    def take(self, frame: LiveFrame) -> list[Json]:
        """What to tell after this frame. Raises TooLong."""
        messages: list[Json] = []
        for one in self.intake.take(frame):
            messages += self._push(one)
        return messages

    def rest(self) -> list[Json]:
        """What was still waiting for a missing frame, at the end of the set."""
        return [message for one in self.intake.rest() for message in self._push(one)]

    def _push(self, frame: LiveFrame) -> list[Json]:
        if frame.time_ms > 1000.0 * settings.CLIP_MAX_SECONDS:
            raise TooLong
        state = self.engine.push(frame)
        self.pending.add(frame)
        self._received += 1
        counted, turned = state.repetitions != self.count, state.phase != self.phase
        if turned and state.phase == "down" and state.repetitions > self.judged:
            self._judge_at_ms = frame.time_ms + SETTLES_MS
        self.count, self.phase = state.repetitions, state.phase
        return self._tell(frame, state, at_once=counted or turned)

    def _tell(self, frame: LiveFrame, state: Answer, *, at_once: bool) -> list[Json]:
        every = STATE_EVERY_MS if self.feedback else RECORDING_EVERY_MS
        if not (at_once and self.feedback) and frame.time_ms - self._told_ms < every:
            return []
        self._told_ms = frame.time_ms
        if not self.feedback:
            return [{"type": "recording", "frames": self._received}]
        p_up = None if math.isnan(state.p_up) else round(state.p_up, 3)
        return [
            {
                "type": "state",
                "sequence": frame.sequence,
                "phase": state.phase,
                "p_up": p_up,
                "count": state.repetitions,
            }
        ]

    def judges_now(self) -> bool:
        """Whether a repetition has ended and waits for its judgement; says so once."""
        last = self.intake.clock.last_ms
        if self._judge_at_ms is None or last is None or last < self._judge_at_ms:
            return False
        self._judge_at_ms = None
        self.judged = self.count
        return True

    def told(self, judgement: Json) -> list[Json]:
        """The message about a repetition that was judged; nothing where the arm gives no feedback."""
        repetition = judgement.get("repetition")
        if repetition:
            self.cue = judgement["cue"]
            speeds = judgement["velocity"]["repetitions"]
            self.trend = [{"number": one["number"], "mean": one["mean"]} for one in speeds][-8:]
        return [{"type": "repetition", "count": self.count, **judgement}] if self.feedback else []
