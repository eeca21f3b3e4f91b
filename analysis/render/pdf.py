"""The report as PDF/UA-1, set by Typst: tagged, with the text of each picture, the same bytes from the same report.

No system font is read: Typst's own Libertinus Serif, and DejaVu Sans from matplotlib for what that lacks.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import typst
from django.utils.translation import gettext as _

from analysis.grid import columns, place
from analysis.render.document import Figure, Heading, Paragraph
from analysis.render.edition import MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.grid import Placed
    from analysis.render.document import Block
    from analysis.render.edition import Edition
    from analysis.tables import Table

TEMPLATE = Path(__file__).parent / "report.typ"
CROWDED = 7
"""Columns beyond which a table is set smaller, over the whole line."""
FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"


def pdf(edition: Edition) -> bytes:
    """A4. Raises RuntimeError (`typst.TypstError`) when Typst refuses the document."""
    return typst.compile(
        TEMPLATE,
        format="pdf",
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(described(edition), ensure_ascii=False, allow_nan=False)},
        pdf_standards=["ua-1"],
        timestamp=int(_made_at(edition).timestamp()),
    )


def described(edition: Edition) -> dict[str, Any]:
    """What the Typst template prints, as JSON values."""
    document = edition.document
    made_at = _made_at(edition)
    return {
        "title": document.title,
        "label": document.label,
        "language": document.language.split("-")[0],
        "keywords": [word for word in (document.label, f"data {edition.report.provenance.data_sha256}") if word],
        "date": {name: getattr(made_at, name) for name in ("year", "month", "day", "hour", "minute", "second")},
        "blocks": [part for block in document.blocks for part in _described(block, edition)],
    }


def _made_at(edition: Edition) -> dt.datetime:
    return dt.datetime.fromisoformat(edition.document.made_at)


def _described(block: Block, edition: Edition) -> Iterator[dict[str, Any]]:
    if isinstance(block, Heading):
        yield {"kind": "heading", "level": block.level, "text": block.text}
    elif isinstance(block, Paragraph):
        runs = [{"text": run.text, "italic": run.italic} for run in block.runs]
        yield {"kind": "paragraph", "style": block.kind, "runs": runs}
    elif isinstance(block, Figure):
        yield {
            "kind": "figure",
            "label": _("Figure %(number)d.") % {"number": block.number},
            "caption": block.caption,
            "alt": block.alt,
            "svg": edition.pictures.svg(block).decode(),
        }
        if len(block.table.body) <= MOST_ROWS:
            yield _table(block.table)
    else:
        yield _table(block)


def _table(table: Table) -> dict[str, Any]:
    placed = place(table)
    wide = columns(table)
    return {
        "kind": "table",
        "caption": table.caption,
        "notes": list(table.notes),
        "crowded": wide > CROWDED,
        "breakable": len(table.body) > 20,
        "widths": [_width(table, column, wide) for column in range(wide)],
        "head-rows": len(table.head),
        "body-rows": len(table.body),
        "head": [_cell(item) for item in placed if item.in_head],
        "body": [_cell(item) for item in placed if not item.in_head],
    }


def _width(table: Table, column: int, wide: int) -> float:
    """A column's share of the line, 0 for as wide as it needs. A crowded table shares out all of it and wraps heads."""
    if wide > CROWDED:
        return 1.75 if column < table.stub else 1.0
    in_it = [item for item in place(table) if item.is_figure and item.column == column]
    return 1.0 if any(item.cell.value is None and len(item.cell.text) > 20 for item in in_it) else 0.0


def _cell(item: Placed) -> dict[str, Any]:
    return {
        "text": item.cell.text,
        "mark": item.cell.mark,
        "x": item.column,
        "y": item.row,
        "colspan": item.cell.colspan,
        "rowspan": item.cell.rowspan,
        "align": item.align,
        "head": item.in_head,
        "planned": item.planned,
    }
