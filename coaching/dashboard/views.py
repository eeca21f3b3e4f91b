"""The page of a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from coaching.dashboard.class_rows import FEWEST_REPETITIONS, IDLE_DAYS, class_rows
from studies.access import SEES_NAMES, record_class_access, role_in, study_for

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.requests import SignedInRequest

CLASS = "training of the class"
SHOWN = 100


@require_safe
@never_cache
def class_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who trained this week, who needs help, who has not answered. By code for a researcher."""
    study = study_for(request.user, pk, staff=True)
    rows = class_rows(study, request.user)
    shown = Paginator(rows, SHOWN).get_page(request.GET.get("page"))
    record_class_access(request.user, [row.participant for row in shown], CLASS)
    context = {
        "study": study,
        "rows": shown,
        "page": shown,
        "total": len(rows),
        "named": role_in(request.user, study) in SEES_NAMES,
        "trained": sum(row.this_week for row in rows),
        "need_help": sum(bool(row.reasons) for row in rows),
        "silent": sum(row.has_answered is False for row in rows),
        "idle_days": IDLE_DAYS,
        "fewest": FEWEST_REPETITIONS,
    }
    return render(request, "coaching/dashboard/class.html", context)
