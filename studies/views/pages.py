"""The pages that are read: home, a study, a student."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from studies.access import (
    SEES_NAMES,
    STAFF,
    participant_for,
    record_access,
    record_class_access,
    role_in,
    study_for,
)
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
    context = {
        "participations": participants_with_totals(own).order_by("study__title"),
        "studies": studies_of_staff(request.user),
    }
    return render(request, "studies/home.html", context)


@require_safe
@never_cache
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """A study for its staff: groups, and the class as a table. A student is sent to their own page."""
    study = study_for(request.user, pk)
    role = role_in(request.user, study)
    if role in {"assessor", "officer"}:
        raise PermissionDenied
    if role == "student":
        return redirect("studies:participant", pk=study.participants.get(user=request.user).pk)
    rows = class_with_totals(study.participants.order_by("arm__position", "code"))
    shown = Paginator(rows, SHOWN).get_page(request.GET.get("page"))
    record_class_access(request.user, shown.object_list, CLASS_TABLE)
    context = {
        "study": study,
        "role": role,
        "named": role in SEES_NAMES,
        "arms": arms_of_class(study, rows),
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
        "open_plan": open_plan(found.study) if role in SEES_NAMES and found.arm_id is None else None,
        "baseline": getattr(found, "baseline", None),
        "lessons": found.training_sessions.all()[:RECENT],
        "injuries": found.injuries.all(),
        "films": found.sessions.all()[:RECENT] if named else None,
        "looks": found.access_records.select_related("user")[:RECENT] if named else None,
        "moves": found.reassignments.select_related("from_arm", "to_arm") if role in STAFF else None,
    }
    return render(request, "studies/participant.html", context)
