"""The second factor of one's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.world import World

TABLE = """
second-factor:state                       GET    302 200 200 200 200 200 200 200 200 200 200
second-factor:state                       POST   302 422 422 422 422 422 422 422 422 422 422
second-factor:set-up                      GET    302 200 200 200 200 200 200 200 200 200 200
second-factor:set-up                      POST   302 422 422 422 422 422 422 422 422 422 422
second-factor:verify                      GET    302 302 302 302 302 302 302 302 302 302 302
second-factor:verify                      POST   302 302 302 302 302 302 302 302 302 302 302
"""

ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {}
WITHOUT_ARGUMENTS = {"second-factor:state", "second-factor:set-up", "second-factor:verify"}
