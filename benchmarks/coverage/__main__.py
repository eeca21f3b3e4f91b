"""How often intervals cover and tests reject, beside what they promise.

    python -m benchmarks.coverage [--runs 10000] [--only TEXT]

Leaves with 1 when a method that promises its level exactly, or on the safe side, is off by more than Monte Carlo error.
"""

from __future__ import annotations

import argparse
import os
import re
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


def line(found: Outcome) -> str:
    words = {"exact": "", "at_least": "at least", "at_most": "at most", "approximate": "about"}
    promise = f"{words[found.kind]} {100 * found.target:g} %".strip()
    margin = f"+- {100 * found.margin:.2f}"
    mark = "" if found.holds else "  <-- off"
    rate, made = f"{100 * found.rate:6.2f} %", f"{found.runs:6,} runs"
    return f"{found.trial_name:50} {rate}  promised {promise:13} {margin}  {made}{mark}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--only", default="", metavar="TEXT", help="the trials with this pattern in their name")
    asked = parser.parse_args()
    chosen = [at for at, trial in enumerate(all_trials()) if re.search(asked.only, trial.name)]
    started = time.perf_counter()
    outcomes = []
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for found in pool.map(partial(run, runs=asked.runs), chosen):
            print(line(found), flush=True)
            outcomes.append(found)
    held = sum(found.holds for found in outcomes)
    print(f"\n{held} of {len(outcomes)} keep their promise. {time.perf_counter() - started:.0f} s")
    return 0 if held == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
