"""The instructor's corrections as pages: the forms on a result, and the queue of results to review."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from coaching.access import Viewer, has_seen_result, may_review_somewhere, record_look, session_to_review
from coaching.presentation import view_session
from coaching.reviews.forms import ReviewForm
from coaching.reviews.presentation import Reviews, reviews_of
from coaching.reviews.selectors import current_assessment, review_queue
from coaching.reviews.services import ReviewRefused, add_repetition, assessment_of, carry_over, review_repetition
from coaching.views import private_page, reader, session_context

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from coaching.models import RepetitionReview, Session
    from studies.models import User
    from studies.requests import SignedInRequest

PAGE_SIZE = 25
REFUSED = 422


@require_POST
def review(request: SignedInRequest, pk: UUID, number: int) -> HttpResponse:
    """Keep what the instructor says of one repetition. htmx gets its form back, a plain post the page at its place."""
    row = session_to_review(reader(request), pk)
    if not any(slot.number == number for slot in _reviews(request, row).slots):
        raise Http404("no such repetition")
    form = ReviewForm(request.POST, auto_id=f"rep{number}_%s")
    return _answer(request, row, form, number)


@require_POST
def add(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Keep a repetition that the coach missed."""
    row = session_to_review(reader(request), pk)
    return _answer(request, row, ReviewForm(request.POST, auto_id="added_%s"), None)


def _reviews(request: SignedInRequest, row: Session, **more: Any) -> Reviews:
    return reviews_of(Viewer(reader(request)), row, current_assessment(row), **more)


def _answer(request: SignedInRequest, row: Session, form: ReviewForm, number: int | None) -> HttpResponse:
    record_look(reader(request), row, "session")  # the answer shows the coach's verdict, also to who never saw the page
    kept = keep_review(row, form, number, reader(request))
    if kept is None:
        return _refused(request, row, form, number)
    if request.htmx:
        return _saved_partial(request, row, kept, whole=number is None)
    messages.success(request, _("Your review of repetition %(number)d is saved.") % {"number": kept.number})
    return redirect(f"{reverse('coaching:session', args=[row.pk])}#review-{kept.number}")


def keep_review(
    row: Session, form: ReviewForm, number: int | None, by: User, *, unseen: bool = False
) -> RepetitionReview | None:
    """The new row; None when the form now says what is wrong with it. `number` None: a repetition to add."""
    if not form.is_valid():
        return None
    opinion = replace(form.opinion(), unseen=unseen)
    try:
        assessment = assessment_of(row, form.cleaned_data["assessment"])
        if number is None:
            return add_repetition(assessment=assessment, by=by, opinion=opinion)
        return review_repetition(assessment=assessment, number=number, by=by, opinion=opinion)
    except ReviewRefused as refused:
        form.refuse(refused)
        return None


def _refused(request: SignedInRequest, row: Session, form: ReviewForm, number: int | None) -> HttpResponse:
    if not request.htmx:
        page = session_context(reader(request), row, bound=(number, form))
        return render(request, "coaching/session.html", page, status=REFUSED)
    found = _reviews(request, row, bound=(number, form))
    if found.add_form is None:  # the result was replaced while the form was open
        return HttpResponseClientRefresh()
    context: dict[str, Any] = {"session": row, "reviews": found}
    if number is None:
        return private_page(render(request, "coaching/review/_add.html", context, status=REFUSED))
    context["slot"] = next(slot for slot in found.slots if slot.number == number)
    return private_page(render(request, "coaching/review/_slot.html", context, status=REFUSED))


def _saved_partial(request: SignedInRequest, row: Session, kept: RepetitionReview, *, whole: bool) -> HttpResponse:
    found = _reviews(request, row)
    slots = tuple(replace(slot, saved=slot.number == kept.number) for slot in found.slots)
    context: dict[str, Any] = {"session": row, "reviews": replace(found, slots=slots)}
    if whole:
        return private_page(render(request, "coaching/review/_section.html", context))
    context["slot"] = next(slot for slot in slots if slot.number == kept.number)
    return private_page(render(request, "coaching/review/_slot.html", context))


@require_POST
def carry(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Confirm one's reviews of an earlier analysis for this one: those that the button was shown with.

    Back to where the offer stands: who has not opened the result is not led to it by this.
    """
    row = session_to_review(reader(request), pk)
    about = [int(text) for text in request.POST.getlist("assessment") if text.isdecimal()]
    chosen = {int(text) for text in request.POST.getlist("review") if text.isdecimal()}
    try:
        assessment = assessment_of(row, about[0] if about else 0)
        kept = carry_over(assessment=assessment, by=reader(request), chosen=chosen)
    except ReviewRefused as refused:
        messages.error(request, str(refused.advice))
    else:
        text = ngettext("%(n)d review is taken over.", "%(n)d reviews are taken over.", len(kept))
        messages.success(request, text % {"n": len(kept)})
    seen = has_seen_result(reader(request), row)
    place = f"{reverse('coaching:session', args=[pk])}#reviews" if seen else reverse("coaching:blind", args=[pk])
    return redirect(place)


@require_GET
def queue(request: SignedInRequest) -> HttpResponse:
    """Results with repetitions that nobody has reviewed yet, or (`?by=me`) not this instructor. Least certain first."""
    user = reader(request)
    if not may_review_somewhere(user):
        raise PermissionDenied
    own = request.GET.get("by") == "me"
    rows = review_queue(user, own=own).with_latest_run()
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    viewer = Viewer(user)
    context = {
        "page_obj": page,
        "rows": [(row, view_session(row, viewer)) for row in page],
        "own": own,
        "query": "by=me&" if own else "",
    }
    return render(request, "coaching/review_queue.html", context)
