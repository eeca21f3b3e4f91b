"""The whole-number data of two groups that reproduce every printed digit of a t test or ANOVA: all of them, counted.

The search is exact. A mean of n whole numbers is a whole number plus r / n, and then n SS + r^2 is n times a sum of
squares, so that only a grid of (r, SS) is possible in each group. The printed difference leaves pairs of r, the printed
SE, t, df and limits leave sums of squares, and Levene's F (mean-centred, as SPSS prints it) is computed for every
distribution that has those.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from analysis.stats.check import Printed
from analysis.stats.integrity.forms import LARGEST_TABLE, FormCounts, count_cells, forms, has_form, shape
from analysis.stats.samples import InvalidSample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from analysis.stats.check import PrintedAnova, PrintedRow
    from analysis.stats.integrity.forms import Form
    from analysis.stats.samples import FloatArray

    Grid = Callable[[float, FloatArray, FloatArray], FloatArray]

LARGEST_N, MOST_MOMENTS, MOST_SPLITS, MOST_LISTED = 400, 5_000_000, 20_000, 200_000
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class PrintedGroups:
    """What a paper prints of two groups, first minus second. Only `n` is needed in full, and one figure of spread.

    `means` and `sds` are in the groups' order. For an ANOVA, which has no sign, the first is the higher group.
    """

    n: tuple[int, int]
    pooled: PrintedRow | None = None
    welch: PrintedRow | None = None
    levene_f: str = ""
    anova: PrintedAnova | None = None
    means: tuple[str, str] | None = None
    sds: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """One possibility for the groups' moments: sums of the deviations from the whole number below each mean (so each
    mean ends in total / n), both sums of squares about the mean, and the difference of the means.
    """

    totals: tuple[int, int]
    ss: tuple[float, float]
    difference: float
    base_difference: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two distributions, on a common scale whose 0 is the whole number below the second group's mean."""

    first: Form
    second: Form

    @property
    def reach(self) -> int:
        """Highest value of both minus the lowest: a shorter scale can't hold them."""
        return max(self.first[-1][0], self.second[-1][0]) - min(self.first[0][0], self.second[0][0])


@dataclass(frozen=True, slots=True)
class Enumeration:
    """`count` pairs of distributions up to shift, None where only one was looked for, being too many to count (then
    `splits` need not be all); `pairs` is None where they are too many to list.

    For groups of one size a mirrored pair with the names exchanged gives the same figures: `distinct` keeps one of the
    two, with the smaller spread first. For others it is `pairs`.
    """

    n: tuple[int, int]
    splits: tuple[Split, ...]
    count: int | None
    pairs: tuple[Pair, ...] | None
    distinct: tuple[Pair, ...] | None

    @property
    def possible(self) -> bool:
        return self.count is None or self.count > 0

    def on_scale(self, low: int, high: int) -> int:
        """In how many ways the pairs can lie on a scale from low to high, mirror images included."""
        if self.pairs is None:
            raise InvalidSample("pairs", "too many to list, so they can't be laid on a scale", code="too_many")
        return sum(max(0, high - low - pair.reach + 1) for pair in self.pairs)

    def forms_of(self, group: int) -> tuple[tuple[int, ...], ...]:
        """The different shapes of a group (0 or 1) over the distinct pairs, counts from its lowest value up."""
        found = {shape(pair.first if group == 0 else pair.second) for pair in self.distinct or ()}
        return tuple(sorted(found))


def enumerate_groups(printed: PrintedGroups) -> Enumeration:
    """All pairs of whole-number distributions that give every printed figure of spread and difference.

    p is not used: it follows from its statistic, and `p_of_t` and `p_of_f` check it. Raises NotPrintedNumber, and
    InvalidSample: `too_few` or `too_many` people, `unbounded` (no figure bounds the spread or the difference),
    `too_many` when the figures leave too much to go through.
    """
    for n in printed.n:
        if not 2 <= n <= LARGEST_N:
            raise InvalidSample("n", f"groups of 2 to {LARGEST_N} are searched, got {n}", code="too_few")
    splits = tuple(itertools.islice(_splits(printed), MOST_SPLITS + 1))
    if not printed.levene_f:
        return _counted(printed.n, splits)
    _require_listable(printed.n, splits)
    pairs = tuple(pair for split in splits for pair in _pairs_of(printed, split))
    return Enumeration(printed.n, splits, len(pairs), pairs, _distinct(printed.n, pairs))


