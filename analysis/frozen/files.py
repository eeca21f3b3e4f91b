"""The files in which a frozen report is offered. They render the snapshot, and never compute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.export import COLUMNS, data_csv

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.frozen.snapshot import Frozen


@dataclass(frozen=True, slots=True)
class File:
    """`make` gives the content from a snapshot as its reader may see it: groups by name, or (not `named`) by key."""

    content_type: str
    suffix: str
    make: Callable[[Frozen], str | bytes]
    columns: tuple[str, ...] = ()
    named: bool = True


FILES: dict[str, File] = {
    "json": File("application/json", "json", lambda frozen: frozen.text(), named=False),
    "csv": File(
        "text/csv; charset=utf-8",
        "csv",
        lambda frozen: data_csv(frozen.report.outcomes, is_demonstration=frozen.report.is_demonstration),
        COLUMNS,
        named=False,
    ),
}
"""By the name in the address. `json` is byte for byte what the report's SHA-256 is of, as this reader is shown it, and
`csv` what the data's hash in its provenance is of."""
