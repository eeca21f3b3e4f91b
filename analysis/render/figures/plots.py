"""Each kind of figure on matplotlib's axes."""

from __future__ import annotations

import math
from functools import singledispatch
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext as _
from matplotlib.figure import Figure
from scipy import stats

from analysis.format import apa, percent
from analysis.render.figures.data import Drawing, Estimation, Forest, Profile, Quantiles, Raincloud
from analysis.render.figures.style import INK, PALE, SIZE, SMALL, blank, centred, look, shorten, span, stacked, tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from analysis.render.figures.data import Points, QuantilePoints
    from analysis.stats.samples import FloatArray

DOT = 4.2
"""A dot's diameter in points."""


@singledispatch
def plot(drawing: Drawing) -> Figure:
    """The drawing as a matplotlib figure of 7 inches width. Raises NotImplementedError for a kind not known here."""
    raise NotImplementedError(f"no picture of {type(drawing).__name__}")


@plot.register
def _raincloud(drawing: Raincloud) -> Figure:
    count = len(drawing.groups)
    figure = blank(0.75 + 1.6 * count)
    axes = figure.subplots()
    ends = [x for group in drawing.groups for x in (*group.values, group.ci_low, group.ci_high) if x is not None]
    axes.set_xlim(*span(ends))
    axes.set_ylim(-0.6, count - 0.45)
    for place, group in enumerate(drawing.groups):
        _cloud_and_rain(axes, group, base=count - 1 - place, place=place)
    axes.set_yticks([])
    axes.set_xlabel(shorten(drawing.axis, 90), fontsize=SIZE, color=INK)
    tidy(axes, keep=("bottom",))
    return figure


def _cloud_and_rain(axes: Axes, group: Points, *, base: float, place: int) -> None:
    colour, _marker = look(place)
    low, high = axes.get_xlim()
    values = np.array(group.values)
    _cloud(axes, values, base=base + 0.06, colour=colour)
    if values.size >= 5:
        q1, median, q3 = np.percentile(values, (25, 50, 75))
        axes.fill_between([q1, q3], base - 0.13, base - 0.03, facecolor="white", edgecolor=colour, linewidth=1.0)
        axes.plot([median, median], [base - 0.13, base - 0.03], color=colour, linewidth=2.0)
    rain = stacked(group.values, width=(high - low) / 110, step=0.042, room=0.26)
    _dots(axes, [value for value, _off in rain.dots], [base - 0.22 - off for _v, off in rain.dots], place, rain.shrink)
    _mean(axes, group, y=base + 0.06)
    axes.text(
        0.0, base + 0.4, f"{shorten(group.name)} (n = {len(group.values)})",
        transform=axes.get_yaxis_transform(), fontsize=SIZE, color=colour, weight="bold", va="center",
    )  # fmt: skip


def _dots(axes: Axes, x: Sequence[float], y: Sequence[float], place: int, shrink: float = 1.0) -> None:
    """One group's dots in its colour and shape, smaller where they are crowded."""
    colour, marker = look(place)
    axes.plot(
        x, y,
        marker=marker, linestyle="none", markersize=max(DOT * shrink, 1.0), markerfacecolor=colour,
        markeredgecolor="white", markeredgewidth=0.4 * shrink, alpha=0.85, zorder=3,
    )  # fmt: skip


def _cloud(axes: Axes, values: FloatArray, *, base: float, colour: str) -> None:
    """A Gaussian kernel's density (Scott's width), as high as the band allows; none where there is no shape to show."""
    if values.size < 5 or float(np.ptp(values)) == 0.0:
        return
    grid = np.linspace(*axes.get_xlim(), 256)
    density = stats.gaussian_kde(values)(grid)
    axes.fill_between(grid, base, base + 0.27 * density / density.max(), color=colour, alpha=0.28, linewidth=0)


