"""The page of a study's alerts: see, acknowledge, and for the owner set the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.forms import model_to_dict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from studies.access import record_class_access, role_in, study_for
from studies.errors import StudyError
from studies.safety.access import alert_for, alerts_of
from studies.safety.forms import AcknowledgeForm, LimitsForm
from studies.safety.services import acknowledge, rules_of, set_rules

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.requests import SignedInRequest

REFUSED = 422
SHOWN = 100
ALERTS = "safety alerts"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def alerts(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open alerts first; with POST the owner sets from when on one is raised."""
    study = study_for(request.user, pk, write=True, own=request.method == "POST")
    rules = model_to_dict(rules_of(study))
    form = LimitsForm(request.POST if request.method == "POST" else None, initial=rules)
    if form.is_valid():
        set_rules(study=study, by=request.user, limits=form.cleaned_data)
        messages.success(request, _("Saved. It holds for what is entered from now on."))
        return redirect("studies:alerts", pk=study.pk)
    rows = alerts_of(request.user, study)
    open_ones = list(rows.filter(acknowledged_at=None))
    done = list(rows.exclude(acknowledged_at=None)[:SHOWN])
    shown = {row.participant.pk: row.participant for row in (*open_ones, *done) if row.participant}
    record_class_access(request.user, shown.values(), ALERTS)
    context = {
        "study": study,
        "open": open_ones,
        "done": done,
        "form": form,
        "acknowledge": AcknowledgeForm(auto_id=False),
        "owns": role_in(request.user, study) == "owner",
    }
    return render(request, "studies/safety/alerts.html", context, status=REFUSED if form.errors else 200)


@require_POST
def alert_acknowledge(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note what was done about an alert."""
    alert = alert_for(request.user, pk)
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write in a few words what was done."))
        return redirect("studies:alerts", pk=alert.study_id)
    try:
        acknowledge(alert=alert, by=request.user, **form.cleaned_data)
    except StudyError as error:
        messages.error(request, str(error.advice))
    else:
        messages.success(request, _("Noted."))
    return redirect("studies:alerts", pk=alert.study_id)
