"""The page of rates and burden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from analysis.injuries.figures import injury_figures
from analysis.injuries.plot import prevalence_plot
from studies.access import study_for

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.requests import SignedInRequest


@require_safe
@cache_control(private=True, no_store=True)
def injuries(request: SignedInRequest, pk: int) -> HttpResponse:
    """Incidence, burden, severity and weekly prevalence: of the class, and once the study is over of the groups."""
    study = study_for(request.user, pk, staff=True)
    found = injury_figures(study, request.user)
    context = {
        "study": study,
        "figures": found,
        "groups": (found.total, *found.groups),
        "plot": prevalence_plot(found.weeks, found.small_weeks),
    }
    return render(request, "analysis/injuries/page.html", context)
