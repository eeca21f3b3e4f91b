"""Forms of the staff's page: naming somebody, and unblinding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from studies.models import Membership
from studies.sign_in import SIGNATURE, too_many
from studies.staff import read_sections, sections_in

if TYPE_CHECKING:
    from studies.models import Study, User

REASON_LENGTH = 1000


class RoleForm(forms.Form):
    """What somebody does in the study, and with which sections."""

    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices, initial=Membership.Role.INSTRUCTOR)
    sections = forms.CharField(label=_("Sections"), required=False, max_length=1000)

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.study = study
        known = ", ".join(sections_in(study))
        hint = _("For an instructor of some sections, with commas between. Empty: the whole class.")
        here = _("In this study: %(names)s.") % {"names": known} if known else ""
        self.fields["sections"].help_text = f"{hint} {here}".strip()

    def clean_sections(self) -> list[str]:
        return read_sections(self.study, self.cleaned_data["sections"])


class StaffForm(RoleForm):
    """Somebody new, by their account."""

    account = forms.CharField(
        label=_("User name or e-mail"),
        max_length=254,
        help_text=_("Of an account that exists."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("account", "role", "sections")


class UnblindForm(forms.Form):
    """The owner's signature under the end of blinding."""

    reason = forms.CharField(
        label=_("Reason"), max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 3}), strip=True
    )
    understood = forms.BooleanField(
        label=_("I understand that everybody who works in this study will know the groups, and that it can't be undone")
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("It stands for your signature."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not SIGNATURE.taken(str(self.user.pk)):
            raise too_many(SIGNATURE)
        if not self.user.check_password(password):
            raise ValidationError(_("This is not your password."), code="wrong_password")
        SIGNATURE.given_back(str(self.user.pk))
        return password