def _mean(axes: Axes, group: Points, *, y: float) -> None:
    if group.mean is None:
        return
    if group.ci_low is not None and group.ci_high is not None:
        axes.plot([group.ci_low, group.ci_high], [y, y], color=INK, linewidth=1.4, zorder=4)
    axes.plot([group.mean], [y], marker="D", color=INK, markersize=5, zorder=5, linestyle="none")


@plot.register
def _estimation(drawing: Estimation) -> Figure:
    figure = blank(3.9)
    left, right = figure.subplots(1, 2, width_ratios=(2.4, 1))
    first, second = drawing.groups
    values = [*first.values, *second.values]
    mean = second.mean or 0.0
    low, high = span([*values, mean + drawing.ci_low, mean + drawing.ci_high, mean])
    left.set_ylim(low, high)
    left.set_xlim(-0.55, 1.55)
    for place, group in enumerate(drawing.groups):
        _swarm(left, group, place=place, room=0.7, dot=(high - low) / 60)
    left.set_xticks([0, 1], [f"{shorten(group.name, 26)}\nn = {len(group.values)}" for group in drawing.groups])
    left.set_ylabel(shorten(drawing.axis, 60), fontsize=SIZE, color=INK)
    tidy(left)
    _difference(right, drawing, limits=(low - mean, high - mean))
    return figure


