"""Pages of training: log a lesson, correct it, the calendar of a class and of a student, the CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from studies.access import SEES_NAMES, STAFF, participant_for, record_export, role_in, students_of, study_for
from studies.errors import StudyError
from studies.exposure.calendar import month_grid, month_of
from studies.exposure.export import COLUMNS, exposure_csv
from studies.exposure.forms import LessonForm
from studies.exposure.services import correct_lesson, log_lesson
from studies.models import Participant, TrainingSession

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.models import Study
    from studies.requests import SignedInRequest

REFUSED = 422
EXPOSURE = "training (CSV)"
SHOWN = 100


def _students(request: SignedInRequest, study: Study) -> list[Participant]:
    """Whom a lesson is for: without those excluded; of one section where the address says so."""
    rows = students_of(request.user, study).exclude(eligibility=Participant.Eligibility.EXCLUDED)
    if section := request.GET.get("section", ""):
        rows = rows.filter(section=section)
    return list(rows.select_related("user").order_by("user__last_name", "user__first_name", "code"))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def lesson_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """Log one lesson: who was there, who was missing, and what each did."""
    study = study_for(request.user, pk, write=True)
    form = LessonForm(request.POST if request.method == "POST" else None, students=_students(request, study))
    if form.is_valid():
        given = form.cleaned_data
        try:
            log_lesson(
                study=study,
                by=request.user,
                held_on=given["held_on"],
                minutes=given["minutes"],
                rows=form.attended(),
                section=request.GET.get("section", "")[:40],
                another=given["another"],
            )
        except StudyError as error:
            form.add_error("another" if error.code == "lesson_twice" else None, str(error.advice))
        else:
            messages.success(request, _("The lesson is in the log."))
            return redirect("studies:detail", pk=study.pk)
    context = {"study": study, "form": form, "lesson": None, "sections": _sections(request, study)}
    return render(request, "studies/exposure/lesson.html", context, status=REFUSED if form.errors else 200)


def _sections(request: SignedInRequest, study: Study) -> list[str]:
    rows = students_of(request.user, study).exclude(section="").order_by("section")
    return list(rows.values_list("section", flat=True).distinct())


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def lesson(request: SignedInRequest, pk: int, lesson_pk: int) -> HttpResponse:
    """Correct a lesson; who saves an old page is told, and overwrites nothing."""
    study = study_for(request.user, pk, write=True)
    found = get_object_or_404(study.lessons_held.prefetch_related("rows"), pk=lesson_pk)
    mine = students_of(request.user, study).filter(training_sessions__lesson=found).select_related("user")
    students = list(mine.order_by("user__last_name", "user__first_name", "code"))
    form = LessonForm(request.POST if request.method == "POST" else None, students=students, lesson=found)
    if form.is_valid():
        given = form.cleaned_data
        try:
            correct_lesson(
                lesson=found,
                by=request.user,
                seen_version=given["seen_version"] or 0,
                held_on=given["held_on"],
                minutes=given["minutes"],
                rows=form.attended(),
            )
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("Saved."))
            return redirect("studies:lesson", pk=study.pk, lesson_pk=found.pk)
    context = {"study": study, "form": form, "lesson": found, "sections": []}
    return render(request, "studies/exposure/lesson.html", context, status=REFUSED if form.errors else 200)


@require_safe
@never_cache
def class_calendar(request: SignedInRequest, pk: int) -> HttpResponse:
    """A month of the class, and its lessons."""
    study = study_for(request.user, pk, staff=True)
    rows = TrainingSession.objects.filter(participant__in=students_of(request.user, study))
    context = {"study": study, "participant": None, **_month(request, rows)}
    first = context["month"].first  # type: ignore[attr-defined]
    held = study.lessons_held.filter(held_on__year=first.year, held_on__month=first.month)
    here = Q(rows__attendance=TrainingSession.Attendance.PRESENT)
    context["lessons"] = held.annotate(
        present=Count("rows", filter=here), missing=Count("rows", filter=~here)
    ).order_by("held_on", "pk")[:SHOWN]
    context["may_write"] = role_in(request.user, study) in SEES_NAMES
    return render(request, "studies/exposure/calendar.html", context)


@require_safe
@never_cache
def student_calendar(request: SignedInRequest, pk: int) -> HttpResponse:
    """A month of one student."""
    participant = participant_for(request.user, pk)
    role = role_in(request.user, participant.study)
    context = {
        "study": participant.study,
        "participant": participant,
        "named": role in SEES_NAMES or participant.user_id == request.user.pk,
        "is_staff_here": role in STAFF,
        **_month(request, TrainingSession.objects.filter(participant=participant)),
    }
    return render(request, "studies/exposure/calendar.html", context)


def _month(request: SignedInRequest, rows: QuerySet[TrainingSession]) -> dict[str, object]:
    """The month that the address names, else that of the newest row, else this one."""
    newest = rows.order_by("-held_on").values_list("held_on", flat=True).first()
    first = month_of(request.GET.get("month", ""), default=newest or timezone.localdate())
    return {"month": month_grid(rows, first)}


@require_safe
@never_cache
def exposure(request: SignedInRequest, pk: int) -> HttpResponse:
    """All rows of training as CSV, by pseudonym."""
    study = study_for(request.user, pk, staff=True)
    rows = list(
        TrainingSession.objects.filter(participant__in=students_of(request.user, study))
        .select_related("participant")
        .annotate(film_count=Count("films"))
        .order_by("participant__code", "held_on", "pk")
    )
    record_export(request.user, study, EXPOSURE, rows=len(rows), columns=COLUMNS)
    headers = {"Content-Disposition": f'attachment; filename="training-{study.pk}.csv"'}
    return HttpResponse(exposure_csv(rows), content_type="text/csv; charset=utf-8", headers=headers)
