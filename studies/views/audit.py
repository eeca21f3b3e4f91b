"""The audit for the study's owner and officer: filtered, page by page, and as a file that anybody can follow."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from studies.access import SEES_NAMES, audited_study_for, role_in
from studies.audit_file import KIND
from studies.audit_forms import AuditFilter
from studies.audit_view import PayloadReader
from studies.jobs.services import start
from studies.models import AuditChain, AuditEntry

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpResponse

    from studies.requests import SignedInRequest

PER_PAGE = 50


@require_safe
@never_cache
def audit(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was done, looked at and exported, newest first."""
    study = audited_study_for(request.user, pk)
    reader = PayloadReader(request.user, study)
    named = role_in(request.user, study) in SEES_NAMES
    form = AuditFilter(request.GET or None, study=study, named=named)
    rows = AuditEntry.objects.filter(study=study).order_by("-number")
    if form.is_valid():
        rows = form.applied(rows)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    kept = {name: value for name, value in request.GET.items() if name in form.fields and value}
    context = {
        "study": study,
        "form": form,
        "sees_all": reader.sees_all,
        "chain": AuditChain.objects.filter(pk=study.pk).first(),
        "page_obj": page,
        "rows": [
            {
                "entry": entry,
                "actor": form.people.get(entry.actor_id or 0, ""),
                "details": _details(reader.read(entry.payload)),
            }
            for entry in page
        ],
        "query": f"{urlencode(kept)}&" if kept else "",
    }
    return render(request, "studies/audit.html", context, status=422 if form.is_bound and form.errors else 200)


def _details(payload: dict[str, Any]) -> str:
    """The payload in a line: "plan 3, students 50"; lists are counted."""
    parts = []
    for key, value in payload.items():
        if value in ("", [], None):
            continue
        parts.append(f"{key} {len(value) if isinstance(value, list) else value}")
    return ", ".join(parts)


@require_POST
def audit_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for the whole chain as a file; it is made in the background."""
    study = audited_study_for(request.user, pk, arms=True)
    job = start(kind=KIND.key, by=request.user, study=study)
    return redirect("studies:job", pk=job.pk)
