"""Live sets: the page, what its script asks for, the wall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coaching.live.models import LiveSet
from tests.house.world import study

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.world import World

TABLE = """
coaching:live:page                        GET    302 200 200 200 200 200 200 200 200 200 200
coaching:live:pose-model                  GET    302 200 200 200 200 200 200 200 200 200 200
coaching:live:begin                       POST   302 422 422 422 422 422 422 422 422 422 422
coaching:live:token                       POST   302 200 404 404 200 404 404 404 404 200 200
coaching:live:finish                      POST   302 302 404 404 302 404 404 404 404 302 302
coaching:live:wall                        GET    302 403 403 404 200 404 403 403 403 200 200
"""


def prepare(world: World) -> None:
    LiveSet.objects.create(participant=world.people.participant, started_by=world.people.student)


def _set(world: World) -> dict[str, object]:
    return {"pk": world.people.participant.live_sets.get().pk}


ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {
    "coaching:live:token": _set,
    "coaching:live:finish": _set,
    "coaching:live:wall": study,
}
WITHOUT_ARGUMENTS = {"coaching:live:page", "coaching:live:pose-model", "coaching:live:begin"}
