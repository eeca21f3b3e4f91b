"""Who works in a study, for its owner: name, change, remove; and the end of blinding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from studies.access import study_for
from studies.errors import StudyError
from studies.models import Membership
from studies.services import add_staff, remove_staff
from studies.staff import newcomer, staff_of
from studies.staff_forms import RoleForm, StaffForm, UnblindForm
from studies.unblinding import unblind

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.requests import SignedInRequest

REFUSED = 422
ABOUT_THE_ACCOUNT = {"no_account", "many_accounts", "works_already", "account_closed", "takes_part"}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def staff(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everybody who works here, and a form to name somebody more."""
    study = study_for(request.user, pk, own=True)
    form = StaffForm(request.POST if request.method == "POST" else None, study=study)
    if form.is_valid():
        given = form.cleaned_data
        try:
            account = newcomer(study, given["account"])
            role = Membership.Role(given["role"])
            add_staff(study=study, user=account, role=role, sections=given["sections"], by=request.user)
        except StudyError as error:
            form.add_error("account" if error.code in ABOUT_THE_ACCOUNT else None, str(error.advice))
        else:
            messages.success(request, _("It is noted, and holds from now on."))
            return redirect("studies:staff", pk=study.pk)
    context = {"study": study, "form": form, "members": staff_of(study)}
    return render(request, "studies/roles/staff.html", context, status=REFUSED if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def staff_change(request: SignedInRequest, pk: int, user_pk: int) -> HttpResponse:
    """Another role or other sections for somebody who works here."""
    study = study_for(request.user, pk, own=True)
    member = get_object_or_404(study.memberships.select_related("user"), user=user_pk)
    initial = {"role": member.role, "sections": ", ".join(member.sections)}
    form = RoleForm(request.POST if request.method == "POST" else None, study=study, initial=initial)
    if form.is_valid():
        given = form.cleaned_data
        try:
            role = Membership.Role(given["role"])
            add_staff(study=study, user=member.user, role=role, sections=given["sections"], by=request.user)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("It is noted, and holds from now on."))
            return _after(request, pk)
    context = {"study": study, "form": form, "member": member}
    return render(request, "studies/roles/staff_change.html", context, status=REFUSED if form.errors else 200)


@require_POST
def staff_remove(request: SignedInRequest, pk: int, user_pk: int) -> HttpResponse:
    """End somebody's work in the study."""
    study = study_for(request.user, pk, own=True)
    member = get_object_or_404(study.memberships.select_related("user"), user=user_pk)
    try:
        remove_staff(study=study, user=member.user, by=request.user)
    except StudyError as error:
        messages.error(request, str(error.advice))
    else:
        messages.success(request, _("This person does not work in the study any more. Their records stay."))
    return _after(request, pk)


def _after(request: SignedInRequest, pk: int) -> HttpResponse:
    """Back to the list, for who may still read it: an owner may have stepped back."""
    still = request.user.is_superuser or Membership.objects.filter(
        study=pk, user=request.user, role=Membership.Role.OWNER
    )
    return redirect("studies:staff", pk=pk) if still else redirect("home")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unblind_study(request: SignedInRequest, pk: int) -> HttpResponse:
    """What unblinding does, and the owner's signature under it."""
    study = study_for(request.user, pk, own=True)
    form = UnblindForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_valid():
        try:
            unblind(study=study, by=request.user, reason=form.cleaned_data["reason"])
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(
                request, _("The study is unblinded. The audit holds when, by whom and which letter was which.")
            )
            return redirect("studies:staff", pk=study.pk)
    context = {"study": study, "form": form, "blinded": [row for row in staff_of(study) if row.is_blinded]}
    return render(request, "studies/roles/unblind.html", context, status=REFUSED if form.errors else 200)
