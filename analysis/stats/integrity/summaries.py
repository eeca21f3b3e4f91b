"""t and F from printed means and SDs, as ranges: from and to the values that the rounding of the figures leaves."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from scipy import optimize, stats

from analysis.stats.anova import one_way
from analysis.stats.check import Printed
from analysis.stats.samples import InvalidSample, Summary, require_groups
from analysis.stats.ttest import t_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.integrity.reading import GroupRow
    from analysis.stats.ttest import Variant

MOST_GROUPS = 12


@dataclass(frozen=True, slots=True)
class Range:
    """A statistic at the printed figures, and the range over all that round to them."""

    at: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A test of printed means and SDs, at the figures as printed; `range` is of its statistic over their rounding, and
    `p_low` to `p_high` of its p. The interval is of the difference, None for an F.
    """

    test: Literal["student", "welch", "anova"]
    range: Range
    df1: float
    df2: float
    p: float
    p_low: float
    p_high: float
    ci_low: float | None
    ci_high: float | None


def recompute(rows: Sequence[GroupRow]) -> tuple[Recomputed, ...]:
    """Student's and Welch's t of two groups, and F of two to twelve; () where the SDs leave no spread.

    Raises InvalidSample for fewer than two groups, or two of one name.
    """
    require_groups([summary(row) for row in rows])
    found = []
    try:
        if len(rows) == 2:
            found += [_t(rows[0], rows[1], "student"), _t(rows[0], rows[1], "welch")]
        table, ends = one_way([summary(row) for row in rows]), f_range(rows)
    except InvalidSample:
        return ()
    df1, df2 = table.between.df, table.within.df
    p_low, p_high = (float(stats.f.sf(f, df1, df2)) for f in (ends.high, ends.low))
    return (*found, Recomputed("anova", ends, df1, df2, table.p, p_low, p_high, None, None))


def _t(first: GroupRow, second: GroupRow, variant: Variant) -> Recomputed:
    test, ends = t_test(summary(first), summary(second), variant=variant), t_range(first, second, variant=variant)
    sizes = sorted((abs(ends.low), abs(ends.high)))
    nearest = 0.0 if ends.low <= 0.0 <= ends.high else sizes[0]
    p_low, p_high = (2 * float(stats.t.sf(t, test.df)) for t in (sizes[1], nearest))
    return Recomputed(variant, ends, 1, test.df, test.p, p_low, p_high, test.ci_low, test.ci_high)


def summary(row: GroupRow) -> Summary:
    """A line of Group Statistics as a group of the tests. Raises InvalidSample, NotPrintedNumber."""
    return Summary.of(row.name, n=row.n, mean=Printed.parse(row.mean).value, sd=Printed.parse(row.sd).value)


def t_range(first: GroupRow, second: GroupRow, *, variant: Variant) -> Range:
    """t of two printed groups, first minus second. Raises InvalidSample when the SDs can both be 0."""
    at = t_test(summary(first), summary(second), variant=variant).t
    means = [Printed.parse(row.mean) for row in (first, second)]
    low, high = means[0].low - means[1].high, means[0].high - means[1].low
    ses = [_se((first, second), end, variant) for end in ("low", "high")]
    if ses[0] == 0.0:
        raise InvalidSample(f"{first.name}, {second.name}", "the SDs may both be 0, so t has no bound", code="constant")
    return Range(at, low / ses[0 if low < 0 else 1], high / ses[1 if high < 0 else 0])


def f_range(rows: Sequence[GroupRow]) -> Range:
    """F of printed groups. Raises InvalidSample as `one_way`, and when the SDs can all be 0, or for too many groups."""
    if len(rows) > MOST_GROUPS:
        raise InvalidSample("groups", f"at most {MOST_GROUPS} groups, got {len(rows)}", code="too_many")
    at = one_way([summary(row) for row in rows]).f
    boxes = [(row.n, *_ends(row.mean)) for row in rows]
    n, k = sum(row.n for row in rows), len(rows)
    within = [
        sum((row.n - 1) * max(0.0, getattr(Printed.parse(row.sd), end)) ** 2 for row in rows) / (n - k)
        for end in ("low", "high")
    ]
    if within[0] == 0.0:
        raise InvalidSample("groups", "the SDs may all be 0, so F has no bound", code="constant")
    # Between-SS is convex in the means: largest at a corner, smallest with each mean as near as it can be to one value.
    corners = itertools.product(*((low, high) for _, low, high in boxes))
    sizes = [size for size, _, _ in boxes]
    largest = max(_between(sizes, corner) for corner in corners)
    ends = [end for _, low, high in boxes for end in (low, high)]
    nearest = optimize.minimize_scalar(
        lambda c: sum(size * max(low - c, 0.0, c - high) ** 2 for size, low, high in boxes),
        bounds=(min(ends), max(ends)),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return Range(at, max(0.0, float(nearest.fun)) / (k - 1) / within[1], largest / (k - 1) / within[0])


def _ends(text: str) -> tuple[float, float]:
    printed = Printed.parse(text)
    return printed.low, printed.high


def _between(sizes: Sequence[int], means: Sequence[float]) -> float:
    grand = sum(size * mean for size, mean in zip(sizes, means, strict=True)) / sum(sizes)
    return sum(size * (mean - grand) ** 2 for size, mean in zip(sizes, means, strict=True))


def _se(rows: tuple[GroupRow, GroupRow], end: str, variant: Variant) -> float:
    variances = [max(0.0, getattr(Printed.parse(row.sd), end)) ** 2 for row in rows]
    n1, n2 = (row.n for row in rows)
    if variant == "welch":
        return math.sqrt(variances[0] / n1 + variances[1] / n2)
    pooled = ((n1 - 1) * variances[0] + (n2 - 1) * variances[1]) / (n1 + n2 - 2)
    return math.sqrt(pooled * (1 / n1 + 1 / n2))
