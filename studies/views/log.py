"""Writing into the logs: injuries of a student, lessons of the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from studies.access import participant_for, students_of, study_for
from studies.errors import StudyError
from studies.forms import InjuryForm, LessonForm
from studies.services import log_injury, log_training_session

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.requests import SignedInRequest

REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
def injury_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """Log an injury of one student."""
    participant = participant_for(request.user, pk, write=True)
    form = InjuryForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            log_injury(participant=participant, by=request.user, **form.cleaned_data)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("The injury is in the log."))
            return redirect("studies:participant", pk=participant.pk)
    context = {"study": participant.study, "participant": participant, "form": form}
    return render(request, "studies/injury_add.html", context, status=REFUSED if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def lesson_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """Log one lesson for everybody of one's students who was there."""
    study = study_for(request.user, pk, write=True)
    students = students_of(request.user, study)
    form = LessonForm(request.POST if request.method == "POST" else None, students=students)
    if form.is_valid():
        given = form.cleaned_data
        try:
            with transaction.atomic():
                for participant in given["present"]:
                    log_training_session(
                        participant=participant, held_on=given["held_on"], minutes=given["minutes"], by=request.user
                    )
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("The lesson is in the log."))
            return redirect("studies:detail", pk=study.pk)
    return render(
        request, "studies/lesson_add.html", {"study": study, "form": form}, status=REFUSED if form.errors else 200
    )
