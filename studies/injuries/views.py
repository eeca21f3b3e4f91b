"""Pages about injuries: quick entry, entry for one student, the student's own report, one entry with its trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studies.access import SEES_NAMES, participant_for, record_class_access, role_in, students_of, study_for
from studies.errors import StudyError
from studies.injuries.access import injury_for, own_participation, problem_for
from studies.injuries.forms import (
    CorrectInjuryForm,
    HurtForm,
    InjuryForm,
    ProblemInjuryForm,
    QuickInjuryForm,
    StrikeForm,
)
from studies.injuries.presentation import changes_in_words
from studies.injuries.services import (
    correct_injury,
    log_injury,
    log_problem_as_injury,
    report_injury,
    strike_injury,
)
from studies.models import Injury

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.models import Participant
    from studies.requests import SignedInRequest

REFUSED = 422
CLASS_LOG = "injuries of the class"
SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def injury_quick(request: SignedInRequest, pk: int) -> HttpResponse:
    """Log an injury of anybody in the class: student, place, save."""
    study = study_for(request.user, pk, write=True)
    students = list(students_of(request.user, study).select_related("user", "study").order_by("code"))
    form = QuickInjuryForm(request.POST if request.method == "POST" else None, students=students)
    if form.is_valid() and _logged(request, form.cleaned_data["student"], form):
        return redirect("studies:participant", pk=form.cleaned_data["student"].pk)
    context = {"study": study, "form": form, "students": students}
    return render(request, "studies/injuries/quick.html", context, status=REFUSED if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def injury_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """Log an injury of one student."""
    participant = participant_for(request.user, pk, write=True)
    form = InjuryForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _logged(request, participant, form):
        return redirect("studies:participant", pk=participant.pk)
    context = {"study": participant.study, "participant": participant, "form": form}
    return render(request, "studies/injuries/add.html", context, status=REFUSED if form.errors else 200)


def _logged(request: SignedInRequest, participant: Participant, form: InjuryForm) -> bool:
    another = form.cleaned_data["another"]
    try:
        log_injury(participant=participant, by=request.user, check_twice=not another, **form.values())
    except StudyError as error:
        form.add_error("another" if error.code == "perhaps_twice" else None, str(error.advice))
        return False
    messages.success(request, _("The injury is in the log."))
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def hurt(request: SignedInRequest, pk: int) -> HttpResponse:
    """Something hurts: a student's own report, which nothing about the study blocks."""
    participant = own_participation(request.user, pk)
    form = HurtForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            report_injury(participant=participant, **form.cleaned_data)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("Thank you. Your instructor sees it. Stop what hurts until you have spoken."))
            return redirect("studies:participant", pk=participant.pk)
    context = {"study": participant.study, "participant": participant, "form": form}
    return render(request, "studies/injuries/hurt.html", context, status=REFUSED if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def injury(request: SignedInRequest, pk: int) -> HttpResponse:
    """One entry with its trail, and for who may write the form to change it."""
    found = injury_for(request.user, pk, write=request.method == "POST")
    study = found.participant.study
    role = role_in(request.user, study)
    form = CorrectInjuryForm(request.POST if request.method == "POST" else None, injury=found)
    if form.is_valid():
        given = form.cleaned_data
        try:
            correct_injury(
                injury=found,
                by=request.user,
                seen_version=given["seen_version"],
                values=form.values(),
                reason=given["reason"],
            )
        except StudyError as error:
            form.add_error("reason" if error.code == "reason_missing" else None, str(error.advice))
        else:
            messages.success(request, _("Saved."))
            return redirect("studies:injury", pk=found.pk)
    context = {
        "study": study,
        "participant": found.participant,
        "injury": found,
        "form": form,
        "strike": StrikeForm(initial={"seen_version": found.version}),
        "changes": changes_in_words(found),
        "may_write": role in SEES_NAMES and found.struck_at is None,
        "named": role in SEES_NAMES or found.participant.user_id == request.user.pk,
        "is_staff_here": role != "student",
    }
    return render(request, "studies/injuries/injury.html", context, status=REFUSED if form.errors else 200)


@require_POST
def injury_strike(request: SignedInRequest, pk: int) -> HttpResponse:
    """Strike out an entry made by mistake, with the reason."""
    found = injury_for(request.user, pk, write=True)
    form = StrikeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why this entry is a mistake."))
        return redirect("studies:injury", pk=found.pk)
    try:
        strike_injury(injury=found, by=request.user, **form.cleaned_data)
    except StudyError as error:
        messages.error(request, str(error.advice))
    else:
        messages.success(request, _("Struck out. It counts no more; the entry stays readable."))
    return redirect("studies:injury", pk=found.pk)


@require_POST
def problem_injury(request: SignedInRequest, pk: int) -> HttpResponse:
    """Log a problem of the weekly questions as an injury."""
    problem = problem_for(request.user, pk)
    form = ProblemInjuryForm(request.POST)
    week = problem.answer.week_id
    if not form.is_valid():
        messages.error(request, _("Enter the day of the injury."))
        return redirect("studies:health-week", pk=problem.answer.participant.study_id, week_pk=week)
    try:
        made = log_problem_as_injury(problem=problem, by=request.user, **form.cleaned_data)
    except StudyError as error:
        messages.error(request, str(error.advice))
        return redirect("studies:health-week", pk=problem.answer.participant.study_id, week_pk=week)
    messages.success(request, _("The injury is in the log. Complete it here."))
    return redirect("studies:injury", pk=made.pk)


@require_safe
@never_cache
def injuries(request: SignedInRequest, pk: int) -> HttpResponse:
    """The injury log of the class, newest first; by code for a researcher."""
    study = study_for(request.user, pk, staff=True)
    people = students_of(request.user, study)
    rows = Injury.objects.filter(participant__in=people).select_related("participant__user")
    wanted = request.GET.get("state", "")
    if wanted in Injury.Status.values:
        rows = rows.standing().filter(status=wanted)
    shown = list(rows[:SHOWN])
    record_class_access(request.user, {row.participant_id: row.participant for row in shown}.values(), CLASS_LOG)
    context = {
        "study": study,
        "injuries": shown,
        "total": rows.count(),
        "state": wanted,
        "named": role_in(request.user, study) in SEES_NAMES,
        "states": Injury.Status.choices,
    }
    return render(request, "studies/injuries/log.html", context)
