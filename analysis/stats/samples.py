"""Samples and what is known of them: the typed input of every test.

Nothing is dropped here: a missing or infinite value raises, and the caller says which rows are excluded and why.
Sums are exactly rounded (`math.fsum`), so that the order of the rows changes no digit of a result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]


class InvalidSample(ValueError):
    """Values that a test can't work on. `group` names whose, `code` is stable, the text is for a person."""

    def __init__(self, group: str, reason: str, *, code: str) -> None:
        super().__init__(f"{group}: {reason}")
        self.group = group
        self.reason = reason
        self.code = code


@dataclass(frozen=True, slots=True)
class Summary:
    """What the tests need to know of a group: n, mean and the sum of squared deviations from the mean.

    `mean` is in the values' unit, `ss` in its square.
    """

    name: str
    n: int
    mean: float
    ss: float

    @property
    def variance(self) -> float:
        """Sample variance, divisor n - 1."""
        return self.ss / (self.n - 1)

    @property
    def sd(self) -> float:
        """Sample standard deviation, divisor n - 1."""
        return math.sqrt(self.variance)

    @property
    def se(self) -> float:
        """Standard error of the mean."""
        return math.sqrt(self.variance / self.n)

    def summary(self) -> Summary:
        """Itself, so that every test takes a group by its values or by its summary."""
        return self

    @classmethod
    def of(cls, name: str, *, n: int, mean: float, sd: float) -> Summary:
        """A group known from print only. Raises InvalidSample for n < 2, or a number that can't be."""
        if n < 2:
            raise InvalidSample(name, f"needs at least 2 values, got {n}", code="too_few")
        if not (math.isfinite(mean) and math.isfinite(sd) and sd >= 0):
            raise InvalidSample(name, f"mean {mean} and SD {sd} can't be those of a sample", code="not_a_number")
        return cls(name=name, n=n, mean=mean, ss=sd * sd * (n - 1))


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A named group of at least two finite values, read-only. Make one with `sample`."""

    name: str
    values: FloatArray

    def summary(self) -> Summary:
        """Corrected two-pass moments about the first value: exact for shifted data as far as the data are.

        Chan, Golub and LeVeque (1983), The American Statistician 37, 242-247.
        """
        n = self.values.size
        origin = float(self.values[0])
        shifted = self.values - origin
        centre = math.fsum(shifted) / n
        deviations = shifted - centre
        residue = math.fsum(deviations)
        ss = math.fsum(deviations * deviations) - residue * residue / n
        constant = not shifted.any()
        return Summary(name=self.name, n=n, mean=origin + centre, ss=0.0 if constant else max(ss, 0.0))


def sample(name: str, values: ArrayLike) -> Sample:
    """Check and freeze one group.

    Raises InvalidSample, naming the group: `not_numeric`, `not_a_list` (not one-dimensional), `missing` (NaN),
    `infinite`, `too_few` (below 2). A missing value is never dropped.
    """
    try:
        x = np.array(values, dtype=np.float64)  # a copy: freezing it must not freeze the caller's
    except (TypeError, ValueError):
        raise InvalidSample(name, "has values that are not numbers", code="not_numeric") from None
    if x.ndim != 1:
        raise InvalidSample(name, f"needs one list of values, got {x.ndim} dimensions", code="not_a_list")
    if missing := int(np.isnan(x).sum()):
        raise InvalidSample(name, f"{missing} missing; exclude them and report it", code="missing")
    if infinite := int(np.isinf(x).sum()):
        raise InvalidSample(name, f"{infinite} infinite; correct them at the source", code="infinite")
    if x.size < 2:
        raise InvalidSample(name, f"needs at least 2 values, got {x.size}", code="too_few")
    x.setflags(write=False)
    return Sample(name=name, values=x)


Group = Sample | Summary


def require_groups(groups: Sequence[Group]) -> None:
    """Raise InvalidSample when there are fewer than two groups, or two of one name."""
    names = [group.name for group in groups]
    if len(names) < 2:
        raise InvalidSample("groups", f"a comparison needs at least 2, got {len(names)}", code="too_few_groups")
    if len(set(names)) != len(names):
        raise InvalidSample("groups", f"two of one name in {names}", code="group_twice")


def require_spread(groups: Sequence[Summary]) -> None:
    """Raise InvalidSample when no group varies: then every F and t divides by zero."""
    if all(group.ss == 0.0 for group in groups):
        names = ", ".join(group.name for group in groups)
        raise InvalidSample(names, "all values of a group are equal, nothing to compare them with", code="constant")


def require_confidence(confidence: float) -> None:
    """Raise ValueError unless 0 < confidence < 1."""
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence is a proportion between 0 and 1, got {confidence}")
