from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coaching.codes import REVIEW
from coaching.models import RepetitionReview
from coaching.reviews.services import Opinion
from coaching.vision.vocabulary import FAULT_NAMES, FRONTAL_FAULTS, SAGITTAL_FAULTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.forms.boundfield import BoundWidget

    from coaching.reviews.services import ReviewRefused


class ReviewForm(forms.Form):
    """One correction. What only the film can answer (are the bounds inside it?) is judged by the service."""

    decision = forms.ChoiceField(
        choices=RepetitionReview.Decision.choices,
        widget=forms.RadioSelect,
        error_messages={"required": REVIEW["unknown_decision"]},
    )
    faults = forms.MultipleChoiceField(
        choices=[(name, name) for name in FAULT_NAMES], required=False, widget=forms.CheckboxSelectMultiple
    )
    start_s = forms.FloatField(label=_("Lift-off"), min_value=0)
    lockout_s = forms.FloatField(label=_("Lockout"), min_value=0)
    end_s = forms.FloatField(label=_("Bar back down"), min_value=0)
    note = forms.CharField(label=_("Note to the student"), max_length=300, required=False)
    assessment = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("start_s", "lockout_s", "end_s"):
            self.fields[name].widget.attrs |= {"step": "any", "inputmode": "decimal"}

    def opinion(self) -> Opinion:
        given = self.cleaned_data
        return Opinion(
            decision=given["decision"],
            faults=tuple(given["faults"]),
            start_s=given["start_s"],
            lockout_s=given["lockout_s"],
            end_s=given["end_s"],
            note=given["note"],
        )

    def refuse(self, refused: ReviewRefused) -> None:
        self.add_error(refused.field or None, str(refused.advice))

    @property
    def frontal(self) -> list[BoundWidget]:
        return self._boxes(FRONTAL_FAULTS)

    @property
    def sagittal(self) -> list[BoundWidget]:
        return self._boxes(SAGITTAL_FAULTS)

    def _boxes(self, names: Sequence[str]) -> list[BoundWidget]:
        return [box for box in self["faults"].subwidgets if box.data["value"] in names]

    @property
    def bounds(self) -> list[forms.BoundField]:
        return [self["start_s"], self["lockout_s"], self["end_s"]]
