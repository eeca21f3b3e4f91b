"""`python -m benchmarks.coverage [--runs 10000]`: how often intervals cover and tests reject, beside what they promise.

Leaves with 1 when a method that promises its level exactly, or on the safe side, is off by more than Monte Carlo error.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.coverage import gaps, intervals, levels
from benchmarks.coverage.trial import simulate

if TYPE_CHECKING:
    from benchmarks.coverage.trial import Outcome, Trial


def all_trials() -> list[Trial]:
    return [*intervals.trials(), *levels.trials(), *gaps.trials()]


def run(at: int, *, runs: int) -> Outcome:
    """One trial by its place, since a trial itself can't be sent to another process."""
    return simulate(all_trials()[at], runs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    runs = parser.parse_args().runs
    started = time.perf_counter()
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        outcomes = list(pool.map(partial(run, runs=runs), range(len(all_trials()))))
    words = {"exact": "", "at_least": "at least", "at_most": "at most", "approximate": "about"}
    for found in outcomes:
        promise = f"{words[found.kind]} {100 * found.target:g} %".strip()
        margin = f"+- {100 * found.margin:.2f}"
        mark = "" if found.holds else "  <-- off"
        rate, made = f"{100 * found.rate:6.2f} %", f"{found.runs:6,} runs"
        print(f"{found.trial_name:50} {rate}  promised {promise:13} {margin}  {made}{mark}")
    held = sum(found.holds for found in outcomes)
    print(f"\n{held} of {len(outcomes)} keep their promise. {time.perf_counter() - started:.0f} s")
    return 0 if held == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
