"""Plans, frozen reports, dry runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.frozen.building import build
from analysis.frozen.services import order_report
from analysis.models import FrozenReport
from analysis.plans.services import first_plan, save_plan
from tests.house.world import study

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.world import World

TABLE = """
analysis:plan                             GET    302 403 403 404 200 404 403 200 403 200 200
analysis:plan                             POST   302 403 403 404 422 404 403 403 403 422 422
analysis:plan-file                        GET    302 403 403 404 200 404 403 200 403 200 200
analysis:ask                              GET    302 403 403 404 200 404 403 200 403 200 200
analysis:ask                              POST   302 403 403 404 422 404 403 403 403 422 422
analysis:reports                          GET    302 403 403 404 200 404 403 200 403 200 200
analysis:reports                          POST   302 403 403 404 302 404 403 302 403 302 302
analysis:reports-compare                  GET    302 403 403 404 404 404 403 404 403 404 404
analysis:dry-run                          GET    302 403 403 404 200 404 403 200 403 200 200
analysis:dry-run                          POST   302 403 403 404 422 404 403 403 403 422 422
analysis:frozen                           GET    302 403 403 404 200 404 403 200 403 200 200
analysis:frozen-status                    GET    302 403 403 404 200 404 403 200 403 200 200
analysis:frozen-again                     POST   302 403 403 404 302 404 403 302 403 302 302
analysis:frozen-file                      GET    302 403 403 404 200 404 403 200 403 200 200
analysis:frozen-make                      POST   302 403 403 404 302 404 403 302 403 302 302
analysis:frozen-values                    GET    302 403 403 404 200 404 403 200 403 200 200
analysis:frozen-person                    GET    302 403 403 404 200 404 403 200 403 200 200
study-analysis-plans                      GET    403 403 403 404 200 404 403 200 403 200 200
study-analysis-plans                      POST   403 403 403 404 400 404 403 403 403 400 400
study-frozen-reports                      GET    403 403 403 404 200 404 403 200 403 200 200
study-frozen-reports                      POST   403 403 403 404 202 404 403 202 403 202 202
frozen-report                             GET    403 403 403 404 200 404 403 200 403 200 200
frozen-report-snapshot                    GET    403 403 403 404 200 404 403 200 403 200 200
frozen-report-files                       POST   403 403 403 404 400 404 403 400 403 400 400
frozen-report-file                        GET    403 403 403 404 200 404 403 200 403 200 200
frozen-report-again                       POST   403 403 403 404 202 404 403 202 403 202 202
study-dry-runs                            GET    403 403 403 404 200 404 403 200 403 200 200
study-dry-runs                            POST   403 403 403 404 400 404 403 403 403 400 400
"""


def prepare(world: World) -> None:
    saved = save_plan(study=world.people.study, by=world.people.owner, plan=first_plan(world.people.study))
    build(order_report(plan=saved, by=world.people.owner).pk)


def _report(world: World) -> dict[str, object]:
    return {"pk": FrozenReport.objects.get(study=world.people.study, state="done").pk}


def _version(world: World) -> dict[str, object]:
    return study(world) | {"version": 1}


def _file(world: World) -> dict[str, object]:
    return _report(world) | {"kind": "json"}


def _values(world: World) -> dict[str, object]:
    return _report(world) | {"key": "score"}


def _person(world: World) -> dict[str, object]:
    return _report(world) | {"code": world.people.participant.code}


ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {
    "analysis:plan": study,
    "analysis:plan-file": _version,
    "analysis:frozen": _report,
    "study-analysis-plans": study,
    "study-frozen-reports": study,
    "frozen-report": _report,
    "analysis:frozen-file": _file,
    "analysis:frozen-values": _values,
    "analysis:frozen-person": _person,
    "frozen-report-file": _file,
    "frozen-report-files": _report,
}
