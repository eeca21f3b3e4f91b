"""Privacy: the student's own data, the study's promises, requests to be erased, and the export by pseudonym."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studies.access import role_in, study_for
from studies.consent.access import guarded_study, own_participant
from studies.consent.scopes import scopes_of
from studies.consent.selectors import policy_of
from studies.consent.texts import save_policy
from studies.errors import StudyError
from studies.jobs.services import start
from studies.models import ConsentStatus, ErasureRequest, PrivacyPolicy
from studies.privacy import erasure, export, own_data
from studies.privacy.export import EXPORTERS, included
from studies.privacy.forms import DecisionForm, ExportForm, PolicyForm
from studies.privacy.small_cells import HIDDEN, guarded

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.requests import SignedInRequest

REFUSED = 422
SHOWN_LOOKS = 100
SHOWN_PROOFS = 50


@require_safe
@never_cache
def my_data(request: SignedInRequest, pk: int) -> HttpResponse:
    """What is stored about the student, until when, who looked; the ways to take it home, back, or away."""
    participant = own_participant(request.user, pk)
    stored, rows = own_data.held_about(participant)
    status = ConsentStatus.objects.filter(participant=participant).select_related("record").first()
    record = status.record if status else None
    policy = policy_of(participant.study)
    looks = participant.access_records.select_related("user")
    soon = timezone.localdate() + dt.timedelta(days=policy.warn_days)
    context = {
        "study": participant.study,
        "participant": participant,
        "policy": policy,
        "stored": stored,
        "rows": rows,
        "goes_soon": [held for held in stored if held.first_goes and held.first_goes <= soon],
        "record": record,
        "in_force": scopes_of(record.scopes) if record else [],
        "looks": looks[:SHOWN_LOOKS],
        "look_count": looks.count(),
        "erasure": participant.erasure_requests.first(),
    }
    return render(request, "studies/privacy/my_data.html", context)


@require_POST
def my_data_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for everything as one archive."""
    participant = own_participant(request.user, pk)
    job = start(kind=own_data.KIND.key, by=request.user, study=participant.study, participant=participant)
    return redirect("studies:job", pk=job.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def erasure_ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask to be erased: what that means is said first."""
    participant = own_participant(request.user, pk)
    problem = ""
    if request.method == "POST" and "confirm" in request.POST:
        try:
            erasure.ask(participant=participant, by=request.user)
        except StudyError as error:
            problem = str(error.advice)
        else:
            messages.success(request, _("Your request is stored. It is decided within a month."))
            return redirect("studies:my-data", pk=pk)
    elif request.method == "POST":
        problem = _("Press the button below to ask for it.")
    context = {
        "study": participant.study,
        "participant": participant,
        "policy": policy_of(participant.study),
        "problem": problem,
    }
    return render(request, "studies/privacy/erasure_ask.html", context, status=REFUSED if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def privacy(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the study promises; requests to be erased; what was announced and deleted. The owner changes promises."""
    study = guarded_study(request.user, pk)
    is_owner = role_in(request.user, study) == "owner"
    if request.method == "POST" and not is_owner:
        raise PermissionDenied
    instance = PrivacyPolicy.objects.filter(study=study).first() or PrivacyPolicy(study=study, version=0)
    form = PolicyForm(request.POST if request.method == "POST" else None, instance=instance)
    if form.is_valid():
        try:
            save_policy(
                study=study, by=request.user, seen_version=form.cleaned_data["seen_version"], values=form.values()
            )
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("Saved. Students read it on their own page."))
            return redirect("studies:privacy", pk=pk)
    requests = ErasureRequest.objects.filter(participant__study=study).select_related("participant", "decided_by")
    context = {
        "study": study,
        "form": form,
        "policy": policy_of(study),
        "is_owner": is_owner,
        "requests": requests,
        "today": timezone.localdate(),
        "warnings": study.retention_warnings.all()[:SHOWN_PROOFS],
        "proofs": study.deletion_proofs.all()[:SHOWN_PROOFS],
    }
    return render(request, "studies/privacy/privacy.html", context, status=REFUSED if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def erasure_decide(request: SignedInRequest, pk: int, request_pk: int) -> HttpResponse:
    """Decide about a request, by code: with lawful basis and reason, on two ways to erase, or none."""
    study = guarded_study(request.user, pk)
    rows = ErasureRequest.objects.select_related("participant__study", "participant__user", "decided_by")
    found = get_object_or_404(rows, pk=request_pk, participant__study=study)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            erasure.decide(request=found, by=request.user, **form.cleaned_data)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("Decided, and done."))
            return redirect("studies:privacy", pk=pk)
    context = {"study": study, "found": found, "form": form, "policy": policy_of(study)}
    return render(request, "studies/privacy/erasure_decide.html", context, status=REFUSED if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def study_export(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for the whole study as one archive; the purpose is written down."""
    study = study_for(request.user, pk, staff=True)
    role = role_in(request.user, study)
    if role not in EXPORTERS:
        raise PermissionDenied
    form = ExportForm(request.POST if request.method == "POST" else None, with_audit=role == "owner")
    if form.is_valid():
        try:
            export.check(form.cleaned_data, role=role)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            job = start(kind=export.KIND.key, by=request.user, study=study, params=form.cleaned_data)
            return redirect("studies:job", pk=job.pk)
    everybody, inside = study.participants.count(), included(study).count()
    counts = guarded({"in": inside, "out": everybody - inside})
    context = {
        "study": study,
        "form": form,
        "inside": HIDDEN if counts["in"] is None else counts["in"],
        "outside": HIDDEN if counts["out"] is None else counts["out"],
    }
    return render(request, "studies/privacy/export.html", context, status=REFUSED if form.errors else 200)
