"""Reports and checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.house.world import study

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.world import World

TABLE = """
analysis:integrity                        GET    302 200 200 200 200 200 200 200 200 200 200
analysis:integrity                        POST   302 422 422 422 422 422 422 422 422 422 422
analysis:report                           GET    302 403 403 404 200 404 403 200 403 200 200
analysis:agreement                        GET    302 403 403 404 200 404 403 200 403 200 200
analysis:report-json                      GET    302 403 403 404 200 404 403 200 403 200 200
analysis:report-csv                       GET    302 403 403 404 200 404 403 200 403 200 200
analysis:overview                         GET    302 403 403 404 200 404 403 200 403 200 200
study-agreement                           GET    403 403 403 404 200 404 403 200 403 200 200
study-overview                            GET    403 403 403 404 200 404 403 200 403 200 200
"""


ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {
    "analysis:": study,
    "study-agreement": study,
    "study-overview": study,
}
WITHOUT_ARGUMENTS = {
    "analysis:integrity",
}
