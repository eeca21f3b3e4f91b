"""One figure beside its oracle."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

BAR = 1e-8


@dataclass(frozen=True, slots=True)
class Figure:
    """`printed` is the oracle as its source prints it, "" where the oracle has all its digits."""

    what: str
    source: str
    ours: float
    oracle: float
    printed: str = ""

    @property
    def difference(self) -> float:
        """Relative where the oracle has its digits; for a printed one 0 when ours rounds to it, else infinity."""
        if self.printed:
            return 0.0 if self.rounds() else float("inf")
        if self.oracle == 0.0:
            return abs(self.ours)
        return abs(self.ours - self.oracle) / abs(self.oracle)

    @property
    def holds(self) -> bool:
        return self.difference <= BAR

    def rounds(self) -> bool:
        """Whether ours lies within half a unit of the last printed digit (and 1e-9 of that unit)."""
        number = Decimal(self.printed)
        unit = Decimal(1).scaleb(int(number.as_tuple().exponent))
        return abs(Decimal(self.ours) - number) <= unit * Decimal("0.500000001")


def exact(what: str, source: str, ours: float, oracle: float) -> Figure:
    return Figure(what, source, float(ours), float(oracle))


def rows_as_printed(what: str, source: str, *rows: tuple[str, float | None, str]) -> list[Figure]:
    """Several figures of one source: (name, ours, text). One that we don't have is NaN, which holds nowhere."""
    nan = float("nan")
    return [as_printed(f"{name}, {what}", source, nan if ours is None else ours, text) for name, ours, text in rows]


def as_printed(what: str, source: str, ours: float, printed: str) -> Figure:
    return Figure(what, source, float(ours), float(printed), printed)
