"""Tables and files into one zip, straight to the disk: shared by the student's own archive and the study's export."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

from django.core.files.storage import default_storage
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

CHUNK = 1 << 20
FORMULA = ("=", "+", "-", "@", "\t", "\r")
SUMS = "SHA256SUMS"


class Archive:
    """A zip that is written part by part; leaving the block adds SHA256SUMS over all parts.

    Memory is flat: a part is written in pieces of at most a megabyte.
    """

    def __init__(self, path: Path, *, folder: str) -> None:
        self._zip = zipfile.ZipFile(path, "w", compression=zipfile.ZIP_DEFLATED, allowZip64=True)
        self._folder = folder
        self._sums: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if error is None:
            text = "".join(f"{digest}  {name}\n" for name, digest in sorted(self._sums))
            self._zip.writestr(f"{self._folder}/{SUMS}", text)
        self._zip.close()

    def add(self, name: str, pieces: Iterable[bytes], *, packed: bool = True) -> None:
        """A part from its pieces. `packed` False for what is compressed already."""
        digest = hashlib.sha256()
        about = zipfile.ZipInfo(f"{self._folder}/{name}", date_time=timezone.now().timetuple()[:6])
        about.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        with self._zip.open(about, "w", force_zip64=True) as out:
            for piece in pieces:
                digest.update(piece)
                out.write(piece)
        self._sums.append((name, digest.hexdigest()))

    def add_text(self, name: str, text: str) -> None:
        self.add(name, [text.encode()])

    def add_json(self, name: str, document: Any) -> None:
        self.add_text(name, json.dumps(document, ensure_ascii=False, indent=2, default=plain) + "\n")

    def add_stored(self, name: str, stored: str) -> bool:
        """A file of the storage; False when it is not there any more."""
        if not stored or not default_storage.exists(stored):
            return False
        self.add(name, stored_pieces(stored), packed=False)
        return True


def stored_pieces(stored: str) -> Iterator[bytes]:
    with default_storage.open(stored, "rb") as handle:
        while piece := handle.read(CHUNK):
            yield piece


def csv_pieces(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A table as UTF-8 CSV, a row a piece; text that a spreadsheet would take for a formula is guarded."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(header)
    yield _taken(sheet)
    for row in rows:
        writer.writerow([cell(value) for value in row])
        yield _taken(sheet)


def _taken(sheet: io.StringIO) -> bytes:
    text = sheet.getvalue()
    sheet.seek(0)
    sheet.truncate()
    return text.encode()


def cell(value: Any) -> Any:
    """A value as a cell: dates as ISO, true as 1, structures as JSON, nothing as empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=plain)
    if isinstance(value, dt.date | dt.datetime):
        return plain(value)
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def plain(value: Any) -> Any:
    """What JSON does not know, as text."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return "sealed"
    return str(value)
