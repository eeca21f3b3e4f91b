from __future__ import annotations

from analysis.tables import Cell, Row, Table
from analysis.text import render

TABLE = Table(
    key="t",
    caption="Caption",
    stub=1,
    head=(
        (Cell("", rowspan=2), Cell("A header over two columns", colspan=2), Cell("Alone", rowspan=2)),
        (Cell("x"), Cell("y")),
    ),
    body=(
        Row((Cell("first row"),), (Cell("1.5"), Cell("22.25"), Cell(".003", mark="a"))),
        Row((Cell("second"),), (Cell(""), Cell("-1.0"), Cell(""))),
    ),
    notes=("a A note.",),
)


def test_cells_are_aligned_under_their_headers() -> None:
    assert render(TABLE).splitlines() == [
        "Caption",
        "----------------------------------",
        "            A header over",
        "             two columns",
        "                x        y   Alone",
        "----------------------------------",
        "first row     1.5    22.25  .003 a",
        "second                -1.0",
        "----------------------------------",
        "a A note.",
    ]
