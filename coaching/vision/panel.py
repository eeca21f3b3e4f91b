"""The strip under the annotated video: PROB, CLASS, REPS and FORM ANALYSIS, as in the paper's figures 3 and 4.

Under the picture, not over it, so that it never hides the lifter. Sizes follow the width, so that it can be read on a
phone. Its words are English: the font that travels with Pillow has no other letters.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

if TYPE_CHECKING:
    from coaching.vision.types import Image

Tone = Literal["ok", "warn", "bad", "quiet"]
Rgb = tuple[int, int, int]

BACKGROUND: Rgb = (14, 18, 23)
_CARD: Rgb = (29, 36, 45)
_INK: Rgb = (240, 243, 248)
_MUTED: Rgb = (159, 170, 186)
_UP: Rgb = (122, 160, 255)
_DOWN: Rgb = (255, 178, 102)
_TONES: dict[Tone, Rgb] = {"ok": (120, 214, 160), "warn": (255, 200, 92), "bad": (255, 138, 140), "quiet": _MUTED}
_OVERSAMPLING = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the form analysis: `title` `value` `score`, then a sentence."""

    title: str
    value: str
    score: float | None
    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class PanelState:
    """What the strip says at one moment. phase None: not seen."""

    phase: Literal["up", "down"] | None
    prob: float | None
    reps: int
    rows: tuple[Row, ...]


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("this Pillow was built without FreeType")
    return font


def probability(p: float) -> str:
    """Two digits, never 1.00: nothing that a camera saw is certain."""
    return f"{min(p, 0.99):.2f}"


class Panel:
    """Draws the strip for pictures of one width."""

    def __init__(self, width: int, height: int, n_rows: int) -> None:
        """`width` and `height` of the video picture; `n_rows` lines of form analysis."""
        self._tall = height > width
        unit = width * (0.034 if self._tall else 0.0285) * _OVERSAMPLING
        self._text, self._small, self._large = round(unit), round(unit * 0.78), round(unit * 1.55)
        self._pad = round(unit * 0.9)
        self._width = width * _OVERSAMPLING
        self._head = round(unit * 3.25)
        self._row = round(unit * (2.75 if self._tall else 1.65))
        title = round(unit * 1.5)
        total = self._pad + self._head + title + n_rows * self._row + round(self._pad * 0.6)
        self.height = int(np.ceil(total / _OVERSAMPLING / 2)) * 2
        self._last: tuple[PanelState, Image] | None = None

    def draw(self, state: PanelState) -> Image:
        """BGR picture of the strip; the previous one again when nothing changed."""
        if self._last is None or self._last[0] != state:
            self._last = (state, self._paint(state))
        return self._last[1]

    def _paint(self, state: PanelState) -> Image:
        canvas = Pictures.new("RGB", (self._width, self.height * _OVERSAMPLING), BACKGROUND)
        pen = ImageDraw.Draw(canvas)
        self._figures(pen, state)
        y = self._pad + self._head + round(self._text * 0.45)
        self._bold(pen, (self._pad, y), "FORM ANALYSIS", self._small, _MUTED)
        y += round(self._text * 1.15)
        for row in state.rows:
            self._line(pen, y, row)
            y += self._row
        size = (self._width // _OVERSAMPLING, self.height)
        small = canvas.resize(size, Pictures.Resampling.LANCZOS)
        picture: Image = np.ascontiguousarray(np.asarray(small)[:, :, ::-1])
        return picture

    def _figures(self, pen: ImageDraw.ImageDraw, state: PanelState) -> None:
        gap = round(self._pad * 0.6)
        each = (self._width - 2 * self._pad - 2 * gap) // 3
        colour = {"up": _UP, "down": _DOWN, None: _MUTED}[state.phase]
        prob = "-" if state.prob is None else probability(state.prob)
        cells = (("PROB", prob, _INK), ("CLASS", state.phase or "-", colour), ("REPS", str(state.reps), _INK))
        for i, (name, value, ink) in enumerate(cells):
            x = self._pad + i * (each + gap)
            box = (x, self._pad * 0.7, x + each, self._pad * 0.7 + self._head)
            pen.rounded_rectangle(box, radius=self._text * 0.45, fill=_CARD)
            inner = x + round(self._text * 0.7)
            self._bold(pen, (inner, round(box[1] + self._text * 0.42)), name, self._small, _MUTED)
            self._bold(pen, (inner, round(box[1] + self._text * 1.2)), value, self._large, ink)
            if name == "PROB" and state.prob is not None:
                self._bar(pen, box, inner, state.prob, colour)

    def _bar(self, pen: ImageDraw.ImageDraw, box: tuple[float, ...], text_x: int, share: float, colour: Rgb) -> None:
        x0, x1 = text_x + round(self._large * 2.25), box[2] - self._text * 0.7
        if x1 - x0 < self._text:
            return
        middle, half = box[1] + self._text * 2.0, self._text * 0.17
        pen.rounded_rectangle((x0, middle - half, x1, middle + half), radius=half, fill=(58, 68, 82))
        filled = x0 + (x1 - x0) * min(max(share, 0.06), 1.0)
        pen.rounded_rectangle((x0, middle - half, filled, middle + half), radius=half, fill=colour)

    def _line(self, pen: ImageDraw.ImageDraw, y: int, row: Row) -> None:
        colour = _TONES[row.tone]
        radius = self._text * 0.2
        dot = (self._pad + radius, y + self._text * 0.62)
        pen.ellipse((dot[0] - radius, dot[1] - radius, dot[0] + radius, dot[1] + radius), fill=colour)
        x = self._pad + round(self._text * 0.85)
        x = self._word(pen, (x, y), row.title, _INK, bold=True)
        if row.value:
            x = self._word(pen, (x, y), row.value, colour, bold=True)
        if row.score is not None:
            x = self._word(pen, (x, y), probability(row.score), colour, bold=False)
        left = self._pad + round(self._text * 0.85)
        if self._tall and row.value:
            self._fitted(pen, (left, y + round(self._text * 1.3)), row.text, self._small)
        else:
            self._fitted(pen, (x, y), row.text, self._text)

    def _word(self, pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, colour: Rgb, *, bold: bool) -> int:
        if bold:
            self._bold(pen, at, text, self._text, colour)
        else:
            pen.text(at, text, font=_font(self._text), fill=colour)
        return at[0] + round(_font(self._text).getlength(text) + self._text * 0.45)

    def _bold(self, pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, colour: Rgb) -> None:
        # The one embedded font has one weight; a hairline around each letter makes the other.
        pen.text(at, text, font=_font(size), fill=colour, stroke_width=max(1, round(size / 44)), stroke_fill=colour)

    def _fitted(self, pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int) -> None:
        """Write muted text in one line: smaller down to three quarters, then shortened at a word."""
        room = self._width - self._pad - at[0]
        smallest = round(size * 0.75)
        while size > smallest and _font(size).getlength(text) > room:
            size -= 1
        words = text.split()
        while len(words) > 1 and _font(size).getlength(" ".join(words)) > room:
            words = words[:-1]
        shown = " ".join(words) if len(words) == len(text.split()) else " ".join(words) + " ..."
        pen.text((at[0], at[1] + round((self._text - size) * 0.6)), shown, font=_font(size), fill=_MUTED)
