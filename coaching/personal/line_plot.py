"""Sets and their line as coordinates for an SVG: load to the right, speed upwards. No style: classes only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.vision.load_velocity import Line

WIDTH, HEIGHT = 560.0, 320.0
LEFT, RIGHT, TOP, BOTTOM = 48.0, 16.0, 12.0, 40.0
STEPS = 40


class Mark(NamedTuple):
    """A set, with one SD of its speed to either side."""

    x: str
    y: str
    low_y: str
    high_y: str


class Tick(NamedTuple):
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class LinePlot:
    """Pixels as text with a point, since a template would write 1,5 in some languages. line and band are empty without
    a line; maximum without one.
    """

    view_box: str
    left: str
    right: str
    top: str
    bottom: str
    marks: tuple[Mark, ...]
    line: str
    band: str
    maximum: tuple[str, str] | None
    loads: tuple[Tick, ...]
    speeds: tuple[Tick, ...]


def plot_of(
    sets: Sequence[tuple[float, float, float]], line: Line | None, maximum: tuple[float, float] | None
) -> LinePlot:
    """sets: (load kg, m/s, its SD). maximum: (kg, m/s), the end of the line where it is told."""
    ends = [load for load, *_rest in sets] + ([maximum[0]] if maximum else [])
    fastest = max(speed + sigma for _load, speed, sigma in sets)
    room = max(0.08 * (max(ends) - min(ends)), 2.5)
    low, high, top = min(ends) - room, max(ends) + room, 1.08 * fastest

    def x(load: float) -> float:
        return LEFT + (min(max(load, low), high) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(speed: float) -> float:
        return TOP + (top - min(max(speed, 0.0), top)) / top * (HEIGHT - TOP - BOTTOM)

    marks = tuple(
        Mark(_px(x(load)), _px(y(speed)), _px(y(speed - sigma)), _px(y(speed + sigma))) for load, speed, sigma in sets
    )
    path, band = "", ""
    if line is not None:
        first = (line.intercept_kg - line.low_kg) / line.slope_kg_s_m
        last = maximum[1] if maximum else (line.intercept_kg - line.high_kg) / line.slope_kg_s_m
        speeds = [first + (last - first) * i / STEPS for i in range(STEPS + 1)]
        told = [(speed, line.load_at(speed)) for speed in speeds]
        path = " ".join(f"{_px(x(load.value))},{_px(y(speed))}" for speed, load in told)
        lower = [f"{_px(x(load.low or 0.0))},{_px(y(speed))}" for speed, load in told]
        upper = [f"{_px(x(load.high or 0.0))},{_px(y(speed))}" for speed, load in reversed(told)]
        band = " ".join([*lower, *upper])
    return LinePlot(
        view_box=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        left=_px(LEFT),
        right=_px(WIDTH - RIGHT),
        top=_px(TOP),
        bottom=_px(HEIGHT - BOTTOM),
        marks=marks,
        line=path,
        band=band,
        maximum=(_px(x(maximum[0])), _px(y(maximum[1]))) if maximum else None,
        loads=tuple(Tick(_px(x(value)), f"{value:.0f}") for value in _round_steps(low, high, 6)),
        speeds=tuple(Tick(_px(y(value)), f"{value:.1f}") for value in _round_steps(0.0, top, 6, least=0.1)),
    )


def _round_steps(low: float, high: float, most: int, *, least: float = 1.0) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten within the range, at most so many."""
    power = 10.0 ** math.floor(math.log10(max((high - low) / most, least)))
    step = next(power * k for k in (1, 2, 5, 10, 20) if (high - low) / (power * k) <= most)
    first = math.ceil(low / step)
    return [step * (first + i) for i in range(int(high / step) - first + 1)]


def _px(value: float) -> str:
    return f"{value:.1f}"
