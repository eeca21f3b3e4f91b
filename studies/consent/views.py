"""Consent: the student reads, answers, takes back; a guardian signs; the owner writes the text and sees counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studies.access import role_in, study_for
from studies.consent import pdf, services
from studies.consent.access import guarded_study, own_participant, record_to_countersign
from studies.consent.forms import ConsentForm, GuardianForm, TextForm
from studies.consent.scopes import RESEARCH, SCOPES, known, scopes_of
from studies.consent.selectors import KIND, current_text, policy_of, shown_counts, shows_names
from studies.consent.texts import blocks_of, draft_of, publish, save_draft
from studies.errors import StudyError
from studies.models import ConsentStatus

if TYPE_CHECKING:
    from django.http import HttpRequest

    from studies.models import ConsentRecord, ConsentText, Participant
    from studies.requests import SignedInRequest

REFUSED = 422
PDF = "application/pdf"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def consent(request: SignedInRequest, pk: int) -> HttpResponse:
    """The text and the purposes; first reviewed, then confirmed. Or a no, which is as easy."""
    participant = own_participant(request.user, pk)
    text = current_text(participant.study)
    status = _status_of(participant)
    context = _page_of(request, participant, text, status)
    if text is None:
        return render(request, "studies/consent/none.html", context)
    asks_birth = services.age_known(participant) is None
    form = ConsentForm(request.POST if request.method == "POST" else None, text=text, asks_birth=asks_birth)
    if request.method == "POST" and "decline" in request.POST:
        return _decline(request, participant, text, context)
    if form.is_valid():
        given = form.cleaned_data
        answer = services.Answer(tuple(given["scopes"]), given["typed_name"], given.get("born_on"))
        try:
            if "confirm" in request.POST:
                record = services.give(participant=participant, text=text, by=request.user, answer=answer)
                messages.success(request, _waits_or_thanks(record))
                return redirect("studies:consent", pk=pk)
            services.check(participant=participant, text=text, answer=answer)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            chosen = known(given["scopes"])
            context |= {
                "form": form,
                "chosen": scopes_of(chosen),
                "open": [s for s in context["scopes"] if s.key not in chosen],
            }
            return render(request, "studies/consent/review.html", context)
    context["form"] = form
    return render(request, "studies/consent/consent.html", context, status=REFUSED if form.errors else 200)


def _waits_or_thanks(record: ConsentRecord) -> str:
    if record.kind == KIND.ASSENT:
        return _("Thank you. Now a parent or guardian agrees too: give them the link.")
    return _("Thank you. Your answer is stored, and a copy is here for you.")


def _decline(
    request: SignedInRequest, participant: Participant, text: ConsentText, context: dict[str, Any]
) -> HttpResponse:
    if "confirm" not in request.POST:
        return render(request, "studies/consent/decline.html", context)
    try:
        services.decline(participant=participant, text=text, by=request.user)
    except StudyError as error:
        messages.error(request, str(error.advice))
    else:
        messages.success(request, _("Your no is stored. You stay in the course, and it changes nothing for you there."))
    return redirect("studies:consent", pk=participant.pk)


def _status_of(participant: Participant) -> ConsentStatus | None:
    return ConsentStatus.objects.filter(participant=participant).select_related("record__text").first()


def _page_of(
    request: HttpRequest, participant: Participant, text: ConsentText | None, status: ConsentStatus | None
) -> dict[str, Any]:
    record = status.record if status else None
    waits = record if record is not None and record.kind == KIND.ASSENT else None
    return {
        "study": participant.study,
        "participant": participant,
        "text": text,
        "blocks": blocks_of(text.body) if text else [],
        "scopes": scopes_of(text.scopes) if text else [],
        "record": record,
        "in_force": scopes_of(record.scopes) if record else [],
        "asks_again": record is not None and text is not None and record.text_id != text.pk,
        "answered": record is not None and text is not None and record.text_id == text.pk,
        "copies": participant.consent_records.exclude(sealed=b"").filter(kind=KIND.GIVEN).select_related("text"),
        "policy": policy_of(participant.study),
        "guardian": _guardian_link(request, waits) if waits else None,
    }


def _guardian_link(request: HttpRequest, record: ConsentRecord) -> dict[str, str]:
    import segno  # loads when the first QR code is drawn

    link = request.build_absolute_uri(reverse("studies:guardian", args=[services.guardian_token(record)]))
    picture = segno.make(link, error="m", micro=False).svg_data_uri(scale=4, border=4, light="#ffffff")
    return {"link": link, "qr": picture}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def consent_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back purposes: what that does is shown, then confirmed with one button. Without `scope`: all of them."""
    participant = own_participant(request.user, pk)
    given = request.POST if request.method == "POST" else request.GET
    wanted = [key for key in given.getlist("scope") if key in SCOPES] or [RESEARCH]
    effect = services.effect_of(participant, wanted)
    problem = ""
    if request.method == "POST" and "confirm" in request.POST:
        try:
            services.withdraw(participant=participant, by=request.user, scopes=wanted)
        except StudyError as error:
            problem = str(error.advice)
        else:
            messages.success(request, _("Taken back. What this page said would be deleted is deleted."))
            return redirect("studies:consent", pk=pk)
    elif request.method == "POST":
        problem = _("Press the button below the list to take it back.")
    context = {
        "study": participant.study,
        "participant": participant,
        "effect": effect,
        "wanted": wanted,
        "lost": scopes_of(effect.scopes),
        "left": scopes_of(effect.left),
        "policy": policy_of(participant.study),
        "problem": problem,
    }
    return render(request, "studies/consent/withdraw.html", context, status=REFUSED if problem else 200)


