"""The calculation of a page: from what is assumed to a number of students, a curve of power, and a sentence.

Effects are of the population (`analysis.stats.power`): d in standard deviations, Cohen's f, or a ratio of injury rates.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext as _

from analysis.stats import InvalidSample
from analysis.stats.power import (
    Clusters,
    detectable_d,
    detectable_d_clusters,
    detectable_f,
    detectable_ratio,
    n_anova,
    n_rates,
    n_t,
    power_anova,
    power_clusters,
    power_rates,
    power_t,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal["t", "anova", "rates"]
CURVE_POINTS = 24
LARGEST_BLOCKS = 1_000_000


@dataclass(frozen=True, slots=True)
class Assumed:
    """What the calculation takes for granted. `shares` are the arms' ratios; `students` are enrolled in all of them.

    `rate_per_1000_h` of the second arm and `hours_each` a student are for `rates`; `section_size` 1 is no sections.
    """

    kind: Kind
    effect: float
    shares: tuple[int, ...] = (1, 1)
    alpha: float = 0.05
    power: float = 0.8
    dropout: float = 0.0
    students: int = 50
    section_size: int = 1
    icc: float = 0.0
    rate_per_1000_h: float = 0.0
    hours_each: float = 0.0

    @property
    def clusters(self) -> Clusters | None:
        return Clusters(self.section_size, self.icc) if self.section_size > 1 and self.kind == "t" else None


@dataclass(frozen=True, slots=True)
class Point:
    """Power with `students` enrolled."""

    students: int
    power: float


@dataclass(frozen=True, slots=True)
class Sizes:
    """`needed` are to be enrolled, all arms together; None when no class is large enough. `sections` in each arm.

    `power_planned` and `detectable` are for `assumed.students`; None where so few can't be tested at all.
    """

    assumed: Assumed
    needed: int | None
    sections: int | None
    power_planned: float | None
    detectable: float | None
    curve: tuple[Point, ...]

    def document(self) -> dict[str, Any]:
        """As it is kept in a protocol: what was assumed, what came out, and both in a sentence."""
        assumed = asdict(self.assumed) | {"shares": list(self.assumed.shares)}
        found = {name: getattr(self, name) for name in ("needed", "sections", "power_planned", "detectable")}
        return assumed | found | {"sentence": sentence(self)}


def sizes(assumed: Assumed) -> Sizes:
    """Everything that the page shows. Raises InvalidSample where the assumptions can't be."""
    needed, sections = _needed(assumed)
    top = max(needed or 0, assumed.students, 4 * len(assumed.shares))
    last = math.ceil(1.5 * top)
    block = sum(assumed.shares)
    step = block * max(1, last // CURVE_POINTS // block)
    curve = []
    for students in range(step, last + step, step):
        reached = power_of(assumed, students)
        if reached is not None:
            curve.append(Point(students, reached))
    return Sizes(
        assumed=assumed,
        needed=needed,
        sections=sections,
        power_planned=power_of(assumed, assumed.students),
        detectable=_detectable(assumed),
        curve=tuple(curve),
    )


def _stay(assumed: Assumed, students: int) -> list[float]:
    """Students of each arm who stay to the end, as real numbers."""
    total = sum(assumed.shares)
    return [students * (1 - assumed.dropout) * share / total for share in assumed.shares]


def power_of(assumed: Assumed, students: int) -> float | None:
    """The power with so many enrolled; None where they are too few for the test."""
    return _or_none(lambda: _power(assumed, _stay(assumed, students)))


def _power(assumed: Assumed, arms: list[float]) -> float:
    if assumed.clusters is not None:
        return power_clusters(assumed.effect, min(arms) / assumed.section_size, assumed.clusters, alpha=assumed.alpha)
    if assumed.kind == "anova":
        return power_anova(assumed.effect, len(arms), min(arms), alpha=assumed.alpha)
    if assumed.kind == "rates":
        hours = (arms[0] * assumed.hours_each, arms[1] * assumed.hours_each)
        return power_rates(assumed.effect, assumed.rate_per_1000_h / 1000, hours, alpha=assumed.alpha)
    return power_t(assumed.effect, arms[0], arms[1], alpha=assumed.alpha)


def _needed(assumed: Assumed) -> tuple[int | None, int | None]:
    """Students to enrol in all arms, and sections in each arm where sections are drawn. None: no class is enough."""
    try:
        return _enrolled(assumed)
    except InvalidSample as error:
        if error.code == "not_reachable":
            return None, None
        raise


def _enrolled(assumed: Assumed) -> tuple[int, int | None]:
    about = {"power": assumed.power, "alpha": assumed.alpha, "dropout": assumed.dropout}
    if assumed.kind == "anova":
        return len(assumed.shares) * n_anova(assumed.effect, len(assumed.shares), **about).enrolled, None
    if len(set(assumed.shares)) > 1:
        return _unequal(assumed), None
    if assumed.kind == "rates":
        rate = assumed.rate_per_1000_h / 1000
        return 2 * n_rates(assumed.effect, rate, assumed.hours_each, **about).enrolled, None
    found = n_t(assumed.effect, clusters=assumed.clusters, **about)
    return 2 * found.enrolled, found.clusters_per_arm


def _unequal(assumed: Assumed) -> int:
    """The smallest class of whole blocks of the shares that reaches the power after drop-out."""
    block = sum(assumed.shares)

    def reached(blocks: int) -> bool:
        found = power_of(assumed, blocks * block)
        return found is not None and found >= assumed.power

    high = 1
    while not reached(high):
        high *= 2
        if high > LARGEST_BLOCKS:
            raise InvalidSample("effect", "it is too small for any class to see", code="not_reachable")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high * block


def _detectable(assumed: Assumed) -> float | None:
    arms = _stay(assumed, assumed.students)
    about = {"power": assumed.power, "alpha": assumed.alpha}
    clusters = assumed.clusters
    if clusters is not None:
        return _or_none(lambda: detectable_d_clusters(min(arms) / assumed.section_size, clusters, **about))
    if assumed.kind == "anova":
        return _or_none(lambda: detectable_f(len(arms), min(arms), **about))
    if assumed.kind == "rates":
        hours = (arms[0] * assumed.hours_each, arms[1] * assumed.hours_each)
        return _or_none(lambda: detectable_ratio(assumed.rate_per_1000_h / 1000, hours, **about))
    return _or_none(lambda: detectable_d(arms[0], arms[1], **about))


def _or_none(ask: Callable[[], float]) -> float | None:
    try:
        return ask()
    except InvalidSample as error:
        if error.code in {"too_few", "not_reachable"}:
            return None
        raise


def sentence(found: Sizes) -> str:
    """The calculation as a report would print it."""
    assumed = found.assumed
    effect = {
        "t": _("a difference of %(effect).2f standard deviations (t test, two-sided)"),
        "anova": _("an effect of f = %(effect).2f (one-way ANOVA)"),
        "rates": _("a rate ratio of %(effect).2f (test of rates, two-sided)"),
    }[assumed.kind] % {"effect": assumed.effect}
    words = {
        "effect": effect,
        "power": round(100 * assumed.power),
        "alpha": f"{100 * assumed.alpha:g}",
        "dropout": round(100 * assumed.dropout),
        "needed": found.needed,
    }
    first = (
        _("No class is large enough to see %(effect)s with a power of %(power)d %% at a level of %(alpha)s %%.")
        if found.needed is None
        else _(
            "To see %(effect)s with a power of %(power)d %% at a level of %(alpha)s %%, with %(dropout)d %% drop-out, "
            "%(needed)d students are enrolled."
        )
    ) % words
    return " ".join(filter(None, [first, _sections_sentence(found), _planned_sentence(found)]))


def _sections_sentence(found: Sizes) -> str:
    assumed = found.assumed
    if assumed.clusters is None:
        return ""
    return _("Sections of %(size)d are drawn whole, with an intracluster correlation of %(icc)s.") % {
        "size": assumed.section_size,
        "icc": f"{assumed.icc:g}",
    }


def _planned_sentence(found: Sizes) -> str:
    if found.power_planned is None or found.detectable is None:
        return ""
    return _(
        "With %(students)d students the power is %(power)d %%, and the smallest effect seen with the wanted power is "
        "%(detectable).2f."
    ) % {
        "students": found.assumed.students,
        "power": math.floor(100 * found.power_planned),
        "detectable": found.detectable,
    }
