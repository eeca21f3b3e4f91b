"""Weeks of a study as pairs of bars: coordinates for an SVG. The table beside it holds the same numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.bars import FLOOR, Axes, high, places, px

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.bars import Place
    from analysis.overview.counts import WeekSoFar

WIDEST = 16.0


@dataclass(frozen=True, slots=True)
class WeekBars:
    """One week: the bar of who trained and, beside it, of who answered (None: nobody was asked)."""

    x_trained: str
    y_trained: str
    high_trained: str
    x_answered: str
    y_answered: str | None
    high_answered: str
    width: str
    label: str
    label_x: str


@dataclass(frozen=True, slots=True)
class WeeksPlot:
    axes: Axes
    bars: tuple[WeekBars, ...]


def weeks_plot(weeks: Sequence[WeekSoFar]) -> WeeksPlot | None:
    """Per cent of the students by week; None without a week."""
    if not weeks:
        return None
    found = places([week.starts_on for week in weeks])
    return WeeksPlot(Axes(), tuple(map(_bars, weeks, found)))


def _bars(week: WeekSoFar, place: Place) -> WeekBars:
    width = min(WIDEST, place.step * 0.4)
    answered, trained = week.answered_percent, high(week.trained_percent)
    return WeekBars(
        x_trained=px(place.middle - width),
        y_trained=px(FLOOR - trained),
        high_trained=px(trained),
        x_answered=px(place.middle),
        y_answered=None if answered is None else px(FLOOR - high(answered)),
        high_answered=px(high(answered or 0)),
        width=px(width),
        label=place.label,
        label_x=px(place.middle),
    )
