"""The checklist as rows, as Markdown and as a document for a text processor."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analysis.flow.items import EDITIONS

if TYPE_CHECKING:
    from analysis.flow.facts import Facts


@dataclass(frozen=True, slots=True)
class Row:
    """An item and what the record says to it; nothing where it does not hold it."""

    number: str
    asks: str
    texts: tuple[str, ...]


def rows_of(edition: str, facts: Facts) -> list[Row]:
    """Every item of an edition (a key of `EDITIONS`), in its order."""
    return [Row(item.number, str(item.asks), tuple(facts.get(item.fills, ()))) for item in EDITIONS[edition]]


def not_held() -> str:
    return _("The record does not hold this: write it yourself.")


def markdown(title: str, edition: str, rows: list[Row]) -> str:
    """A table; line breaks within a cell are <br>, and nothing of a text is taken for Markdown or HTML."""
    lines = [
        f"# {_escaped(title)}: CONSORT {edition}",
        "",
        f"| {_('Item')} | {_('Asks for')} | {_('From the record')} |",
        "|---|---|---|",
    ]
    for row in rows:
        texts = [_escaped(text) for text in row.texts] or [f"*{not_held()}*"]
        lines.append(f"| {row.number} | {_escaped(row.asks)} | {'<br>'.join(texts)} |")
    return "\n".join([*lines, ""])


def _escaped(text: str) -> str:
    for char in "\\`*_{}[]<>|#":
        text = text.replace(char, f"\\{char}")
    return " ".join(text.split())


def docx(title: str, edition: str, rows: list[Row]) -> bytes:
    """The same table as DOCX, its first row repeated on every page."""
    from docx import Document  # heavy: loaded by the page that writes
    from docx.oxml import OxmlElement

    document = Document()
    document.add_heading(f"{title}: CONSORT {edition}", level=1)
    table = document.add_table(rows=1, cols=3, style="Table Grid")
    for cell, text in zip(table.rows[0].cells, (_("Item"), _("Asks for"), _("From the record")), strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in rows:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = row.number, row.asks
        cells[2].paragraphs[0].text = row.texts[0] if row.texts else ""
        for text in row.texts[1:]:
            cells[2].add_paragraph(text)
        if not row.texts:
            cells[2].paragraphs[0].add_run(not_held()).italic = True
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
