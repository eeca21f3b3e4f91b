"""Who works in a study, and the end of blinding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.house.world import study

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.world import World

TABLE = """
studies:staff                             GET    302 403 403 404 403 404 403 403 403 200 200
studies:staff                             POST   302 403 403 404 403 404 403 403 403 422 422
studies:staff-change                      GET    302 403 403 404 403 404 403 403 403 200 200
studies:staff-change                      POST   302 403 403 404 403 404 403 403 403 422 422
studies:staff-remove                      POST   302 403 403 404 403 404 403 403 403 302 302
studies:unblind                           GET    302 403 403 404 403 404 403 403 403 200 200
studies:unblind                           POST   302 403 403 404 403 404 403 403 403 422 422
study-staff                               GET    403 403 403 404 403 404 403 403 403 200 200
study-staff                               POST   403 403 403 404 403 404 403 403 403 400 400
study-staff-member                        DELETE 403 403 403 404 403 404 403 403 403 204 204
study-unblind                             POST   403 403 403 404 403 404 403 403 403 400 400
"""


def _member(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "user_pk": world.people.assessor.pk}


ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {
    "studies:staff": study,
    "studies:staff-": _member,
    "studies:unblind": study,
    "study-staff-member": _member,
}
