"""The form of a new key."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from studies.models import ApiToken
from studies.tokens.services import DAYS_MAX


class TokenForm(forms.Form):
    """Its name, what it may do, and how long."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What it is for, for example: weekly export, lab computer.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=ApiToken.Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label=_("Valid for days"), min_value=1, max_value=DAYS_MAX, initial=90)
