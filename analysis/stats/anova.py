"""One-way analysis of variance, with the whole table, and the versions of Welch and of Brown and Forsythe."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from scipy import stats

from analysis.stats.samples import InvalidSample, require_groups, require_spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.samples import Group, Summary


@dataclass(frozen=True, slots=True)
class Row:
    """One source of variation: sum of squares (the values' unit, squared), degrees of freedom, mean square."""

    ss: float
    df: int
    ms: float


@dataclass(frozen=True, slots=True)
class Anova:
    """The ANOVA table. `p` is the upper tail of F(between.df, within.df)."""

    groups: tuple[str, ...]
    between: Row
    within: Row
    total_ss: float
    total_df: int
    f: float
    p: float

    @property
    def n(self) -> int:
        return self.total_df + 1


@dataclass(frozen=True, slots=True)
class UnequalAnova:
    """An F for unequal variances, Welch's or Brown and Forsythe's F*; `df2` is a real number."""

    variant: Literal["welch", "brown_forsythe"]
    groups: tuple[str, ...]
    f: float
    df1: int
    df2: float
    p: float


def one_way(groups: Sequence[Group]) -> Anova:
    """One-way ANOVA, equal variances assumed.

    Fisher (1925), Statistical Methods for Research Workers, chapter VII. Takes values or their summaries.
    Raises InvalidSample for fewer than two groups, or when no group varies.
    """
    parts = _summaries(groups)
    k, n = len(parts), sum(part.n for part in parts)
    between = _between_ss(parts)
    within = math.fsum(part.ss for part in parts)
    ms_between, ms_within = between / (k - 1), within / (n - k)
    f = ms_between / ms_within
    return Anova(
        groups=tuple(part.name for part in parts),
        between=Row(ss=between, df=k - 1, ms=ms_between),
        within=Row(ss=within, df=n - k, ms=ms_within),
        total_ss=between + within,
        total_df=n - 1,
        f=f,
        p=float(stats.f.sf(f, k - 1, n - k)),
    )


def welch_anova(groups: Sequence[Group]) -> UnequalAnova:
    """One-way ANOVA, equal variances not assumed.

    Welch (1951), Biometrika 38, 330-336. Takes values or their summaries. Raises InvalidSample for fewer than two
    groups, or when a group does not vary (its weight would be infinite).
    """
    parts = _summaries(groups)
    for part in parts:
        if part.ss == 0.0:
            raise InvalidSample(part.name, "all values are equal, so Welch's weights are infinite", code="constant")
    k = len(parts)
    weights = [part.n / part.variance for part in parts]
    total = math.fsum(weights)
    origin = parts[0].mean
    centre = math.fsum(w * (part.mean - origin) for w, part in zip(weights, parts, strict=True)) / total
    spread = math.fsum(w * (part.mean - origin - centre) ** 2 for w, part in zip(weights, parts, strict=True)) / (k - 1)
    tail = math.fsum((1 - w / total) ** 2 / (part.n - 1) for w, part in zip(weights, parts, strict=True))
    f = spread / (1 + 2 * (k - 2) * tail / (k * k - 1))
    df2 = (k * k - 1) / (3 * tail)
    return UnequalAnova(
        variant="welch",
        groups=tuple(part.name for part in parts),
        f=f,
        df1=k - 1,
        df2=df2,
        p=float(stats.f.sf(f, k - 1, df2)),
    )


def brown_forsythe_anova(groups: Sequence[Group]) -> UnequalAnova:
    """F* of one-way means with unequal variances: SSB over the sum of (1 - n_i / N) s_i squared.

    Brown and Forsythe (1974), Technometrics 16, 129-132; df1 = k - 1 and Satterthwaite's df2, as SPSS prints it. Not to
    be mixed up with `levene(centre="median")`, the same authors' test of spreads. Takes values or their summaries.
    Raises InvalidSample for fewer than two groups, or when no group varies.
    """
    parts = _summaries(groups)
    n = sum(part.n for part in parts)
    shares = [(1 - part.n / n) * part.variance for part in parts]
    total = math.fsum(shares)
    f = _between_ss(parts) / total
    df2 = 1 / math.fsum((share / total) ** 2 / (part.n - 1) for share, part in zip(shares, parts, strict=True))
    df1 = len(parts) - 1
    return UnequalAnova(
        variant="brown_forsythe",
        groups=tuple(part.name for part in parts),
        f=f,
        df1=df1,
        df2=df2,
        p=float(stats.f.sf(f, df1, df2)),
    )


def _summaries(groups: Sequence[Group]) -> tuple[Summary, ...]:
    parts = tuple(group.summary() for group in groups)
    require_groups(parts)
    require_spread(parts)
    return parts


def _between_ss(parts: tuple[Summary, ...]) -> float:
    """Sum of n (mean - grand mean) squared, about the first mean so that a large common offset costs no digits."""
    origin = parts[0].mean
    n = sum(part.n for part in parts)
    grand = math.fsum(part.n * (part.mean - origin) for part in parts) / n
    return math.fsum(part.n * (part.mean - origin - grand) ** 2 for part in parts)
