"""The form in which an instructor writes feedback: what was good, at most two cues, points, the next load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from coaching.instruction.services import CUE_LENGTH, LOAD_MAX_KG, Cue, Words
from coaching.ratings.forms import PointsForm
from coaching.templatetags.coaching_display import fault_name
from coaching.vision.vocabulary import FAULT_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.forms import BoundField

    from coaching.models.instruction import InstructorFeedback

CUES = ("first", "second")


class FeedbackForm(PointsForm):
    """Everything may be left out but not all of it; the service says so."""

    good = forms.CharField(
        label=_("What was good"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    next_load_kg = forms.DecimalField(
        label=_("Load for the next set, kg"),
        required=False,
        min_value=1,
        max_value=LOAD_MAX_KG,
        max_digits=4,
        decimal_places=1,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["note"], self.fields["cannot_rate"]
        names = [("", _("None of the list")), *((name, fault_name(name)) for name in FAULT_NAMES)]
        for cue in CUES:
            self.fields[f"{cue}_fault"] = forms.ChoiceField(label=_("Fault"), required=False, choices=names)
            self.fields[f"{cue}_text"] = forms.CharField(
                label=_("In your words"), required=False, max_length=CUE_LENGTH
            )

    def cue_fields(self) -> Iterator[tuple[BoundField, BoundField]]:
        for cue in CUES:
            yield self[f"{cue}_fault"], self[f"{cue}_text"]

    def words(self) -> Words:
        data = self.cleaned_data
        cues = [Cue(data[f"{cue}_fault"], data[f"{cue}_text"]) for cue in CUES]
        return Words(data["good"], cues, self.points(), data["next_load_kg"])


class LessonFeedbackForm(FeedbackForm):
    """The same for a lesson that was not filmed."""

    lesson_on = forms.DateField(
        label=_("Day of the lesson"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def initial_of(row: InstructorFeedback) -> dict[str, Any]:
    """A form filled with what was said before, to correct it."""
    values: dict[str, Any] = {"good": row.good, "next_load_kg": row.next_load_kg, "lesson_on": row.lesson_on}
    for name, cue in zip(CUES, row.cues, strict=False):
        values |= {f"{name}_fault": cue["fault"], f"{name}_text": cue["text"]}
    return values | {f"points-{key}": given for key, given in row.points.items()}
