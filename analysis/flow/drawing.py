"""The layout as a file: SVG by hand, PNG through matplotlib. Black on white, for paper and screen alike."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from analysis.flow.layout import Layout

DPI, PER_INCH = 200, 96.0
FONTS = "DejaVu Sans, Verdana, Arial, sans-serif"
HEAD = 7.0
INK, LINE_COLOUR = "#1a1a1a", "#4a4a4a"


def svg(made: Layout, *, title: str, description: str) -> str:
    """A whole SVG document with a title and a description."""
    size = f'width="{made.width:.0f}" height="{made.height:.0f}"'
    box_of_view = f'viewBox="0 0 {made.width:.0f} {made.height:.0f}"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box_of_view} role="img" aria-labelledby="title description">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="description">{escape(description)}</desc>',
        f'<rect width="{made.width:.0f}" height="{made.height:.0f}" fill="#ffffff"/>',
        f'<g fill="none" stroke="{LINE_COLOUR}" stroke-width="1.2">',
    ]
    for arrow in made.arrows:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in arrow.points)
        out.append(f'<polyline points="{points}"/>')
    out += ["</g>", f'<g fill="{LINE_COLOUR}">']
    out += [f'<polygon points="{_text_of(_head(arrow.points))}"/>' for arrow in made.arrows]
    out += ["</g>", f'<g fill="#ffffff" stroke="{INK}" stroke-width="1.2">']
    for box in made.boxes:
        out.append(f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="3"/>')
    out += ["</g>", f'<g fill="{INK}" font-family="{FONTS}" font-size="13">']
    for line in [*made.stages, *(line for box in made.boxes for line in box.lines)]:
        weight = ' font-weight="bold"' if line.bold else ""
        out.append(f'<text x="{line.x:.1f}" y="{line.y:.1f}"{weight}>{escape(line.text)}</text>')
    return "\n".join([*out, "</g>", "</svg>", ""])


def _head(points: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    """The triangle at the end of an arrow, along its last piece, which is level or upright."""
    (x0, y0), (x1, y1) = points[-2], points[-1]
    if abs(x1 - x0) > abs(y1 - y0):
        back = -HEAD if x1 > x0 else HEAD
        return [(x1, y1), (x1 + back, y1 - HEAD / 2), (x1 + back, y1 + HEAD / 2)]
    back = -HEAD if y1 > y0 else HEAD
    return [(x1, y1), (x1 - HEAD / 2, y1 + back), (x1 + HEAD / 2, y1 + back)]


def _text_of(corners: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def png(made: Layout) -> bytes:
    """The same drawing with 200 points an inch, for a text processor."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # heavy: loaded by the page that draws
    from matplotlib.figure import Figure
    from matplotlib.patches import Polygon, Rectangle

    figure = Figure(figsize=(made.width / PER_INCH, made.height / PER_INCH), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, made.width)
    axes.set_ylim(made.height, 0)
    axes.axis("off")
    for arrow in made.arrows:
        xs, ys = zip(*arrow.points, strict=True)
        axes.plot(xs, ys, color=LINE_COLOUR, linewidth=0.9, zorder=1)
        axes.add_patch(Polygon(_head(arrow.points), closed=True, facecolor=LINE_COLOUR, edgecolor="none", zorder=2))
    for box in made.boxes:
        frame = Rectangle(
            (box.x, box.y), box.width, box.height, facecolor="white", edgecolor=INK, linewidth=0.9, zorder=3
        )
        axes.add_patch(frame)
    points = 13 * 72 / PER_INCH
    for line in [*made.stages, *(line for box in made.boxes for line in box.lines)]:
        weight = "bold" if line.bold else "normal"
        axes.text(
            line.x,
            line.y,
            line.text,
            fontsize=points,
            fontweight=weight,
            color=INK,
            va="baseline",
            zorder=4,
            parse_math=False,
        )
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=DPI, metadata={"Software": "LiftLab"})
    return out.getvalue()
