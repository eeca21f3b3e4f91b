"""The audit for the study's owner: filtered, page by page, and as a file that anybody can follow."""

from __future__ import annotations

import json
import tempfile
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import FileResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from studies.access import record_export, study_for
from studies.audit import document_of
from studies.models import AuditChain, AuditEntry, User

if TYPE_CHECKING:
    from typing import Any

    from django.db.models import QuerySet
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from studies.models import Study
    from studies.requests import SignedInRequest

PER_PAGE = 50
IN_MEMORY = 2_000_000


class AuditFilter(forms.Form):
    """What to show; everything is optional."""

    kind = forms.ChoiceField(label=_("What"), required=False, choices=[("", _("All")), *AuditEntry.Kind.choices])
    actor = forms.ChoiceField(label=_("By whom"), required=False)
    subject = forms.CharField(label=_("Student's code"), required=False, max_length=20)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        actors = AuditEntry.objects.filter(study=study).order_by().values("actor").distinct()
        people = User.objects.filter(pk__in=actors).order_by("last_name", "first_name")
        names = [(str(user.pk), user.get_full_name() or user.get_username()) for user in people]
        self.fields["actor"] = forms.ChoiceField(
            label=_("By whom"), required=False, choices=[("", _("Everybody")), *names]
        )

    def applied(self, rows: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        wanted = {
            "kind": "kind",
            "actor": "actor_id",
            "subject": "subject__iexact",
            "since": "at__date__gte",
            "until": "at__date__lte",
        }
        given = self.cleaned_data
        return rows.filter(**{lookup: given[name] for name, lookup in wanted.items() if given.get(name)})


@require_safe
@never_cache
def audit(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was done, looked at and exported, newest first."""
    study = study_for(request.user, pk, own=True)
    form = AuditFilter(request.GET or None, study=study)
    rows = AuditEntry.objects.filter(study=study).select_related("actor").order_by("-number")
    if form.is_valid():
        rows = form.applied(rows)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    kept = {name: value for name, value in request.GET.items() if name in form.fields and value}
    context = {
        "study": study,
        "form": form,
        "chain": AuditChain.objects.filter(pk=study.pk).first(),
        "page_obj": page,
        "rows": [{"entry": entry, "details": _details(entry.payload)} for entry in page],
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


@require_safe
@never_cache
def audit_file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The whole chain, an entry a line, oldest first, each with its hash (docs/audit.md says how to follow it)."""
    study = study_for(request.user, pk, own=True)
    rows = AuditEntry.objects.filter(study=study).order_by("number")
    record_export(request.user, study, "audit", rows=rows.count())
    out = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
    for entry in rows.iterator(chunk_size=2_000):
        line = json.dumps(document_of(entry) | {"hash": entry.hash}, ensure_ascii=False)
        out.write(f"{line}\n".encode())
    out.seek(0)
    return FileResponse(
        out, as_attachment=True, filename=f"audit-{study.pk}.jsonl", content_type="application/x-ndjson"
    )
