"""`python -m benchmarks.enumeration`: how long it takes to find all whole-number data behind the paper's two tables.

Bar: 5 seconds for Table 1. Also shown: what a search by trial would have to go through, the pairs of distributions with
the right sizes, means and sums of squares.
"""

from __future__ import annotations

import sys
import time

from analysis.stats.integrity.forms import FormCounts
from analysis.stats.integrity.twogroups import PrintedGroups, enumerate_groups
from tests.analysis.reference_data import TABLE_1_POOLED, TABLE_1_WELCH, TABLE_2

BAR_S = 5.0


def main() -> int:
    started = time.perf_counter()
    first = enumerate_groups(PrintedGroups((25, 25), TABLE_1_POOLED, TABLE_1_WELCH, "9.271"))
    took = time.perf_counter() - started
    through = 2 * FormCounts(25, 18).of(8, 18) * FormCounts(25, 72).of(20, 72)
    print(f"Table 1: {len(first.distinct or ())} distinct pairs, {first.count} with mirror images, out of {through:,}")
    print(f"         {took * 1000:.0f} ms (bar {BAR_S:.0f} s)")
    started = time.perf_counter()
    second = enumerate_groups(PrintedGroups((25, 25), anova=TABLE_2))
    print(f"Table 2: {second.count:,} pairs in {len(second.splits)} splits of the sums of squares, counted, not listed")
    print(f"         {(time.perf_counter() - started) * 1000:.0f} ms")
    return 0 if took <= BAR_S else 1


if __name__ == "__main__":
    sys.exit(main())