def _counted(n: tuple[int, int], splits: tuple[Split, ...]) -> Enumeration:
    """Without Levene's F the groups are free of each other: the product of their counts; listed when few."""
    if len(splits) > MOST_SPLITS or not _countable(n, splits):
        some = any(has_form(*_moments(n, split, 0)) and has_form(*_moments(n, split, 1)) for split in splits)
        return Enumeration(n, splits, None if some else 0, None, None)
    tables = _tables(n, splits)
    counts = [[tables[group].of(*_moments(n, split, group)[1:]) for group in (0, 1)] for split in splits]
    kept = tuple(split for split, (a, b) in zip(splits, counts, strict=True) if a and b)
    total = sum(a * b for a, b in counts)
    if total > MOST_LISTED:
        return Enumeration(n, kept, total, None, None)
    pairs = tuple(
        _placed(split, a, b)
        for split in kept
        for a, b in itertools.product(*(forms(*_moments(n, split, group)) for group in (0, 1)))
    )
    return Enumeration(n, kept, total, pairs, _distinct(n, pairs))


def _countable(n: tuple[int, int], splits: tuple[Split, ...]) -> bool:
    return all(count_cells(n[group], _most_squares(n, splits, group)) <= LARGEST_TABLE for group in (0, 1))


def _most_squares(n: tuple[int, int], splits: tuple[Split, ...], group: int) -> int:
    return max((_moments(n, split, group)[2] for split in splits), default=0)


def _tables(n: tuple[int, int], splits: tuple[Split, ...]) -> tuple[FormCounts, FormCounts]:
    first, second = (FormCounts(n[group], _most_squares(n, splits, group)) for group in (0, 1))
    return first, second


def _moments(n: tuple[int, int], split: Split, group: int) -> tuple[int, int, int]:
    """n, sum and sum of squares of a group's deviations from the whole number below its mean."""
    total = split.totals[group]
    return n[group], total, round(split.ss[group] + total**2 / n[group])


def _splits(printed: PrintedGroups) -> Iterator[Split]:
    """Every (r1, r2, SS1, SS2) on the grid that gives the printed figures of difference and spread."""
    n1, n2 = printed.n
    bottom, top = _total_range(printed)
    constraints = list(_constraints(printed))
    work = 0
    for r1, r2, base in _fractions(printed):
        difference = r1 / n1 - r2 / n2 + base
        a, b = _two_sums(_grid(n1, r1, top), r2 - r2 * r2 / n2, (bottom, top))
        work += a.size
        for figure, of in constraints:
            kept = _prints(figure, of(difference, a, b))
            a, b = a[kept], b[kept]
        if work > MOST_MOMENTS:
            reason = "the printed figures leave too many sums of squares; give more digits or the SDs"
            raise InvalidSample("spread", reason, code="too_many")
        for x, y in zip(a.tolist(), b.tolist(), strict=True):
            yield Split((r1, r2), (x, y), difference, base)


def _two_sums(ss1: FloatArray, least: float, between: tuple[float, float]) -> tuple[FloatArray, FloatArray]:
    """Every (SS1, SS2) with a sum in the range, where SS2 is `least` plus a multiple of 2."""
    slack = SLACK * between[1]
    first = np.maximum(0, np.ceil((between[0] - slack - ss1 - least) / 2)).astype(int)
    last = np.floor((between[1] + slack - ss1 - least) / 2).astype(int)
    counts = np.maximum(0, last - first + 1)
    if int(counts.sum()) > MOST_MOMENTS:
        reason = "the printed figures leave too many sums of squares; give more digits or the SDs"
        raise InvalidSample("spread", reason, code="too_many")
    steps = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(ss1, counts), least + 2.0 * (np.repeat(first, counts) + steps)


def _grid(n: int, r: int, top: float) -> FloatArray:
    """Sums of squares about the mean r / n: Q - r^2 / n, Q of r's parity and at least r."""
    q = np.arange(r, math.floor(top + r * r / n + SLACK) + 1, 2, dtype=float)
    return q - r * r / n


def _fractions(printed: PrintedGroups) -> Iterator[tuple[int, int, int]]:
    """Pairs of r, and the difference of the whole numbers below the means, that give the printed difference."""
    n1, n2 = printed.n
    low, high = _difference_range(printed)
    ranges = [_allowed(printed, g) for g in (0, 1)]
    for r1, r2 in itertools.product(*ranges):
        part = r1 / n1 - r2 / n2
        for base in range(math.ceil(low - part - SLACK), math.floor(high - part + SLACK) + 1):
            yield r1, r2, base


