"""The two files that are no drawing of the report but the report itself: its snapshot and its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.export import data_csv, report_json

if TYPE_CHECKING:
    from analysis.render.edition import Edition


def snapshot(edition: Edition) -> bytes:
    """All numbers with all digits, as JSON."""
    return report_json(edition.report).encode()


def data(edition: Edition) -> bytes:
    """The CSV whose SHA-256 the report names, byte for byte."""
    return data_csv(edition.report.outcomes, is_demonstration=edition.report.is_demonstration).encode()
