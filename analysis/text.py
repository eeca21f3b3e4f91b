"""Tables as aligned plain text, at most about 120 characters wide."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from analysis.grid import place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.grid import Placed
    from analysis.tables import Table

GAP = 2
STUB_WIDTH, SPAN_WIDTH, HEAD_WIDTH = 17, 15, 10
"""Row headers, headers over several columns and headers over one are wrapped to this many characters."""


def render(table: Table) -> str:
    """Caption, head, a rule, body, a rule, notes. Headers that span columns are wrapped over them."""
    placed = place(table)
    widths = _column_widths(placed)
    heights = _row_heights(placed, widths)
    canvas = [[" "] * (sum(widths) + GAP * (len(widths) - 1)) for _ in range(sum(heights))]
    for item in placed:
        _draw(canvas, item, widths, heights, head_rows=len(table.head))
    lines = ["".join(line).rstrip() for line in canvas]
    rule = "-" * len(canvas[0])
    head = sum(heights[: len(table.head)])
    notes = [line for note in table.notes for line in textwrap.wrap(note, max(len(rule), 78))]
    return "\n".join([table.caption, rule, *lines[:head], rule, *lines[head:], rule, *notes])


def _column_widths(placed: Sequence[Placed]) -> list[int]:
    widths = [0] * (1 + max(item.column + item.cell.colspan - 1 for item in placed))
    for item in placed:
        if item.cell.colspan == 1:
            widths[item.column] = max(widths[item.column], _least_width(item))
    for item in placed:
        span = range(item.column, item.column + item.cell.colspan)
        short = _least_width(item) - _span_width(widths, span) if len(span) > 1 else 0
        for extra in range(short):
            widths[span[extra % len(span)]] += 1
    return widths


def _least_width(item: Placed) -> int:
    """Figures aren't broken; text is, between words, beyond the width that suits its place."""
    if item.is_figure:
        return len(item.text)
    longest_word = max((len(word) for word in item.text.split()), default=0)
    return max(
        longest_word, min(len(item.text), {"left": STUB_WIDTH, "center": SPAN_WIDTH}.get(item.align, HEAD_WIDTH))
    )


def _span_width(widths: list[int], span: range) -> int:
    return sum(widths[column] for column in span) + GAP * (len(span) - 1)


def _lines(item: Placed, widths: list[int]) -> list[str]:
    width = _span_width(widths, range(item.column, item.column + item.cell.colspan))
    return textwrap.wrap(item.text, max(width, 1)) or [""]


def _row_heights(placed: Sequence[Placed], widths: list[int]) -> list[int]:
    heights = [1] * (1 + max(item.row + item.cell.rowspan - 1 for item in placed))
    for item in sorted(placed, key=lambda item: item.cell.rowspan):
        rows = range(item.row, item.row + item.cell.rowspan)
        short = len(_lines(item, widths)) - sum(heights[row] for row in rows)
        if short > 0:
            heights[rows[-1]] += short
    return heights


def _draw(canvas: list[list[str]], item: Placed, widths: list[int], heights: list[int], *, head_rows: int) -> None:
    lines = _lines(item, widths)
    left = sum(widths[: item.column]) + GAP * item.column
    width = _span_width(widths, range(item.column, item.column + item.cell.colspan))
    top = sum(heights[: item.row])
    if item.row < head_rows:  # headers stand on the rule below them
        top += sum(heights[item.row : item.row + item.cell.rowspan]) - len(lines)
    for offset, line in enumerate(lines):
        aligned = {"left": line.ljust, "right": line.rjust, "center": line.center}[item.align](width)
        canvas[top + offset][left : left + width] = list(aligned)