def _allowed(printed: PrintedGroups, group: int) -> list[int]:
    """The r of a group; with a printed mean, those that round to it."""
    n = printed.n[group]
    if printed.means is None:
        return list(range(n))
    mean = Printed.parse(printed.means[group])
    sums = range(math.ceil(mean.low * n - SLACK), math.floor(mean.high * n + SLACK) + 1)
    return sorted({total % n for total in sums})


def _difference_range(printed: PrintedGroups) -> tuple[float, float]:
    lows, highs = [], []
    for row in (printed.pooled, printed.welch):
        if row is not None:
            figure = Printed.parse(row.mean_difference)
            lows.append(figure.low)
            highs.append(figure.high)
    if printed.means is not None:
        first, second = (Printed.parse(text) for text in printed.means)
        lows.append(first.low - second.high)
        highs.append(first.high - second.low)
    if printed.anova is not None:
        between = Printed.parse(printed.anova.ss_between)
        n1, n2 = printed.n
        scale = 1 / n1 + 1 / n2
        lows.append(math.sqrt(max(0.0, between.low) * scale))
        highs.append(math.sqrt(max(0.0, between.high) * scale))
    if not lows:
        raise InvalidSample("difference", "no difference of means is printed, nor the means", code="unbounded")
    return max(lows), min(highs)


def _total_range(printed: PrintedGroups) -> tuple[float, float]:
    """From and to which sum SS1 + SS2 any printed figure of spread lets it go."""
    n1, n2 = printed.n
    ranges = []
    pooled = (n1 + n2 - 2) / (1 / n1 + 1 / n2)
    unequal = sorted((n1 * (n1 - 1), n2 * (n2 - 1)))
    for row, (least, most) in ((printed.pooled, (pooled, pooled)), (printed.welch, unequal)):
        if row is not None:
            se = Printed.parse(row.se)
            ranges.append((max(0.0, se.low) ** 2 * least, se.high**2 * most))
    if printed.anova is not None:
        within = Printed.parse(printed.anova.ss_within)
        ranges.append((within.low, within.high))
    if printed.sds is not None:
        sds = [Printed.parse(sd) for sd in printed.sds]
        ends = [[max(0.0, end) ** 2 for end in (sd.low, sd.high)] for sd in sds]
        ranges.append(tuple((n1 - 1) * a + (n2 - 1) * b for a, b in zip(*ends, strict=True)))
    if not ranges:
        raise InvalidSample("spread", "neither SE, SDs nor sums of squares are printed", code="unbounded")
    return max(low for low, _ in ranges), min(high for _, high in ranges)


def _constraints(printed: PrintedGroups) -> Iterator[tuple[Printed, Grid]]:
    """Each printed figure with its formula over (difference, SS1, SS2)."""
    n1, n2 = printed.n
    if printed.pooled is not None:
        df = n1 + n2 - 2
        yield from _row(printed.pooled, lambda a, b: np.sqrt((a + b) / df * (1 / n1 + 1 / n2)), lambda a, _: 0 * a + df)
    if printed.welch is not None:
        v1, v2 = 1 / (n1 * (n1 - 1)), 1 / (n2 * (n2 - 1))

        def welch_df(a: FloatArray, b: FloatArray) -> FloatArray:
            x, y = a * v1, b * v2
            degrees: FloatArray = (x + y) ** 2 / np.maximum(x * x / (n1 - 1) + y * y / (n2 - 1), 1e-300)
            return degrees

        yield from _row(printed.welch, lambda a, b: np.sqrt(a * v1 + b * v2), welch_df)
    if printed.anova is not None:
        table = printed.anova
        harmonic = n1 * n2 / (n1 + n2)
        yield Printed.parse(table.ss_within), lambda _, a, b: a + b
        yield Printed.parse(table.ms_within), lambda _, a, b: (a + b) / (n1 + n2 - 2)
        yield Printed.parse(table.ss_between), lambda d, a, _: 0 * a + d * d * harmonic
        yield Printed.parse(table.ss_total), lambda d, a, b: a + b + d * d * harmonic
        yield Printed.parse(table.f), lambda d, a, b: d * d * harmonic * (n1 + n2 - 2) / np.maximum(a + b, 1e-300)
    if printed.sds is not None:
        yield Printed.parse(printed.sds[0]), lambda _, a, b: np.sqrt(a / (n1 - 1))
        yield Printed.parse(printed.sds[1]), lambda _, a, b: np.sqrt(b / (n2 - 1))


