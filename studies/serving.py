"""Files to the browser: whole or in slices, never from memory and never by an address that lasts.

Video players ask for ranges. Each answer holds at most `SLICE_BYTES`: under ASGI a synchronous file response would be
read into memory whole.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse

from config.errors import StoreDownError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from django.http import HttpRequest

logger = logging.getLogger(__name__)

SLICE_BYTES = 2 * 1024 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class RangeNotSatisfiableError(ValueError):
    """The range lies outside the file."""


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte (inclusive) to send for a Range header, at most SLICE_BYTES; None: send the whole file.

    Several ranges, other units and nonsense are ignored, as RFC 9110 allows. Raises RangeNotSatisfiableError.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if first:
        start, end = int(first), int(last) if last else size - 1
        if last and end < start:
            return None
    else:
        start, end = max(size - int(last), 0), size - 1
    if start >= size or (not first and int(last) == 0):
        raise RangeNotSatisfiableError
    return start, min(end, size - 1, start + SLICE_BYTES - 1)


def serve(request: HttpRequest, name: str, *, content_type: str, filename: str) -> HttpResponseBase:
    """The stored file `name`, or the slice of it that was asked for. Raises Http404 when it is gone.

    503 when the object store does not answer: browsers and players ask again.
    """
    try:
        return _serve(request, name, content_type=content_type, filename=filename)
    except StoreDownError:
        logger.exception("the object store does not answer")
        return private(HttpResponse(status=503, headers={"Retry-After": "10"}))


def _serve(request: HttpRequest, name: str, *, content_type: str, filename: str) -> HttpResponseBase:
    if not name or not default_storage.exists(name):
        raise Http404("no such file")
    size = default_storage.size(name)
    response: HttpResponseBase
    try:
        span = byte_range(request.headers.get("Range", ""), size)
    except RangeNotSatisfiableError:
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        return private(response)
    if span is None:
        response = StreamingHttpResponse(_chunks_for(request, name, size), content_type=content_type)
        response.headers["Content-Length"] = str(size)
    else:
        response = HttpResponse(_slice(name, *span), status=206, content_type=content_type)
        response.headers["Content-Range"] = f"bytes {span[0]}-{span[1]}/{size}"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Disposition"] = f'inline; filename="{filename}"'
    return private(response)


def private(response: HttpResponseBase) -> HttpResponseBase:
    """For the person who asked only: no cache keeps it, no browser guesses what it is."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _slice(name: str, first: int, last: int) -> bytes:
    if hasattr(default_storage, "read_range"):  # an object store would fetch the whole film first
        found: bytes = default_storage.read_range(name, first, last)
        return found
    with default_storage.open(name, "rb") as handle:
        handle.seek(first)
        data: bytes = handle.read(last - first + 1)
        return data


def _chunks_for(request: HttpRequest, name: str, size: int) -> Iterator[bytes] | AsyncIterator[bytes]:
    spans = [(first, min(first + SLICE_BYTES, size) - 1) for first in range(0, size, SLICE_BYTES)]
    return _async_chunks(name, spans) if isinstance(request, ASGIRequest) else _chunks(name, spans)


def _chunks(name: str, spans: list[tuple[int, int]]) -> Iterator[bytes]:
    for span in spans:
        yield _slice(name, *span)


async def _async_chunks(name: str, spans: list[tuple[int, int]]) -> AsyncIterator[bytes]:
    for span in spans:
        yield await asyncio.to_thread(_slice, name, *span)
