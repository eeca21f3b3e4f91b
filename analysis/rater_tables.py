"""The raters' figures as tables, and the plot of differences as coordinates for an SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analysis.format import percent, spss
from analysis.plots import Dot, Tick, nice_ticks
from analysis.tables import Cell, Row, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.raters import Compared
    from analysis.stats.agreement import Figure

    Scale = Callable[[float], float]

WIDTH, HEIGHT = 480.0, 280.0
LEFT, RIGHT, TOP, BOTTOM = 48.0, 12.0, 12.0, 44.0


def figures_table(found: Compared, *, unit: str) -> Table:
    """ICC, kappa, mean difference and limits, each with its interval."""
    head = (_("Figure"), _("n"), _("Estimate"), _("95% CI low"), _("CI high"))
    rows: list[tuple[str, Figure]] = []
    if found.icc:
        rows.append((_("ICC(2,1), absolute agreement"), found.icc.figure))
    if found.kappa:
        rows.append((_("Weighted kappa, quadratic weights"), found.kappa))
    if found.limits:
        share = percent(found.limits.share)
        rows += [
            (_("Mean difference, %(unit)s") % {"unit": unit}, found.limits.bias),
            (_("Lower limit of %(share)s of differences") % {"share": share}, found.limits.low),
            (_("Upper limit of %(share)s of differences") % {"share": share}, found.limits.high),
        ]
    notes = [_("Differences are %(first)s minus %(second)s.") % {"first": found.first, "second": found.second}]
    notes.append(
        _("%(same)d of %(n)d films have the same value from both.") % {"same": found.same, "n": len(found.points)}
    )
    if found.clustered:
        notes.append(_("Some students have several films: intervals by drawing students with replacement."))
    if not found.icc:
        notes.append(_("Every value is the same, so films can't be told apart and there is no ICC."))
    if not found.limits:
        notes.append(_("Every difference is the same, so there are no limits."))
    return Table(
        key="raters",
        caption=_("%(first)s and %(second)s") % {"first": found.first, "second": found.second},
        stub=1,
        head=(tuple(Cell(text) for text in head),),
        body=tuple(Row((Cell(name),), (Cell(str(figure.n)), *_numbers(figure))) for name, figure in rows),
        notes=tuple(notes),
    )


def _numbers(figure: Figure) -> tuple[Cell, ...]:
    values = (figure.value, figure.ci_low, figure.ci_high)
    return tuple(Cell("–" if value is None else spss(value)) for value in values)


def points_table(found: Compared) -> Table:
    """What the plot shows, film by film."""
    head = (_("Student"), found.first, found.second, _("Mean"), _("Difference"))
    body = []
    for point in found.points:
        values = (point.first, point.second, (point.first + point.second) / 2, point.first - point.second)
        body.append(Row((Cell(point.code),), tuple(Cell(f"{value:.4g}") for value in values)))
    caption = _("Film by film")
    return Table("points", caption, 1, (tuple(Cell(text) for text in head),), tuple(body))


@dataclass(frozen=True, slots=True)
class Level:
    """A horizontal line: the mean difference or a limit."""

    y: str
    label: str
    is_bias: bool


@dataclass(frozen=True, slots=True)
class DifferencePlot:
    """Bland and Altman's plot: mean of the two against their difference. Pixels as text with a point."""

    view_box: str
    x1: str
    x2: str
    y1: str
    y2: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    tick_text_y: str
    unit_x: str
    unit_y: str
    dots: tuple[Dot, ...]
    levels: tuple[Level, ...]


def difference_plot(found: Compared) -> DifferencePlot:
    """Dots that lie on each other are drawn once more beside: a table below has every film."""
    means = [(point.first + point.second) / 2 for point in found.points]
    differences = [point.first - point.second for point in found.points]
    lines = []
    if found.limits:
        marks = ((found.limits.bias, True), (found.limits.low, False), (found.limits.high, False))
        lines = [(figure.value, is_bias) for figure, is_bias in marks if figure.value is not None]
    x_ticks = nice_ticks(min(means), max(means), most=6)
    ends = [*differences, *(value for value, _is_bias in lines), 0.0]
    y_ticks = nice_ticks(min(ends), max(ends), most=6)

    def x(value: float) -> float:
        return LEFT + (value - x_ticks[0]) / (x_ticks[-1] - x_ticks[0]) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - y_ticks[0]) / (y_ticks[-1] - y_ticks[0]) * (HEIGHT - TOP - BOTTOM)

    return DifferencePlot(
        view_box=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        x1=_px(LEFT),
        x2=_px(WIDTH - RIGHT),
        y1=_px(TOP),
        y2=_px(HEIGHT - BOTTOM),
        x_ticks=tuple(Tick(_px(x(value)), f"{value:g}") for value in x_ticks),
        y_ticks=tuple(Tick(_px(y(value)), f"{value:g}") for value in y_ticks),
        tick_text_y=_px(HEIGHT - BOTTOM + 18),
        unit_x=_px((LEFT + WIDTH - RIGHT) / 2),
        unit_y=_px(HEIGHT - 6),
        dots=_beside(means, differences, x, y),
        levels=tuple(Level(_px(y(value)), f"{value:.2f}", is_bias) for value, is_bias in lines),
    )


def _beside(means: list[float], differences: list[float], x: Scale, y: Scale) -> tuple[Dot, ...]:
    """Equal points stand 3 pixels apart."""
    seen: dict[tuple[float, float], int] = {}
    dots = []
    for mean, difference in zip(means, differences, strict=True):
        again = seen.get((mean, difference), 0)
        seen[mean, difference] = again + 1
        dots.append(Dot(_px(x(mean) + 3 * again), _px(y(difference))))
    return tuple(dots)


def _px(value: float) -> str:
    return f"{value:.1f}"