def _swarm(axes: Axes, group: Points, *, place: int, room: float, dot: float) -> None:
    swarm = centred(group.values, width=dot, step=0.052, room=room)
    _dots(axes, [place + off for _value, off in swarm.dots], [value for value, _off in swarm.dots], place, swarm.shrink)
    if group.mean is not None:
        axes.plot([place - 0.42, 1.55], [group.mean] * 2, color=PALE, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
        axes.plot([place - 0.42, place + 0.42], [group.mean] * 2, color=INK, linewidth=1.4, zorder=4)


def _difference(axes: Axes, drawing: Estimation, *, limits: tuple[float, float]) -> None:
    """The difference on its own axis, whose zero stands at the second group's mean."""
    grid = np.linspace(drawing.difference - 4.5 * drawing.se, drawing.difference + 4.5 * drawing.se, 201)
    density = stats.t.pdf((grid - drawing.difference) / drawing.se, drawing.df)
    axes.set_ylim(*limits)
    axes.set_xlim(-0.35, 1.1)
    inside = (grid >= limits[0]) & (grid <= limits[1])
    axes.fill_betweenx(grid[inside], 0, (density / density.max())[inside], color=PALE, alpha=0.3, linewidth=0)
    axes.plot([0, 0], [drawing.ci_low, drawing.ci_high], color=INK, linewidth=2.0, zorder=4)
    axes.plot([0], [drawing.difference], marker="D", color=INK, markersize=6, zorder=5, linestyle="none")
    axes.axhline(0.0, color=PALE, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_xticks([])
    axes.yaxis.tick_right()
    axes.yaxis.set_label_position("right")
    axes.set_ylabel(
        _("Difference of means, %(level)s CI") % {"level": percent(drawing.level)}, fontsize=SIZE, color=INK, labelpad=7
    )
    told = f"{apa(drawing.difference)} [{apa(drawing.ci_low)}, {apa(drawing.ci_high)}]"
    axes.set_xlabel(told, fontsize=SIZE, color=INK)
    tidy(axes, keep=("right",))


@plot.register
def _forest(drawing: Forest) -> Figure:
    count = len(drawing.rows)
    figure = blank(0.9 + 0.34 * count)
    axes = figure.subplots()
    for place, row in enumerate(drawing.rows):
        y = count - 1 - place
        axes.plot([row.ci_low, row.ci_high], [y, y], color=INK, linewidth=1.4)
        axes.plot([row.estimate], [y], marker="s", color=look(0)[0], markersize=6.5, linestyle="none", zorder=3)
        axes.text(
            1.02, y, f"{apa(row.estimate)} [{apa(row.ci_low)}, {apa(row.ci_high)}]",
            transform=axes.get_yaxis_transform(), fontsize=SMALL, color=INK, va="center",
        )  # fmt: skip
    axes.axvline(0.0, color=PALE, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_ylim(-0.6, count - 0.4)
    axes.set_xlim(*span([0.0, *(x for row in drawing.rows for x in (row.ci_low, row.ci_high))]))
    axes.set_yticks(range(count), [shorten(row.name) for row in reversed(drawing.rows)])
    axes.set_xlabel(f"{drawing.axis}, {percent(drawing.level)} CI", fontsize=SIZE, color=INK)
    tidy(axes, keep=("bottom",))
    axes.tick_params(axis="y", length=0)
    return figure


@plot.register
def _quantiles(drawing: Quantiles) -> Figure:
    columns = min(3, len(drawing.groups))
    rows = math.ceil(len(drawing.groups) / columns)
    figure = blank(0.5 + 2.7 * rows)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for place, axes in enumerate(grid.flat):
        if place < len(drawing.groups):
            _quantile_panel(axes, drawing.groups[place], place=place)
            axes.set_xlabel(_("Normal quantile"), fontsize=SIZE, color=INK)
        else:
            axes.set_visible(False)
    for axes in grid[:, 0]:
        axes.set_ylabel(shorten(drawing.axis, 50), fontsize=SIZE, color=INK)
    return figure


def _quantile_panel(axes: Axes, group: QuantilePoints, *, place: int) -> None:
    colour, _marker = look(place)
    ends = np.array((min(group.theoretical), max(group.theoretical))) * 1.1
    axes.plot(ends, group.mean + ends * group.sd, color=PALE, linewidth=1.0)
    _dots(axes, group.theoretical, group.observed, place)
    axes.set_title(shorten(group.name, 30), fontsize=SIZE, color=colour, weight="bold")
    tidy(axes)


@plot.register
def _profile(drawing: Profile) -> Figure:
    figure = blank(3.9)
    axes = figure.subplots()
    arms = len(drawing.groups[0])
    width = 0.62 / arms
    every = [x for groups in drawing.groups for group in groups for x in (*group.values, *_interval(group))]
    low, high = span(every)
    axes.set_ylim(low, high)
    for arm in range(arms):
        shift = (arm - (arms - 1) / 2) * width
        _course(axes, drawing, arm, shift=shift, room=0.8 * width, dot=(high - low) / 60)
    axes.set_xlim(-0.5, len(drawing.times) - 0.5)
    axes.set_xticks(range(len(drawing.times)), [shorten(time, 24) for time in drawing.times])
    axes.set_ylabel(shorten(drawing.axis, 60), fontsize=SIZE, color=INK)
    axes.legend(
        loc="upper left", bbox_to_anchor=(0, 1.12), ncols=3, frameon=False, fontsize=SIZE, labelcolor="linecolor"
    )
    tidy(axes)
    return figure


def _interval(group: Points) -> tuple[float, ...]:
    return tuple(x for x in (group.mean, group.ci_low, group.ci_high) if x is not None)


def _course(axes: Axes, drawing: Profile, arm: int, *, shift: float, room: float, dot: float) -> None:
    """One arm over the times: its dots, its means joined by a line, the intervals. A time without a mean is a gap."""
    colour, marker = look(arm)
    means = []
    for place, groups in enumerate(drawing.groups):
        group = groups[arm]
        if group.values:
            swarm = centred(group.values, width=dot, step=0.03, room=room)
            x = [place + shift + offset for _value, offset in swarm.dots]
            _dots(axes, x, [value for value, _offset in swarm.dots], arm, 0.7 * swarm.shrink)
        if group.ci_low is not None and group.ci_high is not None:
            axes.plot([place + shift] * 2, [group.ci_low, group.ci_high], color=INK, linewidth=1.6, zorder=4)
        means.append(math.nan if group.mean is None else group.mean)
    axes.plot(
        [place + shift for place in range(len(means))], means, color=colour, marker=marker, markersize=7,
        markeredgecolor=INK, linewidth=1.6, zorder=5, label=shorten(drawing.groups[0][arm].name, 26),
    )  # fmt: skip
