"""The fault table: each row breaks something in a running house, mends it, and says what must have happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.house import House, Kind


@dataclass(frozen=True, slots=True)
class Row:
    """`fault` is what breaks, `then` what happens. `quick` rows run in every test run, all of them in the command."""

    fault: str
    then: str
    kind: Kind
    quick: bool
    body: Callable[[House], None]

    def check(self, house: House) -> None:
        """Raises AssertionError when it went otherwise; the house is whole again for the next row either way."""
        try:
            self.body(house)
            house.is_sound()
        except BaseException:
            house.reset()
            raise

    def __str__(self) -> str:
        return f"{self.kind}-{self.body.__name__}"


ROWS: list[Row] = []


def row(
    fault: str, then: str, *kinds: Kind, quick: tuple[Kind, ...] = ()
) -> Callable[[Callable[[House], None]], Callable[[House], None]]:
    def add(body: Callable[[House], None]) -> Callable[[House], None]:
        ROWS.extend(Row(fault, then, kind, kind in quick, body) for kind in kinds)
        return body

    return add
