"""Pages of a review before the coach's verdict. Only `verdict` shows what the coach said, once everything is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from coaching.access import Viewer, record_look, session_to_review
from coaching.films import shown_film
from coaching.reviews.blind.page import blind_review, compared, steps_of
from coaching.reviews.forms import ReviewForm
from coaching.reviews.selectors import all_reviews, current_assessment
from coaching.reviews.views import REFUSED, keep_review
from coaching.views import private_page, reader

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from coaching.models import Assessment, Session
    from coaching.reviews.blind.page import BlindReview
    from studies.requests import SignedInRequest


@require_GET
def blind(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The first repetition that this reviewer has not judged, or, after the last one, the way to the verdict."""
    row = session_to_review(reader(request), pk)
    assessment = current_assessment(row)
    record_look(reader(request), row, "blind")
    if assessment is None:
        return _page(request, row, None)
    return _page(request, row, blind_review(reader(request), row, assessment))


@require_http_methods(["GET", "POST"])
def step(request: SignedInRequest, pk: UUID, number: int) -> HttpResponse:
    """One repetition; a post keeps what is said of it and goes on to the next."""
    row, assessment = _set(request, pk)
    record_look(reader(request), row, "blind")
    try:
        shown = blind_review(reader(request), row, assessment, number=number)
    except LookupError:
        raise Http404("no such repetition") from None
    if request.method != "POST":
        return _page(request, row, shown)
    form = ReviewForm(request.POST, auto_id=f"rep{number}_%s")
    kept = keep_review(row, form, number, reader(request), unseen=True)
    if kept is None:
        refused = blind_review(reader(request), row, assessment, number=number, bound=form)
        return _refused(request, row, refused)
    return _next(request, row, kept.number)


@require_POST
def add(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Keep a repetition that is not in the list."""
    row, assessment = _set(request, pk)
    form = ReviewForm(request.POST, auto_id="added_%s")
    kept = keep_review(row, form, None, reader(request), unseen=True)
    if kept is None:
        return _refused(request, row, blind_review(reader(request), row, assessment, adding=form))
    return _next(request, row, kept.number)


@require_GET
def verdict(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What the coach said beside one's own words. From here on this person has seen the result."""
    row, assessment = _set(request, pk)
    user = reader(request)
    mine = [one for one in all_reviews(row) if one.reviewer_id == user.pk and one.assessment_id == assessment.pk]
    steps = steps_of(assessment, mine)
    if any(one.own is None for one in steps):
        return redirect("coaching:blind", pk=pk)
    record_look(user, row, "session")
    rows = compared(assessment, steps)
    answers = [one.agree for one in rows if one.agree is not None]
    context = _about(request, row) | {"rows": rows, "agreed": sum(answers), "judged": len(answers)}
    return private_page(render(request, "coaching/review/verdict.html", context))


def _set(request: SignedInRequest, pk: UUID) -> tuple[Session, Assessment]:
    row = session_to_review(reader(request), pk)
    assessment = current_assessment(row)
    if assessment is None:
        raise Http404("no result to review")
    return row, assessment


def _about(request: SignedInRequest, row: Session) -> dict[str, Any]:
    return {"session": row, "student": Viewer(reader(request)).name_of(row.participant)}


def _page(request: SignedInRequest, row: Session, shown: BlindReview | None, *, status: int = 200) -> HttpResponse:
    """The whole page, or for htmx the step alone. `shown` is None while there is nothing to review."""
    context = _about(request, row) | {"blind": shown, "has_film": bool(shown_film(row, own=False))}
    whole = shown is None or not request.htmx
    template = "coaching/review/blind.html" if whole else "coaching/review/_blind_step.html"
    return private_page(render(request, template, context, status=status))


def _refused(request: SignedInRequest, row: Session, shown: BlindReview) -> HttpResponse:
    if request.htmx and request.POST.get("assessment") != str(shown.assessment_id):
        return HttpResponseClientRefresh()  # the set was analysed again while the form was open
    return _page(request, row, shown, status=REFUSED)


def _next(request: SignedInRequest, row: Session, number: int) -> HttpResponse:
    if not request.htmx:
        messages.success(request, _("Your review of repetition %(number)d is saved.") % {"number": number})
        return redirect("coaching:blind", pk=row.pk)
    assessment = current_assessment(row)
    if assessment is None:
        return HttpResponseClientRefresh()
    return _page(request, row, blind_review(reader(request), row, assessment, saved=number))
