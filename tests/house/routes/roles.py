"""Who works in a study, the end of blinding, and keys for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studies.tokens.services import make_token
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
tokens                                    GET    302 200 200 200 200 200 200 200 200 200 200
tokens                                    POST   302 422 422 422 422 422 422 422 422 422 422
token-revoke                              POST   302 302 404 404 404 404 404 404 404 404 404
"""


def _member(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "user_pk": world.people.assessor.pk}


def _token(world: World) -> dict[str, object]:
    return {"pk": world.people.student.api_tokens.get().pk}


def prepare(world: World) -> None:
    make_token(user=world.people.student, name="A program", scopes=["read:coaching"], days=1)


ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {
    "studies:staff": study,
    "studies:staff-": _member,
    "studies:unblind": study,
    "study-staff-member": _member,
    "token-": _token,
}
