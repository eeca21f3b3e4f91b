"""Forms about alerts. The rules are the services'."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class AcknowledgeForm(forms.Form):
    """What was done about an alert."""

    note = forms.CharField(label=_("What was done"), max_length=500)


class LimitsForm(forms.Form):
    """From when on an alert is raised."""

    pain_from = forms.IntegerField(label=_("Pain from (of 10)"), min_value=1, max_value=10)
    score_from = forms.IntegerField(label=_("Weekly score from (of 100)"), min_value=1, max_value=100)
    days_lost_from = forms.IntegerField(label=_("Days lost from"), min_value=1, max_value=366)
    injuries_a_week = forms.IntegerField(
        label=_("Injuries within seven days, from"),
        min_value=1,
        max_value=1000,
        help_text=_("The stop rule: pause the exercise and look for the cause before the class goes on."),
    )
