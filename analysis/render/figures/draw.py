"""Figures as SVG and PNG: the same figure, the same bytes. Each file carries its title and its text in words."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG

from analysis.render.figures.plots import plot
from analysis.render.figures.style import PALE, SMALL

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from analysis.render.document import Figure

DPI = 200


class Pictures:
    """The pictures of one document, each drawn once however many formats ask for it."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[str, str], bytes] = {}
        self._canvases: dict[str, Canvas] = {}

    def svg(self, figure: Figure) -> bytes:
        """The figure as SVG with `title` and `desc`, letters as outlines."""
        key = (figure.key, "svg")
        if key not in self._drawn:
            self._drawn[key] = _svg(figure, self._canvas(figure))
        return self._drawn[key]

    def png(self, figure: Figure) -> bytes:
        """The figure as PNG, 200 dots an inch, 1,400 wide."""
        key = (figure.key, "png")
        if key not in self._drawn:
            self._drawn[key] = _png(figure, self._canvas(figure))
        return self._drawn[key]

    def _canvas(self, figure: Figure) -> Canvas:
        """Laid out once and then left, so that neither picture depends on which of them is asked for first."""
        if figure.key not in self._canvases:
            canvas = _plotted(figure)
            canvas.draw_without_rendering()
            canvas.set_layout_engine("none")
            self._canvases[figure.key] = canvas
        return self._canvases[figure.key]


def _svg(figure: Figure, canvas: Canvas) -> bytes:
    out = io.BytesIO()
    canvas.set_dpi(72)
    FigureCanvasSVG(canvas).print_svg(out, metadata={"Date": None, "Creator": "LiftLab"})  # type: ignore[no-untyped-call]
    head, mark, rest = out.getvalue().decode().partition("<svg ")
    opening, end, body = rest.partition(">")
    told = f"\n <title>{escape(figure.caption)}</title>\n <desc>{escape(figure.alt)}</desc>"
    return f'{head}{mark}role="img" {opening}{end}{told}{body}'.encode()


def _png(figure: Figure, canvas: Canvas) -> bytes:
    out = io.BytesIO()
    canvas.set_dpi(DPI)
    about = {"Software": "LiftLab", "Title": figure.caption, "Description": figure.alt}
    FigureCanvasAgg(canvas).print_png(out, metadata=about)  # type: ignore[no-untyped-call]
    return out.getvalue()


def _plotted(figure: Figure) -> Canvas:
    """The drawing, with the label of data that were not recorded under it."""
    canvas = plot(figure.drawing)
    if figure.source:
        room = 0.17 / canvas.get_figheight()
        canvas.set_layout_engine("constrained", rect=(0, room, 1, 1 - room))
        canvas.text(
            0.995,
            0.02 / canvas.get_figheight(),
            figure.source,
            fontsize=SMALL,
            color=PALE,
            ha="right",
            va="bottom",
            style="italic",
        )
    return canvas
