"""Downloads of a report: the snapshot as JSON, the data behind it as CSV. They render; they never recompute."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.results import OutcomeReport, Report

DOWNLOADED = "outcomes of the class, downloaded"
"""What the access record says of a file of them: it holds each student's values, under their code."""
COLUMNS = ("outcome", "unit", "participant", "arm", "value", "excluded_because", "source")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def report_json(report: Report) -> str:
    """The snapshot. Raises ValueError if a number is NaN or infinite: such a report must not leave the house."""
    return json.dumps(report.snapshot(), allow_nan=False, ensure_ascii=False, indent=2)


def data_csv(outcomes: Iterable[OutcomeReport], *, is_demonstration: bool) -> str:
    """Every participant's value of every outcome, one row each, also those left out, with the reason.

    Rows are in the order of outcome, arm and code, so that the same data give the same bytes and the same SHA-256.
    `source` says in every row whether the data were recorded or reconstructed: a row travels without its file name.
    """
    source = "reconstruction" if is_demonstration else "recorded"
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(COLUMNS)
    for outcome in outcomes:
        about = safe_cell(outcome.key), safe_cell(outcome.unit)
        for group in outcome.groups:
            for code, value in zip(group.codes, group.values, strict=True):
                writer.writerow((*about, safe_cell(code), safe_cell(group.key), repr(value), "", source))
        for row in outcome.exclusions:
            writer.writerow((*about, safe_cell(row.code), safe_cell(row.arm), "", row.reason, source))
    return sheet.getvalue()


def safe_cell(text: str) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(_FORMULA) else text
