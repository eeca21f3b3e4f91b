"""Help for who lost phone and paper: the administrator removes the second factor, and the log of the admin says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from studies.second_factor.services import take_away

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from studies.models import User

    Accounts = UserAdmin[User]
else:
    Accounts = UserAdmin

# Their pages would show every key.
admin.site.unregister([TOTPDevice, StaticDevice])


class AccountAdmin(Accounts):
    actions = ("remove_second_factor",)

    @admin.action(description=_("Remove the second factor of the chosen users"), permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            take_away(user)
            self.log_change(request, user, "Second factor removed.")
        self.message_user(request, _("They set up another when they sign in, where one is required."))
