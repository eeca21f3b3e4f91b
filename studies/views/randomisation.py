"""Committed randomisation: choose and commit a design, see it simulated, assign, close, publish, verify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studies import audit, verify_allocation
from studies.access import participant_for, students_of, study_for
from studies.errors import StudyError
from studies.plan_forms import CloseForm, DesignForm, StudentsForm
from studies.plans import assign_waiting, close_plan, commit_plan, open_plan, published
from studies.simulation_page import design_to_simulate, simulated, students_to_simulate

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from studies.models import RandomisationPlan
    from studies.requests import SignedInRequest

REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
def plan_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose a design; "simulate" shows how it does, "commit" fixes it and shows the hash to publish."""
    study = study_for(request.user, pk, write=True, whole=True)
    given = request.POST if request.method == "POST" else None
    form, size = DesignForm(given, study=study), StudentsForm(given)
    simulation = None
    if form.is_valid() and size.is_valid():
        if "simulate" in request.POST:
            simulation = simulated(study, form.cleaned_data["design"], size.cleaned_data["students"])
        else:
            try:
                commit_plan(study=study, by=request.user, design=form.cleaned_data["design"])
            except StudyError as error:
                form.add_error(None, str(error.advice))
            else:
                messages.success(request, _("The design is fixed. Publish its hash now, before you enrol the class."))
                return redirect("studies:allocate", pk=study.pk)
    context = {"study": study, "form": form, "size": size, "simulation": simulation, "in_force": open_plan(study)}
    return render(request, "studies/plan_new.html", context, status=REFUSED if form.errors or size.errors else 200)


@require_safe
def simulation(request: SignedInRequest, pk: int) -> HttpResponse:
    """The study's design repeated 10 000 times beside its rivals; before one is committed, the whole class at once."""
    study = study_for(request.user, pk, staff=True, whole=True)
    plan, design = design_to_simulate(study)
    size = StudentsForm({"students": request.GET.get("students", students_to_simulate(request.user, study))})
    found = None
    if size.is_valid() and len(design.ratios) > 1:
        found = simulated(study, design, size.cleaned_data["students"])
    context = {"study": study, "plan": plan, "size": size, "simulation": found}
    return render(request, "studies/simulation.html", context, status=REFUSED if size.errors else 200)


@require_POST
def assign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give one enrolled, eligible student the next arm of the plan."""
    participant = participant_for(request.user, pk, write=True)
    plan = open_plan(participant.study)
    if plan is None:
        messages.error(request, _("This study has no committed plan: assign the class on the page of its groups."))
    else:
        try:
            made = assign_waiting(plan=plan, by=request.user, only=participant)
        except StudyError as error:
            messages.error(request, str(error.advice))
        else:
            messages.success(request, _("Assigned: %(group)s.") % {"group": made[0].arm.name})
    return redirect("studies:participant", pk=participant.pk)


@require_POST
def plan_assign(request: SignedInRequest, pk: int, plan_pk: int) -> HttpResponse:
    """Give every waiting student of the class an arm, in the order of enrolment."""
    study = study_for(request.user, pk, write=True, whole=True)
    plan = get_object_or_404(study.plans, pk=plan_pk)
    try:
        made = assign_waiting(plan=plan, by=request.user)
    except StudyError as error:
        messages.error(request, str(error.advice))
    else:
        text = ngettext("%(count)d student has a group now.", "%(count)d students have a group now.", len(made))
        messages.success(request, text % {"count": len(made)})
    return redirect("studies:allocate", pk=study.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_close(request: SignedInRequest, pk: int, plan_pk: int) -> HttpResponse:
    """End the plan and reveal its seed: the owner's step."""
    study = study_for(request.user, pk, own=True)
    plan = get_object_or_404(study.plans, pk=plan_pk)
    form = CloseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            close_plan(plan=plan, by=request.user, reason=form.cleaned_data["reason"])
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("Closed. Publish the file: anybody can check it now."))
            return redirect("studies:allocate", pk=study.pk)
    waiting = students_of(request.user, study).waiting().count()
    context = {"study": study, "plan": plan, "form": form, "waiting": waiting}
    return render(request, "studies/plan_close.html", context, status=REFUSED if form.errors else 200)


@require_safe
def plan_published(request: SignedInRequest, pk: int, plan_pk: int) -> HttpResponse:
    """The file to publish (docs/randomisation.md). Codes, no names; no seed and no list before the plan is closed."""
    study = study_for(request.user, pk, staff=True, whole=True, arms=True)
    plan: RandomisationPlan = get_object_or_404(study.plans, pk=plan_pk)
    kind = "commitment" if plan.is_open else "allocation"
    audit.exported(study.pk, request.user, f"{kind} to publish", plan=plan.pk)
    headers = {"Content-Disposition": f'attachment; filename="{kind}-{plan.commitment[:12]}.json"'}
    options = {"indent": 2, "ensure_ascii": False}
    return JsonResponse(published(plan), headers=headers, json_dumps_params=options)


@require_safe
@login_not_required
def verifier(request: HttpRequest) -> HttpResponseBase:
    """The program that checks a published file, for anybody."""
    path = Path(verify_allocation.__file__)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="text/x-python")
