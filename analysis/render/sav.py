"""The data behind the report as an SPSS file: a row for each student, with labels, measure levels and missing values.

Of a missing value the code says why it is missing, and SPSS leaves it out of every procedure.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.render.dictionary import PARTICIPANT, codebook_of
from analysis.render.document import printable

if TYPE_CHECKING:
    from analysis.render.dictionary import Codebook
    from analysis.render.edition import Edition
    from analysis.results import OutcomeReport, Report

_CREATED = slice(92, 109)
"""Where a .sav says when it was made: nine letters of a date, eight of a time."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def sav(edition: Edition) -> bytes:
    """An uncompressed .sav in UTF-8; the same bytes from the same report."""
    import pandas as pd  # a second to load, and only needed here
    import pyreadstat

    report = printable(edition.report)
    book = codebook_of(report)
    rows = wide_rows(report, book)
    names = [variable.name for variable in book.variables]
    frame = pd.DataFrame({name: [row[place] for row in rows] for place, name in enumerate(names)}, columns=names)
    outcomes = [variable for variable in book.variables if variable.key]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.sav"
        pyreadstat.write_sav(
            _typed(frame, names),
            path,
            file_label=_cut(edition.document.label, 64),
            note=[*_lines(edition.document.label), *_lines(report.data_note)] or None,
            column_labels={v.name: _cut(f"{v.label} ({v.unit})" if v.unit else v.label, 250) for v in book.variables},
            variable_value_labels={
                v.name: {float(code): _cut(text, 120) for code, text in (*v.labels, *v.missing)}
                for v in book.variables
                if v.labels or v.missing
            },
            missing_ranges={
                v.name: [{"lo": float(min(v.missing)[0]), "hi": float(max(v.missing)[0])}] for v in outcomes
            },
            variable_measure={v.name: v.measure for v in book.variables},
        )
        return _stamped(path.read_bytes(), edition)


def wide_rows(report: Report, book: Codebook) -> list[tuple[Any, ...]]:
    """A row for each student, by code: the code, the arm's number or None, each outcome's value or missing code."""
    arm_of: dict[str, int | None] = {}
    told: dict[str, dict[str, float]] = {}
    for outcome in report.outcomes:
        for code, arm, value in _told(outcome, book):
            if arm is not None or code not in arm_of:
                arm_of[code] = arm
            told.setdefault(code, {})[outcome.key] = value
    keys = [variable.key for variable in book.variables if variable.key]
    return [(code, arm_of[code], *(told[code].get(key) for key in keys)) for code in sorted(told)]


def _told(outcome: OutcomeReport, book: Codebook) -> list[tuple[str, int | None, float]]:
    numbers = {key: place for place, key in enumerate(book.arms, start=1)}
    missing = dict(zip(book.reasons, (code for code, _text in book.variable(outcome.key).missing), strict=True))
    measured: list[tuple[str, int | None, float]] = [
        (code, numbers[group.key], value)
        for group in outcome.groups
        for code, value in zip(group.codes, group.values, strict=True)
    ]
    left_out = [(row.code, numbers.get(row.arm), float(missing[row.reason])) for row in outcome.exclusions]
    return measured + left_out


def _typed(frame: Any, names: list[str]) -> Any:
    """The code as text, everything else as numbers, also where a column is empty."""
    return frame.astype({name: "str" if name == PARTICIPANT else "float64" for name in names})


def _cut(text: str, most: int) -> str:
    """The text in at most so many bytes of UTF-8, which is how SPSS counts; no letter is halved."""
    return text.encode()[:most].decode(errors="ignore")


def _lines(text: str, most: int = 80) -> list[str]:
    """The text in lines of at most so many bytes, broken between words where there are any."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(f"{lines[-1]} {word}".encode()) <= most:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(_cut(word, most))
    return lines


def _stamped(content: bytes, edition: Edition) -> bytes:
    """The report's time in the place of the writer's clock."""
    made_at = dt.datetime.fromisoformat(edition.document.made_at).astimezone(dt.UTC)
    day = f"{made_at.day:02d} {_MONTHS[made_at.month - 1]} {made_at.year % 100:02d}"
    stamp = f"{day}{made_at:%H:%M:%S}".encode()
    return content[: _CREATED.start] + stamp + content[_CREATED.stop :]
