"""The dial of what is told, and a student's progress over the sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coaching.access import Viewer, progress_for, record_progress_look
from coaching.personal.forms import LineForm, LossAlertForm, StrictnessForm
from coaching.personal.load_velocity import load_velocity_of
from coaching.personal.loss_alert import choose_loss_alert, loss_alert_of
from coaching.personal.presentation import progress_by_view
from coaching.personal.strictness import StrictnessRefused, choose_strictness, own_levels, strictness_of
from coaching.vision.load_velocity import V_AT_1RM
from studies.access import SEES_NAMES, role_in, sections_of, students_of, study_for

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.models import Study
    from studies.requests import SignedInRequest

REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def strictness(request: SignedInRequest, pk: int) -> HttpResponse:
    """How early the coach tells what it found, for the class and for single students. Researchers may only look."""
    study = study_for(request.user, pk, staff=True, write=request.method == "POST")
    students, whole = students_of(request.user, study), not sections_of(request.user, study)
    form = StrictnessForm(request.POST if request.method == "POST" else None, students=students, whole=whole)
    if form.is_valid() and _kept(request, study, form):
        return redirect("coaching:strictness", pk=study.pk)
    return _dial(request, study, form, LossAlertForm(students=students, whole=whole))


@require_POST
@never_cache
def loss_alert(request: SignedInRequest, pk: int) -> HttpResponse:
    """From which loss of bar speed the coach says so, chosen beside how strict it is."""
    study = study_for(request.user, pk, staff=True, write=True)
    students, whole = students_of(request.user, study), not sections_of(request.user, study)
    form = LossAlertForm(request.POST, students=students, whole=whole)
    if form.is_valid():
        choice = choose_loss_alert(study=study, by=request.user, **form.cleaned_data)
        said = _("Saved. It holds for sets from now on.") if choice else _("It was so already.")
        messages.success(request, said)
        return redirect("coaching:strictness", pk=study.pk)
    return _dial(request, study, StrictnessForm(students=students, whole=whole), form)


def _dial(request: SignedInRequest, study: Study, form: StrictnessForm, alert: LossAlertForm) -> HttpResponse:
    students = students_of(request.user, study)
    may_write = role_in(request.user, study) in SEES_NAMES
    context = {
        "study": study,
        "form": form,
        "alert_form": alert,
        "alert": loss_alert_of(study),
        "may_write": may_write,
        "named": may_write,
        "level": strictness_of(study),
        "own": own_levels(students),
        "choices": study.strictness_choices.filter(Q(participant__in=students) | Q(participant=None)).select_related(
            "participant__user", "chosen_by"
        )[:50],
        "alert_choices": study.loss_alert_choices.filter(
            Q(participant__in=students) | Q(participant=None)
        ).select_related("participant__user", "chosen_by")[:50],
    }
    status = REFUSED if form.errors or alert.errors else 200
    return render(request, "coaching/strictness.html", context, status=status)


def _kept(request: SignedInRequest, study: Study, form: StrictnessForm) -> bool:
    try:
        choice = choose_strictness(study=study, by=request.user, **form.cleaned_data)
    except StrictnessRefused as refused:
        form.refuse(refused)
        return False
    said = _("Saved. It holds for sets that are analysed from now on.") if choice else _("It was so already.")
    messages.success(request, said)
    return True


@require_safe
@never_cache
def load_velocity(request: SignedInRequest, pk: int) -> HttpResponse:
    """A student's sets with load and speed, and their own line. It comes from what the coach measured in films, so it
    is withheld like everything that the coach says.
    """
    participant = progress_for(request.user, pk)
    record_progress_look(request.user, participant)
    form = LineForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    v_at_1rm = asked.get("v_at_1rm") or V_AT_1RM
    context = {
        "participant": participant,
        "study": participant.study,
        "student": Viewer(request.user).name_of(participant),
        "is_own": participant.user_id == request.user.pk,
        "form": form,
        "default_v": f"{V_AT_1RM:.2f}",
        "found": load_velocity_of(participant, v_at_1rm=v_at_1rm, since=asked.get("since")),
    }
    return render(request, "coaching/load_velocity.html", context)


@require_safe
@never_cache
def progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the coach measured in each set of one student, seen from the same view, and what of it is a change."""
    participant = progress_for(request.user, pk)
    record_progress_look(request.user, participant)
    viewer = Viewer(request.user)
    context = {
        "participant": participant,
        "study": participant.study,
        "student": viewer.name_of(participant),
        "is_own": participant.user_id == request.user.pk,
        "views": progress_by_view(participant),
    }
    return render(request, "coaching/progress.html", context)
