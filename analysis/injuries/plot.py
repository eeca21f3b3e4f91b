"""The weekly prevalence as bars: coordinates for an SVG, no style. The table beside it holds the same numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from studies.health.services import WeekRow

WIDTH, LEFT, RIGHT, TOP, FLOOR, HEIGHT = 640.0, 60.0, 8.0, 10.0, 210.0, 240.0
TICKS = (0, 25, 50, 75, 100)
WIDEST = 36.0
LABELS_MAX = 10


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
    """Pixels as text with a point. `ticks` are pairs of height and per cent."""

    view_box: str
    x1: str
    x2: str
    floor: str
    label_y: str
    ticks: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]


def prevalence_plot(weeks: Sequence[WeekRow], small: Container[int] = ()) -> PrevalencePlot | None:
    """Share of the answers with a problem and with a substantial one, by week; None where nobody answered at all.

    Weeks in `small` (keys) keep their place and have no bar.
    """
    if not any(week.answered for week in weeks if week.week.pk not in small):
        return None
    step = (WIDTH - LEFT - RIGHT) / len(weeks)
    width = min(WIDEST, step * 0.7)
    every = -(-len(weeks) // LABELS_MAX)
    bars = []
    for number, week in enumerate(weeks):
        middle = LEFT + step * (number + 0.5)
        answered = 0 if week.week.pk in small else week.answered
        y, high = _bar(week.with_problem, answered)
        y_substantial, high_substantial = _bar(week.substantial, answered)
        bars.append(
            Bar(
                x=_px(middle - width / 2),
                width=_px(width),
                y=y,
                height=high,
                y_substantial=y_substantial,
                height_substantial=high_substantial,
                label=f"{week.week.starts_on:%d.%m.}" if number % every == 0 else "",
                label_x=_px(middle),
            )
        )
    ticks = tuple((_px(FLOOR - (FLOOR - TOP) * per_cent / 100), str(per_cent)) for per_cent in TICKS)
    return PrevalencePlot(
        f"0 0 {WIDTH:.0f} {HEIGHT:.0f}", _px(LEFT), _px(WIDTH - RIGHT), _px(FLOOR), _px(FLOOR + 20), ticks, tuple(bars)
    )


def _bar(count: int, of: int) -> tuple[str, str]:
    """Upper edge and height."""
    high = (FLOOR - TOP) * count / of if of else 0.0
    return _px(FLOOR - high), _px(high)


def _px(value: float) -> str:
    return f"{value:.1f}"
