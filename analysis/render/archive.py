"""Zip files whose bytes depend on their content alone: no clock, no order of a dictionary, no user's permissions."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can say."""


def packed(files: Iterable[tuple[str, bytes]]) -> bytes:
    """The files in this order, deflated, all of 1980."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files:
            info = zipfile.ZipInfo(name, date_time=EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3
            archive.writestr(info, content, compresslevel=6)
    return out.getvalue()


def repacked(archive: bytes, *, change: Callable[[str, bytes], bytes]) -> bytes:
    """An office file without the time of its making in it; `change` may mend a part of it by name."""
    with zipfile.ZipFile(io.BytesIO(archive)) as parts:
        return packed((name, change(name, parts.read(name))) for name in parts.namelist())
