"""Class lists as files, in and out; eligibility; values at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from studies.access import (
    SEES_NAMES,
    arms_shown_to,
    participant_for,
    record_access,
    record_class_access,
    record_export,
    role_in,
    sections_of,
    students_of,
    study_for,
)
from studies.errors import StudyError
from studies.models import Baseline, RosterImport, ScreeningEntry
from studies.roster.checks import WARNING
from studies.roster.export import columns_of, roster_csv
from studies.roster.imports import discard, enrol_rows, imports_for, preview, reading_of
from studies.roster.tables import BYTES_MAX
from studies.roster_forms import BaselineForm, EnrolRowsForm, NotEnrolledForm, RosterFileForm, ScreenForm
from studies.screening import entries_for, log_not_enrolled, save_baseline, screen

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.models import Study
    from studies.requests import SignedInRequest

REFUSED = 422
SHOWN_PROBLEMS, SHOWN_ROWS = 200, 20
ROSTER, BASELINE = "roster", "values at the start"


@require_http_methods(["GET", "HEAD", "POST"])
def roster_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send a class list; it is only read, and shown for a decision."""
    study = study_for(request.user, pk, write=True)
    form = RosterFileForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        raw = form.cleaned_data["file"].read(BYTES_MAX + 1)
        try:
            found = preview(
                study=study,
                by=request.user,
                raw=raw,
                encoding=form.cleaned_data["encoding"],
                sections=sections_of(request.user, study),
            )
        except StudyError as error:
            form.add_error("file", str(error.advice))
        else:
            return redirect("studies:roster-import", pk=study.pk, import_pk=found.pk)
    context = {"study": study, "form": form}
    return render(request, "studies/roster_file.html", context, status=REFUSED if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def roster_import(request: SignedInRequest, pk: int, import_pk: int) -> HttpResponse:
    """What the file says, row by row, with what is wrong; enrol the good rows, or forget it."""
    study = study_for(request.user, pk, write=True)
    found = get_object_or_404(
        imports_for(request.user, study, sections_of(request.user, study)).select_related("study"), pk=import_pk
    )
    form = EnrolRowsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            if "discard" in request.POST:
                discard(found=found, by=request.user)
                messages.info(request, _("The list is forgotten. Nobody was enrolled."))
                return redirect("studies:roster-file", pk=study.pk)
            count = enrol_rows(found=found, by=request.user, **form.cleaned_data)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            text = ngettext("%(count)d student enrolled.", "%(count)d students enrolled.", count)
            messages.success(request, text % {"count": count})
            return redirect("studies:enrol", pk=study.pk)
    context = {"study": study, "found": found, "form": form, **_decision(found)}
    return render(request, "studies/roster_import.html", context, status=REFUSED if form.errors else 200)


def _decision(found: RosterImport) -> dict[str, object]:
    """The rows counted and, the first of them, shown."""
    read = reading_of(found)
    return {
        "is_open": found.state == RosterImport.State.OPEN,
        "total": read.rows,
        "good": len(read.good),
        "with_error": read.with_error,
        "with_warning": read.with_warning,
        "problems": [
            {"problem": problem, "is_warning": problem.level == WARNING} for problem in read.problems[:SHOWN_PROBLEMS]
        ],
        "more_problems": max(0, len(read.problems) - SHOWN_PROBLEMS),
        "first": read.good[:SHOWN_ROWS],
    }


@require_safe
@never_cache
def roster(request: SignedInRequest, pk: int) -> HttpResponse:
    """The class as CSV; by code, without names, for a researcher."""
    study = study_for(request.user, pk, staff=True)
    rows = list(students_of(request.user, study).select_related("user", "baseline").order_by("code"))
    named = role_in(request.user, study) in SEES_NAMES
    record_class_access(request.user, rows, ROSTER)
    record_export(request.user, study, ROSTER, rows=len(rows), columns=columns_of(named=named))
    groups = {arm.pk: arm.key for arm in arms_shown_to(request.user, study)}
    text = roster_csv(rows, groups, named=named)
    headers = {"Content-Disposition": f'attachment; filename="roster-{study.pk}.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
def screening(request: SignedInRequest, pk: int) -> HttpResponse:
    """Confirm or exclude students, note who was asked and is not in the study, and read the log."""
    study = study_for(request.user, pk, staff=True, write=request.method == "POST")
    outside = "outcome" in request.POST
    students = students_of(request.user, study)
    confirm = ScreenForm(request.POST if request.method == "POST" and not outside else None, students=students)
    other = NotEnrolledForm(request.POST if outside else None)
    form = other if outside else confirm
    if form.is_valid():
        try:
            _screen(study, request, other if outside else None, confirm)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("It is in the log."))
            return redirect("studies:screening", pk=study.pk)
    entries = entries_for(request.user, study)
    context = {
        "study": study,
        "may_write": role_in(request.user, study) in SEES_NAMES,
        "confirm": confirm,
        "other": other,
        "entries": entries.select_related("participant__user", "screened_by")[:SHOWN_PROBLEMS],
        "counts": _counts(entries),
    }
    return render(request, "studies/screening.html", context, status=REFUSED if form.errors else 200)


def _counts(entries: QuerySet[ScreeningEntry]) -> list[dict[str, object]]:
    """Entries by outcome and reason, in words."""
    outcomes, reasons = dict(ScreeningEntry.Outcome.choices), dict(ScreeningEntry.Reason.choices)
    rows = entries.order_by().values_list("outcome", "reason").annotate(total=Count("pk"))
    return [
        {"outcome": outcomes[outcome], "reason": reasons.get(reason, ""), "total": total}
        for outcome, reason, total in rows.order_by("outcome", "reason")
    ]


def _screen(study: Study, request: SignedInRequest, other: NotEnrolledForm | None, confirm: ScreenForm) -> None:
    if other is not None:
        log_not_enrolled(study=study, by=request.user, **other.cleaned_data)
        return
    given = confirm.cleaned_data
    screen(
        participants=given["students"],
        by=request.user,
        eligible=given["eligible"],
        reason=given["reason"],
        note=given["note"],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def baseline(request: SignedInRequest, pk: int) -> HttpResponse:
    """What is known of a student at the start; who saves an old page is told, and overwrites nothing."""
    participant = participant_for(request.user, pk, write=True)
    record_access(request.user, participant, BASELINE)
    stored = Baseline.objects.filter(participant=participant).select_related("changed_by").first()
    given = request.POST if request.method == "POST" else None
    sections = sections_of(request.user, participant.study)
    form = BaselineForm(given, instance=stored or Baseline(), participant=participant, sections=sections)
    conflict = None
    if form.is_valid():
        try:
            save_baseline(
                participant=participant,
                by=request.user,
                seen_version=form.cleaned_data["seen_version"],
                values=form.values(),
                year_of_study=form.cleaned_data["year_of_study"],
                section=form.cleaned_data["section"],
            )
        except StudyError as error:
            form.add_error(None, str(error.advice))
            conflict = Baseline.objects.filter(participant=participant).select_related("changed_by").first()
        else:
            messages.success(request, _("Saved."))
            return redirect("studies:participant", pk=participant.pk)
    context = {"study": participant.study, "participant": participant, "form": form, "conflict": conflict}
    return render(request, "studies/baseline.html", context, status=REFUSED if form.errors else 200)
