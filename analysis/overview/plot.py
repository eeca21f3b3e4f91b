"""Weeks of a study as pairs of bars: coordinates for an SVG, no style. The table beside it holds the same numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.overview.counts import WeekSoFar

WIDTH, LEFT, RIGHT, TOP, FLOOR, HEIGHT = 640.0, 60.0, 8.0, 10.0, 190.0, 220.0
TICKS = (0, 25, 50, 75, 100)
WIDEST = 16.0
LABELS_MAX = 8


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
    """Pixels as text with a point. `ticks` are pairs of height and per cent."""

    view_box: str
    x1: str
    x2: str
    floor: str
    label_y: str
    ticks: tuple[tuple[str, str], ...]
    bars: tuple[WeekBars, ...]


def weeks_plot(weeks: Sequence[WeekSoFar]) -> WeeksPlot | None:
    """Per cent of the students by week; None without a week."""
    if not weeks:
        return None
    step = (WIDTH - LEFT - RIGHT) / len(weeks)
    width = min(WIDEST, step * 0.4)
    every = -(-len(weeks) // LABELS_MAX)
    ticks = tuple((_px(FLOOR - _high(per_cent)), str(per_cent)) for per_cent in TICKS)
    bars = tuple(
        _bars(week, LEFT + step * (number + 0.5), width, labelled=number % every == 0)
        for number, week in enumerate(weeks)
    )
    return WeeksPlot(
        f"0 0 {WIDTH:.0f} {HEIGHT:.0f}", _px(LEFT), _px(WIDTH - RIGHT), _px(FLOOR), _px(FLOOR + 20), ticks, bars
    )


def _bars(week: WeekSoFar, middle: float, width: float, *, labelled: bool) -> WeekBars:
    answered = week.answered_percent
    trained = _high(week.trained_percent)
    return WeekBars(
        x_trained=_px(middle - width),
        y_trained=_px(FLOOR - trained),
        high_trained=_px(trained),
        x_answered=_px(middle),
        y_answered=None if answered is None else _px(FLOOR - _high(answered)),
        high_answered=_px(_high(answered or 0)),
        width=_px(width),
        label=f"{week.starts_on:%d.%m.}" if labelled else "",
        label_x=_px(middle),
    )


def _high(per_cent: float) -> float:
    return (FLOOR - TOP) * per_cent / 100


def _px(value: float) -> str:
    return f"{value:.1f}"
