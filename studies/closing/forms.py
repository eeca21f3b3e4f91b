"""The forms of the end of a study."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CloseStudyForm(forms.Form):
    """Close the study, and say what becomes of feedback that was withheld."""

    release_feedback = forms.BooleanField(
        label=_("Show the coach's feedback to every group now"),
        required=False,
        initial=True,
        help_text=_("Groups without it see it then for all their sets. It can't be taken back."),
    )
    reason = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Why it ends, if not as planned."),
    )
    sure = forms.BooleanField(label=_("The study has ended: nothing more is added to it"))


class ReopenForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class LookForm(forms.Form):
    """Compare the groups of a running study."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is kept, and every report made from now on says that you looked early."),
    )
    sure = forms.BooleanField(label=_("I compare the groups before the planned end"))


class ReleaseForm(forms.Form):
    reason = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    sure = forms.BooleanField(label=_("Every group sees the coach's feedback from now on"))
