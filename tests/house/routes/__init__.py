"""What every route answers every kind of person: one module for each part of the product, all gathered here.

A module has `TABLE` (a line: route, method, a status for each of `ROLES`), `ARGUMENTS` (prefix of a route -> what its
address takes) and, where there are any, `WITHOUT_ARGUMENTS` (routes of a namespace that take none) and `prepare` (makes
the rows in the world that its routes name).
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.world import World

# `student` is of the arm with AI feedback, `classmate` of the arm without.
ROLES = (
    *("anonymous", "student", "classmate", "other_student", "instructor", "other_instructor"),
    *("assessor", "researcher", "officer", "owner", "superuser"),
)

_MODULES = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]

ROWS: list[str] = [row for module in _MODULES for row in module.TABLE.splitlines() if row.strip()]
ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {}
WITHOUT_ARGUMENTS: set[str] = set()
for _module in _MODULES:
    ARGUMENTS |= _module.ARGUMENTS
    WITHOUT_ARGUMENTS |= getattr(_module, "WITHOUT_ARGUMENTS", set())


def prepare(world: World) -> None:
    """Make the rows that the modules' routes name."""
    for module in _MODULES:
        if hasattr(module, "prepare"):
            module.prepare(world)
