"""Films, results, reviews, feedback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coaching.models import Still
from tests.house.world import participant, study

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.world import World

TABLE = """
coaching:session-list                     GET    302 200 200 200 200 200 200 200 200 200 200
coaching:upload                           GET    302 200 200 200 200 200 200 200 200 200 200
coaching:upload                           POST   302 422 422 422 422 422 422 422 422 422 422
coaching:upload-begin                     POST   302 422 422 422 422 422 422 422 422 422 422
coaching:upload-slice                     GET    302 200 404 404 404 404 404 404 404 404 404
coaching:upload-slice                     POST   302 400 404 404 404 404 404 404 404 404 404
coaching:upload-slice                     DELETE 302 204 404 404 404 404 404 404 404 404 404
coaching:session                          GET    302 200 404 404 200 404 404 200 404 200 200
coaching:session[of control]              GET    302 404 200 404 200 404 404 200 404 200 200
coaching:session[in analysis]             GET    302 200 404 404 200 404 404 200 404 200 200
coaching:review-queue                     GET    302 403 403 403 200 200 403 403 403 200 200
coaching:review                           POST   302 403 404 404 422 404 404 403 404 422 422
coaching:review[of control]               POST   302 404 403 404 422 404 404 403 404 422 422
coaching:review[in analysis]              POST   302 403 404 404 404 404 404 403 404 404 404
coaching:review-add                       POST   302 403 404 404 422 404 404 403 404 422 422
coaching:review-add[of control]           POST   302 404 403 404 422 404 404 403 404 422 422
coaching:review-add[in analysis]          POST   302 403 404 404 422 404 404 403 404 422 422
coaching:still                            GET    302 200 404 404 200 404 404 403 404 200 200
coaching:still[of control]                GET    302 404 403 404 200 404 404 403 404 200 200
coaching:strictness                       GET    302 403 403 404 200 404 403 200 403 200 200
coaching:strictness                       POST   302 403 403 404 422 404 403 403 403 422 422
coaching:loss-alert                       POST   302 403 403 404 422 404 403 403 403 422 422
coaching:load-velocity                    GET    302 200 404 404 200 404 404 200 404 200 200
coaching:load-velocity[of control]        GET    302 404 403 404 200 404 404 200 404 200 200
coaching:progress                         GET    302 200 404 404 200 404 404 200 404 200 200
coaching:progress[of control]             GET    302 404 403 404 200 404 404 200 404 200 200
coaching:review-carry                     POST   302 403 404 404 302 404 404 403 404 302 302
coaching:review-carry[of control]         POST   302 404 403 404 302 404 404 403 404 302 302
coaching:review-carry[in analysis]        POST   302 403 404 404 302 404 404 403 404 302 302
coaching:blind                            GET    302 403 404 404 200 404 404 403 404 200 200
coaching:blind[of control]                GET    302 404 403 404 200 404 404 403 404 200 200
coaching:blind[in analysis]               GET    302 403 404 404 200 404 404 403 404 200 200
coaching:blind-step                       GET    302 403 404 404 200 404 404 403 404 200 200
coaching:blind-step                       POST   302 403 404 404 422 404 404 403 404 422 422
coaching:blind-step[of control]           GET    302 404 403 404 200 404 404 403 404 200 200
coaching:blind-step[of control]           POST   302 404 403 404 422 404 404 403 404 422 422
coaching:blind-step[in analysis]          POST   302 403 404 404 404 404 404 403 404 404 404
coaching:blind-add                        POST   302 403 404 404 422 404 404 403 404 422 422
coaching:blind-add[of control]            POST   302 404 403 404 422 404 404 403 404 422 422
coaching:blind-add[in analysis]           POST   302 403 404 404 404 404 404 403 404 404 404
coaching:blind-verdict                    GET    302 403 404 404 302 404 404 403 404 302 302
coaching:blind-verdict[of control]        GET    302 404 403 404 302 404 404 403 404 302 302
coaching:blind-verdict[in analysis]       GET    302 403 404 404 404 404 404 403 404 404 404
coaching:run-status                       GET    302 200 404 404 200 404 404 200 404 200 200
coaching:run-status[in analysis]          GET    302 200 404 404 200 404 404 200 404 200 200
coaching:run-cancel                       POST   302 302 404 404 302 404 404 403 404 302 302
coaching:run-cancel[in analysis]          POST   302 302 404 404 302 404 404 403 404 302 302
coaching:run-again                        POST   302 302 404 404 302 404 404 403 404 302 302
coaching:run-again[in analysis]           POST   302 302 404 404 302 404 404 403 404 302 302
coaching:media[video]                     GET    302 200 404 404 200 404 404 403 404 200 200
coaching:media[video, of control]         GET    302 404 200 404 200 404 404 403 404 200 200
coaching:media[overlay]                   GET    302 200 404 404 200 404 404 403 404 200 200
coaching:media[overlay, of control]       GET    302 404 403 404 200 404 404 403 404 200 200
coaching:media[poster]                    GET    302 200 404 404 200 404 404 403 404 200 200
coaching:media[poster, of control]        GET    302 404 403 404 200 404 404 403 404 200 200
coaching:media[series]                    GET    302 200 404 404 200 404 404 200 404 200 200
coaching:media[series, of control]        GET    302 404 403 404 200 404 404 200 404 200 200
coaching:media[document.json]             GET    302 200 404 404 200 404 404 200 404 200 200
coaching:media[document.json, of control] GET    302 404 403 404 200 404 404 200 404 200 200
coaching:media[reps.csv]                  GET    302 200 404 404 200 404 404 200 404 200 200
coaching:media[reps.csv, of control]      GET    302 404 403 404 200 404 404 200 404 200 200
session-list                              GET    403 200 200 200 200 200 200 200 200 200 200
session-list                              POST   403 422 422 422 422 422 422 422 422 422 422
session-detail                            GET    403 200 404 404 200 404 404 200 404 200 200
session-detail[of control]                GET    403 404 200 404 200 404 404 200 404 200 200
session-reviews                           GET    403 200 404 404 200 404 404 200 404 200 200
session-reviews                           POST   403 403 404 404 400 404 404 403 404 400 400
session-reviews[of control]               GET    403 404 200 404 200 404 404 200 404 200 200
session-reviews[of control]               POST   403 404 403 404 400 404 404 403 404 400 400
sessions-to-review                        GET    403 403 403 403 200 200 403 403 403 200 200
session-run                               POST   403 202 404 404 202 404 404 403 404 202 202
session-run                               DELETE 403 200 404 404 200 404 404 403 404 200 200
session-run[in analysis]                  POST   403 202 404 404 202 404 404 403 404 202 202
session-file[video]                       GET    403 200 404 404 200 404 404 403 404 200 200
session-file[video, of control]           GET    403 404 200 404 200 404 404 403 404 200 200
session-file[overlay]                     GET    403 200 404 404 200 404 404 403 404 200 200
session-file[overlay, of control]         GET    403 404 403 404 200 404 404 403 404 200 200
session-file[document.json]               GET    403 200 404 404 200 404 404 200 404 200 200
session-file[document.json, of control]   GET    403 404 403 404 200 404 404 200 404 200 200
session-still                             GET    403 200 404 404 200 404 404 403 404 200 200
session-still[of control]                 GET    403 404 403 404 200 404 404 403 404 200 200
study-strictness                          GET    403 403 403 404 200 404 403 200 403 200 200
study-strictness                          POST   403 403 403 404 400 404 403 403 403 400 400
study-loss-alert                          GET    403 403 403 404 200 404 403 200 403 200 200
study-loss-alert                          POST   403 403 403 404 400 404 403 403 403 400 400
student-load-velocity                     GET    403 200 404 404 200 404 404 200 404 200 200
student-load-velocity[of control]         GET    403 404 403 404 200 404 404 200 404 200 200
student-progress                          GET    403 200 404 404 200 404 404 200 404 200 200
student-progress[of control]              GET    403 404 403 404 200 404 404 200 404 200 200
"""


def _film(world: World) -> dict[str, object]:
    return {"pk": world.session.pk}


def _repetition(world: World) -> dict[str, object]:
    return {"pk": world.session.pk, "number": 1}


def _upload(world: World) -> dict[str, object]:
    return {"pk": world.upload.pk}


def _still(world: World) -> dict[str, object]:
    return {"pk": world.session.pk, "number": Still.objects.get(assessment__run__session=world.session).pk}


ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {
    "coaching:session": _film,
    "coaching:run-": _film,
    "coaching:review": _repetition,
    "coaching:review-add": _film,
    "coaching:review-carry": _film,
    "coaching:blind": _film,
    "coaching:blind-step": _repetition,
    "coaching:media": _film,
    "coaching:upload-slice": _upload,
    "coaching:still": _still,
    "coaching:strictness": study,
    "coaching:progress": participant,
    "coaching:loss-alert": study,
    "coaching:load-velocity": participant,
    "student-load-velocity": participant,
    "study-strictness": study,
    "study-loss-alert": study,
    "student-progress": participant,
    "session-detail": _film,
    "session-reviews": _film,
    "session-run": _film,
    "session-file": _film,
    "session-still": _still,
}
WITHOUT_ARGUMENTS = {
    "coaching:session-list",
    "coaching:upload",
    "coaching:upload-begin",
    "coaching:review-queue",
    "sessions-to-review",
}
