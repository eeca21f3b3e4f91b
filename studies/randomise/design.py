"""A randomisation design: everything that determines the arms, but for the seed and the students.

It is fixed before the first enrolment. Its commitment is the SHA-256, in hex, of the canonical JSON
{"design": <the document>, "seed": "<decimal>"}: published early, it shows later that neither was changed. The seed has
128 bits, so nobody finds it by trying.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from math import lcm
from typing import TYPE_CHECKING, Any

from studies.randomise.stream import canonical, sha256_of

if TYPE_CHECKING:
    from collections.abc import Mapping

COMPLETE = "complete-sha256-v2"
BLOCKS = "blocks-sha256-v1"
MINIMISE = "minimise-sha256-v1"
CLUSTERS = "clusters-sha256-v1"
ALGORITHMS = (COMPLETE, BLOCKS, MINIMISE, CLUSTERS)
SEQUENTIAL = frozenset({BLOCKS, MINIMISE})
"""Give one student an arm at a time; the others draw a class, or its sections, at once."""

SEED_BITS = 128
RATIO_MAX = 10
BLOCK_MAX = 40
STRATA_MAX = 64


class InvalidDesign(ValueError):
    """The design can't be used. `code` is for programs, the message for the person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that the arms shall be balanced on: named levels, or a number cut into levels at `cuts`."""

    key: str
    levels: tuple[str, ...] = ()
    cuts: tuple[str, ...] = ()
    weight: int = 1

    def all_levels(self) -> tuple[str, ...]:
        """("<60", "60 to <80", ">=80") for cuts 60 and 80; else the named levels."""
        if not self.cuts:
            return self.levels
        between = [f"{low} to <{high}" for low, high in pairwise(self.cuts)]
        return (f"<{self.cuts[0]}", *between, f">={self.cuts[-1]}")

    def level_of(self, value: object) -> str | None:
        """The level that a student's value falls into; None when it is missing or fits none."""
        if value is None or value == "":
            return None
        if not self.cuts:
            return str(value) if str(value) in self.levels else None
        return self.all_levels()[sum(Decimal(str(value)) >= Decimal(cut) for cut in self.cuts)]


