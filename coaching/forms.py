from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coaching.codes import UPLOAD
from coaching.live.models import LiveSet
from coaching.models.bar import LOSS_ALERTS, PLATE_MM, STATURE_CM
from studies.models import Participant

if TYPE_CHECKING:
    from django.db.models import QuerySet


NOT_THIS_SET = _("This film is not of this set.")


class AboutBarForm(forms.Form):
    """What turns pixels into metres, and when the loss of speed is told. Empty: not told; as the instructor chose."""

    stature_cm = forms.DecimalField(
        label=_("Your height in cm"),
        required=False,
        min_value=STATURE_CM[0],
        max_value=STATURE_CM[1],
        max_digits=4,
        decimal_places=1,
    )
    plate_mm = forms.IntegerField(
        label=_("Largest plate, mm across"), required=False, min_value=PLATE_MM[0], max_value=PLATE_MM[1]
    )
    loss_alert_percent = forms.TypedChoiceField(
        label=_("Tell me when the bar slows by"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("As my instructor chose")),
            *((percent, f"{percent} %") for percent in LOSS_ALERTS),
            (0, _("Don't tell")),
        ],
    )


class AboutFilmForm(AboutBarForm):
    """What is said about a film, whichever way it comes."""

    participant = forms.ModelChoiceField(
        queryset=Participant.objects.none(),
        required=False,
        error_messages={"invalid_choice": _("Choose who lifts in this film.")},
    )
    load_kg = forms.DecimalField(required=False, min_value=0, max_digits=5, decimal_places=1)
    note = forms.CharField(required=False, max_length=200)

    def __init__(self, *args: Any, participants: QuerySet[Participant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["participant"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = participants

    def clean_participant(self) -> Participant:
        """The chosen student; with only one to choose from, that one."""
        chosen: Participant | None = self.cleaned_data["participant"]
        field = self.fields["participant"]
        assert isinstance(field, forms.ModelChoiceField)
        if chosen is None and field.queryset is not None:
            only = list(field.queryset[:2])
            chosen = only[0] if len(only) == 1 else None
        if chosen is None:
            raise forms.ValidationError(_("Choose who lifts in this film."), code="no_participant")
        return chosen


class FilmForm(AboutFilmForm):
    """An upload. The file itself is judged by the services: what is wrong with it becomes a row, not a form error."""

    file = forms.FileField(required=False, allow_empty_file=True, error_messages={"required": UPLOAD["no_file"]})


class SlicedFilmForm(AboutFilmForm):
    """The announcement of a film that will come in slices."""

    name = forms.CharField(max_length=1000)
    size = forms.IntegerField(min_value=0, max_value=2**62)
    mark = forms.CharField(required=False, max_length=64)
    live_set = forms.ModelChoiceField(
        queryset=LiveSet.objects.filter(state=LiveSet.State.FINISHED),
        required=False,
        error_messages={"invalid_choice": NOT_THIS_SET},
    )

    def clean(self) -> dict[str, Any]:
        """A set's film is its own student's."""
        data = super().clean() or {}
        live_set = data.get("live_set")
        if live_set is not None and live_set.participant != data.get("participant"):
            self.add_error("live_set", NOT_THIS_SET)
        return data
