"""A lifter who sends what a browser sends, from a simulated set, over a real socket."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from coaching.live.protocol import VERSION, encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.live.protocol import LiveFrame

TRY_AGAIN_S = 0.3


@dataclass
class Lifter:
    """One set: frames at their own times, answers with how long they took. What is not acknowledged is sent again."""

    url: str
    cookie: str
    opened: dict[str, Any]
    frames: Sequence[LiveFrame]
    width: int = 480
    height: int = 640
    latency_ms: list[float] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0
    _next: int = 0
    _sent_at: dict[int, float] = field(default_factory=dict)
    _done: dict[str, Any] | None = None
    _closed_with: list[int] = field(default_factory=list)

    async def lift(self, *, patience_s: float = 120.0) -> dict[str, Any]:
        """Send the whole set in real time, through every break, and return what the server says at the end."""
        started = time.monotonic()
        while self._done is None:
            if time.monotonic() - started > patience_s + self.frames[-1].time_ms / 1000.0:
                raise TimeoutError(f"the set did not end; last heard {self.heard[-3:]}")
            try:
                await self._connection(started)
            except (ConnectionClosed, OSError) as broken:
                if isinstance(broken, ConnectionClosed) and broken.rcvd:
                    self._closed_with.append(broken.rcvd.code)
                await asyncio.sleep(TRY_AGAIN_S)
        return self._done

    async def _connection(self, started: float) -> None:
        address = f"{self.url.replace('http', 'ws')}{self.opened['socket']}"
        headers = {"Cookie": f"sessionid={self.cookie}"}
        async with connect(address, additional_headers=headers, origin=self.url, compression=None) as socket:  # type: ignore[arg-type]
            self.connections += 1
            hello = {"type": "hello", "version": VERSION, "token": self.opened["token"]}
            await socket.send(json.dumps({**hello, "width": self.width, "height": self.height}))
            welcome = json.loads(await socket.recv())
            self.heard.append(welcome)
            if welcome["type"] != "welcome":
                raise ConnectionClosed(None, None)
            self._next = welcome["next"]
            listening = asyncio.create_task(self._listen(socket))
            try:
                await self._send(socket, started)
                await listening
            finally:
                listening.cancel()

    async def _send(self, socket: ClientConnection, started: float) -> None:
        while self._next < len(self.frames):
            frame = self.frames[self._next]
            wait = frame.time_ms / 1000.0 - (time.monotonic() - started)
            await asyncio.sleep(wait if wait > 0 else 1 / 200)  # what piled up goes out as the page sends it
            self._sent_at[frame.sequence] = time.monotonic()
            await socket.send(encode(frame))
            self._next += 1
        await socket.send(json.dumps({"type": "finish"}))

    async def _listen(self, socket: ClientConnection) -> None:
        async for text in socket:
            message = json.loads(text)
            self.heard.append(message)
            if message["type"] == "state":
                self.latency_ms.append(1000.0 * (time.monotonic() - self._sent_at[message["sequence"]]))
            elif message["type"] == "finished":
                self._done = message
                return
