"""Signing in, and how often a wrong password may be tried: of one account from one address, and from one address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from config.attempts import Attempts, address_of

if TYPE_CHECKING:
    from django.http import HttpRequest

OF_ACCOUNT = Attempts("sign-in", most=10, seconds=900)
OF_ADDRESS = Attempts("sign-in-address", most=200, seconds=900)
"""A whole class may sit behind one address: this stops who tries one password at many accounts."""
SIGNATURE = Attempts("signature", most=10, seconds=900)
TOO_MANY = "too_many_attempts"


def too_many(limit: Attempts) -> ValidationError:
    text = _("Too many attempts. Wait %(minutes)d minutes, then try again.")
    return ValidationError(text, code=TOO_MANY, params={"minutes": limit.minutes})


class Limited(AuthenticationForm):
    """Counts a try before the password is looked at; while there are too many the right one is refused too."""

    request: HttpRequest | None

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if self.request is None or not name or not password:
            return super().clean()
        where = address_of(self.request)
        who = (str(name).casefold(), where)
        for limit, about in ((OF_ACCOUNT, who), (OF_ADDRESS, (where,))):
            if not limit.taken(*about):
                raise too_many(limit)
        given = super().clean()
        OF_ACCOUNT.forgotten(*who)
        OF_ADDRESS.given_back(where)
        return given


class AdminLimited(Limited, AdminAuthenticationForm):
    """The same for the admin's own door."""
