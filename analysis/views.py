"""The report of a study, for the people who work in it: page, snapshot, data; by code, never by name.

And the check of published tables, which knows no study.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from analysis.agreement import coach_tables, instructor_tables, review_report
from analysis.export import COLUMNS, DOWNLOADED, data_csv, report_json
from analysis.format import SKINS, percent
from analysis.forms import IntegrityForm
from analysis.integrity import NOTHING_READ, summary_of_check
from analysis.integrity import sections as sections_of_check
from analysis.page import sections
from analysis.reports import build_report
from analysis.stats import InvalidSample
from analysis.stats.integrity.checker import check_text
from studies.access import (
    SEES_NAMES,
    arms_shown_to,
    record_class_access,
    record_export,
    role_in,
    students_of,
    study_for,
)
from studies.closing.looks import may_compare, why_not_yet

if TYPE_CHECKING:
    from analysis.results import Report
    from studies.models import Study
    from studies.requests import SignedInRequest


@require_safe
@cache_control(private=True, no_store=True)
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every outcome in words, as a plot and in SPSS's tables. `?skin=paper` prints a tiny p as the paper does."""
    study = study_for(request.user, pk, staff=True, whole=True)
    if not may_compare(study):
        return render(request, "analysis/not_yet.html", {"study": study, "why": why_not_yet(study)})
    wanted = request.GET.get("skin", "")
    skin = next((skin for skin in SKINS if skin == wanted), SKINS[0])
    found = build_report(study, arms=arms_shown_to(request.user, study))
    context = {
        "study": study,
        "report": found,
        "sections": sections(found, skin=skin),
        "skin": skin,
        "level": percent(found.confidence),
    }
    return render(request, "analysis/report.html", context)


@require_safe
@cache_control(private=True, no_store=True)
def review_agreement(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far coach and instructors agree: counts and figures, of nobody in particular."""
    study = study_for(request.user, pk, staff=True, whole=True)
    found = review_report(study)
    context = {
        "study": study,
        "report": found,
        "coach": coach_tables(found),
        "instructors": [instructor_tables(two) for two in found.instructors],
        "may_review": role_in(request.user, study) in SEES_NAMES,
    }
    return render(request, "analysis/agreement.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
def integrity(request: SignedInRequest) -> HttpResponse:
    """Check a pasted table, for anybody who is signed in. Nothing of it is stored."""
    form = IntegrityForm(request.POST or None)
    context: dict[str, object] = {"form": form}
    if request.method != "POST":
        return render(request, "analysis/integrity.html", context)
    try:
        if form.is_valid():
            found = check_text(form.cleaned_data["text"], form.options())
            context |= {"checked": True, "sections": sections_of_check(found), "summary": summary_of_check(found)}
            return render(request, "analysis/integrity.html", context | {"unread": found.unread})
    except InvalidSample:
        form.add_error("text", NOTHING_READ)
    return render(request, "analysis/integrity.html", context, status=422)


@require_safe
@cache_control(private=True, no_store=True)
def snapshot(request: SignedInRequest, pk: int) -> HttpResponse:
    """The report's numbers with all their digits, its data, versions and hashes."""
    study = study_for(request.user, pk, staff=True, whole=True)
    if not may_compare(study):
        return redirect("analysis:report", pk=pk)
    found = build_report(study, arms=arms_shown_to(request.user, study))
    record_class_access(request.user, students_of(request.user, study), DOWNLOADED)
    record_export(request.user, study, "report (JSON)", rows=_rows(found))
    return _download(report_json(found), "application/json", _name(study, found, "json"))


@require_safe
@cache_control(private=True, no_store=True)
def data(request: SignedInRequest, pk: int) -> HttpResponse:
    """The values behind the report, one row a participant and outcome; its SHA-256 is the report's data hash."""
    study = study_for(request.user, pk, staff=True, whole=True)
    if not may_compare(study):
        return redirect("analysis:report", pk=pk)
    found = build_report(study, arms=arms_shown_to(request.user, study))
    record_class_access(request.user, students_of(request.user, study), DOWNLOADED)
    text = data_csv(found.outcomes, is_demonstration=found.is_demonstration)
    record_export(request.user, study, "outcomes (CSV)", rows=_rows(found), columns=COLUMNS)
    return _download(text, "text/csv; charset=utf-8", _name(study, found, "csv"))


def _rows(found: Report) -> int:
    """Values in a download of the report, those left out included."""
    groups = sum(len(group.codes) for row in found.outcomes for group in row.groups)
    return groups + sum(len(row.exclusions) for row in found.outcomes)


def _name(study: Study, found: Report, suffix: str) -> str:
    """A file name that keeps the label of reconstructed data."""
    label = "-reconstruction" if found.is_demonstration else ""
    title = slugify(study.title)[:50].rstrip("-") or "study"
    return f"{title}-{study.pk}{label}.{suffix}"


def _download(text: str, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        text, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
