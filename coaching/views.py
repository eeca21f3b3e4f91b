"""Pages about films: list, upload, status and result, and the files behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from coaching import resumable, services
from coaching.access import (
    Viewer,
    can_upload_for,
    led_studies,
    may_review_somewhere,
    own_progress,
    pending_for,
    record_look,
    session_for,
    still_for,
)
from coaching.codes import upload_advice
from coaching.exports import reps_csv
from coaching.films import shown_film
from coaching.models import PendingUpload, Session
from coaching.models.bar import LOSS_ALERTS
from coaching.personal.bar_entries import last_entries
from coaching.personal.cues import cues_shown
from coaching.personal.speed import speed_shown
from coaching.presentation import SessionView, notices, queue_ahead, result_of, view_for, view_session
from coaching.receiving import Received, begin_film, limit_body, receive_film, receive_slice
from coaching.reviews.presentation import reviews_of
from coaching.uploads import max_bytes
from config.body_limit import CUT_HEADER
from studies.consent.selectors import to_answer as consents_to_answer
from studies.models import User
from studies.serving import private, serve

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponseBase

    from coaching.reviews.forms import ReviewForm

PAGE_SIZE = 25
CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
    ".avi": "video/x-msvideo",
    ".ts": "video/mp2t",
    ".mpg": "video/mpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
}
FILM_KINDS = frozenset({"video", "overlay", "poster"})


def reader(request: HttpRequest) -> User:
    """The signed-in user; LoginRequiredMiddleware lets nobody else come here."""
    assert isinstance(request.user, User)
    return request.user


@require_GET
def session_list(request: HttpRequest) -> HttpResponse:
    viewer = Viewer(reader(request))
    rows = Session.objects.visible_to(viewer.user).with_latest_run()
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [view_session(session, viewer) for session in page],
        "may_upload": can_upload_for(viewer.user).exists(),
        "may_review": may_review_somewhere(viewer.user),
        "progress_of": own_progress(viewer.user),
        "led_studies": led_studies(viewer.user),
    }
    return render(request, "coaching/session_list.html", context)


@csrf_exempt  # the token is in the body: it is checked below, after the handler that limits the body is in place
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    limit_body(request)
    return _upload(request)


@csrf_protect
def _upload(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _upload_page(request)
    fields, files = request.POST, request.FILES
    got = receive_film(reader(request), fields, files, request.upload_handlers[0])
    if _wants_json(request):
        return _told(got)
    if got.session and not got.code:
        return redirect("coaching:session", pk=got.session.pk)
    existing = reverse("coaching:session", args=[got.existing.pk]) if got.existing else None
    problem = {"code": got.code, "problem": got.advice, "existing_url": existing}
    said: dict[str, Any] = {name: fields.get(name, "") for name in ("load_kg", "note")}
    said["bar"] = {name: fields.get(name, "") for name in ("stature_cm", "plate_mm")}
    return _upload_page(request, status=got.http_status, chosen=fields.get("participant", ""), **problem, **said)


def _unfinished(pending: PendingUpload) -> dict[str, Any]:
    share = resumable.arrived(pending) / pending.size_bytes
    return {"name": pending.original_name, "percent": int(100 * share)}


def _told(got: Received) -> JsonResponse:
    """For the script of the upload page: where to go, or why not."""
    if got.session and not got.code:
        return JsonResponse({"url": reverse("coaching:session", args=[got.session.pk])}, status=got.http_status)
    existing = reverse("coaching:session", args=[got.existing.pk]) if got.existing else None
    answer = {"code": got.code, "advice": got.advice, "existing_url": existing}
    return JsonResponse(answer, status=got.http_status)


@require_POST
def upload_begin(request: HttpRequest) -> HttpResponse:
    """Announce a film that will come in slices; one that was begun before goes on where it stopped."""
    begun = begin_film(reader(request), request.POST)
    return _told(begun) if isinstance(begun, Received) else _place(begun, status=201)


def _place(pending: PendingUpload, *, status: int = 200) -> JsonResponse:
    """Where the next slice goes and where it begins."""
    url = reverse("coaching:upload-slice", args=[pending.pk])
    place = {"slice_url": url, "offset": resumable.arrived(pending), "slice_bytes": resumable.SLICE_BYTES}
    return JsonResponse(place, status=status)


@require_http_methods(["GET", "POST", "DELETE"])
def upload_slice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """GET: how much is here. POST: the slice that begins at the header `Upload-Offset`. DELETE: forget the film."""
    pending = pending_for(reader(request), pk)
    if request.method == "DELETE":
        resumable.give_up(pending)
        return HttpResponse(status=204)
    if request.method == "GET":
        return _place(pending)
    offset = request.headers.get("Upload-Offset", "")
    if not offset.isdecimal():
        return HttpResponse(status=400)
    try:
        got = receive_slice(pending, int(offset), request, cut=request.META.get(CUT_HEADER, ""))
    except resumable.WrongOffsetError:
        return _place(pending, status=409)
    except PendingUpload.DoesNotExist:
        raise Http404("the upload is over") from None
    return _place(pending) if got is None else _told(got)


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _upload_page(request: HttpRequest, *, status: int = 200, chosen: object = "", **extra: Any) -> HttpResponse:
    viewer = Viewer(reader(request))
    asked = consents_to_answer(viewer.user)
    if asked and request.method == "GET":
        return redirect("studies:consent", pk=asked[0].pk)
    rows = list(can_upload_for(viewer.user))
    context = {
        "participants": [{"pk": row.pk, "label": f"{row.code} · {viewer.name_of(row)}"} for row in rows],
        "chosen_pk": int(str(chosen)) if str(chosen).isdigit() else None,
        "unfinished": [_unfinished(pending) for pending in resumable.unfinished_of(viewer.user)],
        "bar": last_entries(rows[0] if len(rows) == 1 else None),
        "loss_alerts": LOSS_ALERTS,
        "max_bytes": max_bytes(),
        "max_mb": settings.UPLOAD_MAX_MB,
        "max_seconds": settings.CLIP_MAX_SECONDS,
        "max_minutes": settings.CLIP_MAX_SECONDS // 60,
        **extra,
    }
    return render(request, "coaching/upload.html", context, status=status)


@require_GET
def session(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = session_for(reader(request), pk)
    context = session_context(reader(request), row)
    record_look(reader(request), row, "session" if context["assessment"] else "waiting")
    return render(request, "coaching/session.html", context)


def session_context(user: User, row: Session, *, bound: tuple[int | None, ReviewForm] | None = None) -> dict[str, Any]:
    """The result with the instructors' corrections. `bound` is a correction that came back with mistakes."""
    viewer = Viewer(user)
    view = view_session(row, viewer)
    return _context(view) | {
        "reviews": reviews_of(viewer, row, result_of(view.run), bound=bound),
        "may_review": viewer.may_review(row.participant),
        "cues": cues_shown(view),
        "speed": speed_shown(view),
    }


