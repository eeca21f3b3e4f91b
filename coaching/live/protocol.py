"""The bytes of a frame on the wire, the codes of every refusal, and how sockets are closed. Plain Python and NumPy.

A frame is one binary message, little-endian: header `<BBBBId`, then, when somebody is seen, 33 x (x, y, z, visibility)
of the picture in pixels and 33 x (x, y, z) of the world in metres as float32. Nothing is rounded: what the coach
gets is bit for bit what it gets from an upload.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

VERSION = 1
MAGIC = 0x4C  # L
SEEN = 1
HEADER = struct.Struct("<BBBBId")
N_IMAGE, N_WORLD = 33 * 4, 33 * 3
FRAME_BYTES = HEADER.size + 4 * (N_IMAGE + N_WORLD)
MOST_TEXT = 4096
MOST_PX = 1e5
MOST_M = 1e3
MOST_MS = 86_400_000.0

CLOSE = {
    "finished": 1000,
    "malformed": 4400,
    "not_signed_in": 4401,
    "token_invalid": 4403,
    "no_such_set": 4404,
    "silent": 4408,
    "opened_elsewhere": 4409,
    "set_over": 4410,
    "too_large": 4413,
    "version": 4426,
    "too_fast": 4429,
    "internal": 4500,
}
"""Close code of the socket by the code of the refusal. From 4400: like HTTP's, so that nobody has to learn them."""


class ProtocolError(Exception):
    """What came is refused and the socket is closed. `code` is a key of CLOSE; `detail` is for the log."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """One frame. time_ms: of capture, on the sender's clock. image (33, 4) px, world (33, 3) m: None when nobody is
    seen.
    """

    sequence: int
    time_ms: float
    image: Floats | None
    world: Floats | None

    @property
    def seen(self) -> bool:
        return self.image is not None


def decode(data: bytes) -> LiveFrame:
    """Read one frame. Raises ProtocolError: `too_large`, `version`, `malformed`."""
    if len(data) > FRAME_BYTES:
        raise ProtocolError("too_large", f"{len(data)} bytes")
    if len(data) < HEADER.size:
        raise ProtocolError("malformed", f"{len(data)} bytes")
    magic, version, flags, spare, sequence, time_ms = HEADER.unpack_from(data)
    if magic != MAGIC:
        raise ProtocolError("malformed", "no frame")
    if version != VERSION:
        raise ProtocolError("version", f"version {version}")
    if flags & ~SEEN or spare:
        raise ProtocolError("malformed", "unknown flags")
    if len(data) != (FRAME_BYTES if flags & SEEN else HEADER.size):
        raise ProtocolError("malformed", f"{len(data)} bytes with flags {flags}")
    if not (math.isfinite(time_ms) and 0.0 <= time_ms <= MOST_MS):
        raise ProtocolError("malformed", "time")
    if not flags & SEEN:
        return LiveFrame(sequence, time_ms, None, None)
    values = np.frombuffer(data, dtype="<f4", offset=HEADER.size)
    image, world = values[:N_IMAGE].reshape(33, 4), values[N_IMAGE:].reshape(33, 3)
    # A NaN makes both sums NaN, and a comparison with NaN is false.
    if not (float(np.abs(image).max()) < MOST_PX and float(np.abs(world).max()) < MOST_M):
        raise ProtocolError("malformed", "landmarks")
    return LiveFrame(sequence, time_ms, image, world)


def encode(frame: LiveFrame) -> bytes:
    """The bytes of one frame."""
    head = HEADER.pack(MAGIC, VERSION, SEEN if frame.seen else 0, 0, frame.sequence, frame.time_ms)
    if frame.image is None or frame.world is None:
        return head
    image, world = np.asarray(frame.image, "<f4"), np.asarray(frame.world, "<f4")
    return head + image.tobytes() + world.tobytes()


def decode_all(data: bytes) -> Iterator[LiveFrame]:
    """Frames that were put one behind the other, as they are stored. Raises ProtocolError."""
    at = 0
    while at < len(data):
        length = FRAME_BYTES if data[at + 2] & SEEN else HEADER.size
        yield decode(data[at : at + length])
        at += length
