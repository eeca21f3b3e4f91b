"""ANCOVA: the outcome after training, adjusted for the same measure before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.stats.effects import Effect, partial_eta_squared
from analysis.stats.linear import compare, least_squares
from analysis.stats.samples import InvalidSample, require_confidence, require_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.linear import Coefficient, Fit
    from analysis.stats.samples import FloatArray, Sample


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm's values before and after, in the same order of people."""

    pre: Sample
    post: Sample


@dataclass(frozen=True, slots=True)
class FTest:
    f: float
    df1: int
    df2: int
    p: float


@dataclass(frozen=True, slots=True)
class Ancova:
    """`arm` tests equal adjusted means, `slopes` whether the arms' slopes differ (it informs; the fit has one slope).

    `contrasts`: each arm minus the reference at equal pre value; `adjusted_means` at the mean of all pre values
    (`at_pre`).
    """

    reference: str
    slope: Coefficient
    arm: FTest
    arm_effect: Effect
    slopes: FTest | None
    contrasts: tuple[Coefficient, ...]
    adjusted_means: tuple[Coefficient, ...]
    at_pre: float
    confidence: float


def ancova(arms: Sequence[Arm], *, confidence: float = 0.95) -> Ancova:
    """post ~ pre + arm, one common slope; the first arm is the reference. Fisher (1932); Senn (2006), Stat. Med. 25.

    `slopes` is None where there are too few values to fit a slope for each arm. Raises InvalidSample: `unpaired`,
    `too_few`, `constant` (the pre values don't vary within arms, or the model leaves no residual), and as
    `require_groups`.
    """
    require_confidence(confidence)
    require_groups([arm.post for arm in arms])
    for arm in arms:
        if arm.pre.values.size != arm.post.values.size:
            reason = f"{arm.pre.values.size} values before and {arm.post.values.size} after are no pairs"
            raise InvalidSample(arm.post.name, reason, code="unpaired")
    if not any(arm.pre.summary().ss for arm in arms):
        raise InvalidSample("pre", "the values before don't vary, so there is nothing to adjust for", code="constant")
    names = [arm.post.name for arm in arms]
    pre, post = (np.concatenate([getattr(arm, side).values for arm in arms]) for side in ("pre", "post"))
    centre = float(pre.mean())
    centred = pre - centre
    dummies = [np.repeat([float(a is b) for b in arms], [b.post.values.size for b in arms]) for a in arms]
    ones = ("(intercept)", np.ones(post.size))
    offset = float(post.mean())
    columns = [ones, ("pre", centred), *zip(names[1:], dummies[1:], strict=True)]
    fit = least_squares(post - offset, columns)
    without = least_squares(post - offset, columns[:2])
    f = FTest(*compare(without, fit))
    return Ancova(
        reference=names[0],
        slope=fit.coefficient("pre", confidence=confidence),
        arm=f,
        arm_effect=partial_eta_squared(f.f, f.df1, f.df2),
        slopes=_slopes(post - offset, columns, centred, dummies, fit),
        contrasts=tuple(fit.coefficient(name, confidence=confidence) for name in names[1:]),
        adjusted_means=tuple(_adjusted(fit, k, name, offset, confidence) for k, name in enumerate(names)),
        at_pre=centre,
        confidence=confidence,
    )


def _slopes(
    post: FloatArray,
    columns: list[tuple[str, FloatArray]],
    centred: FloatArray,
    dummies: list[FloatArray],
    fit: Fit,
) -> FTest | None:
    """F of the interaction arm x pre, or None where it can't be fitted."""
    more = [(f"pre x {name}", centred * dummy) for (name, _), dummy in zip(columns[2:], dummies[1:], strict=True)]
    try:
        return FTest(*compare(fit, least_squares(post, [*columns, *more])))
    except InvalidSample:
        return None


def _adjusted(fit: Fit, arm: int, name: str, offset: float, confidence: float) -> Coefficient:
    weights = np.zeros(len(fit.names))
    weights[0] = 1.0
    if arm:
        weights[1 + arm] = 1.0
    mean = fit.combination(name, weights, confidence=confidence)
    moved = type(mean)
    return moved(name, mean.estimate + offset, mean.se, mean.t, mean.p, mean.ci_low + offset, mean.ci_high + offset)
