"""Training as CSV: one line for each student and lesson or day of films, by pseudonym."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studies.models import TrainingSession

COLUMNS = ("code", "day", "source", "attendance", "minutes", "sets", "repetitions", "load_kg", "films")


def exposure_csv(rows: Iterable[TrainingSession]) -> str:
    """Rows with their participant loaded and `film_count` annotated; an unknown load is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        load = "" if row.load_kg is None else f"{row.load_kg:.1f}"
        counts = (row.minutes, row.sets, row.repetitions)
        films = getattr(row, "film_count", 0)
        writer.writerow(
            (_text(row.participant.code), row.held_on.isoformat(), row.source, row.attendance, *counts, load, films)
        )
    return out.getvalue()


def _text(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
