"""`python -m benchmarks.oracles`: every figure, ours, the oracle, its source, the relative difference, and the largest.

Figures whose oracle has all its digits must agree to 1e-8; figures known from print must round to what is printed.
Needs the development libraries (statsmodels). Leaves with 1 when a figure does not hold.
"""

from __future__ import annotations

import sys

from benchmarks.oracles import summarise, table
from benchmarks.oracles.figure import BAR


def main() -> int:
    figures = table()
    for figure in figures:
        oracle = figure.printed or f"{figure.oracle:.12g}"
        mark = "" if figure.holds else "  <-- differs"
        shown = "as printed" if figure.printed and figure.holds else f"{figure.difference:.1e}"
        print(f"{figure.what:58} {figure.ours:20.12g} {oracle:>20} {shown:>10}  {figure.source}{mark}")
    found = summarise(figures)
    print(
        f"\n{found.count} figures: {found.full} to all digits, the largest relative difference {found.largest:.1e} "
        f"({found.largest_at}; bar {BAR:.0e}); {found.printed} known from print, {found.as_printed} equal as printed."
    )
    return 0 if found.held == found.count else 1


if __name__ == "__main__":
    sys.exit(main())
