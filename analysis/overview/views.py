"""The page that shows how complete the data are, and nothing of a difference between groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from analysis.overview.counts import overview
from analysis.overview.plot import weeks_plot
from studies.access import SEES_NAMES, role_in, study_for
from studies.closing.looks import may_compare, why_not_yet

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.requests import SignedInRequest

FEW_PERCENT = 80
"""Below this share of values a closed window is marked."""


@require_safe
@cache_control(private=True, no_store=True)
def overview_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Flow, completeness by outcome and time, weeks, questionnaires, ratings, and what is still to do."""
    study = study_for(request.user, pk, staff=True, whole=True)
    found = overview(study, request.user)
    context = {
        "study": study,
        "found": found,
        "plot": weeks_plot(found.weeks),
        "why": "" if may_compare(study) else why_not_yet(study),
        "role": role_in(request.user, study),
        "named": role_in(request.user, study) in SEES_NAMES,
        "few": FEW_PERCENT,
    }
    return render(request, "analysis/overview/page.html", context)
