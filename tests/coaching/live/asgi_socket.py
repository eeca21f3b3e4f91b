"""A websocket client without a network: what a server would do with an ASGI application, step by step."""

from __future__ import annotations

import json
from typing import Any

from asgiref.testing import ApplicationCommunicator


class Socket(ApplicationCommunicator):
    """One socket of an application. (`channels.testing` would need a second server.)"""

    def __init__(self, application: Any, path: str, headers: list[tuple[bytes, bytes]] | None = None) -> None:
        self.scope: dict[str, Any] = {
            "type": "websocket",
            "path": path,
            "query_string": b"",
            "headers": headers or [],
            "subprotocols": [],
        }
        super().__init__(application, self.scope)

    async def connect(self, timeout: float = 20.0) -> bool:
        await self.send_input({"type": "websocket.connect"})
        event = await self.receive_output(timeout)
        return bool(event["type"] == "websocket.accept")

    async def send_to(self, *, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send_input({"type": "websocket.receive", "text": text_data, "bytes": bytes_data})

    async def receive_from(self, timeout: float = 20.0) -> str:
        event = await self.receive_output(timeout)
        assert event["type"] == "websocket.send", event
        return str(event["text"])

    async def receive_json_from(self, timeout: float = 20.0) -> Any:
        return json.loads(await self.receive_from(timeout))

    async def disconnect(self, code: int = 1000, timeout: float = 20.0) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": code})
        await self.wait(timeout)
