"""Forms of the consent pages. They check shape; the rules are the services'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from studies.consent.scopes import RESEARCH, SCOPES, scopes_of

if TYPE_CHECKING:
    from studies.models import ConsentText


class ConsentForm(forms.Form):
    """A student agrees: purposes, the tick that it was read, the typed name, and a date of birth where needed."""

    scopes = forms.MultipleChoiceField(label=_("I agree to"), required=False, widget=forms.CheckboxSelectMultiple)
    read = forms.BooleanField(label=_("I have read the text, and my questions were answered."))
    typed_name = forms.CharField(label=_("Your full name, as your signature"), max_length=150)
    born_on = forms.DateField(label=_("Date of birth"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, text: ConsentText, asks_birth: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = cast("forms.MultipleChoiceField", self.fields["scopes"])
        scopes.choices = [(scope.key, scope.asks) for scope in scopes_of(text.scopes)]
        self.fields["typed_name"].widget.attrs["autocomplete"] = "name"
        if asks_birth:
            self.fields["born_on"].help_text = _("To know whether a guardian agrees with you. It is stored encrypted.")
        else:
            del self.fields["born_on"]


class GuardianForm(forms.Form):
    """A parent or guardian agrees, behind the link that the student gave them."""

    read = forms.BooleanField(label=_("I have read the text, and I agree to what is listed above."))
    typed_name = forms.CharField(label=_("Your full name, as your signature"), max_length=150)
    relation = forms.CharField(
        label=_("Who you are to the student"), max_length=60, help_text=_("For example: mother.")
    )


class TextForm(forms.Form):
    """The draft of what students read."""

    title = forms.CharField(label=_("Title"), max_length=120)
    body = forms.CharField(
        label=_("Text"),
        max_length=30_000,
        widget=forms.Textarea(attrs={"rows": 24}),
        help_text=_("An empty line parts paragraphs; a line that begins with # is a heading."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What students are asked beside the study itself"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(scope.key, scope.name) for scope in SCOPES.values() if scope.key != RESEARCH],
    )
    seen_edits = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
