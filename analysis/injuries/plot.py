"""The weekly prevalence as bars: coordinates for an SVG. The table beside it holds the same numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.bars import FLOOR, Axes, high, places, px

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from analysis.bars import Place
    from studies.health.services import WeekRow

WIDEST = 36.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One week: the bar of all problems and, in front of it, that of the substantial ones. `label` may be empty."""

    x: str
    width: str
    y: str
    height: str
    y_substantial: str
    height_substantial: str
    label: str
    label_x: str


@dataclass(frozen=True, slots=True)
class PrevalencePlot:
    axes: Axes
    bars: tuple[Bar, ...]


def prevalence_plot(weeks: Sequence[WeekRow], small: Container[int] = ()) -> PrevalencePlot | None:
    """Share of the answers with a problem and with a substantial one, by week; None where nobody answered at all.

    Weeks in `small` (keys) keep their place and have no bar.
    """
    answers = [0 if row.week.pk in small else row.answered for row in weeks]
    if not any(answers):
        return None
    found = places([row.week.starts_on for row in weeks])
    return PrevalencePlot(Axes(), tuple(map(_bar, weeks, answers, found)))


def _bar(row: WeekRow, answered: int, place: Place) -> Bar:
    width = min(WIDEST, place.step * 0.7)
    whole, part = (high(100 * count / answered) if answered else 0.0 for count in (row.with_problem, row.substantial))
    return Bar(
        x=px(place.middle - width / 2),
        width=px(width),
        y=px(FLOOR - whole),
        height=px(whole),
        y_substantial=px(FLOOR - part),
        height_substantial=px(part),
        label=place.label,
        label_x=px(place.middle),
    )
