"""Where each cell of a table stands, for every format that has no spans of its own or wants them counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.tables import Cell, Table


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell on the grid: its first row and column, what it is, and how it is aligned.

    Rows are counted over head and body. A header of a row is no figure; neither is anything in the head.
    """

    cell: Cell
    row: int
    column: int
    align: Literal["left", "right", "center"]
    is_figure: bool
    in_head: bool
    planned: bool = False

    @property
    def text(self) -> str:
        return f"{self.cell.text} {self.cell.mark}".strip()


def place(table: Table) -> tuple[Placed, ...]:
    """Give every cell its place, as a browser does: skip what an earlier rowspan covers."""
    return tuple(_placed(table))


def _placed(table: Table) -> Iterator[Placed]:
    taken: set[tuple[int, int]] = set()
    rows = [(row, 0, False) for row in table.head]
    rows += [((*row.headers, *row.values), len(row.headers), row.planned) for row in table.body]
    for index, (cells, headers, planned) in enumerate(rows):
        column = 0
        for position, cell in enumerate(cells):
            while (index, column) in taken:
                column += 1
            in_head = index < len(table.head)
            align: Literal["left", "right", "center"] = "right"
            if position < headers or (in_head and column < table.stub):
                align = "left"
            if in_head and cell.colspan > 1 and cell.text:
                align = "center"
            is_figure = not in_head and position >= headers
            yield Placed(cell, index, column, align, is_figure=is_figure, in_head=in_head, planned=planned)
            if cell.rowspan > 1:
                taken |= {(index + i, column + j) for i in range(1, cell.rowspan) for j in range(cell.colspan)}
            column += cell.colspan


def columns(table: Table) -> int:
    """How many columns the table has."""
    return max((item.column + item.cell.colspan for item in place(table)), default=0)


def flat_head(table: Table) -> tuple[str, ...]:
    """One name for each column: headers that span columns come before those under them, after a colon."""
    names: list[list[str]] = [[] for _ in range(columns(table))]
    for item in place(table):
        if item.in_head and item.cell.text:
            for column in range(item.column, item.column + item.cell.colspan):
                names[column].append(item.cell.text)
    return tuple(": ".join(parts) for parts in names)


def flat_body(table: Table) -> tuple[tuple[Placed | None, ...], ...]:
    """The body as full rows: a header that spans rows or columns stands in each of them, a missing cell is None."""
    top, wide = len(table.head), columns(table)
    rows: list[list[Placed | None]] = [[None] * wide for _ in table.body]
    for item in place(table):
        if item.in_head:
            continue
        for row in range(item.row - top, min(item.row - top + item.cell.rowspan, len(rows))):
            for column in range(item.column, item.column + item.cell.colspan):
                rows[row][column] = item
    return tuple(tuple(row) for row in rows)
