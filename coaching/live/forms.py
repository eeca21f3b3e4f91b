"""What a live set is begun with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coaching.forms import AboutBarForm
from studies.models import Participant

if TYPE_CHECKING:
    from django.db.models import QuerySet


class BeginForm(AboutBarForm):
    participant = forms.ModelChoiceField(Participant.objects.none(), label=_("Student"))
    load_kg = forms.DecimalField(
        label=_("Load in kg"), required=False, min_value=0, max_value=500, max_digits=4, decimal_places=1
    )

    def __init__(self, *args: Any, participants: QuerySet[Participant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["participant"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = participants
