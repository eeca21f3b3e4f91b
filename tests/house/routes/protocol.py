"""The protocol, the steps that make a study, its size and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studies.protocol.services import draft_of, save_version, start_draft
from tests.house.world import study

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.world import World

TABLE = """
studies:study-new                         GET    302 403 403 403 403 403 403 403 403 200 200
studies:study-new                         POST   302 403 403 403 403 403 403 403 403 422 422
studies:draft-step                        GET    302 404 404 404 404 404 404 404 404 200 404
studies:draft-step                        POST   302 404 404 404 404 404 404 404 404 422 404
studies:draft-review                      GET    302 404 404 404 404 404 404 404 404 200 404
studies:draft-review                      POST   302 404 404 404 404 404 404 404 404 422 404
studies:about                             GET    302 200 200 404 200 404 200 200 200 200 200
studies:protocol                          GET    302 302 302 404 200 404 200 200 200 200 200
studies:protocol-edit                     GET    302 403 403 404 403 404 403 403 403 200 200
studies:protocol-edit                     POST   302 403 403 404 403 404 403 403 403 422 422
studies:protocol-save                     GET    302 403 403 404 403 404 403 403 403 200 200
studies:protocol-save                     POST   302 403 403 404 403 404 403 403 403 422 422
studies:protocol-version                  GET    302 404 404 404 200 404 200 200 200 200 200
studies:protocol-file                     GET    302 404 404 404 200 404 200 200 200 200 200
studies:close                             GET    302 403 403 404 403 404 403 403 403 200 200
studies:close                             POST   302 403 403 404 403 404 403 403 403 422 422
studies:release                           GET    302 403 403 404 403 404 403 403 403 200 200
studies:release                           POST   302 403 403 404 403 404 403 403 403 422 422
studies:look                              GET    302 403 403 404 403 404 403 403 403 200 200
studies:look                              POST   302 403 403 404 403 404 403 403 403 422 422
study-protocol                            GET    403 403 403 404 200 404 200 200 200 200 200
study-protocol-draft                      GET    403 403 403 404 403 404 403 403 403 200 200
study-protocol-draft                      POST   403 403 403 404 403 404 403 403 403 400 400
study-protocol-versions                   GET    403 403 403 404 200 404 200 200 200 200 200
study-protocol-versions                   POST   403 403 403 404 403 404 403 403 403 422 422
study-protocol-version                    GET    403 403 403 404 200 404 200 200 200 200 200
study-close                               POST   403 403 403 404 403 404 403 403 403 400 400
study-reopen                              POST   403 403 403 404 403 404 403 403 403 400 400
study-release                             POST   403 403 403 404 403 404 403 403 403 400 400
study-look                                POST   403 403 403 404 403 404 403 403 403 400 400
analysis:sample-size                      GET    302 403 403 404 200 404 403 200 403 200 200
analysis:sample-size                      POST   302 403 403 404 403 404 403 403 403 422 422
analysis:draft-sample-size                GET    302 404 404 404 404 404 404 404 404 200 404
analysis:draft-sample-size                POST   302 404 404 404 404 404 404 404 404 422 404
analysis:flow                             GET    302 403 403 404 200 404 403 200 403 200 200
analysis:flow-svg                         GET    302 403 403 404 200 404 403 200 403 200 200
analysis:flow-png                         GET    302 403 403 404 200 404 403 200 403 200 200
analysis:consort                          GET    302 403 403 404 200 404 403 200 403 200 200
analysis:consort-md                       GET    302 403 403 404 200 404 403 200 403 200 200
analysis:consort-docx                     GET    302 403 403 404 200 404 403 200 403 200 200
study-flow                                GET    403 403 403 404 200 404 403 200 403 200 200
study-consort                             GET    403 403 403 404 200 404 403 200 403 200 200
study-sample-size                         GET    403 403 403 404 200 404 403 200 403 200 200
"""


def prepare(world: World) -> None:
    """A first version of the study's protocol, and a study that its owner has begun."""
    owner = world.people.owner
    draft_of(world.people.study)
    save_version(study=world.people.study, by=owner, reason="Written down.")
    start_draft(by=owner, ready_made=False)


def _draft(world: World) -> dict[str, object]:
    return {"draft_pk": world.people.owner.protocol_drafts.get(study=None).pk}


def _step(world: World) -> dict[str, object]:
    return _draft(world) | {"part": "about"}


def _edit(world: World) -> dict[str, object]:
    return study(world) | {"part": "about"}


def _version(world: World) -> dict[str, object]:
    return study(world) | {"number": 1}


ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {
    "studies:draft-review": _draft,
    "studies:draft-step": _step,
    "studies:protocol-edit": _edit,
    "studies:protocol-version": _version,
    "studies:protocol-file": _version,
    "analysis:sample-size": study,
    "analysis:draft-sample-size": _draft,
    "study-protocol-version": _version,
    "study-protocol-versions": study,
}
WITHOUT_ARGUMENTS = {"studies:study-new"}
