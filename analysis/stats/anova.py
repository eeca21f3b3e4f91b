"""One-way analysis of variance, with the whole table, and Welch's version."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
class WelchAnova:
    """Welch's F for unequal variances; `df2` is a real number."""

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


def welch_anova(groups: Sequence[Group]) -> WelchAnova:
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
    return WelchAnova(
        groups=tuple(part.name for part in parts), f=f, df1=k - 1, df2=df2, p=float(stats.f.sf(f, k - 1, df2))
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
