"""Last bytes of a film, a box that players skip, on which `tests.faults.broken_decoder` crashes or hangs."""

from __future__ import annotations

_BOX = b"\x00\x00\x00\x10free"
CRASHES, HANGS = _BOX + b"CRASHES!", _BOX + b"HANGS!!!"