@require_safe
@never_cache
def consent_copy(request: SignedInRequest, pk: int, record_pk: int) -> HttpResponse:
    """The student's copy of what was signed."""
    participant = own_participant(request.user, pk)
    record = get_object_or_404(participant.consent_records.select_related("text"), pk=record_pk)
    record.participant = participant
    try:
        data = pdf.copy_of(record)
    except StudyError as error:
        raise Http404(str(error.advice)) from None
    response = HttpResponse(data, content_type=PDF)
    response.headers["Content-Disposition"] = f'attachment; filename="consent-{record.pk}.pdf"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@never_cache
def guardian(request: HttpRequest, token: str) -> HttpResponse:
    """Behind the student's link: a parent or guardian reads, and agrees or does not. Needs no account."""
    try:
        assent = services.assent_of(token)
    except StudyError as error:
        return render(request, "studies/consent/guardian_over.html", {"advice": error.advice}, status=404)
    form = GuardianForm(request.POST if request.method == "POST" else None)
    try:
        if request.method == "POST" and "decline" in request.POST:
            services.guardian_declines(token=token)
            return render(request, "studies/consent/guardian_done.html", {"agreed": False})
        if form.is_valid():
            given = form.cleaned_data
            services.guardian_signs(token=token, typed_name=given["typed_name"], relation=given["relation"])
            return render(request, "studies/consent/guardian_done.html", {"agreed": True})
    except StudyError as error:
        form.add_error(None, str(error.advice))
    context = {
        "study": assent.participant.study,
        "student": assent.participant.user.get_short_name(),
        "text": assent.text,
        "blocks": blocks_of(assent.text.body),
        "chosen": scopes_of(assent.asked),
        "form": form,
    }
    return render(request, "studies/consent/guardian.html", context, status=REFUSED if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def consent_text(request: SignedInRequest, pk: int) -> HttpResponse:
    """The owner writes what students read; publishing freezes it."""
    study = study_for(request.user, pk, own=True)
    draft = draft_of(study)
    asked = [key for key in draft.scopes if key != RESEARCH]
    initial = {"title": draft.title, "body": draft.body, "scopes": asked, "seen_edits": draft.edits}
    form = TextForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            with transaction.atomic():
                save_draft(study=study, by=request.user, **form.cleaned_data)
                if "publish" in request.POST:
                    publish(study=study, by=request.user)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(
                request, _("Published. Students are asked now.") if "publish" in request.POST else _("Draft saved.")
            )
            return redirect("studies:consent-text", pk=pk)
    context = {
        "study": study,
        "form": form,
        "draft": draft,
        "blocks": blocks_of(draft.body),
        "scopes": scopes_of(draft.scopes),
        "published": study.consent_texts.filter(published_at__isnull=False),
    }
    return render(request, "studies/consent/text.html", context, status=REFUSED if form.errors else 200)


@require_safe
@never_cache
def consent_overview(request: SignedInRequest, pk: int) -> HttpResponse:
    """How many agreed, for owner and officer; who, for the owner, once grades are in."""
    study = guarded_study(request.user, pk)
    students, states, scopes = shown_counts(study)
    words = {"": _("not answered yet")} | {str(kind): str(label) for kind, label in KIND.choices}
    named = shows_names(study) and role_in(request.user, study) == "owner"
    rows = study.participants.select_related("user", "consent__record__text").order_by("user__last_name", "code")
    context = {
        "study": study,
        "policy": policy_of(study),
        "text": current_text(study),
        "is_owner": role_in(request.user, study) == "owner",
        "students": students,
        "states": [(words[key], count) for key, count in states.items()],
        "scopes": [(SCOPES[key].name, count) for key, count in scopes.items()],
        "rows": [_row(row) for row in rows] if named else None,
    }
    return render(request, "studies/consent/overview.html", context)


def _row(participant: Participant) -> dict[str, Any]:
    status = getattr(participant, "consent", None)
    record = status.record if status else None
    return {"participant": participant, "record": record, "scopes": scopes_of(record.scopes) if record else []}


@require_POST
def consent_countersign(request: SignedInRequest, pk: int, record_pk: int) -> HttpResponse:
    """The owner confirms a consent, once names are shown."""
    record = record_to_countersign(request.user, pk, record_pk)
    try:
        services.countersign(record=record, by=request.user)
    except StudyError as error:
        messages.error(request, str(error.advice))
    return redirect("studies:consent-overview", pk=pk)
