"""The end of a study, for its owner: close it, open it again, release feedback, compare groups before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from studies.access import study_for
from studies.closing.forms import CloseStudyForm, LookForm, ReleaseForm, ReopenForm
from studies.closing.looks import may_compare, take_look, why_not_yet
from studies.closing.rules import open_work
from studies.closing.services import close_study, left_undone, release_feedback, reopen_study
from studies.errors import StudyError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.requests import SignedInRequest

REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def close(request: SignedInRequest, pk: int) -> HttpResponse:
    """Close the study, or open it again with a reason."""
    study = study_for(request.user, pk, own=True)
    given = request.POST if request.method == "POST" else None
    was_closed = study.closed_at is not None
    form = ReopenForm(given) if was_closed else CloseStudyForm(given)
    if form.is_valid():
        about = {name: value for name, value in form.cleaned_data.items() if name != "sure"}
        try:
            if was_closed:
                reopen_study(study=study, by=request.user, **about)
            else:
                close_study(study=study, by=request.user, **about)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("The study is open again.") if was_closed else _("The study is closed."))
            return redirect("studies:close", pk=study.pk)
    context = {
        "study": study,
        "form": form,
        "open_work": [] if was_closed else open_work(study),
        "left_undone": [] if was_closed else left_undone(study),
        "milestones": study.milestones.select_related("by"),
        "may_compare": may_compare(study),
    }
    return render(request, "studies/closing/close.html", context, status=REFUSED if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def release(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the coach's feedback to every group."""
    study = study_for(request.user, pk, own=True)
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            release_feedback(study=study, by=request.user, reason=form.cleaned_data["reason"])
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("Every group sees the coach's feedback now."))
            return redirect("studies:close", pk=study.pk)
    context = {"study": study, "form": form}
    return render(request, "studies/closing/release.html", context, status=REFUSED if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def look(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open the comparison of the groups before the study is over, with a reason."""
    study = study_for(request.user, pk, own=True)
    form = LookForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            take_look(study=study, by=request.user, reason=form.cleaned_data["reason"])
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("The groups can be compared now."))
            return redirect("analysis:report", pk=study.pk)
    context = {"study": study, "form": form, "may_compare": may_compare(study), "why": why_not_yet(study)}
    return render(request, "studies/closing/look.html", context, status=REFUSED if form.errors else 200)
