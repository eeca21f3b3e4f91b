"""Cuts a request body that is too large in front of Django, which would put all of it on the disk before any view runs.

What is over the limit is read from the network and forgotten, so that the browser, which listens only after it has sent
everything, gets the page that explains it. Django sees the head of the body (form fields come before the file) and a
header that says why it ends early; the same header from a client is dropped.
"""

from __future__ import annotations

import shutil
import tempfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    Message = Mapping[str, Any]
    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

_HEADER = b"x-liftlab-body-cut"
CUT_HEADER = "HTTP_X_LIFTLAB_BODY_CUT"  # the same, as request.META spells it
HEAD_BYTES = 64 * 1024  # of a body that is refused: enough for the fields before the file
FORM_BYTES = 64 * 1024  # around a file: the other fields and the boundaries
_SMALL = 1 << 20
_RESERVE = 64 << 20


class BodyLimit:
    """ASGI middleware. `max_bytes` is the largest file; `data_dir` is on the disk where it would be kept."""

    def __init__(self, app: App, *, max_bytes: int, data_dir: Path) -> None:
        self.app = app
        self.max_bytes = max_bytes + FORM_BYTES
        self.data_dir = data_dir

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name != _HEADER]
        length = _content_length(headers)
        code = self._refusal(length)
        if code:
            headers.append((_HEADER, code.encode()))
        scope = {**scope, "headers": headers}
        allowed = HEAD_BYTES if code else self.max_bytes
        await self.app(scope, _Cut(receive, headers, allowed=allowed), send)

    def _refusal(self, length: int) -> str:
        """The code for a body that is not worth reading: judged by what its sender announces."""
        if length > self.max_bytes:
            return "too_large"
        if length > _SMALL and not self._has_room(length):
            return "storage_full"
        return ""

    def _has_room(self, length: int) -> bool:
        """Django spools the body into the temporary folder, and the form parser copies the film beside the media."""
        spool = shutil.disk_usage(tempfile.gettempdir()).free
        try:
            kept = shutil.disk_usage(self.data_dir).free
        except FileNotFoundError:
            return True
        return spool > length + _RESERVE and kept > length + _RESERVE


class _Cut:
    """`receive` that ends the body after `allowed` bytes and lets the rest run into nothing."""

    def __init__(self, receive: Receive, headers: list[tuple[bytes, bytes]], *, allowed: int) -> None:
        self._receive = receive
        self._headers = headers
        self._left = allowed
        self._ended = False

    async def __call__(self) -> Message:
        message = await self._receive()
        while self._ended and message["type"] == "http.request":
            message = await self._receive()
        if message["type"] != "http.request":
            return message
        body = message.get("body", b"")
        self._left -= len(body)
        if self._left >= 0:
            return message
        self._ended = True
        if all(name != _HEADER for name, _ in self._headers):
            self._headers.append((_HEADER, b"too_large"))
        return {"type": "http.request", "body": body[: self._left], "more_body": False}


def _content_length(headers: list[tuple[bytes, bytes]]) -> int:
    """Bytes that the sender announces; 0 when it does not say, or says nonsense."""
    raw = next((value for name, value in headers if name == b"content-length"), b"")
    return int(raw) if raw.isdigit() else 0
