"""The reliability of a questionnaire's scales: page and API, for who may read answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from analysis.reliability import reliability_of, scale_table
from studies.questionnaires.access import wave_for

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.requests import SignedInRequest


@require_safe
@cache_control(private=True, no_store=True)
def reliability(request: SignedInRequest, pk: int, wave: int) -> HttpResponse:
    """Alpha with its interval and item statistics, scale by scale; of nobody in particular."""
    row = wave_for(request.user, pk, wave, read=True)
    found = reliability_of(row)
    context: dict[str, Any] = {
        "study": row.questionnaire.study,
        "wave": row,
        "scales": [{"found": one, "table": scale_table(one)} for one in found],
    }
    return render(request, "analysis/reliability.html", context)
