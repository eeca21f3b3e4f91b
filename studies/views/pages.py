"""The pages that are read: home, a study, a student."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from studies.access import (
    SEES_NAMES,
    STAFF,
    arms_shown_to,
    participant_for,
    record_access,
    record_class_access,
    role_in,
    sections_of,
    students_of,
    study_for,
)
from studies.closing.looks import may_compare
from studies.consent.selectors import to_answer as consents_to_answer
from studies.models import Participant
from studies.plans import open_plan
from studies.selectors import arms_of_class, class_with_totals, participants_with_totals, studies_of_staff

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.requests import SignedInRequest

RECENT = 10
SHOWN = 100
CLASS_TABLE = "injury counts of the class"
INJURIES = "injuries"


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """What the person can do next: their own training as a student, their studies as staff."""
    own = Participant.objects.filter(user=request.user).select_related("study")
    to_answer = consents_to_answer(request.user)
    if to_answer and "later" not in request.GET:
        return redirect("studies:consent", pk=to_answer[0].pk)
    context = {
        "participations": participants_with_totals(own).order_by("study__title"),
        "consents_to_answer": to_answer,
        "studies": studies_of_staff(request.user),
    }
    return render(request, "studies/home.html", context)


@require_safe
@never_cache
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """A study for its staff: groups, and the class as a table. A student is sent to their own page.

    Assessor and officer work with no rows of students: they get the title and what they may do.
    """
    study = study_for(request.user, pk)
    role = role_in(request.user, study)
    if role == "student":
        return redirect("studies:participant", pk=students_of(request.user, study).get(user=request.user).pk)
    if role not in STAFF:
        return render(request, "studies/roles/start.html", {"study": study, "role": role})
    groups = {arm.pk: arm for arm in arms_shown_to(request.user, study)}
    rows = class_with_totals(students_of(request.user, study))
    rows.sort(key=lambda row: (groups[row.arm_id].position if row.arm_id else len(groups), row.code))
    shown = Paginator(rows, SHOWN).get_page(request.GET.get("page"))
    record_class_access(request.user, shown.object_list, CLASS_TABLE)
    sections = sections_of(request.user, study)
    context = {
        "study": study,
        "role": role,
        "named": role in SEES_NAMES,
        "sections": sorted(sections),
        "whole": not sections,
        "arms": arms_of_class(request.user, study, rows, compare=may_compare(study)),
        "groups": groups,
        "participants": shown.object_list,
        "page": shown,
        "unassigned": sum(row.arm_id is None for row in rows),
    }
    return render(request, "studies/detail.html", context)


@require_safe
@never_cache
def participant(request: SignedInRequest, pk: int) -> HttpResponse:
    """One student: exposure, start values, injuries, films, who looked. By code and without films for a researcher."""
    found = participant_for(request.user, pk)
    role = role_in(request.user, found.study)
    is_own = found.user_id == request.user.pk
    named = is_own or role in SEES_NAMES
    record_access(request.user, found, INJURIES)
    context = {
        "participant": participants_with_totals(Participant.objects.select_related("study")).get(pk=found.pk),
        "study": found.study,
        "named": named,
        "is_own": is_own,
        "is_staff_here": role in STAFF,
        "may_write": role in SEES_NAMES,
        "groups": {arm.pk: arm for arm in arms_shown_to(request.user, found.study)},
        "open_plan": open_plan(found.study) if role in SEES_NAMES and found.arm_id is None else None,
        "baseline": getattr(found, "baseline", None),
        "lessons": found.training_sessions.all()[:RECENT],
        "injuries": found.injuries.all(),
        "films": found.sessions.all()[:RECENT] if named else None,
        "looks": found.access_records.select_related("user")[:RECENT] if named else None,
        "moves": found.reassignments.all() if role in STAFF else None,
    }
    return render(request, "studies/participant.html", context)
