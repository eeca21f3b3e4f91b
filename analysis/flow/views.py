"""The flow diagram and the checklist of a study, as pages and as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from analysis.flow.checklist import docx, markdown, not_held, rows_of
from analysis.flow.counts import build_flow
from analysis.flow.drawing import png, svg
from analysis.flow.facts import facts_of
from analysis.flow.items import EDITIONS
from analysis.flow.layout import description, layout
from studies.access import record_export, study_for

if TYPE_CHECKING:
    from analysis.flow.counts import Flow
    from studies.models import Study
    from studies.requests import SignedInRequest

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _wants_sections(request: SignedInRequest, study: Study) -> bool:
    """Asked for, or where whole sections were drawn: their tree has two levels."""
    wanted = request.GET.get("sections", "")
    if wanted:
        return wanted == "1"
    plan = study.plans.first()
    return plan is not None and plan.design.get("algorithm", "").startswith("clusters")


@require_safe
@cache_control(private=True, no_store=True)
def flow(request: SignedInRequest, pk: int) -> HttpResponse:
    """The diagram as it is now, and the same counts as a table."""
    study = study_for(request.user, pk, staff=True)
    found = build_flow(request.user, study)
    context = {
        "study": study,
        "flow": found,
        "sections": _wants_sections(request, study),
        "description": description(found),
    }
    return render(request, "analysis/flow/flow.html", context)


@require_safe
@cache_control(private=True, no_store=True)
def flow_image(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    """The diagram as SVG or PNG. Saved (`?save=1`) it is an export."""
    study = study_for(request.user, pk, staff=True)
    found = build_flow(request.user, study)
    made = layout(found, sections=_wants_sections(request, study))
    headers = {}
    if request.GET.get("save"):
        record_export(request.user, study, f"flow diagram ({kind.upper()})", rows=found.randomised)
        headers["Content-Disposition"] = f'attachment; filename="flow-{study.pk}.{kind}"'
    if kind == "png":
        return HttpResponse(png(made), content_type="image/png", headers=headers)
    text = svg(made, title=_title(study, found), description=description(found))
    return HttpResponse(text, content_type="image/svg+xml", headers=headers)


def _title(study: Study, found: Flow) -> str:
    return _("Flow of students: %(title)s") % {"title": study.title}


def _edition(request: SignedInRequest) -> str:
    edition = request.GET.get("edition", "2025")
    if edition not in EDITIONS:
        raise Http404("no such edition")
    return edition


@require_safe
@cache_control(private=True, no_store=True)
def consort(request: SignedInRequest, pk: int) -> HttpResponse:
    """The checklist, filled with what the record holds."""
    study = study_for(request.user, pk, staff=True)
    edition = _edition(request)
    rows = rows_of(edition, facts_of(request.user, study, build_flow(request.user, study)))
    context = {
        "study": study,
        "edition": edition,
        "editions": list(EDITIONS),
        "rows": rows,
        "filled": sum(bool(row.texts) for row in rows),
        "not_held": not_held(),
    }
    return render(request, "analysis/flow/consort.html", context)


@require_safe
@cache_control(private=True, no_store=True)
def consort_file(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    """The checklist as Markdown or DOCX."""
    study = study_for(request.user, pk, staff=True)
    edition = _edition(request)
    rows = rows_of(edition, facts_of(request.user, study, build_flow(request.user, study)))
    record_export(request.user, study, f"CONSORT {edition} checklist", rows=len(rows))
    headers = {"Content-Disposition": f'attachment; filename="consort-{edition}-{study.pk}.{kind}"'}
    if kind == "docx":
        return HttpResponse(docx(study.title, edition, rows), content_type=DOCX, headers=headers)
    text = markdown(study.title, edition, rows)
    return HttpResponse(text, content_type="text/markdown; charset=utf-8", headers=headers)
