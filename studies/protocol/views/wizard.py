"""A new study in six steps. What was written is kept at every step, and nothing exists until the last button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from studies.errors import StudyError
from studies.protocol.document import PARTS, completed, problems
from studies.protocol.forms import BeginForm
from studies.protocol.selectors import draft_for, own_studies, unmade_drafts
from studies.protocol.services import create_from_draft, discard_draft, may_create_studies, start_draft
from studies.protocol.views.pages import REFUSED, edit_part
from studies.protocol.words import TITLES, sections

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.models import ProtocolDraft
    from studies.requests import SignedInRequest

COPIES_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def study_new(request: SignedInRequest) -> HttpResponse:
    """Begin a study, or go on with one."""
    if not may_create_studies(request.user):
        raise PermissionDenied
    earlier = own_studies(request.user)
    choices = [(str(study.pk), study.title) for study in earlier[:COPIES_SHOWN]]
    form = BeginForm(request.POST if request.method == "POST" else None, studies=choices)
    if form.is_valid():
        chosen = form.cleaned_data["begin"]
        source = get_object_or_404(earlier, pk=int(chosen)) if chosen.isdigit() else None
        draft = start_draft(by=request.user, source=source, ready_made=chosen == "paper")
        return redirect("studies:draft-step", draft_pk=draft.pk, part="about")
    context = {"form": form, "drafts": unmade_drafts(request.user)}
    return render(request, "studies/protocol/new.html", context, status=REFUSED if form.errors else 200)


def _where(draft: ProtocolDraft) -> dict[str, str]:
    where = {name: reverse("studies:draft-step", args=[draft.pk, name]) for name in PARTS}
    where["end"] = reverse("studies:draft-review", args=[draft.pk])
    where["calculate"] = reverse("analysis:draft-sample-size", args=[draft.pk])
    return where


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def draft_step(request: SignedInRequest, draft_pk: int, part: str) -> HttpResponse:
    """One step of a study that is being made."""
    draft = draft_for(request.user, draft_pk)
    if part not in PARTS:
        raise Http404("no such step")
    return edit_part(request, draft, part, _where(draft))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def draft_review(request: SignedInRequest, draft_pk: int) -> HttpResponse:
    """Everything on one page, and the button that makes the study; or throw it away."""
    draft = draft_for(request.user, draft_pk)
    refused = ""
    if request.method == "POST":
        try:
            if "discard" in request.POST:
                discard_draft(draft=draft)
                messages.info(request, _("Thrown away. No study was made."))
                return redirect("home")
            study = create_from_draft(draft=draft, by=request.user)
        except StudyError as error:
            refused = str(error.advice)
        else:
            messages.success(request, _("The study is made. Enrol the class, then draw the groups."))
            return redirect("studies:detail", pk=study.pk)
    document = completed(draft.document)
    where = _where(draft)
    context = {
        "draft": draft,
        "refused": refused,
        "sections": [{"section": found, "url": where[found.part]} for found in sections(document)],
        "problems": [
            {"problem": found, "url": where[found.part], "step": TITLES[found.part]} for found in problems(document)
        ],
        "steps": [
            {"name": name, "title": TITLES[name], "url": where[name], "number": index}
            for index, name in enumerate(PARTS, start=1)
        ],
    }
    return render(request, "studies/protocol/review.html", context, status=REFUSED if refused else 200)
