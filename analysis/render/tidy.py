"""All tables of the report as one long CSV: a row for each cell, the text as printed and the number behind it."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from analysis.export import safe_cell
from analysis.grid import flat_body, flat_head

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.render.edition import Edition
    from analysis.tables import Table

COLUMNS = ("table", "caption", "row", "column", "text", "value", "planned", "source")


def tables_csv(edition: Edition) -> bytes:
    """Tables in the report's order. `value` has all digits; words have none.

    UTF-8. What a spreadsheet would take for a formula has an apostrophe in front.
    """
    document = edition.document
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for table in document.tables:
        writer.writerows(_rows(table, source=document.label or "recorded"))
    return out.getvalue().encode()


def table_csv(table: Table, *, source: str) -> bytes:
    """One table as it stands, numbers with all digits, a column `source` at its end."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*(safe_cell(head) for head in flat_head(table)), "source"])
    for row in flat_body(table):
        cells = ("" if item is None else _exact(item.cell.value, item.text) for item in row)
        writer.writerow([*cells, safe_cell(source)])
    return out.getvalue().encode()


def _rows(table: Table, *, source: str) -> Iterable[tuple[str, ...]]:
    heads = flat_head(table)
    for row in flat_body(table):
        label = " / ".join(item.text for item in row[: table.stub] if item is not None)
        for head, item in zip(heads[table.stub :], row[table.stub :], strict=True):
            if item is not None and item.cell.text:
                value = "" if item.cell.value is None else repr(item.cell.value)
                texts = (table.key, table.caption, label, head, item.text)
                yield (*map(_text, texts), value, "yes" if item.planned else "", safe_cell(source))


def _text(text: str) -> str:
    """A printed negative number is no formula."""
    return text if _is_number(text) else safe_cell(text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _exact(value: float | None, text: str) -> str:
    return safe_cell(text) if value is None else repr(value)
