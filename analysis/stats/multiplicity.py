"""Several hypotheses at once: adjusted p values, in the order in which they were given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from analysis.stats.samples import InvalidSample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from analysis.stats.samples import FloatArray


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One hypothesis with its p and the p that takes the family of `family` hypotheses into account."""

    hypothesis: str
    p: float
    adjusted: float
    method: Literal["holm", "bh"]
    family: int


def holm(p_values: Mapping[str, float]) -> tuple[Adjusted, ...]:
    """Step-down Bonferroni, holds the chance of any false rejection: Holm (1979), Scandinavian J. Statistics 6, 65-70.

    Raises InvalidSample for no hypothesis (`too_few`) or a number that is no p (`not_a_number`).
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate((p.size - np.arange(p.size)) * p[order])
    return _adjusted(p_values, order, steps, "holm")


def benjamini_hochberg(p_values: Mapping[str, float]) -> tuple[Adjusted, ...]:
    """Step-up, holds the expected share of false rejections: Benjamini and Hochberg (1995), JRSS B 57, 289-300.

    Raises InvalidSample as `holm`.
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")
    ratios = p.size * p[order] / np.arange(1, p.size + 1)
    return _adjusted(p_values, order, np.minimum.accumulate(ratios[::-1])[::-1], "bh")


def _checked(p_values: Mapping[str, float]) -> FloatArray:
    if not p_values:
        raise InvalidSample("hypotheses", "there is no p to adjust", code="too_few")
    for name, p in p_values.items():
        if not 0.0 <= p <= 1.0:
            raise InvalidSample(name, f"{p} is no p: it lies between 0 and 1", code="not_a_number")
    return np.array(list(p_values.values()), float)


def _adjusted(
    p_values: Mapping[str, float], order: NDArray[np.intp], steps: FloatArray, method: Literal["holm", "bh"]
) -> tuple[Adjusted, ...]:
    adjusted = np.empty(order.size)
    adjusted[order] = np.minimum(steps, 1.0)
    return tuple(
        Adjusted(name, p, float(new), method, order.size)
        for (name, p), new in zip(p_values.items(), adjusted, strict=True)
    )
