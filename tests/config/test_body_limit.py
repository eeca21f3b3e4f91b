"""What Django gets to see of a body that is too large."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from config.body_limit import FORM_BYTES, HEAD_BYTES, BodyLimit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LIMIT = 1_000_000


class Seen:
    """An application that reads its body as Django does, and then listens for the client to go away."""

    def __init__(self) -> None:
        self.body = b""
        self.headers: dict[bytes, bytes] = {}
        self.last: Mapping[str, Any] = {}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            self.body += message["body"]
            if not message["more_body"]:
                break
        self.headers = dict(scope["headers"])
        self.last = await receive()

    @property
    def cut(self) -> bytes:
        return self.headers.get(b"x-liftlab-body-cut", b"")


def post(folder: Path, pieces: list[bytes], *, headers: dict[bytes, bytes] | None = None) -> Seen:
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages[-1]["more_body"] = False
    messages.append({"type": "http.disconnect"})
    waiting = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(waiting)

    async def send(message: Mapping[str, Any]) -> None:
        raise AssertionError(message)

    seen = Seen()
    scope = {"type": "http", "headers": list((headers or {}).items())}
    asyncio.run(BodyLimit(seen, max_bytes=LIMIT, data_dir=folder)(scope, receive, send))
    return seen


def announced(length: int) -> dict[bytes, bytes]:
    return {b"content-length": str(length).encode()}


def test_an_ordinary_body_passes_untouched(tmp_path: Path) -> None:
    seen = post(tmp_path, [b"a" * 400_000, b"b" * 400_000], headers=announced(800_000))
    assert seen.body == b"a" * 400_000 + b"b" * 400_000
    assert (seen.cut, seen.last) == (b"", {"type": "http.disconnect"})


def test_of_a_body_announced_as_three_gigabytes_only_the_head_is_read(tmp_path: Path) -> None:
    seen = post(tmp_path, [b"h" * 50_000] * 30, headers=announced(3 * 10**9))
    assert len(seen.body) == HEAD_BYTES
    assert seen.cut == b"too_large"
    assert seen.last == {"type": "http.disconnect"}  # the rest ran into nothing


def test_a_body_that_does_not_say_its_length_is_cut_at_the_limit(tmp_path: Path) -> None:
    seen = post(tmp_path, [b"x" * 100_000] * 30)
    assert len(seen.body) == LIMIT + FORM_BYTES
    assert seen.cut == b"too_large"


@pytest.mark.parametrize("nonsense", [b"-5", b"many", b""])
def test_a_length_that_is_no_number_is_counted_instead(tmp_path: Path, nonsense: bytes) -> None:
    assert post(tmp_path, [b"x" * 100], headers={b"content-length": nonsense}).body == b"x" * 100


def test_a_client_cannot_pretend_that_its_body_was_cut(tmp_path: Path) -> None:
    assert post(tmp_path, [b"x"], headers={b"x-liftlab-body-cut": b"storage_full"}).cut == b""


def test_a_body_that_the_disk_has_no_room_for_is_said_to_be_that(tmp_path: Path) -> None:
    async def never(*_: object) -> None:
        raise AssertionError

    limit = BodyLimit(never, max_bytes=10**18, data_dir=tmp_path)
    assert limit._refusal(10**17) == "storage_full"
    assert limit._refusal(10**6) == ""


def test_the_served_application_has_the_limit() -> None:
    from config.asgi import application

    assert isinstance(application.application_mapping["http"], BodyLimit)
