"""The page in front of the camera, and the wall. What the pages' scripts ask for is JSON; the sets themselves come over
the sockets of `coaching.live.consumers`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST, require_safe

from coaching.access import Viewer, can_upload_for
from coaching.live import services
from coaching.live.access import live_set_for, wall_for
from coaching.live.forms import BeginForm
from coaching.live.models import LiveSet
from coaching.live.wall import wall_rows
from coaching.live.words import WORDS
from coaching.models.bar import LOSS_ALERTS
from coaching.personal.bar_entries import last_entries
from config.middleware import POLICY
from studies.errors import StudyError
from studies.models import User

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

# MediaPipe is WebAssembly, which a policy has to allow by name. Nothing else is looser than elsewhere.
LIVE_POLICY = f"{POLICY}; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'"
A_DAY_S = 86_400


def _reader(request: HttpRequest) -> User:
    """The signed-in user; LoginRequiredMiddleware lets nobody else come here."""
    assert isinstance(request.user, User)
    return request.user


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    user = _reader(request)
    viewer = Viewer(user)
    rows = list(can_upload_for(user).select_related("arm"))
    left = LiveSet.objects.filter(participant__in=rows, state=LiveSet.State.RECORDING, frames__gt=0)
    left = left.select_related("participant__user", "participant__study")
    own = [row for row in rows if row.user_id == user.pk]
    only = rows[0] if len(rows) == 1 else own[0] if len(own) == 1 and len(own) == len(rows) else None
    context = {
        "participants": [{"pk": row.pk, "label": f"{row.code} · {viewer.name_of(row)}"} for row in rows],
        "only": only,
        "bar": last_entries(only),
        "left": [{"set": one, "student": viewer.name_of(one.participant)} for one in left],
        "loss_alerts": LOSS_ALERTS,
        "pose_ready": Path(settings.POSE_BUNDLE).is_file(),
        "max_minutes": settings.CLIP_MAX_SECONDS // 60,
        "words": {name: str(text) for name, text in WORDS.items()},
    }
    response = render(request, "coaching/live/page.html", context)
    response.headers["Content-Security-Policy"] = LIVE_POLICY
    return response


@require_safe
def pose_model(request: HttpRequest) -> HttpResponse:
    """The pose model, the same file that the worker uses. Raises Http404 where it has not been built."""
    path = Path(settings.POSE_BUNDLE)
    if not path.is_file():
        raise Http404("the pose model has not been built")
    response = HttpResponse(path.read_bytes(), content_type="application/octet-stream")
    response.headers["Cache-Control"] = f"private, max-age={A_DAY_S}"
    return response


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A new set: its addresses and the first token."""
    user = _reader(request)
    form = BeginForm(request.POST, participants=can_upload_for(user))
    if not form.is_valid():
        problem = next(str(error) for errors in form.errors.values() for error in errors)
        return JsonResponse({"code": "invalid", "advice": problem}, status=422)
    try:
        live_set = services.begin_set(started_by=user, **form.cleaned_data)
    except StudyError as error:
        return JsonResponse({"code": error.code, "advice": str(error.advice)}, status=409)
    return JsonResponse(_opened(live_set, user), status=201)


def _opened(live_set: LiveSet, user: User) -> dict[str, Any]:
    return {
        "id": str(live_set.pk),
        "token": services.sign_token(live_set, user),
        "socket": f"/ws/live/{live_set.pk}/",
        "token_url": reverse("coaching:live:token", args=[live_set.pk]),
        "keeps_video": services.may_keep_video(live_set.participant),
        "participant": live_set.participant_id,
        "loss_alert_percent": live_set.loss_alert_percent,
    }


@require_POST
def token(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A fresh token for a set that goes on, e.g. after the page was reloaded. 410 when it is over."""
    user = _reader(request)
    live_set = live_set_for(user, pk)
    if live_set.state != LiveSet.State.RECORDING:
        return JsonResponse({"code": "set_over", "session": _session_url(live_set)}, status=410)
    return JsonResponse(_opened(live_set, user))


def _session_url(live_set: LiveSet) -> str | None:
    return reverse("coaching:session", args=[live_set.session_id]) if live_set.session_id else None


@require_POST
def finish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Finish a set that was left, with what is here."""
    live_set = services.finish_set(live_set_for(_reader(request), pk))
    return redirect(_session_url(live_set) or reverse("coaching:live:page"))


@require_GET
def wall(request: HttpRequest, pk: int) -> HttpResponse:
    user = _reader(request)
    study = wall_for(user, pk)
    return render(request, "coaching/live/wall.html", {"study": study, "rows": wall_rows(user, study)})
