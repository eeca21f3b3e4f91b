"""Pages of the second factor: what one has, set up, give the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from studies.errors import StudyError
from studies.second_factor import services
from studies.second_factor.forms import CodeForm
from studies.second_factor.gate import KEY, due_of, is_required

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.requests import SignedInRequest

REFUSED = 422


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: SignedInRequest) -> HttpResponse:
    """The second half of signing in."""
    if due_of(request.session) != "verify":
        return redirect(_next(request))
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if services.verify(request.user, form.cleaned_data["code"]):
            _is_paid(request)
            left = services.state_of(request.user).codes_left
            if left <= 3:
                messages.warning(request, _("Codes on paper left: %(left)s. Make new ones soon.") % {"left": left})
            return redirect(_next(request))
        form.refuse(services.WRONG)
    context = {"form": form, "next": request.GET.get("next", "")}
    return render(request, "registration/second_factor/verify.html", context, status=REFUSED if form.errors else 200)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: SignedInRequest) -> HttpResponse:
    """Show the app's QR code; the first right code makes it count, and shows the codes for paper once."""
    import segno

    try:
        device = services.begin(request.user)
    except StudyError:
        return redirect("second-factor:state")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            codes = services.confirm(request.user, form.cleaned_data["code"])
        except StudyError as error:
            form.refuse(error.advice)
        else:
            _is_paid(request)
            return render(request, "registration/second_factor/codes.html", {"codes": codes})
    context = {
        "form": form,
        "required": due_of(request.session) == "set_up",
        "picture": segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=4, light="#ffffff"),
        "key": _in_fours(_base32(device.bin_key)),
    }
    return render(request, "registration/second_factor/set_up.html", context, status=REFUSED if form.errors else 200)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def state(request: SignedInRequest) -> HttpResponse:
    """What one has. With a code: new codes for paper, or away with all of it."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        code = form.cleaned_data["code"]
        try:
            if "remove" in request.POST:
                services.remove(request.user, code)
                messages.success(request, _("Your second factor is removed."))
                return redirect("second-factor:state")
            if services.verify(request.user, code):
                codes = services.new_codes(request.user)
                return render(request, "registration/second_factor/codes.html", {"codes": codes})
            form.refuse(services.WRONG)
        except StudyError as error:
            form.refuse(error.advice)
    context = {"form": form, "state": services.state_of(request.user), "required": is_required(request.user)}
    return render(request, "registration/second_factor/state.html", context, status=REFUSED if form.errors else 200)


def _is_paid(request: SignedInRequest) -> None:
    request.session.pop(KEY, None)
    request.session.cycle_key()


def _next(request: SignedInRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def _base32(key: bytes) -> str:
    from base64 import b32encode

    return b32encode(key).decode().rstrip("=")


def _in_fours(text: str) -> str:
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
