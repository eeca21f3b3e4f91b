"""Power against the number of students as coordinates for an SVG. No style: classes only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.plots import Tick, nice_ticks

if TYPE_CHECKING:
    from analysis.design.sizes import Sizes

WIDTH, HEIGHT = 480.0, 280.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 12.0, 10.0, 46.0
SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Level:
    """A line across: its height, and the percentage beside it."""

    y: str
    text: str


@dataclass(frozen=True, slots=True)
class PowerPlot:
    """Pixels as text with a point, since a template would write 1,5 in some languages."""

    view_box: str
    x1: str
    x2: str
    y1: str
    axis_y: str
    tick_text_y: str
    unit_x: str
    unit_y: str
    label_x: str
    points: str
    wanted_y: str
    planned_x: str
    planned_y: str
    ticks: tuple[Tick, ...]
    levels: tuple[Level, ...]


def power_plot(found: Sizes) -> PowerPlot | None:
    """The curve with the wanted power across it and the planned class on it; None with nothing to draw."""
    if len(found.curve) < 2:
        return None
    ticks = nice_ticks(0, max(found.curve[-1].students, found.assumed.students), most=6)
    last, axis_y = ticks[-1], HEIGHT - BOTTOM

    def x(students: float) -> str:
        return f"{LEFT + students / last * (WIDTH - LEFT - RIGHT):.1f}"

    def y(power: float) -> str:
        return f"{axis_y - power * (axis_y - TOP):.1f}"

    planned = found.power_planned
    return PowerPlot(
        view_box=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        x1=f"{LEFT:.1f}",
        x2=f"{WIDTH - RIGHT:.1f}",
        y1=f"{TOP:.1f}",
        axis_y=f"{axis_y:.1f}",
        tick_text_y=f"{axis_y + 18:.1f}",
        unit_x=f"{(LEFT + WIDTH - RIGHT) / 2:.1f}",
        unit_y=f"{axis_y + 38:.1f}",
        label_x=f"{LEFT - 6:.1f}",
        points=" ".join(f"{x(point.students)},{y(point.power)}" for point in found.curve),
        wanted_y=y(found.assumed.power),
        planned_x="" if planned is None else x(found.assumed.students),
        planned_y="" if planned is None else y(planned),
        ticks=tuple(Tick(x(value), f"{value:g}") for value in ticks),
        levels=tuple(Level(y(share), f"{100 * share:.0f} %") for share in SHARES),
    )
