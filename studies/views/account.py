"""Signing in, and choosing a password: the first one, by a link from the instructor, and a new one later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from studies.sign_in import OF_ACCOUNT, TOO_MANY, Limited

if TYPE_CHECKING:
    from django.contrib.auth.forms import SetPasswordForm
    from django.http import HttpResponse

TOO_MANY_REQUESTS = 429


class SignIn(auth_views.LoginView):
    """429 while there were too many wrong passwords."""

    authentication_form = Limited

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if form.has_error("__all__", TOO_MANY):
            response.status_code = TOO_MANY_REQUESTS
            response.headers["Retry-After"] = str(OF_ACCOUNT.seconds)
        return response


class ChangePassword(auth_views.PasswordChangeView):
    success_url = reverse_lazy("home")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, _("Your password is changed."))
        return response


class FirstPassword(auth_views.PasswordResetConfirmView):
    """Behind the links of `studies.enrolment.first_sign_ins`. Signs the student in at once."""

    success_url = reverse_lazy("home")
    post_reset_login = True

    def form_valid(self, form: SetPasswordForm[Any]) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, _("Welcome! Next time sign in with your user name and this password."))
        return response
