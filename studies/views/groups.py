"""Enrolling a class and assigning it to groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from studies import audit
from studies.access import (
    OWNS,
    SEES_NAMES,
    arms_shown_to,
    participant_for,
    role_in,
    sections_of,
    sees_arms,
    students_of,
    study_for,
)
from studies.allocation import allocate_arms, differences, move_to_arm, published_list
from studies.blinding import by_real_key
from studies.enrolment import ClassListRefused, enrol_class, first_sign_ins, parse_class_list
from studies.errors import StudyError
from studies.forms import AllocateForm, ClassListForm, MoveForm
from studies.plan_forms import factor_label
from studies.plan_words import consort_items
from studies.plans import balance, enrolled_before, plan_differences
from studies.randomise.design import read_design
from studies.selectors import arms_of_class, class_with_totals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from studies.blinding import ShownArm
    from studies.models import RandomisationPlan, Study
    from studies.requests import SignedInRequest

REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def enrol(request: SignedInRequest, pk: int) -> HttpResponse:
    """Paste a class list; below it, the links with which new students choose a password."""
    study = study_for(request.user, pk, write=True)
    sections = sections_of(request.user, study)
    form = ClassListForm(request.POST if request.method == "POST" else None, sections=sections)
    wrong: dict[int, str] = {}
    if form.is_valid():
        given = form.cleaned_data
        try:
            lines = parse_class_list(given["students"])
            enrolled = enrol_class(study=study, lines=lines, by=request.user, section=given["section"])
        except ClassListRefused as error:
            form.add_error(None, str(error.advice))
            wrong = error.lines
        else:
            text = ngettext("%(count)d student enrolled.", "%(count)d students enrolled.", len(enrolled))
            messages.success(request, text % {"count": len(enrolled)})
            return redirect("studies:enrol", pk=study.pk)
    context = {
        "study": study,
        "form": form,
        "wrong": wrong,
        "whole": not sections,
        "first_sign_ins": _links(request, study),
    }
    return render(request, "studies/enrol.html", context, status=REFUSED if form.errors else 200)


def _links(request: SignedInRequest, study: Study) -> list[dict[str, str]]:
    return [
        {"name": row.participant.user.get_full_name(), "url": request.build_absolute_uri(row.path)}
        for row in first_sign_ins(students_of(request.user, study))
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def allocate(request: SignedInRequest, pk: int) -> HttpResponse:
    """Assign students to groups by lot, and see with which seed and hash it was done. Researchers may only look.

    Who may not know which group is which gets letters, and neither seed nor list: they would tell.
    """
    study = study_for(request.user, pk, staff=True, write=request.method == "POST", whole=True)
    form = AllocateForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            allocate_arms(study=study, by=request.user, **form.cleaned_data)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("Every student has a group now."))
            return redirect("studies:allocate", pk=study.pk)
    role = role_in(request.user, study)
    lists = list(study.allocation_lists.select_related("created_by"))
    may_write = role in SEES_NAMES
    unassigned = list(study.participants.unassigned().select_related("user").order_by("enrolled_at", "pk"))
    plans = list(study.plans.select_related("committed_by", "closed_by"))
    shown = by_real_key(study, arms_shown_to(request.user, study))
    context = {
        "study": study,
        "form": form,
        "may_write": may_write,
        "may_close": role in OWNS,
        "named": may_write,
        "open_arms": sees_arms(request.user, study),
        "arms": arms_of_class(request.user, study, class_with_totals(students_of(request.user, study))),
        "unassigned": [row for row in unassigned if row.eligibility == row.Eligibility.ELIGIBLE],
        "not_eligible": [row for row in unassigned if row.eligibility != row.Eligibility.ELIGIBLE],
        "checked": [{"list": row, "differences": differences(row)} for row in lists],
        "plans": [_plan(row, shown) for row in plans],
        "open_plan": next((row for row in plans if row.is_open), None),
    }
    return render(request, "studies/allocate.html", context, status=REFUSED if form.errors else 200)


def _plan(plan: RandomisationPlan, shown: Mapping[str, ShownArm]) -> dict[str, object]:
    """A committed plan as its card shows it, its groups as `shown` names them and in that order."""
    keys = read_design(plan.design).arms
    order = sorted(range(len(keys)), key=lambda place: shown[keys[place]].position)
    return {
        "plan": plan,
        "differences": plan_differences(plan),
        "balance": [
            {
                "name": factor_label(key) if key else _("Everybody"),
                "level": level,
                "counts": [counts[place] for place in order],
            }
            for key, level, counts in balance(plan)
        ],
        "arms": [shown[keys[place]].key for place in order],
        "enrolled_before": enrolled_before(plan),
        "consort": consort_items(plan, [(shown[keys[place]].key, keys[place]) for place in order]),
    }


@require_safe
def allocation_list(request: SignedInRequest, pk: int, list_pk: int) -> HttpResponse:
    """One list as JSON: what is needed to make it again with `studies.randomise`, and the result. Codes, no names."""
    study = study_for(request.user, pk, staff=True, whole=True, arms=True)
    row = get_object_or_404(study.allocation_lists, pk=list_pk)
    audit.exported(study.pk, request.user, "allocation list", list=row.pk, rows=len(row.roster))
    name = f"allocation-{row.sha256[:12]}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return JsonResponse(published_list(row), headers=headers, json_dumps_params={"indent": 2})


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: SignedInRequest, pk: int) -> HttpResponse:
    """Move one student to another group, with a reason that is kept."""
    participant = participant_for(request.user, pk, write=True)
    form = MoveForm(request.POST if request.method == "POST" else None, participant=participant)
    if form.is_valid():
        try:
            move_to_arm(participant=participant, by=request.user, **form.cleaned_data)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("Moved. The draw stays as it was; the move is kept beside it."))
            return redirect("studies:participant", pk=participant.pk)
    context = {"study": participant.study, "participant": participant, "form": form, "named": True}
    return render(request, "studies/move.html", context, status=REFUSED if form.errors else 200)
