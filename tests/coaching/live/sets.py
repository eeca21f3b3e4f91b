"""Live sets for tests: simulated lifters as a browser would send them, and a page that speaks the protocol."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from channels.routing import URLRouter

from coaching.live import services
from coaching.live.engine import frames_of
from coaching.live.protocol import VERSION, encode
from coaching.live.urls import websocket_urlpatterns
from tests.coach.lifts import lift_of, track_of
from tests.coaching.live.asgi_socket import Socket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.live.models import LiveSet
    from coaching.live.protocol import LiveFrame
    from coaching.vision.types import Track
    from studies.models import User

    Json = dict[str, Any]

SOCKETS = URLRouter(websocket_urlpatterns)
PATIENCE_S = 20.0


def a_track(reps: int = 2, *, yaw_deg: float = 45.0, fps: float = 15.0, **more: Any) -> Track:
    """A set at a browser's rate, in float32 pixels."""
    return track_of(lift_of(reps, **more), yaw_deg, fps=fps)


def a_set(reps: int = 2, **more: Any) -> list[LiveFrame]:
    return frames_of(a_track(reps, **more))


class Page:
    """One connection: what the script of the page does, without a camera."""

    def __init__(self, live_set: LiveSet, user: User) -> None:
        self.live_set, self.user = live_set, user
        self.socket = Socket(SOCKETS, f"/ws/live/{live_set.pk}/")
        self.socket.scope["user"] = user
        self.heard: list[Json] = []

    async def open(self, *, token: str = "", **changes: Any) -> Json:
        """Connect, say hello, and return the answer."""
        connected = await self.socket.connect()
        assert connected
        token = token or services.sign_token(self.live_set, self.user)
        hello = {"type": "hello", "version": VERSION, "token": token, "width": 480, "height": 640, **changes}
        await self.say(hello)
        return await self.hear("welcome", "error")

    async def say(self, message: Json) -> None:
        await self.socket.send_to(text_data=json.dumps(message))

    async def send(self, frames: Sequence[LiveFrame]) -> None:
        for frame in frames:
            await self.socket.send_to(bytes_data=encode(frame))

    async def hear(self, *kinds: str) -> Json:
        """The next message of one of these kinds; the others are noted too."""
        while True:
            message: Json = json.loads(await self.socket.receive_from(timeout=PATIENCE_S))
            self.heard.append(message)
            if message["type"] in kinds:
                return message

    async def closed(self) -> int:
        """The code with which the server closes."""
        while True:
            event = await self.socket.receive_output(timeout=PATIENCE_S)
            if event["type"] == "websocket.close":
                return int(event["code"])
            self.heard.append(json.loads(event["text"]))

    async def finish(self) -> Json:
        await self.say({"type": "finish"})
        return await self.hear("finished", "error")

    async def leave(self) -> None:
        await self.socket.disconnect(timeout=PATIENCE_S)

    def of(self, kind: str) -> list[Json]:
        return [message for message in self.heard if message["type"] == kind]
