"""The report as one HTML file: no script, nothing fetched, pictures inside; it prints on A4."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analysis.grid import place
from analysis.render.document import Figure, Heading, Paragraph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.grid import Placed
    from analysis.render.document import Block, Document
    from analysis.render.edition import Edition
    from analysis.render.figures.draw import Pictures
    from analysis.rich import Rich
    from analysis.tables import Table

STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; img-src data:; style-src 'sha256-{_STYLE_HASH}'"


def html(edition: Edition) -> bytes:
    """UTF-8. The file forbids itself scripts and requests, whatever a name in it says."""
    return "\n".join(_page(edition.document, edition.pictures)).encode()


def _page(document: Document, pictures: Pictures) -> Iterator[str]:
    title = escape(document.title)
    yield "<!doctype html>"
    yield f'<html lang="{escape(document.language)}">'
    yield '<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>"
    for block in document.blocks:
        yield from _block(block, pictures)
    yield "</main>"
    said = " · ".join(filter(None, (document.label, "LiftLab", document.made_at)))
    yield f'<footer class="note">{escape(said)}</footer>\n</body>\n</html>\n'


def _block(block: Block, pictures: Pictures) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"<h{block.level + 1}>{escape(block.text)}</h{block.level + 1}>"
    elif isinstance(block, Paragraph):
        kind = "" if block.kind == "text" else f' class="{block.kind}"'
        yield f"<p{kind}>{_runs(block.runs)}</p>"
    elif isinstance(block, Figure):
        yield from _figure(block, pictures)
    else:
        yield from _table(block)


def _runs(runs: Rich) -> str:
    return "".join(f"<i>{escape(run.text)}</i>" if run.italic else escape(run.text) for run in runs)


def _figure(figure: Figure, pictures: Pictures) -> Iterator[str]:
    picture = base64.b64encode(pictures.svg(figure)).decode()
    label = _("Figure %(number)d.") % {"number": figure.number}
    yield f'<figure>\n<img src="data:image/svg+xml;base64,{picture}" alt="{escape(figure.alt)}">'
    yield f"<figcaption><b>{escape(label)}</b> {escape(figure.caption)}.</figcaption>"
    yield f"<details>\n<summary>{escape(_('The values of this figure'))}</summary>"
    yield from _table(figure.table)
    yield "</details>\n</figure>"


def _table(table: Table) -> Iterator[str]:
    name = escape(table.caption)
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{name}">\n<table>\n<caption>{name}</caption>'
    rows: dict[int, list[Placed]] = {}
    for item in place(table):
        rows.setdefault(item.row, []).append(item)
    yield "<thead>"
    for number, row in rows.items():
        if number == len(table.head):
            yield "</thead>\n<tbody>"
        marked = ' class="planned"' if row[0].planned else ""
        yield f"<tr{marked}>{''.join(_cell(item) for item in row)}</tr>"
    yield "</tbody>" if table.body else "</thead>"
    yield "</table>\n</div>"
    for note in table.notes:
        yield f'<p class="notes">{escape(note)}</p>'


def _cell(item: Placed) -> str:
    spans = "".join(
        f' {name}="{count}"'
        for name, count in (("colspan", item.cell.colspan), ("rowspan", item.cell.rowspan))
        if count > 1
    )
    text = escape(item.cell.text) + (f" <sup>{escape(item.cell.mark)}</sup>" if item.cell.mark else "")
    if item.in_head:
        if not item.cell.text:
            return f"<td{spans}></td>"
        kind = "" if item.align == "right" else f' class="{item.align}"'
        return f'<th scope="{item.cell.scope}"{kind}{spans}>{text}</th>'
    if not item.is_figure:
        return f'<th scope="{item.cell.row_scope}"{spans}>{text}</th>'
    words = ' class="words"' if item.cell.value is None and item.cell.text else ""
    return f"<td{words}{spans}>{text}</td>"
