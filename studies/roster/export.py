"""The roster as CSV: a row a student, by name for whom names are for, else by code. Cells can't become formulas."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from studies.roster.checks import BASELINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from studies.models import Participant

NAMES = ("first_name", "last_name", "username", "email")
COLUMNS = ("code", "year", "section", "eligibility", "arm", "enrolled_on", *BASELINE)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def columns_of(*, named: bool) -> list[str]:
    return [*COLUMNS[:1], *(NAMES if named else ()), *COLUMNS[1:]]


def roster_csv(participants: Iterable[Participant], groups: Mapping[int, str], *, named: bool) -> str:
    """`participants` come with user and baseline loaded; `groups` are the keys of arms as their reader may see them.

    With the byte order mark that spreadsheets look for.
    """
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(columns_of(named=named))
    for row in participants:
        baseline = getattr(row, "baseline", None)
        cells: list[object] = [row.code]
        if named:
            cells += [getattr(row.user, name) for name in NAMES]
        cells += [row.year_of_study, row.section, row.eligibility, groups.get(row.arm_id or 0, "")]
        cells += [row.enrolled_at.date(), *(getattr(baseline, name, "") for name in BASELINE)]
        writer.writerow([safe_cell(cell) for cell in cells])
    return "\ufeff" + sheet.getvalue()
