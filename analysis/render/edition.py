"""One report being rendered: the frozen values, their document, and what formats share: pictures and files made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.render.document import document_of
from analysis.render.figures.draw import Pictures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.format import Skin
    from analysis.render.document import Block, Document
    from analysis.results import Report


@dataclass(frozen=True, slots=True)
class Edition:
    report: Report
    document: Document
    pictures: Pictures = field(default_factory=Pictures)
    made: dict[str, bytes] = field(default_factory=dict)


def edition_of(
    report: Report,
    *,
    skin: Skin = "default",
    notices: Sequence[str] = (),
    further: Sequence[Block] = (),
) -> Edition:
    """The report in the active language, in the skin its tables are printed in; the rest as for `document_of`."""
    return Edition(report=report, document=document_of(report, skin, notices=notices, further=further))


MOST_ROWS = 40
"""A figure's table is printed under it up to this length; longer ones are in the files that hold tables."""
