"""The report as an Excel workbook: every table a sheet, numbers as numbers (16 digits), printed as the report does.

No text is a formula, whatever it begins with.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from analysis.grid import columns, place
from analysis.reading import exclusion_reason
from analysis.render.archive import repacked
from analysis.render.document import Heading, Paragraph, printable
from analysis.rich import plain

if TYPE_CHECKING:
    from analysis.grid import Placed
    from analysis.render.edition import Edition
    from analysis.tables import Table

_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
LONGEST = 32_000
"""Characters of a cell; Excel holds 32,767."""


def workbook(edition: Edition) -> bytes:
    """A .xlsx; the same bytes from the same report. Sheets: the words, each table, all values, each figure's values."""
    book = openpyxl.Workbook()
    book.looks = {}
    names: set[str] = set()
    document = edition.document
    _words(_sheet(book, _("Report"), names), edition)
    for number, table in enumerate(document.tables, start=1):
        _table(_sheet(book, f"{number} {table.key}", names), table, source=document.label)
    _values(_sheet(book, _("Data"), names), edition)
    for figure in document.figures:
        _table(_sheet(book, f"F{figure.number} {figure.key}", names), figure.table, source=document.label)
    book.remove(book.worksheets[0])
    made_at = dt.datetime.fromisoformat(document.made_at).astimezone(dt.UTC).replace(tzinfo=None)
    about = book.properties
    about.title, about.creator, about.description = document.title, "LiftLab", document.label
    about.created = made_at
    out = io.BytesIO()
    book.save(out)
    stamp = made_at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return repacked(out.getvalue(), change=lambda name, content: _without_clock(name, content, stamp))


def number_format(text: str) -> str:
    """The Excel format that prints a number as the report's text does: ".345", "36.299", "48", "95%", "< .001"."""
    if text.startswith("<"):
        return '[<0.001]"< .001";.000'
    if text.startswith(">"):
        return '[>0.999]"> .999";.000'
    if text.endswith("%"):
        return f"0{_decimals(text[:-1])}%"
    if "e" in text:
        return "0.0E+00"
    return ".000" if text.lstrip("-").startswith(".") else f"0{_decimals(text)}"


def _decimals(text: str) -> str:
    point = text.find(".")
    return "" if point < 0 else f".{'0' * (len(text) - point - 1)}"


def _without_clock(name: str, content: bytes, stamp: bytes) -> bytes:
    """openpyxl writes the time of saving; the report's own time stands there instead."""
    if name != "docProps/core.xml":
        return content
    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)", rb"\g<1>" + stamp + rb"\g<2>", content)


def _sheet(book: Any, name: str, names: set[str]) -> Any:
    """A sheet whose name Excel takes, and that no other has: at most 31 characters, compared without case."""
    base = _NOT_IN_NAMES.sub("_", name)[:31] or "Sheet"
    found, number = base, 1
    while found.lower() in names:
        number += 1
        found = f"{base[: 31 - len(str(number)) - 1]}~{number}"
    names.add(found.lower())
    return book.create_sheet(found)


@dataclass(frozen=True, slots=True)
class _Look:
    """How a cell looks; openpyxl takes long to find the number of a style, so each is looked up once a workbook."""

    is_text: bool = True
    bold: bool = False
    italic: bool = False
    size: int = 11
    align: str = "general"
    wrap: bool = False
    bottom: bool = False
    number_format: str = "General"


_PLAIN = _Look()


def _put(sheet: Any, row: int, column: int, value: str | float | None, look: _Look = _PLAIN) -> None:
    """One cell. Text is stored as text and marked so, which keeps it text when somebody edits the cell."""
    if value is None or value == "":
        return
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = value[:LONGEST]
        cell.data_type = "s"
    else:
        cell.value = value
        look = replace(look, is_text=False)
    known = sheet.parent.looks
    if look not in known:
        cell.font = Font(bold=look.bold, italic=look.italic, size=look.size)
        cell.alignment = Alignment(
            horizontal=look.align, vertical="bottom" if look.bottom else "top", wrap_text=look.wrap
        )
        cell.number_format = look.number_format
        cell.quotePrefix = look.is_text
        known[look] = cell._style
    cell._style = copy(known[look])


def _words(sheet: Any, edition: Edition) -> None:
    document = edition.document
    sheet.column_dimensions["A"].width = 110
    _put(sheet, 1, 1, document.title, _Look(bold=True, size=14))
    row = 2
    for block in document.blocks:
        if isinstance(block, Heading):
            _put(sheet, row + 1, 1, block.text, _Look(bold=True, size=12))
            row += 2
        elif isinstance(block, Paragraph):
            _put(sheet, row, 1, plain(block.runs), _Look(bold=block.kind == "warning", wrap=True))
            row += 1


def _table(sheet: Any, table: Table, *, source: str) -> None:
    """Caption, source where the data were not recorded, the grid with its spans, the notes."""
    _put(sheet, 1, 1, table.caption, _Look(italic=True, bold=True))
    _put(sheet, 2, 1, source, _Look(italic=True))
    wide, top = columns(table), len(table.head)
    for item in place(table):
        _cell(sheet, item)
    for column in range(1, wide + 1):
        sheet.cell(3, column).border = Border(top=Side("medium"), bottom=Side("thin") if top == 1 else Side())
        if top > 1:
            sheet.cell(2 + top, column).border = Border(bottom=Side("thin"))
        last = sheet.cell(2 + top + len(table.body), column)
        last.border = Border(bottom=Side("medium"), top=last.border.top)
        sheet.column_dimensions[get_column_letter(column)].width = 26 if column <= table.stub else 15
    for offset, note in enumerate(table.notes):
        _put(sheet, 3 + top + len(table.body) + offset, 1, note, _Look(size=9))
    sheet.freeze_panes = sheet.cell(3 + top, 1 + table.stub)


def _cell(sheet: Any, item: Placed) -> None:
    row, column = item.row + 3, item.column + 1
    value: str | float = item.text if item.cell.value is None else item.cell.value
    look = _Look(
        bold=item.in_head or item.planned,
        align=item.align,
        wrap=item.in_head,
        bottom=item.in_head,
        number_format="General" if item.cell.value is None else number_format(item.cell.text),
    )
    _put(sheet, row, column, value, look)
    if item.cell.colspan > 1 or item.cell.rowspan > 1:
        sheet.merge_cells(
            start_row=row,
            start_column=column,
            end_row=row + item.cell.rowspan - 1,
            end_column=column + item.cell.colspan - 1,
        )


def _values(sheet: Any, edition: Edition) -> None:
    """Every participant's value of every outcome, also those left out, with the reason."""
    heads = (_("Outcome"), _("Unit"), _("Student"), _("Group"), _("Value"), _("Left out because"), _("Source"))
    for column, head in enumerate(heads, start=1):
        _put(sheet, 1, column, head, _Look(bold=True))
        sheet.column_dimensions[get_column_letter(column)].width = 22
    sheet.freeze_panes = "A2"
    source = edition.document.label or _("recorded")
    row = 2
    for outcome in printable(edition.report).outcomes:
        told: list[tuple[str, str, float | None, str]] = [
            (code, group.name, value, "")
            for group in outcome.groups
            for code, value in zip(group.codes, group.values, strict=True)
        ]
        told += [(x.code, outcome.arm_name(x.arm), None, exclusion_reason(x.reason)) for x in outcome.exclusions]
        for code, arm, value, reason in told:
            for column, part in enumerate((outcome.name, outcome.unit, code, arm, value, reason, source), start=1):
                _put(sheet, row, column, part)
            row += 1
