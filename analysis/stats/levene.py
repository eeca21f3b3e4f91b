"""Levene's test for equality of variances, in its three centrings, with both degrees of freedom.

It informs; no other function of this library reads its result to choose a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from analysis.stats.anova import one_way
from analysis.stats.samples import InvalidSample, Sample, require_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.samples import FloatArray

Centre = Literal["mean", "median", "trimmed"]
CENTRES: tuple[Centre, ...] = ("mean", "median", "trimmed")


@dataclass(frozen=True, slots=True)
class Levene:
    """`trim` is the share cut from each end for the centre, None unless `centre` is "trimmed"."""

    centre: Centre
    groups: tuple[str, ...]
    f: float
    df1: int
    df2: int
    p: float
    trim: float | None


def levene(groups: Sequence[Sample], *, centre: Centre, trim: float = 0.05) -> Levene:
    """One-way ANOVA of the absolute deviations from each group's centre.

    "mean" is Levene (1960) and what SPSS prints first; "median" and "trimmed" are Brown and Forsythe (1974), JASA 69,
    364-367. Trimming moves the centre only: every value keeps its deviation, so df2 is N - k in all three.
    Raises InvalidSample for fewer than two groups, or when the deviations don't vary in any group
    (constant groups, or two values each).
    """
    require_groups(groups)
    if not 0.0 <= trim < 0.5:
        raise ValueError(f"trim is a share below 0.5, got {trim}")
    deviations = [Sample(name=group.name, values=_deviations(group, centre, trim)) for group in groups]
    try:
        table = one_way(deviations)
    except InvalidSample as error:
        names = ", ".join(group.name for group in groups)
        reason = "every value is equally far from its group's centre, so spreads can't be tested"
        raise InvalidSample(names, reason, code="constant_deviations") from error
    return Levene(
        centre=centre,
        groups=table.groups,
        f=table.f,
        df1=table.between.df,
        df2=table.within.df,
        p=table.p,
        trim=trim if centre == "trimmed" else None,
    )


def _deviations(group: Sample, centre: Centre, trim: float) -> FloatArray:
    x = group.values
    if centre == "mean":
        middle = group.summary().mean
    elif centre == "median":
        middle = float(np.median(x))
    else:
        cut = int(trim * x.size)
        kept = np.sort(x)[cut : x.size - cut]
        middle = Sample(name=group.name, values=kept).summary().mean
    deviations: FloatArray = np.abs(x - middle)
    return deviations
