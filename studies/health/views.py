"""Pages of the weekly questions: the student's answers, and for staff how many answered and what they said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from studies.access import SEES_NAMES, record_class_access, role_in, students_of, study_for
from studies.errors import StudyError
from studies.health.forms import WeeklyForm
from studies.health.services import answer, answers_of, asked, not_answered, week_rows
from studies.injuries.access import own_participation
from studies.injuries.forms import ProblemInjuryForm
from studies.models import HealthAnswer, HealthWeek

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.requests import SignedInRequest

REFUSED = 422
WEEKLY = "weekly questions of the class"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def health(request: SignedInRequest, pk: int, week_pk: int) -> HttpResponse:
    """One week's questions, for the student alone; after a problem the page asks for another."""
    participant = own_participation(request.user, pk)
    week = get_object_or_404(HealthWeek, pk=week_pk, study=participant.study_id)
    if not asked(week).filter(pk=participant.pk).exists():
        raise Http404("this student is not asked about this week")
    form = WeeklyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            given = answer(week=week, participant=participant, problem=form.problem())
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            if given.problems.exists():
                messages.success(request, _("Saved. Add another problem, or leave it at this."))
                return redirect("studies:health", pk=participant.pk, week_pk=week.pk)
            messages.success(request, _("Thank you, that is all for this week."))
            return redirect("home")
    stored = HealthAnswer.objects.filter(week=week, participant=participant).prefetch_related("problems").first()
    context = {
        "study": participant.study,
        "participant": participant,
        "week": week,
        "form": form,
        "answer": stored,
        "is_late": timezone.localdate() > week.due_on,
        "is_open": timezone.localdate() >= week.opens_on,
    }
    return render(request, "studies/health/week.html", context, status=REFUSED if form.errors else 200)


@require_safe
@never_cache
def health_weeks(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every week of a study: how many were asked and answered, and how severe it was. Totals of the class only."""
    study = study_for(request.user, pk, staff=True)
    rows = week_rows(study, students_of(request.user, study).only("pk", "enrolled_at", "eligibility"))
    return render(request, "studies/health/weeks.html", {"study": study, "rows": rows})


@require_safe
@never_cache
def health_week(request: SignedInRequest, pk: int, week_pk: int) -> HttpResponse:
    """One week: who has not answered, and the problems, worst first. By code for a researcher."""
    study = study_for(request.user, pk, staff=True)
    week = get_object_or_404(study.health_weeks, pk=week_pk)
    people = students_of(request.user, study)
    answers = answers_of(week, people)
    record_class_access(request.user, [row.participant for row in answers], WEEKLY)
    found = sorted(
        ((row, problem) for row in answers for problem in row.problems.all()), key=lambda pair: -pair[1].severity
    )
    role = role_in(request.user, study)
    context = {
        "study": study,
        "week": week,
        "answers": len(answers),
        "late": sum(row.late for row in answers),
        "problems": found,
        "missing": not_answered(week, people).select_related("user").order_by("code"),
        "named": role in SEES_NAMES,
        "may_write": role in SEES_NAMES,
        "injury_form": ProblemInjuryForm(initial={"occurred_on": week.starts_on}, auto_id=False),
    }
    return render(request, "studies/health/study_week.html", context)