def _row(
    row: PrintedRow,
    se: Callable[[FloatArray, FloatArray], FloatArray],
    df: Callable[[FloatArray, FloatArray], FloatArray],
) -> Iterator[tuple[Printed, Grid]]:
    tail = (1 - row.confidence) / 2

    def half(a: FloatArray, b: FloatArray) -> FloatArray:
        margin: FloatArray = stats.t.isf(tail, df(a, b)) * se(a, b)
        return margin

    yield Printed.parse(row.se), lambda _, a, b: se(a, b)
    yield Printed.parse(row.t), lambda d, a, b: d / np.maximum(se(a, b), 1e-300)
    yield Printed.parse(row.df), lambda _, a, b: df(a, b)
    yield Printed.parse(row.ci_low), lambda d, a, b: d - half(a, b)
    yield Printed.parse(row.ci_high), lambda d, a, b: d + half(a, b)


def _prints(figure: Printed, values: FloatArray) -> NDArray[np.bool_]:
    slack = SLACK * np.maximum(1e-3, np.abs(values))
    kept: NDArray[np.bool_] = (values >= figure.low - slack) & (values <= figure.high + slack)
    return kept


def _require_listable(n: tuple[int, int], splits: tuple[Split, ...]) -> None:
    """Raise InvalidSample when all splits together leave more distributions than are listed."""
    tables = _tables(n, splits) if len(splits) <= MOST_SPLITS and _countable(n, splits) else None
    listed = sum(tables[g].of(*_moments(n, split, g)[1:]) for split in splits for g in (0, 1)) if tables else math.inf
    if listed > MOST_LISTED:
        reason = f"more than {MOST_LISTED} distributions fit; give more digits"
        raise InvalidSample("spread", reason, code="too_many")


def _pairs_of(printed: PrintedGroups, split: Split) -> Iterator[Pair]:
    """The distributions with these moments whose mean absolute deviations give Levene's F."""
    groups = []
    for group in (0, 1):
        n, total, squares = _moments(printed.n, split, group)
        by_half: dict[int, list[Form]] = {}
        for form in forms(n, total, squares):
            by_half.setdefault(_half_deviation(form, n, total), []).append(form)
        groups.append(by_half)
    figure = Printed.parse(printed.levene_f)
    for (half1, firsts), (half2, seconds) in itertools.product(groups[0].items(), groups[1].items()):
        f = _levene(printed.n, split.ss, (half1, half2))
        if figure.low - SLACK <= f <= figure.high + SLACK:
            for first, second in itertools.product(firsts, seconds):
                yield _placed(split, first, second)


def _half_deviation(form: Form, n: int, total: int) -> int:
    """n / 2 times the sum of absolute deviations from the mean total / n, a whole number: its part above the mean."""
    return sum(count * (n * value - total) for value, count in form if n * value > total)


def _levene(n: tuple[int, int], ss: tuple[float, float], halves: tuple[int, int]) -> float:
    """F of the absolute deviations; their squares sum to SS, their sum is 2 half / n."""
    means = [2 * half / size**2 for half, size in zip(halves, n, strict=True)]
    within = sum(s - size * mean * mean for s, size, mean in zip(ss, n, means, strict=True))
    between = (means[0] - means[1]) ** 2 * n[0] * n[1] / (n[0] + n[1])
    return between / (within / (n[0] + n[1] - 2)) if within > SLACK else math.inf


def _placed(split: Split, first: Form, second: Form) -> Pair:
    return Pair(tuple((value + split.base_difference, count) for value, count in first), second)


def _distinct(n: tuple[int, int], pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
    """One of each two mirror images, for groups of one size."""
    if n[0] != n[1]:
        return pairs
    kept: dict[tuple[tuple[int, ...], tuple[int, ...]], Pair] = {}
    for pair in sorted(pairs, key=lambda pair: _spread(pair.first) > _spread(pair.second)):
        one = (shape(pair.first), shape(pair.second))
        kept.setdefault(min(one, (one[1][::-1], one[0][::-1])), pair)
    return tuple(kept.values())


def _spread(form: Form) -> int:
    """n squared times the variance with divisor n."""
    n = sum(count for _, count in form)
    return n * sum(count * value * value for value, count in form) - sum(count * value for value, count in form) ** 2
