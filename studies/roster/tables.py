"""A CSV or XLSX file becomes rows of text. Nothing in it is ever evaluated; a formula is marked as one.

CSV: the encoding is read off a byte order mark, zero bytes (UTF-16) or the bytes themselves (UTF-8, else Windows-1251
when letters beyond ASCII stand together as in Cyrillic words, else Windows-1252). The delimiter is the one that makes
the most known columns of the first line. XLSX: the first sheet that has anything in it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from studies.errors import StudyError
from studies.roster.columns import field_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BYTES_MAX = 5_000_000
UNPACKED_MAX = 100_000_000
ROWS_MAX = 10_000
COLUMNS_MAX = 60
CELL_MAX = 500
DELIMITERS = ",;\t|"
ENCODINGS = ("utf-8", "utf-16", "cp1251", "kz1048", "cp1252")
"""What a person may choose where the guess is wrong; KZ-1048 is Windows-1251 with the Kazakh letters."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


class Formula(str):
    """A cell that holds a formula, or the error of one; its value is never calculated."""

    __slots__ = ()


class FileRefused(StudyError):
    """The file as a whole can't be read. Nothing was stored."""


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` are (number as the spreadsheet counts, cells as text), without empty ones; `reading` says how it came."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    reading: str


def read_table(raw: bytes, *, encoding: str = "") -> Table:
    """Errors: too_large, empty_file, unknown_format, broken_workbook, bad_encoding, too_many_rows, no_header."""
    if len(raw) > BYTES_MAX:
        raise FileRefused("too_large", _("A class list has at most 5 MB. Send only the sheet with the students."))
    if not raw.strip():
        raise FileRefused("empty_file", _("The file is empty."))
    if raw.startswith(b"PK\x03\x04"):
        numbered, reading = _from_workbook(raw), "XLSX"
    elif raw.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf")):
        raise FileRefused("unknown_format", _("Save the list as XLSX or CSV: this file is neither."))
    else:
        text, name = _decoded(raw, encoding)
        delimiter = _delimiter(text)
        numbered = _from_text(text, delimiter)
        reading = f"CSV, {name}, " + {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar")}[delimiter]
    return _table(numbered, reading)


def _table(numbered: Iterator[tuple[int, list[str]]], reading: str) -> Table:
    header: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    for number, cells in numbered:
        if not any(cell.strip() for cell in cells):
            continue
        if not header:
            header = [cell.strip() for cell in cells][:COLUMNS_MAX]
            continue
        if len(rows) == ROWS_MAX:
            raise FileRefused("too_many_rows", _("The list has more than 10 000 rows. Send it in parts."))
        rows.append((number, [_clipped(cell) for cell in cells[: len(header)]]))
    if not rows:
        raise FileRefused(
            "no_header", _("The first row names the columns, and each row below is a student. Nothing was found below.")
        )
    return Table(header, rows, reading)


def _clipped(cell: str) -> str:
    return Formula(cell[:CELL_MAX]) if isinstance(cell, Formula) else cell.strip()[:CELL_MAX]


def _decoded(raw: bytes, encoding: str) -> tuple[str, str]:
    name = encoding if encoding in ENCODINGS else _guessed(raw)
    try:
        text = raw.decode("utf-8-sig" if name == "utf-8" else name)
    except UnicodeDecodeError:
        raise FileRefused(
            "bad_encoding", _("The letters can't be read as %(name)s. Choose another.") % {"name": name}
        ) from None
    if _CONTROL.search(text):
        raise FileRefused("unknown_format", _("Save the list as XLSX or CSV: this file is neither."))
    return text, name


def _guessed(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    start = raw[:2000]
    if b"\x00" in start:  # every second byte of Latin letters, or of the commas between others
        return "utf-16-le" if start[1::2].count(0) >= start[0::2].count(0) else "utf-16-be"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        beyond = re.findall(rb"[\x80-\xff]+", raw)
        together = sum(len(run) for run in beyond if len(run) > 1)
        return "cp1251" if together * 2 > sum(map(len, beyond)) else "cp1252"
    return "utf-8"


def _delimiter(text: str) -> str:
    lines = text.splitlines()
    named = re.fullmatch(r"sep=([,;\t|])", lines[0].strip("\ufeff")) if lines else None
    if named:
        return named.group(1)
    first = next((line for line in lines if line.strip()), "")

    def fit(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=delimiter), [])
        return sum(field_of(cell) is not None for cell in cells), len(cells)

    return max(DELIMITERS, key=fit)


def _from_text(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    last = 0
    try:
        for cells in reader:
            number, last = last + 1, reader.line_num
            if not (number == 1 and re.fullmatch(r"sep=.?", "".join(cells))):
                yield number, cells
    except csv.Error:
        message = _("Row %(row)d can't be read: a quotation mark is open, or a cell is endless.") % {"row": last + 1}
        raise FileRefused("unknown_format", message) from None


def _from_workbook(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    import openpyxl  # loads when the first workbook comes

    try:
        _refuse_a_bomb(raw)
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
        for sheet in book.worksheets:
            rows = list(_sheet(sheet.iter_rows(max_col=COLUMNS_MAX, max_row=ROWS_MAX + 100)))
            if rows:
                return iter(rows)
    except FileRefused:
        raise
    except Exception:  # a hostile or torn workbook fails anywhere inside the library
        raise FileRefused("broken_workbook", _("The workbook is damaged. Open it and save it again as XLSX.")) from None
    return iter(())


def _refuse_a_bomb(raw: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > UNPACKED_MAX:
            raise FileRefused("too_large", _("The workbook unpacks to more than 100 MB."))


def _sheet(rows: Iterable[Iterable[object]]) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows, start=1):
        cells = [_cell(cell) for cell in row]
        if any(cells):
            yield number, cells


def _cell(cell: object) -> str:
    """The text of a cell as a person reads it: 2.0 is "2", a date is ISO."""
    value = getattr(cell, "value", None)
    if value is None:
        return ""
    if getattr(cell, "data_type", "") in {"f", "e"}:
        return Formula(str(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return str(value)
