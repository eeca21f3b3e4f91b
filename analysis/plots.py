"""A dot plot of every value by arm, with mean and interval, as coordinates for an SVG. No style: classes only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.results import Group, OutcomeReport

WIDTH, LEFT, RIGHT = 480.0, 12.0, 12.0
TOP, BAND, AXIS = 8.0, 132.0, 34.0
LABEL = 22.0
"""Height of an arm's name above its dots."""
RADIUS = 4.0


@dataclass(frozen=True, slots=True)
class Dot:
    cx: str
    cy: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: str
    text: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One arm: its dots, and the mean with its interval below them; the interval is empty when there is none."""

    name: str
    label_y: str
    dots: tuple[Dot, ...]
    mean_x: str
    mean_y: str
    mean_points: str
    ci_x1: str
    ci_x2: str


@dataclass(frozen=True, slots=True)
class DotPlot:
    """Pixels as text with a point, since a template would write 1,5 in some languages."""

    view_box: str
    x1: str
    x2: str
    axis_y: str
    tick_text_y: str
    unit_x: str
    ticks: tuple[Tick, ...]
    strips: tuple[Strip, ...]


def dot_plot(outcome: OutcomeReport) -> DotPlot | None:
    """Coordinates of the outcome's plot; None when there is no value at all.

    Equal values are stacked upwards, so that every student is a dot of their own and no place is drawn by chance.
    """
    values = [value for group in outcome.groups for value in group.values]
    if not values:
        return None
    ends = [x for group in outcome.groups for x in (group.ci_low, group.ci_high) if x is not None]
    ticks = nice_ticks(min(*values, *ends) if ends else min(values), max(*values, *ends) if ends else max(values))
    low, high = ticks[0], ticks[-1]

    def x(value: float) -> float:
        return LEFT + RADIUS + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT - 2 * RADIUS)

    axis_y = TOP + BAND * len(outcome.groups)
    return DotPlot(
        view_box=f"0 0 {WIDTH:.0f} {axis_y + AXIS:.0f}",
        x1=_px(LEFT),
        x2=_px(WIDTH - RIGHT),
        axis_y=_px(axis_y),
        tick_text_y=_px(axis_y + 18),
        unit_x=_px(WIDTH / 2),
        ticks=tuple(Tick(_px(x(value)), f"{value:g}") for value in ticks),
        strips=tuple(_strip(group, TOP + BAND * i, x) for i, group in enumerate(outcome.groups)),
    )


def nice_ticks(low: float, high: float, *, most: int = 8) -> tuple[float, ...]:
    """Round numbers that enclose low to high, at most about `most` steps of 1, 2 or 5 times a power of ten."""
    if high <= low:
        low, high = low - 0.5, high + 0.5
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    first, last = math.floor(low / step), math.ceil(high / step)
    return tuple(round(i * step, 12) for i in range(first, last + 1))


def _strip(group: Group, top: float, x: Callable[[float], float]) -> Strip:
    floor = top + BAND - 28
    mean_y = floor + 15
    mean_x = None if group.mean is None else x(group.mean)
    return Strip(
        name=group.name,
        label_y=_px(top + 14),
        dots=_stacked(group, floor - RADIUS, x, room=floor - top - LABEL),
        mean_x="" if mean_x is None else _px(mean_x),
        mean_y=_px(mean_y),
        mean_points="" if mean_x is None else _diamond(mean_x, mean_y),
        ci_x1="" if group.ci_low is None else _px(x(group.ci_low)),
        ci_x2="" if group.ci_high is None else _px(x(group.ci_high)),
    )


def _stacked(group: Group, base: float, x: Callable[[float], float], *, room: float) -> tuple[Dot, ...]:
    """Dots that would touch stand on each other; a stack too high for the band is squeezed, so dots overlap instead."""
    stacks: dict[int, list[float]] = {}
    for value in sorted(group.values):
        stacks.setdefault(round(x(value) / (2 * RADIUS)), []).append(value)
    highest = max(len(stack) for stack in stacks.values()) if stacks else 1
    step = min(2 * RADIUS + 1, (room - 2 * RADIUS) / max(highest - 1, 1))
    return tuple(
        Dot(_px(x(value)), _px(base - level * step)) for stack in stacks.values() for level, value in enumerate(stack)
    )


def _diamond(x: float, y: float, size: float = 6.0) -> str:
    corners = ((x - size, y), (x, y - size), (x + size, y), (x, y + size))
    return " ".join(f"{_px(a)},{_px(b)}" for a, b in corners)


def _px(value: float) -> str:
    return f"{value:.1f}"
