"""The calculator of a study's size: for a study, and for one that is being made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from analysis.design.forms import SizeForm
from analysis.design.plot import power_plot
from analysis.design.sizes import Sizes, sizes
from analysis.stats import InvalidSample
from studies.access import OWNS, role_in, study_for
from studies.errors import StudyError
from studies.protocol.document import completed
from studies.protocol.selectors import current_document, draft_for
from studies.protocol.services import draft_of, keep_sample_size
from studies.protocol.words import as_seen_by

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from django.http import HttpResponse

    from studies.models import ProtocolDraft, Study
    from studies.requests import SignedInRequest

REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def sample_size(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the study's class can see. Its owner keeps the result in the protocol's draft."""
    study = study_for(request.user, pk, staff=True, own=request.method == "POST")
    owns = role_in(request.user, study) in OWNS
    draft = draft_of(study) if owns else None
    document = completed(draft.document) if draft else as_seen_by(request.user, study, current_document(study))
    back = reverse("studies:protocol-edit", args=[pk, "people"]) if owns else reverse("studies:protocol", args=[pk])
    return _page(request, document, draft, back, study)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def draft_sample_size(request: SignedInRequest, draft_pk: int) -> HttpResponse:
    """The same while the study is being made."""
    draft = draft_for(request.user, draft_pk)
    back = reverse("studies:draft-step", args=[draft.pk, "people"])
    return _page(request, completed(draft.document), draft, back)


def _page(
    request: SignedInRequest,
    document: Mapping[str, Any],
    draft: ProtocolDraft | None,
    back: str,
    study: Study | None = None,
) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET or None
    form = SizeForm(given, document=document)
    if given is None:  # the first look: what the form is filled with
        form = SizeForm(_filled(form), document=document)
    found = _found(form)
    if found is not None and draft is not None and request.method == "POST":
        try:
            _keep(draft, request, found)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("Kept in the draft of the protocol."))
            return redirect(back)
    context = {
        "study": study,
        "draft": draft,
        "form": form,
        "found": found,
        "document": found.document() if found else None,
        "plot": power_plot(found) if found else None,
        "back": back,
    }
    return render(request, "analysis/design/sample_size.html", context, status=REFUSED if form.errors else 200)


def _filled(form: SizeForm) -> QueryDict:
    filled = QueryDict(mutable=True)
    for field in form:
        filled[field.name] = "" if field.initial is None else str(field.initial)
    return filled


def _found(form: SizeForm) -> Sizes | None:
    if not form.is_valid():
        return None
    try:
        return sizes(form.assumed())
    except InvalidSample as error:
        form.add_error(None, error.reason)
    return None


def _keep(draft: ProtocolDraft, request: SignedInRequest, found: Sizes) -> None:
    """`students` is what the class is planned to have, the wanted number or not: that is the person's choice."""
    keep_sample_size(draft=draft, by=request.user, computed=found.document(), students=found.assumed.students)
