"""A measure over the sets as coordinates for an SVG. No style: classes only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 320.0, 132.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 12.0, 10.0, 12.0


class Point(NamedTuple):
    """One set: its middle, and its least and largest repetition."""

    median: float
    low: float
    high: float


class Mark(NamedTuple):
    x: str
    y: str
    low_y: str
    high_y: str


class Tick(NamedTuple):
    y: str
    text_y: str
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Pixels as text with a point, since a template would write 1,5 in some languages."""

    view_box: str
    x1: str
    x2: str
    text_x: str
    band_y: str
    band_height: str
    band_width: str
    middle_y: str
    line: str
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]


def plot_of(points: Sequence[Point], middle: float, sdc: float, digits: int) -> Plot:
    """Sets from left to right, and the band in which a set does not differ from `middle`: `sdc` on either side."""
    low = min(middle - sdc, *(point.low for point in points))
    high = max(middle + sdc, *(point.high for point in points))
    span = (high - low) or 1.0

    def y(value: float) -> float:
        return TOP + (high - value) / span * (HEIGHT - TOP - BOTTOM)

    def x(index: int) -> float:
        room = WIDTH - LEFT - RIGHT - 24
        return LEFT + 12 + (room * index / (len(points) - 1) if len(points) > 1 else room / 2)

    marks = tuple(
        Mark(_px(x(i)), _px(y(point.median)), _px(y(point.low)), _px(y(point.high))) for i, point in enumerate(points)
    )
    return Plot(
        view_box=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        x1=_px(LEFT),
        x2=_px(WIDTH - RIGHT),
        text_x=_px(LEFT - 6),
        band_y=_px(y(middle + sdc)),
        band_height=_px(y(middle - sdc) - y(middle + sdc)),
        band_width=_px(WIDTH - LEFT - RIGHT),
        middle_y=_px(y(middle)),
        line=" ".join(f"{mark.x},{mark.y}" for mark in marks),
        marks=marks,
        ticks=tuple(Tick(_px(y(value)), _px(y(value) + 4), f"{value:.{digits}f}") for value in (low, high)),
    )


def _px(value: float) -> str:
    return f"{value:.1f}"
