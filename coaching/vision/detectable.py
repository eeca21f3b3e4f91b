"""When is a difference between two films a change? The smallest detectable change of a measure.

SDC = 1.96 * sqrt(2) * SEM. The SEM of a set's middle has two parts: what differs from repetition to repetition, which
the set averages out, and what is common to the whole film (where the camera stood, how the landmarks sit on this
body), which it does not.
"""

from __future__ import annotations

import math
from statistics import fmean, median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.vision.settings_table import PersonalSettings

# Variance of a median over that of a mean: pi / 2 for many values, 1 for one or two, where both are the same.
MEDIAN_FACTOR = math.pi / 2
FEWEST_FREE = 2
"""With fewer degrees of freedom a spread says nothing; then the measure's stated SD stands for it."""


def within_set_sd(sets: Sequence[Sequence[float]], stated_sigma: float) -> float:
    """SD from repetition to repetition, pooled over the sets (root of the within-set mean square)."""
    free = sum(max(len(values) - 1, 0) for values in sets)
    if free < FEWEST_FREE:
        return stated_sigma
    return math.sqrt(sum(sum((x - fmean(values)) ** 2 for x in values) for values in sets if values) / free)


def sem_of_median(
    repetitions: int, within_sd: float, stated_sigma: float, settings: PersonalSettings, *, films: int = 1
) -> float:
    """Standard error of the median of so many repetitions of so many films."""
    factor = MEDIAN_FACTOR if repetitions > 2 else 1.0
    return math.sqrt(factor * within_sd**2 / repetitions + (settings.film_share * stated_sigma) ** 2 / films)


def smallest_detectable_change(sem_one: float, sem_other: float, settings: PersonalSettings) -> float:
    """1.96 * sqrt(2) * SEM, where SEM is the root mean square of the two."""
    return settings.z * math.sqrt(sem_one**2 + sem_other**2)


def middle_sigma(sigmas: Sequence[float]) -> float:
    """The stated SD that stands for several repetitions."""
    return median(sigmas)
