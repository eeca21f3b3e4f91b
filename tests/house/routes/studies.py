"""Studies: people, groups, logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studies.invitations import token_of
from tests.house.world import participant, study

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.world import World

TABLE = """
studies:detail                            GET    302 302 302 404 200 404 200 200 200 200 200
studies:enrol                             GET    302 403 403 404 200 404 403 403 403 200 200
studies:enrol                             POST   302 403 403 404 422 404 403 403 403 422 422
studies:allocate                          GET    302 403 403 404 200 404 403 200 403 200 200
studies:allocate                          POST   302 403 403 404 422 404 403 403 403 422 422
studies:allocation-list                   GET    302 403 403 404 200 404 403 403 403 200 200
studies:audit                             GET    302 403 403 404 403 404 403 403 200 200 200
studies:audit-file                        POST   302 403 403 404 403 404 403 403 403 302 302
studies:roster-file                       GET    302 403 403 404 200 404 403 403 403 200 200
studies:roster-file                       POST   302 403 403 404 422 404 403 403 403 422 422
studies:roster-import                     GET    302 403 403 404 200 404 403 403 403 200 200
studies:roster-import                     POST   302 403 403 404 422 404 403 403 403 422 422
studies:roster                            GET    302 403 403 404 200 404 403 200 403 200 200
studies:screening                         GET    302 403 403 404 200 404 403 200 403 200 200
studies:screening                         POST   302 403 403 404 422 404 403 403 403 422 422
studies:invitations                       GET    302 403 403 404 200 404 403 403 403 200 200
studies:invitations                       POST   302 403 403 404 422 404 403 403 403 422 422
studies:invitation-revoke                 POST   302 403 403 404 302 404 403 403 403 302 302
studies:join-code                         GET    200 200 200 200 200 200 200 200 200 200 200
studies:join-code                         POST   422 422 422 422 422 422 422 422 422 422 422
studies:join                              GET    200 200 200 200 200 200 200 200 200 200 200
studies:join                              POST   422 422 422 422 422 422 422 422 422 422 422
studies:baseline                          GET    302 403 404 404 200 404 404 403 404 200 200
studies:baseline                          POST   302 403 404 404 422 404 404 403 404 422 422
studies:plan-new                          GET    302 403 403 404 200 404 403 403 403 200 200
studies:plan-new                          POST   302 403 403 404 422 404 403 403 403 422 422
studies:simulation                        GET    302 403 403 404 200 404 403 200 403 200 200
studies:plan-published                    GET    302 403 403 404 200 404 403 403 403 200 200
studies:plan-assign                       POST   302 403 403 404 302 404 403 403 403 302 302
studies:plan-close                        GET    302 403 403 404 403 404 403 403 403 200 200
studies:plan-close                        POST   302 403 403 404 403 404 403 403 403 422 422
studies:assign                            POST   302 403 404 404 302 404 404 403 404 302 302
studies:verifier                          GET    200 200 200 200 200 200 200 200 200 200 200
studies:participant                       GET    302 200 404 404 200 404 404 200 404 200 200
studies:move                              GET    302 403 404 404 200 404 404 403 404 200 200
studies:move                              POST   302 403 404 404 422 404 404 403 404 422 422
studies                                   GET    403 200 200 200 200 200 200 200 200 200 200
studies                                   POST   403 403 403 403 403 403 403 403 403 400 400
study                                     GET    403 200 200 404 200 404 200 200 200 200 200
study-participants                        POST   403 403 403 404 400 404 403 403 403 400 400
study-class-lists                         GET    403 403 403 404 200 404 403 403 403 200 200
study-class-lists                         POST   403 403 403 404 400 404 403 403 403 400 400
class-list                                GET    403 403 403 404 200 404 403 403 403 200 200
class-list                                POST   403 403 403 404 422 404 403 403 403 422 422
class-list                                DELETE 403 403 403 404 204 404 403 403 403 204 204
study-screening                           GET    403 403 403 404 200 404 403 200 403 200 200
study-screening                           POST   403 403 403 404 400 404 403 403 403 400 400
study-invitations                         GET    403 403 403 404 200 404 403 403 403 200 200
study-invitations                         POST   403 403 403 404 400 404 403 403 403 400 400
invitation                                DELETE 403 403 403 404 204 404 403 403 403 204 204
student                                   GET    403 200 404 404 200 404 404 200 404 200 200
student-baseline                          GET    403 403 404 404 200 404 404 403 404 200 200
student-baseline                          POST   403 403 404 404 400 404 404 403 404 400 400
student-group                             POST   403 403 404 404 400 404 404 403 404 400 400
study-draws                               GET    403 403 403 404 200 404 403 200 403 200 200
study-draws                               POST   403 403 403 404 422 404 403 403 403 422 422
draw                                      GET    403 403 403 404 200 404 403 403 403 200 200
study-simulation                          GET    403 403 403 404 200 404 403 200 403 200 200
study-audit-file                          POST   403 403 403 404 403 404 403 403 403 202 202
study-participants                        GET    403 403 403 404 200 404 403 200 403 200 200
study-plans                               GET    403 403 403 404 200 404 403 200 403 200 200
study-plans                               POST   403 403 403 404 400 404 403 403 403 400 400
plan-assign                               POST   403 403 403 404 422 404 403 403 403 422 422
plan-close                                POST   403 403 403 404 403 404 403 403 403 400 400
study-audit                               GET    403 403 403 404 403 404 403 403 200 200 200
"""


def _list(world: World) -> dict[str, object]:
    allocation = world.people.study.allocation_lists.exclude(roster=[]).get()
    return {"pk": world.people.study.pk, "list_pk": allocation.pk}


def _import(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "import_pk": world.people.study.roster_imports.get().pk}


def _invitation(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "invitation_pk": world.people.study.invitations.get().pk}


def _join(world: World) -> dict[str, object]:
    return {"token": token_of(world.people.study.invitations.get())}


def _plan(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "plan_pk": world.people.study.plans.get().pk}


ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {
    "studies:": study,
    "studies:allocation-list": _list,
    "studies:roster-import": _import,
    "studies:invitation-revoke": _invitation,
    "studies:join": _join,
    "studies:baseline": participant,
    "studies:plan-published": _plan,
    "studies:plan-assign": _plan,
    "studies:plan-close": _plan,
    "studies:assign": participant,
    "studies:participant": participant,
    "studies:move": participant,
    "study-": study,
    "plan-": _plan,
    "class-list": _import,
    "invitation": _invitation,
    "student": participant,
    "study": study,
    "draw": _list,
}
WITHOUT_ARGUMENTS = {
    "studies:verifier",
    "studies:join-code",
    "studies",
}
