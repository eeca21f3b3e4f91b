"""What a live set is begun with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from studies.models import Participant

if TYPE_CHECKING:
    from django.db.models import QuerySet

LOSS_ALERTS = (10, 20, 30)
"""Percent of velocity loss at which the screen says so (specification 3.9)."""


class BeginForm(forms.Form):
    participant = forms.ModelChoiceField(Participant.objects.none(), label=_("Student"))
    load_kg = forms.DecimalField(
        label=_("Load in kg"), required=False, min_value=0, max_value=500, max_digits=4, decimal_places=1
    )
    stature_cm = forms.DecimalField(
        label=_("Your height in cm"), required=False, min_value=120, max_value=230, max_digits=4, decimal_places=1
    )
    loss_alert_percent = forms.TypedChoiceField(
        label=_("Tell me when the bar slows by"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("Don't tell")), *((percent, f"{percent} %") for percent in LOSS_ALERTS)],
    )

    def __init__(self, *args: Any, participants: QuerySet[Participant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["participant"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = participants
