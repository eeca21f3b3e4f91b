"""Tell a video from anything else by its first bytes, never by its name.

The demuxer is then named to FFmpeg instead of guessed by it: its guesses include playlists and subtitle scripts that
open other files, and text that it would render as a picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from coaching.vision.errors import NoFrames, NotAVideo

if TYPE_CHECKING:
    from pathlib import Path

_HEAD_BYTES = 1024
_MOV_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp"}
# Still pictures that share the container of MP4.
_STILL_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif", b"crx "}
_TS_PACKET = 188


class Box(NamedTuple):
    """A top-level box of an MP4 or MOV file: where it starts and ends by its own header, in bytes."""

    kind: bytes
    start: int
    end: int


def demuxer_for(path: Path) -> str:
    """Return FFmpeg's demuxer name for the file at `path`. Raises NoFrames when it is empty, NotAVideo when unknown."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise NoFrames("empty file")
    if head[4:8] in _MOV_BOXES and head[8:12] not in _STILL_BRANDS:
        return "mov"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    if head[0] == 0x47 and head[_TS_PACKET : _TS_PACKET + 1] == b"\x47":
        return "mpegts"
    if head.startswith(b"\x00\x00\x01\xba"):
        return "mpeg"
    raise NotAVideo(f"unknown first bytes {head[:12].hex()}")


def _next_box(file: BinaryIO, start: int, file_size: int) -> Box | None:
    file.seek(start)
    header = file.read(16)
    if len(header) < 8:
        return None
    size, kind = int.from_bytes(header[:4], "big"), header[4:8]
    if size == 1:
        size = int.from_bytes(header[8:16], "big")
    elif size == 0:  # up to the end of the file
        size = file_size - start
    return Box(kind, start, start + size) if size >= 8 else None


def top_level_boxes(path: Path) -> list[Box]:
    """Walk an MP4 or MOV file. A box whose end lies behind the end of the file means that the file was cut."""
    file_size = path.stat().st_size
    boxes: list[Box] = []
    with path.open("rb") as file:
        position = 0
        while position < file_size and (box := _next_box(file, position, file_size)):
            boxes.append(box)
            position = box.end
    return boxes


def is_cut(path: Path, demuxer: str) -> bool:
    """Whether the container itself proves that the end of the file is missing. Only MP4 and MOV can prove it."""
    if demuxer != "mov":
        return False
    boxes = top_level_boxes(path)
    size = path.stat().st_size
    return not boxes or boxes[-1].end > size or not any(box.kind == b"moov" for box in boxes)
