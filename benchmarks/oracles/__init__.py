"""Our statistics against named oracles: SciPy, statsmodels, NIST, examples printed by R and by books."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.oracles import base_r, design, injuries, means, models, ranks, raters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.oracles.figure import Figure


@dataclass(frozen=True, slots=True)
class Summary:
    count: int
    full: int
    printed: int
    as_printed: int
    held: int
    largest: float
    largest_at: str


def table() -> list[Figure]:
    return [figure for part in (means, ranks, models, injuries, design, raters, base_r) for figure in part.figures()]


def summarise(figures: Sequence[Figure]) -> Summary:
    full = [figure for figure in figures if not figure.printed]
    printed = [figure for figure in figures if figure.printed]
    worst = max(full, key=lambda figure: figure.difference)
    return Summary(
        count=len(figures),
        full=len(full),
        printed=len(printed),
        as_printed=sum(figure.holds for figure in printed),
        held=sum(figure.holds for figure in figures),
        largest=worst.difference,
        largest_at=worst.what,
    )
