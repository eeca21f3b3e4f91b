"""The fault table with real processes. The quick rows here; all of them, three times: `python -m tests.faults`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

import tests.faults.around
import tests.faults.processes  # noqa: F401
from tests.faults.house import House
from tests.faults.servers import Missing
from tests.faults.table import ROWS, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.house import Kind

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("processes")]

CHOSEN = ROWS if os.environ.get("FAULTS") == "all" else [row for row in ROWS if row.quick]


@pytest.fixture(scope="module")
def houses() -> Iterator[dict[Kind, House]]:
    """Built when a row first needs one, and kept for the next."""
    built: dict[Kind, House] = {}
    yield built
    for house in built.values():
        house.__exit__()


@pytest.fixture
def house(request: pytest.FixtureRequest, houses: dict[Kind, House]) -> House:
    kind: Kind = request.param
    try:
        if kind not in houses:
            houses[kind] = House(kind).__enter__()
    except Missing as missing:
        pytest.skip(str(missing))
    return houses[kind]


@pytest.mark.parametrize(("row", "house"), [(row, row.kind) for row in CHOSEN], ids=str, indirect=["house"])
def test_nothing_is_lost(row: Row, house: House) -> None:
    row.check(house)
