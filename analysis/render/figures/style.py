"""How the report's figures look: colours that the colour-blind can tell apart, a shape of its own for each group.

Importing this sets three of matplotlib's process-wide switches: the same figure gives the same SVG bytes, a dollar sign
in a name is a dollar sign, and letters are outlines, so that an SVG looks the same where our font is missing.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

mpl.rcParams["svg.hashsalt"] = "liftlab"
mpl.rcParams["svg.fonttype"] = "path"
mpl.rcParams["text.parse_math"] = False

WIDTH_IN = 7.0
INK, PALE = "#1b1f24", "#6b7280"
SIZE, SMALL = 9.0, 7.5
"""Font sizes in points."""

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
"""Okabe and Ito (2008). Beyond six groups they come again, with another shape."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def look(place: int) -> tuple[str, str]:
    """Colour and marker of the group at this place."""
    return COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]


def blank(height_in: float) -> Figure:
    return Figure(figsize=(WIDTH_IN, height_in), layout="constrained", facecolor="white")


def tidy(axes: Axes, *, keep: Sequence[str] = ("left", "bottom")) -> None:
    """Only the axes that are read, in small grey print."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in keep)
        spine.set_color(PALE)
    axes.tick_params(colors=INK, labelsize=SMALL)


def shorten(text: str, most: int = 40) -> str:
    """A name that would push the picture aside is cut; the caption and the table have it in full."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


@dataclass(frozen=True, slots=True)
class Stack:
    """Dots as (value, offset across the axis); `shrink` is 1, or the share of its size that a dot has where crowded."""

    dots: tuple[tuple[float, float], ...]
    shrink: float


def stacked(values: Sequence[float], *, width: float, step: float, room: float) -> Stack:
    """Every value as a dot that touches no other, hanging from the base, not deeper than `room`.

    `width` is a dot's width along the values' axis, `step` its height across. Nothing is placed by chance. Equal values
    that are too many for one stack stand in several side by side where the next value leaves the room (whole-number
    scores of a large class), as smaller dots if need be; else all stacks are squeezed.
    """
    counts = Counter(values)
    gap = min((after - before for before, after in pairwise(sorted(counts))), default=math.inf)
    for shrink in (1.0, 0.8, 0.6, 0.4):
        columns = math.ceil(max(counts.values()) / (1 + int(room / (step * shrink))))
        if columns > 1 and columns * width * shrink <= 0.8 * gap:
            return _blocks(counts, columns=columns, width=width * shrink, step=step * shrink, shrink=shrink)
    ends: list[float] = []
    levels: list[tuple[float, int]] = []
    for value in sorted(values):
        level = next((place for place, end in enumerate(ends) if value - end >= width), len(ends))
        ends[level : level + 1] = [value]
        levels.append((value, level))
    used = min(step, room / max(len(ends) - 1, 1))
    return Stack(tuple((value, level * used) for value, level in levels), shrink=used / step)


def _blocks(counts: Counter[float], *, columns: int, width: float, step: float, shrink: float) -> Stack:
    """Rows of `columns` dots, centred on their value, which all of a row share."""
    dots = []
    for value, count in sorted(counts.items()):
        for place in range(count):
            level, column = divmod(place, columns)
            in_row = min(columns, count - level * columns)
            dots.append((value + (column - (in_row - 1) / 2) * width, level * step))
    return Stack(tuple(dots), shrink=shrink)


def centred(values: Sequence[float], *, width: float, step: float, room: float) -> Stack:
    """As `stacked`, with neighbouring values in rows laid out to both sides of the base, `room` wide in all."""
    rows: dict[int, list[float]] = {}
    for value in sorted(values):
        rows.setdefault(round(value / width), []).append(value)
    widest = max(len(row) for row in rows.values())
    used = min(step, room / max(widest - 1, 1))
    dots = ((value, (place - (len(row) - 1) / 2) * used) for row in rows.values() for place, value in enumerate(row))
    return Stack(tuple(dots), shrink=used / step)


def span(values: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest with some room; a lone value gets half a unit to each side."""
    low, high = min(values), max(values)
    room = 0.06 * (high - low) or max(abs(low) * 0.05, 0.5)
    if not math.isfinite(room):
        room = 0.0
    return low - room, high + room
