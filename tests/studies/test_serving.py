"""Files in slices, as video players ask for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from studies.serving import SLICE_BYTES, RangeNotSatisfiableError, byte_range, serve

if TYPE_CHECKING:
    from django.http import HttpRequest

SIZE = SLICE_BYTES + 1000
CONTENT = bytes(range(256)) * (SIZE // 256 + 1)


@pytest.fixture
def name() -> str:
    return default_storage.save("overlay/film.webm", ContentFile(CONTENT[:SIZE]))


def fetch(name: str, *, span: str = "", method: str = "GET") -> HttpResponseBase:
    headers = {"Range": span} if span else {}
    return answer_to(RequestFactory().generic(method, "/", headers=headers), name)


def answer_to(request: HttpRequest, name: str) -> HttpResponseBase:
    return serve(request, name, content_type="video/webm", filename="set.webm")


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-99", (0, 99)),
        ("bytes=0-", (0, SLICE_BYTES - 1)),
        ("bytes=5-", (5, SLICE_BYTES + 4)),
        (f"bytes={SIZE - 1}-", (SIZE - 1, SIZE - 1)),
        ("bytes=100-999999999", (100, SLICE_BYTES + 99)),
        ("bytes=-500", (SIZE - 500, SIZE - 1)),
        ("bytes=-999999999", (0, SLICE_BYTES - 1)),
        ("", None),
        ("bytes=-", None),
        ("bytes=9-3", None),
        ("bytes=0-1,5-6", None),
        ("chapters=1-2", None),
        ("bytes=1.5-", None),
    ],
)
def test_a_range_header_is_read_as_rfc_9110_says(header: str, span: tuple[int, int] | None) -> None:
    assert byte_range(header, SIZE) == span


@pytest.mark.parametrize("header", [f"bytes={SIZE}-", "bytes=-0"])
def test_a_range_outside_the_file_is_refused(header: str) -> None:
    with pytest.raises(RangeNotSatisfiableError):
        byte_range(header, SIZE)


def test_a_slice_holds_exactly_the_bytes_that_were_asked_for(name: str) -> None:
    response = fetch(name, span="bytes=300-399")
    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes 300-399/{SIZE}"
    assert getattr(response, "content") == CONTENT[300:400]  # noqa: B009


def test_a_range_outside_the_file_says_how_long_it_is(name: str) -> None:
    response = fetch(name, span=f"bytes={SIZE}-")
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{SIZE}"


def test_without_a_range_the_whole_film_streams(name: str) -> None:
    response = fetch(name)
    assert isinstance(response, StreamingHttpResponse)
    assert response.headers["Content-Length"] == str(SIZE)
    assert b"".join(response) == CONTENT[:SIZE]


def test_under_asgi_the_whole_film_streams_piece_by_piece(name: str) -> None:
    request = AsyncRequestFactory().get("/")
    assert isinstance(request, ASGIRequest)
    response = answer_to(request, name)
    assert isinstance(response, StreamingHttpResponse)
    assert response.is_async

    async def pieces() -> list[bytes]:
        return [piece async for piece in response]

    got = asyncio.run(pieces())
    assert [len(piece) for piece in got] == [SLICE_BYTES, 1000]
    assert b"".join(got) == CONTENT[:SIZE]


def test_no_cache_keeps_a_film_and_no_browser_guesses_its_type(name: str) -> None:
    response = fetch(name, span="bytes=0-")
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Type"] == "video/webm"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["Content-Disposition"] == 'inline; filename="set.webm"'


def test_a_file_that_is_gone_is_not_found() -> None:
    with pytest.raises(Http404):
        fetch("overlay/gone.webm")
    with pytest.raises(Http404):
        fetch("")
