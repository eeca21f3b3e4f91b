"""Invitations: staff make them, students join by link, QR code or typed code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from config.attempts import Attempts, address_of
from studies.access import sections_of, study_for
from studies.errors import StudyError
from studies.invitations import invitation_of, invitations_for, invite, join, revoke, token_of
from studies.models import User
from studies.roster_forms import CodeForm, InvitationForm, SignUpForm, YearForm
from studies.sign_in import too_many

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from studies.models import Invitation
    from studies.requests import SignedInRequest

REFUSED, TOO_MANY_REQUESTS = 422, 429
WRONG_CODES = Attempts("join-code", most=30, seconds=900)
"""From one address: a class behind it types some wrong ones, a program that tries them all needs many more."""
BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitations(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make an invitation, and show those that are open, each with link, QR code and code."""
    study = study_for(request.user, pk, write=True)
    sections = sections_of(request.user, study)
    form = InvitationForm(request.POST if request.method == "POST" else None, sections=sections)
    if form.is_valid():
        try:
            invite(study=study, by=request.user, **form.cleaned_data)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            return redirect("studies:invitations", pk=study.pk)
    shown = [_shown(request, row) for row in invitations_for(request.user, study) if row.is_open]
    context = {
        "study": study,
        "form": form,
        "shown": shown,
        "code_address": request.build_absolute_uri(reverse("studies:join-code")),
    }
    return render(request, "studies/invitations.html", context, status=REFUSED if form.errors else 200)


def _shown(request: SignedInRequest, row: Invitation) -> dict[str, object]:
    import segno  # loads when the first QR code is drawn

    link = request.build_absolute_uri(reverse("studies:join", args=[token_of(row)]))
    picture = segno.make(link, error="m", micro=False).svg_data_uri(scale=4, border=4, light="#ffffff")
    return {"row": row, "link": link, "qr": picture}


@require_POST
def invitation_revoke(request: SignedInRequest, pk: int, invitation_pk: int) -> HttpResponse:
    """End an invitation now."""
    study = study_for(request.user, pk, write=True)
    rows = invitations_for(request.user, study)
    revoke(invitation=get_object_or_404(rows, pk=invitation_pk), by=request.user)
    messages.success(request, _("The invitation is over. Who joined stays."))
    return redirect("studies:invitations", pk=study.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@never_cache
def join_code(request: HttpRequest) -> HttpResponse:
    """Type the code that the instructor wrote on the board."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    status, where = REFUSED, address_of(request)
    if form.is_valid():
        if not WRONG_CODES.taken(where):
            form.add_error("code", too_many(WRONG_CODES))
            status = TOO_MANY_REQUESTS
        else:
            try:
                found = invitation_of(form.cleaned_data["code"])
            except StudyError as error:
                form.add_error("code", str(error.advice))
            else:
                WRONG_CODES.given_back(where)
                return redirect("studies:join", token=token_of(found))
    response = render(request, "studies/join_code.html", {"form": form}, status=status if form.errors else 200)
    if response.status_code == TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = str(WRONG_CODES.seconds)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@never_cache
def join_study(request: HttpRequest, token: str) -> HttpResponse:
    """Behind the link and the QR code: join with the account that is signed in, or with a new one."""
    try:
        found = invitation_of(token)
    except StudyError as error:
        return render(request, "studies/join_over.html", {"advice": error.advice}, status=404)
    user = request.user if isinstance(request.user, User) else None
    kind = SignUpForm if user is None else YearForm
    form = kind(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            joined = _join(found, user, form)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            if user is None:
                login(request, joined, backend=BACKEND)
            messages.success(request, _("Welcome. Your instructor confirms you before groups are drawn."))
            return redirect("home")
    context = {"study": found.study, "form": form, "known": user, "here": request.path}
    return render(request, "studies/join.html", context, status=REFUSED if form.errors else 200)


@transaction.atomic
def _join(found: Invitation, user: User | None, form: SignUpForm | YearForm) -> User:
    given = form.cleaned_data
    if user is None:
        user = User.objects.create_user(
            given["username"], password=given["password"], first_name=given["first_name"], last_name=given["last_name"]
        )
    join(invitation=found, user=user, year_of_study=given["year_of_study"])
    return user
