"""`python -m benchmarks.randomisation`: our randomisation test beside `scipy.stats.permutation_test`, in one run.

A class of 50, two arms of 25, difference of means: seconds for a million re-randomisations (SciPy's extrapolated from
100,000, in batches that suit it), and for a count of all 1.3e14. Bar: 10 times SciPy's speed.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from analysis.stats.randomisation import randomisation_test

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.stats.samples import FloatArray

BAR = 10.0
DRAWS, SCIPY_DRAWS = 1_000_000, 100_000
ARMS = ["a"] * 25 + ["b"] * 25


def difference(a: FloatArray, b: FloatArray, axis: int) -> FloatArray:
    return np.asarray(a.mean(axis=axis) - b.mean(axis=axis))


def fastest(run: Callable[[], object], times: int = 3) -> float:
    """Seconds of the fastest of some runs: the one that was disturbed least."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        took.append(time.perf_counter() - started)
    return min(took)


def main() -> int:
    rng = np.random.default_rng(3)
    x = np.round(rng.normal(8, 2, 50), 6)
    whole = np.rint(x)

    def scipys() -> float:
        found = stats.permutation_test(
            (x[:25], x[25:]), difference, n_resamples=SCIPY_DRAWS, vectorized=True, batch=5000, rng=1
        )
        return float(found.pvalue)

    theirs = fastest(scipys) * DRAWS / SCIPY_DRAWS
    ours = fastest(lambda: randomisation_test(x, ARMS, draws=DRAWS))
    pairs = [at // 4 for at in range(25)] * 2
    blocks = fastest(lambda: randomisation_test(x, ARMS, blocks=pairs, draws=DRAWS))
    exact = fastest(lambda: randomisation_test(whole, ARMS))
    found = randomisation_test(x, ARMS, draws=DRAWS)
    print(f"scipy.stats.permutation_test, 1,000,000 re-randomisations: {theirs:.2f} s (from {SCIPY_DRAWS:,})")
    print(f"ours, complete randomisation:  {ours:.3f} s, {theirs / ours:.0f} times (bar {BAR:.0f})")
    print(f"ours, blocks of 8 and 2:       {blocks:.3f} s, {theirs / blocks:.0f} times")
    print(f"ours, whole-number scores, all {found.arrangements:,} counted: {exact * 1000:.1f} ms")
    print(f"p {found.p:.4f} (99 %: {found.p_low:.4f} to {found.p_high:.4f}); SciPy's {scipys():.4f}")
    return 0 if theirs / ours >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