@dataclass(frozen=True, slots=True)
class Design:
    """`ratios`: arm key -> whole number of places. The other fields matter to the algorithms that name them.

    blocks: `block_sizes` (multiples of the ratios' sum, one is drawn for each block), `factors` make the strata.
    minimise: `factors` with weights, `totals_weight` for the arms' sizes, `follow_percent` (chance that an arm that
    balances best is taken), `burn_in` (students at the start who are drawn without looking).
    """

    algorithm: str
    ratios: Mapping[str, int]
    factors: tuple[Factor, ...] = ()
    block_sizes: tuple[int, ...] = ()
    follow_percent: int = 80
    burn_in: int = 0
    totals_weight: int = 1

    @property
    def arms(self) -> list[str]:
        """Sorted by code point: the order in which they were given has no influence."""
        return sorted(self.ratios)

    @property
    def places(self) -> list[str]:
        """The arms, each as often as its ratio says: one round."""
        return [arm for arm in self.arms for _place in range(self.ratios[arm])]

    @property
    def scale(self) -> dict[str, int]:
        """What a count of an arm is multiplied with so that counts at the wanted ratio are equal whole numbers."""
        common = lcm(*self.ratios.values())
        return {arm: common // self.ratios[arm] for arm in self.arms}

    def document(self) -> dict[str, Any]:
        """The design as it is hashed and published: only what the algorithm reads."""
        found: dict[str, Any] = {
            "algorithm": self.algorithm,
            "arms": [{"key": arm, "ratio": self.ratios[arm]} for arm in self.arms],
        }
        if self.algorithm in SEQUENTIAL:
            found["factors"] = [self._factor(factor) for factor in self.factors]
        if self.algorithm == BLOCKS:
            found["block_sizes"] = sorted(self.block_sizes)
        if self.algorithm == MINIMISE:
            found |= {
                "follow_percent": self.follow_percent,
                "burn_in": self.burn_in,
                "totals_weight": self.totals_weight,
            }
        return found

    def _factor(self, factor: Factor) -> dict[str, Any]:
        found: dict[str, Any] = {"key": factor.key, "levels": list(factor.all_levels())}
        if factor.cuts:
            found["cuts"] = list(factor.cuts)
        if self.algorithm == MINIMISE:
            found["weight"] = factor.weight
        return found


def usual_block_sizes(ratios: Mapping[str, int]) -> tuple[int, ...]:
    """One, two and three rounds of the places: what is suggested, and shown in place of sizes that are still sealed."""
    total = sum(ratios.values())
    return (total, 2 * total, 3 * total)


def read_design(document: Mapping[str, Any]) -> Design:
    """The design of a stored document. `read_design(design.document()).document()` is the same document."""
    factors = [
        Factor(
            key=row["key"],
            levels=() if row.get("cuts") else tuple(row["levels"]),
            cuts=tuple(row.get("cuts", ())),
            weight=row.get("weight", 1),
        )
        for row in document.get("factors", ())
    ]
    return Design(
        algorithm=document["algorithm"],
        ratios={row["key"]: row["ratio"] for row in document["arms"]},
        factors=tuple(factors),
        block_sizes=tuple(document.get("block_sizes", ())),
        follow_percent=document.get("follow_percent", 80),
        burn_in=document.get("burn_in", 0),
        totals_weight=document.get("totals_weight", 1),
    )


def commitment_of(document: Mapping[str, Any], seed: int) -> str:
    """The hash to publish: see the module's docstring."""
    return sha256_of(canonical({"design": document, "seed": str(seed)}))


def checked(design: Design) -> Design:
    """The design itself. Raises InvalidDesign with the first thing that is wrong with it."""
    if design.algorithm not in ALGORITHMS:
        raise InvalidDesign("unknown_algorithm", f"There is no algorithm {design.algorithm}.")
    _check_types(design)
    if len(design.ratios) < 2:
        raise InvalidDesign("needs_two_arms", "A study compares at least two groups. Add another one.")
    if not all(1 <= ratio <= RATIO_MAX for ratio in design.ratios.values()):
        raise InvalidDesign("bad_ratio", f"Each group's share is a whole number from 1 to {RATIO_MAX}.")
    for factor in design.factors:
        _check_factor(factor)
    if len({factor.key for factor in design.factors}) != len(design.factors):
        raise InvalidDesign("factor_twice", "A characteristic is chosen twice.")
    if design.algorithm == BLOCKS:
        _check_blocks(design)
    if design.algorithm == MINIMISE:
        _check_minimisation(design)
    return design


def _check_types(design: Design) -> None:
    """A design may come as JSON from anywhere; 1.5 places or a level that is a number would only fail at the draw."""
    numbers = [*design.ratios.values(), *design.block_sizes, *(factor.weight for factor in design.factors)]
    numbers += [design.follow_percent, design.burn_in, design.totals_weight]
    words = [*design.ratios, *(word for row in design.factors for word in (row.key, *row.levels, *row.cuts))]
    if not all(type(number) is int for number in numbers) or not all(type(word) is str for word in words):
        raise InvalidDesign(
            "bad_type", "Shares, sizes and weights are whole numbers; keys, levels and limits are text."
        )


def _check_factor(factor: Factor) -> None:
    try:
        cuts = [Decimal(cut) for cut in factor.cuts]
    except InvalidOperation:
        raise InvalidDesign("bad_cuts", "Write the limits as numbers, for example 60, 80.") from None
    if cuts != sorted(set(cuts)):
        raise InvalidDesign("bad_cuts", "Write the limits from low to high, each once.")
    levels = factor.all_levels()
    if len(levels) < 2 or len(set(levels)) != len(levels):
        raise InvalidDesign("too_few_levels", f"“{factor.key}” needs at least two different levels.")
    if factor.weight < 1:
        raise InvalidDesign("bad_weight", "A weight is a whole number from 1 up.")


def _check_blocks(design: Design) -> None:
    total = sum(design.ratios.values())
    sizes = design.block_sizes
    if not sizes or len(set(sizes)) != len(sizes) or not all(0 < size <= BLOCK_MAX for size in sizes):
        raise InvalidDesign("bad_blocks", f"Give block sizes up to {BLOCK_MAX}, each once, for example 2, 4, 6.")
    if any(size % total for size in sizes):
        raise InvalidDesign("bad_blocks", f"Block sizes must be multiples of {total}, the sum of the groups' shares.")
    if sizes == (total,):
        raise InvalidDesign(
            "guessable_blocks",
            f"With blocks of {total} only, the last student of each block is known. Add a larger size.",
        )
    strata = 1
    for factor in design.factors:
        strata *= len(factor.all_levels())
    if strata > STRATA_MAX:
        raise InvalidDesign(
            "too_many_strata",
            f"These characteristics make {strata} strata, most of them nearly empty. Choose fewer, or minimisation.",
        )


def _check_minimisation(design: Design) -> None:
    if not design.factors:
        raise InvalidDesign("no_factors", "Minimisation balances characteristics: choose at least one.")
    if not 50 < design.follow_percent < 100:
        raise InvalidDesign(
            "bad_follow",
            "The chance to follow the balance is from 51 to 99 percent. At 100 the next group could be calculated.",
        )
    if design.burn_in < 0 or design.totals_weight < 0:
        raise InvalidDesign("bad_amount", "Numbers can't be less than 0.")
