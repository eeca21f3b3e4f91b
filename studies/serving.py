"""Files to the browser: whole or in slices, never from memory and never by an address that lasts.

Video players ask for ranges. Each answer holds at most `SLICE_BYTES`: under ASGI a synchronous file response would be
read into memory whole.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from django.core.files import File
    from django.http import HttpRequest

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
    """The stored file `name`, or the slice of it that was asked for. Raises Http404 when it is gone."""
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
        response = StreamingHttpResponse(_chunks_for(request, name), content_type=content_type)
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
    with default_storage.open(name, "rb") as handle:
        handle.seek(first)
        data: bytes = handle.read(last - first + 1)
        return data


def _chunks_for(request: HttpRequest, name: str) -> Iterator[bytes] | AsyncIterator[bytes]:
    handle = default_storage.open(name, "rb")
    return _async_chunks(handle) if isinstance(request, ASGIRequest) else _chunks(handle)


def _chunks(handle: File[bytes]) -> Iterator[bytes]:
    with handle:
        while chunk := handle.read(SLICE_BYTES):
            yield chunk


async def _async_chunks(handle: File[bytes]) -> AsyncIterator[bytes]:
    with handle:
        while chunk := await asyncio.to_thread(handle.read, SLICE_BYTES):
            yield chunk
