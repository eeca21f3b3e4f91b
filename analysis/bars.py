"""What plots of per cent by week have in common: axes and places as coordinates for an SVG, no style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

WIDTH, LEFT, RIGHT, TOP, FLOOR, HEIGHT = 640.0, 60.0, 8.0, 10.0, 210.0, 240.0
LABELS_MAX = 10


def px(value: float) -> str:
    """Pixels as text with a point: a template would write 1,5 in some languages."""
    return f"{value:.1f}"


def high(per_cent: float) -> float:
    """Pixels of a bar of so many per cent."""
    return (FLOOR - TOP) * per_cent / 100


@dataclass(frozen=True, slots=True)
class Axes:
    """`ticks` are pairs of height and per cent."""

    view_box: str = f"0 0 {WIDTH:.0f} {HEIGHT:.0f}"
    x1: str = px(LEFT)
    x2: str = px(WIDTH - RIGHT)
    label_y: str = px(FLOOR + 20)
    ticks: tuple[tuple[str, str], ...] = tuple((px(FLOOR - high(tick)), str(tick)) for tick in (0, 25, 50, 75, 100))


@dataclass(frozen=True, slots=True)
class Place:
    """Where one of so many weeks stands. `step` is the room that it has; `label` may be empty."""

    middle: float
    step: float
    label: str


def places(weeks: list[dt.date]) -> list[Place]:
    """A place for the week that begins on each of these days, side by side."""
    step = (WIDTH - LEFT - RIGHT) / max(1, len(weeks))
    every = -(-len(weeks) // LABELS_MAX)
    return [
        Place(LEFT + step * (number + 0.5), step, f"{day:%d.%m.}" if number % every == 0 else "")
        for number, day in enumerate(weeks)
    ]
