"""The report as Markdown (GitHub's tables). Pictures are files beside it, in `figures/`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analysis.grid import flat_body, flat_head
from analysis.render.document import Figure, Heading, Paragraph
from analysis.render.edition import MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.grid import Placed
    from analysis.render.document import Block
    from analysis.render.edition import Edition
    from analysis.rich import Rich
    from analysis.tables import Table

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#&$!])")
_OPENING = re.compile(r"^([-+=])(?=[-+=\s]|$)|^(\d+)([.)])(?=\s|$)")
"""What would open a list, a rule or an underlined heading."""


def escaped(text: str) -> str:
    """Text that Markdown shows as it is: no emphasis, link, HTML, entity, table border, list or heading comes of it."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _OPENING.sub(lambda found: rf"{found[2] or ''}\{found[1] or found[3]}", line)


def markdown(edition: Edition) -> bytes:
    """UTF-8."""
    document = edition.document
    lines = [f"# {escaped(document.title)}", ""]
    for block in document.blocks:
        lines += [*_block(block), ""]
    lines.append(escaped(" · ".join(filter(None, (document.label, "LiftLab", document.made_at)))))
    return ("\n".join(lines) + "\n").encode()


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"{'#' * (block.level + 1)} {escaped(block.text)}"
    elif isinstance(block, Paragraph):
        yield f"> {_runs(block.runs)}" if block.kind == "warning" else _runs(block.runs)
    elif isinstance(block, Figure):
        yield f"![{escaped(block.alt)}](figures/{block.key}.svg)"
        yield ""
        label = _("Figure %(number)d.") % {"number": block.number}
        yield f"**{escaped(label)}** {escaped(block.caption)}."
        if len(block.table.body) <= MOST_ROWS:
            yield ""
            yield from _table(block.table)
    else:
        yield from _table(block)


def _runs(runs: Rich) -> str:
    """Runs with their spaces: emphasis must touch its word on the inside."""
    parts = []
    for place, run in enumerate(runs):
        text = _SPECIAL.sub(r"\\\1", re.sub(r"\s+", " ", run.text))
        if place == 0:
            text = escaped(run.text) + (" " if run.text.endswith(" ") else "")
        parts.append(f"*{text}*" if run.italic else text)
    return "".join(parts)


def _table(table: Table) -> Iterator[str]:
    yield f"*{escaped(table.caption)}*"
    yield ""
    heads = flat_head(table)
    yield _row([escaped(head) for head in heads])
    yield _row([":--" if place < table.stub else "--:" for place in range(len(heads))])
    for row in flat_body(table):
        yield _row([_cell(item) for item in row])
    for note in table.notes:
        yield ""
        yield escaped(note)


def _cell(item: Placed | None) -> str:
    text = "" if item is None else escaped(item.text)
    return f"**{text}**" if item is not None and item.planned and text else text


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