def _context(view: SessionView) -> dict[str, Any]:
    """What the session's page and its status partial are made from."""
    return {
        "view": view,
        "session": view.session,
        "run": view.run,
        "assessment": view.assessment,
        "document": view.document,
        "notices": notices(view),
        "refusal_advice": view.advice if view.status == "refused" else "",
        "queue_ahead": queue_ahead(view.run) if view.run and view.status == "waiting" else 0,
    }


@require_GET
def run_status(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The status partial, 204 while nothing has changed, and a reload when the result is there."""
    view = view_for(reader(request), session_for(reader(request), pk))
    if request.GET.get("seen") == view.progress_mark:
        return HttpResponse(status=204)
    if not view.is_open:
        return HttpResponseClientRefresh()
    return private_page(render(request, "coaching/_run_status.html", _context(view)))


def private_page(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_POST
def run_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = session_for(reader(request), pk, write=True)
    if row.latest_run:
        services.cancel_run(row.latest_run)
    return redirect("coaching:session", pk=pk)


@require_POST
def run_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = session_for(reader(request), pk, write=True)
    if row.video:
        try:
            services.start_run(row)
        except services.RefusedError as refused:
            messages.error(request, upload_advice(refused.code))
    return redirect("coaching:session", pk=pk)


@require_safe
def media(request: HttpRequest, pk: UUID, kind: str) -> HttpResponseBase:
    """A file of a session for somebody who may see it; who looked is written down."""
    row = session_for(reader(request), pk)
    view = view_for(reader(request), row)
    if kind in FILM_KINDS and not view.sees_film:
        raise PermissionDenied
    if kind != "video" and view.withheld:
        raise PermissionDenied
    response = _file(request, view, kind)
    if response.status_code < 400:
        record_look(reader(request), row, kind)
    return response


@require_safe
def still(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    """A picture that shows what a cue speaks of, with the skeleton."""
    found = still_for(reader(request), pk, number)
    row = session_for(reader(request), pk)
    response = _serve(request, row, "still", found.image)
    if response.status_code < 400:
        record_look(reader(request), row, "still")
    return response


def _file(request: HttpRequest, view: SessionView, kind: str) -> HttpResponseBase:
    """Raises Http404 when there is no such file."""
    row = view.session
    if kind == "video":
        return _serve(request, row, kind, shown_film(row, own=row.participant.user_id == reader(request).pk))
    if view.assessment is None:
        raise Http404("no result yet")
    if kind in {"document.json", "reps.csv"}:
        return _made(row, kind, view.assessment.document)
    return _serve(request, row, kind, getattr(view.assessment, kind))


def _serve(request: HttpRequest, row: Session, kind: str, name: str) -> HttpResponseBase:
    suffix = f".{name.rpartition('.')[2]}"
    content_type = CONTENT_TYPES.get(suffix, "application/octet-stream")
    return serve(request, name, content_type=content_type, filename=f"{row.pk}-{kind}{suffix}")


def _made(row: Session, kind: str, document: dict[str, Any]) -> HttpResponseBase:
    response: HttpResponse
    if kind == "reps.csv":
        response = HttpResponse(reps_csv(row.pk, document), content_type="text/csv; charset=utf-8")
    else:
        response = JsonResponse(document, json_dumps_params={"indent": 1})
    response.headers["Content-Disposition"] = f'attachment; filename="{row.pk}-{kind}"'
    return private(response)
