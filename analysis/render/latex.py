"""The report as LaTeX for LuaLaTeX or XeLaTeX: booktabs tables to paste into a manuscript, pictures in `figures/`."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analysis.grid import columns, place
from analysis.render.document import Figure, Heading, Paragraph
from analysis.render.edition import MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.grid import Placed
    from analysis.render.document import Block
    from analysis.render.edition import Edition
    from analysis.rich import Rich
    from analysis.tables import Table

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "'": r"'{}",  # two would become a quotation mark
    "-": r"-{}",  # two would become a dash
    "[": r"{[}",  # after \\ it would open an argument
    "]": r"{]}",
    "*": r"{*}",
    "−": r"\textminus{}",
    "²": r"\textsuperscript{2}",
    "η": r"\ensuremath{\eta}",
    "ω": r"\ensuremath{\omega}",
    "ε": r"\ensuremath{\epsilon}",
    "Δ": r"\ensuremath{\Delta}",
}
_PREAMBLE = r"""% LuaLaTeX or XeLaTeX. Pictures are looked for in figures/, as they lie in the bundle.
\documentclass[11pt,a4paper]{article}
\usepackage{fontspec}
\IfFontExistsTF{Libertinus Serif}{\setmainfont{Libertinus Serif}}{}
\usepackage{textcomp,array,booktabs,graphicx,longtable,caption}
\usepackage[margin=2.2cm]{geometry}
\captionsetup{justification=raggedright,singlelinecheck=false}
\newcommand{\reportpicture}[1]{\IfFileExists{figures/#1.png}{\includegraphics[width=\linewidth]{figures/#1.png}}%
  {\fbox{figures/\detokenize{#1}.png}}}
"""

_RAGGED = r">{\raggedright\arraybackslash}"
LONGEST_WORD = 32
"""Letters of a word that a column of words holds in a line."""


def escaped(text: str) -> str:
    """Text that LaTeX prints as it is, in a paragraph or a table's cell: no command, no ligature, no argument."""
    return "".join(_SPECIAL.get(letter, letter) for letter in " ".join(text.split()))


def latex(edition: Edition) -> bytes:
    """A whole document in UTF-8. Needs fontspec, booktabs, caption and geometry of a TeX distribution, no more."""
    document = edition.document
    said = " · ".join(filter(None, (document.label, "LiftLab", document.made_at)))
    lines = [
        _PREAMBLE,
        rf"\title{{{escaped(document.title)}}}",
        rf"\date{{{escaped(said)}}}",
        r"\begin{document}",
        r"\maketitle",
    ]
    for block in document.blocks:
        lines += ["", *_block(block)]
    return ("\n".join([*lines, "", r"\end{document}"]) + "\n").encode()


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield rf"\{'section' if block.level == 1 else 'subsection'}*{{{escaped(block.text)}}}"
    elif isinstance(block, Paragraph):
        text = _runs(block.runs)
        yield {"text": text, "note": rf"{{\small {text}}}", "warning": rf"\noindent\textbf{{{text}}}"}[block.kind]
    elif isinstance(block, Figure):
        yield from _figure(block)
    else:
        yield from _table(block)


def _runs(runs: Rich) -> str:
    parts = []
    for run in runs:
        inner = escaped(run.text)
        before = " " if run.text[:1].isspace() else ""
        after = " " if inner and run.text[-1:].isspace() else ""
        parts.append(before + (rf"\textit{{{inner}}}" if run.italic else inner) + after)
    return "".join(parts)


def _figure(figure: Figure) -> Iterator[str]:
    label = _("Figure %(number)d.") % {"number": figure.number}
    yield r"\begin{figure}[htbp]"
    yield rf"  \reportpicture{{{figure.key}}}"
    yield rf"  \caption*{{\textbf{{{escaped(label)}}} {escaped(figure.caption)}.}}"
    yield r"\end{figure}"
    if len(figure.table.body) <= MOST_ROWS:
        yield ""
        yield from _table(figure.table)


def _table(table: Table) -> Iterator[str]:
    """A table that may break over pages, with the heads again on the next one. Wide tables are set smaller."""
    wide = columns(table)
    yield r"{\scriptsize\setlength{\tabcolsep}{2.5pt}" if wide > 7 else r"{\small"
    yield rf"\begin{{longtable}}[l]{{{''.join(_column(table, column, wide) for column in range(wide))}}}"
    yield rf"\caption*{{\textit{{{escaped(table.caption)}}}}}\\"
    head = list(_lines(table, wide, in_head=True))
    yield from (r"\toprule", *head, r"\midrule", r"\endfirsthead", r"\toprule", *head, r"\midrule", r"\endhead")
    yield r"\bottomrule\endlastfoot"
    yield from _lines(table, wide, in_head=False)
    yield r"\end{longtable}"
    for note in table.notes:
        yield rf"\noindent {escaped(note)}\par"
    yield "}"


def _column(table: Table, column: int, wide: int) -> str:
    """Row headers and words wrap; numbers stand to the right."""
    if column < table.stub:
        return rf"{_RAGGED}p{{{0.14 if wide > 7 else 0.3 / table.stub:.2f}\linewidth}}"
    in_it = [item for item in place(table) if item.is_figure and item.column == column]
    has_words = any(item.cell.value is None and len(item.cell.text) > 20 for item in in_it)
    return rf"{_RAGGED}p{{0.5\linewidth}}" if has_words else "r"


def _lines(table: Table, wide: int, *, in_head: bool) -> Iterator[str]:
    rows: dict[int, list[Placed]] = {}
    first, last = (0, len(table.head)) if in_head else (len(table.head), len(table.head) + len(table.body))
    for item in place(table):
        if item.in_head == in_head:
            rows.setdefault(item.row, []).append(item)
    for number in range(first, last):
        cells: list[str] = []
        rules = []
        for item in rows.get(number, []):
            cells += [""] * (item.column - _width(cells))
            cells.append(_cell(item, in_head=in_head))
            if in_head and item.align == "center" and number < last - 1:
                rules.append(rf"\cmidrule(lr){{{item.column + 1}-{item.column + item.cell.colspan}}}")
        cells += [""] * (wide - _width(cells))
        yield " & ".join(cells) + r" \\" + "".join(rules)


def _width(cells: list[str]) -> int:
    """Columns that the cells of a row fill."""
    return sum(int(cell.split("{")[1].split("}")[0]) if cell.startswith(r"\multicolumn") else 1 for cell in cells)


def _cell(item: Placed, *, in_head: bool) -> str:
    text = _breakable(item.cell.text) + (rf"\textsuperscript{{{escaped(item.cell.mark)}}}" if item.cell.mark else "")
    if item.planned and text:
        text = rf"\textbf{{{text}}}"
    if in_head or item.cell.colspan > 1:
        letter = {"left": "l", "center": "c", "right": "r"}[item.align]
        return rf"\multicolumn{{{item.cell.colspan}}}{{{letter}}}{{{_wrapped(text, item)}}}"
    return text


def _breakable(text: str) -> str:
    """A word longer than a column, such as a hash, may break after every 16 letters."""
    parts = (textwrap.wrap(word, 16) if len(word) > LONGEST_WORD else [word] for word in text.split())
    return " ".join(r"\allowbreak{}".join(map(escaped, part)) for part in parts)


def _wrapped(text: str, item: Placed) -> str:
    """A head longer than the columns it stands over, in several lines: it would push the table over the margin."""
    lines = textwrap.wrap(item.cell.text, max(12, 9 * item.cell.colspan), break_long_words=False)
    if len(lines) < 2:
        return text
    letter = {"left": "l", "center": "c", "right": "r"}[item.align]
    stacked = r"\\".join(map(escaped, lines))
    return rf"\shortstack[{letter}]{{{stacked}}}"
