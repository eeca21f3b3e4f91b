"""The report as a Word file: real tables with APA's three rules, headings that Word knows, pictures with their text."""

from __future__ import annotations

import copy
import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import docx
from django.utils.translation import gettext as _
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from analysis.grid import columns, place
from analysis.render.archive import repacked
from analysis.render.document import Figure, Heading, Paragraph
from analysis.render.edition import MOST_ROWS

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph as WordParagraph

    from analysis.grid import Placed
    from analysis.render.document import Block
    from analysis.render.edition import Edition
    from analysis.rich import Rich
    from analysis.tables import Cell, Table

FONT = "Times New Roman"
THICK, THIN = 12, 6
"""Widths of a rule in eighths of a point."""
_ALIGN = {"left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT}


def word(edition: Edition) -> bytes:
    """A .docx on A4; the same bytes from the same report."""
    found = docx.Document()
    _set_up(found, edition)
    found.add_heading(edition.document.title, level=0)
    for block in edition.document.blocks:
        _add(found, block, edition)
    out = io.BytesIO()
    found.save(out)
    return repacked(out.getvalue(), change=lambda _name, content: content)


def _set_up(found: WordDocument, edition: Edition) -> None:
    document = edition.document
    section = found.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.header.paragraphs[0].text = document.label
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        style = found.styles[name]
        style.font.name = FONT
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:eastAsia", "w:cs", "w:hAnsi", "w:ascii"):
            fonts.set(qn(script), FONT)
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(theme), None)
    found.styles["Normal"].font.size = Pt(11)
    found.styles["Title"].font.size = Pt(20)
    made_at = dt.datetime.fromisoformat(document.made_at).astimezone(dt.UTC).replace(tzinfo=None)
    about = found.core_properties
    about.title, about.author, about.language = document.title[:255], "LiftLab", document.language
    about.comments, about.keywords = document.label, f"data {edition.report.provenance.data_sha256}"
    about.created = about.modified = made_at
    about.last_modified_by = "LiftLab"


def _add(found: WordDocument, block: Block, edition: Edition) -> None:
    if isinstance(block, Heading):
        found.add_heading(block.text, level=block.level)
    elif isinstance(block, Paragraph):
        _paragraph(found, block)
    elif isinstance(block, Figure):
        _figure(found, block, edition)
    else:
        _table(found, block)


def _paragraph(found: WordDocument, block: Paragraph) -> None:
    added = found.add_paragraph()
    _runs(added, block.runs, bold=block.kind == "warning")
    if block.kind == "note":
        for run in added.runs:
            run.font.size = Pt(9)


def _runs(paragraph: WordParagraph, runs: Rich, *, bold: bool = False) -> None:
    for run in runs:
        added = paragraph.add_run(run.text)
        added.italic = run.italic or None
        added.bold = bold or None


def _figure(found: WordDocument, figure: Figure, edition: Edition) -> None:
    added = found.add_paragraph()
    added.paragraph_format.keep_with_next = True
    shape = added.add_run().add_picture(io.BytesIO(edition.pictures.png(figure)), width=Cm(16))
    about: Any = shape._inline.docPr
    about.set("descr", figure.alt)
    about.set("title", figure.caption)
    caption = found.add_paragraph()
    caption.add_run(_("Figure %(number)d.") % {"number": figure.number}).bold = True
    caption.add_run(f" {figure.caption}.")
    if len(figure.table.body) <= MOST_ROWS:
        _table(found, figure.table)


def _table(found: WordDocument, table: Table) -> None:
    """Caption in italics, a rule above and below, one under the heads and under each head over several columns."""
    caption = found.add_paragraph()
    caption.add_run(table.caption).italic = True
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.space_before = Pt(10)
    caption.paragraph_format.space_after = Pt(3)
    wide, top = columns(table), len(table.head)
    added = found.add_table(rows=top + len(table.body), cols=wide)
    added.alignment = WD_TABLE_ALIGNMENT.LEFT
    added.autofit = True
    cells = added._cells
    size = Pt(7.5) if wide > 7 else Pt(9.5)
    like: dict[tuple[str, bool], Any] = {}
    for item in place(table):
        if item.in_head or not _is_plain(item.cell):
            _cell(cells, item, wide=wide, size=size)
            continue
        key = (item.align, item.planned)
        if key in like:
            _copied(cells[item.row * wide + item.column], like[key], item.cell.text)
        else:
            _cell(cells, item, wide=wide, size=size)
            like[key] = cells[item.row * wide + item.column].paragraphs[0]._p
    for column in range(wide):
        _rule(cells[column], "top", THICK)
        _rule(cells[(top - 1) * wide + column], "bottom", THIN)
        _rule(cells[-wide + column], "bottom", THICK)
    for row in added.rows[:top]:
        row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in added.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for note in table.notes:
        paragraph = found.add_paragraph()
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
        paragraph.add_run(note).font.size = Pt(8.5)


def _is_plain(cell: Cell) -> bool:
    """One word or number, in one column and row."""
    spans = cell.colspan > 1 or cell.rowspan > 1 or bool(cell.mark)
    return not spans and cell.text.isprintable() and cell.text == cell.text.strip() != ""


def _copied(cell: _Cell, like: Any, text: str) -> None:
    """The paragraph of a cell before with another text. python-docx takes ten times as long to make it, and a large
    class has ten thousand.
    """
    paragraph = copy.deepcopy(like)
    paragraph.find(f".//{qn('w:t')}").text = text
    old = cell._tc.find(qn("w:p"))
    cell._tc.replace(old, paragraph)


def _cell(cells: list[_Cell], item: Placed, *, wide: int, size: Pt) -> None:
    cell = cells[item.row * wide + item.column]
    if item.cell.colspan > 1 or item.cell.rowspan > 1:
        row, column = item.row + item.cell.rowspan - 1, item.column + item.cell.colspan - 1
        cell = cell.merge(cells[row * wide + column])
    paragraph = cell.paragraphs[0]
    paragraph.alignment = _ALIGN[item.align]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1)
    for text, raised in ((item.cell.text, False), (item.cell.mark, True)):
        if text:
            run = paragraph.add_run(text)
            run.font.size = size
            run.bold = item.planned or None
            run.font.superscript = raised or None
    if item.in_head and item.align == "center":
        _rule(cell, "bottom", THIN)


def _rule(cell: _Cell, side: str, width: int) -> None:
    """A black line on one side of the cell, in place of what was there."""
    properties = cell._tc.get_or_add_tcPr()
    borders = properties.find(qn("w:tcBorders"))
    if borders is None:
        borders = OxmlElement("w:tcBorders")
        properties.append(borders)
    for old in borders.findall(qn(f"w:{side}")):
        borders.remove(old)
    line = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(width)), ("space", "0"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    borders.insert(0 if side == "top" else len(borders), line)
