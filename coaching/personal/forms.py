from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coaching.codes import LOSS_ALERT, STRICTNESS
from coaching.models import StrictnessChoice
from coaching.models.bar import LOSS_ALERTS
from studies.access import display_name
from studies.models import Participant

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from coaching.personal.strictness import StrictnessRefused

WHOLE_CLASS = _("The whole class")
AS_THE_CLASS = _("As the class")


class StudentField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    def label_from_instance(self, obj: Participant) -> str:
        return f"{obj.code} · {display_name(obj, named=True)}"


def offer_students(field: forms.Field, students: QuerySet[Participant], *, whole: bool) -> None:
    """Let a field choose among these students, and the whole class where that is the user's to decide for."""
    assert isinstance(field, StudentField)
    field.queryset = students.select_related("user")
    if not whole:
        field.required = True
        field.empty_label = _("Choose…")


class LineForm(forms.Form):
    """Over which sets the load-velocity line goes, and at which velocity a maximum is taken to be."""

    since = forms.DateField(
        label=_("Sets since"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    v_at_1rm = forms.FloatField(
        label=_("Speed of a maximum, m/s"),
        required=False,
        min_value=0.05,
        max_value=0.40,
        widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
    )


class LossAlertForm(forms.Form):
    """From which loss of speed it is told, and to whom. `whole`: it may be the class's."""

    participant = StudentField(
        queryset=Participant.objects.none(),
        required=False,
        label=_("For whom"),
        empty_label=WHOLE_CLASS,
        error_messages={"invalid_choice": LOSS_ALERT["not_in_this_study"]},
    )
    percent = forms.TypedChoiceField(
        label=_("When the bar has slowed by"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[*((percent, f"{percent} %") for percent in LOSS_ALERTS), (0, _("Never")), ("", AS_THE_CLASS)],
        error_messages={"invalid_choice": LOSS_ALERT["unknown_percent"]},
    )

    def __init__(self, *args: Any, students: QuerySet[Participant], whole: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "id_alert_%s", **kwargs})
        offer_students(self.fields["participant"], students, whole=whole)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("participant") is None and "percent" in data and data["percent"] is None:
            self.add_error("percent", LOSS_ALERT["unknown_percent"])
        return data


class StrictnessForm(forms.Form):
    """One choice: of whom, and how strict. `whole`: it may be the class's."""

    participant = StudentField(
        queryset=Participant.objects.none(),
        required=False,
        label=_("For whom"),
        empty_label=WHOLE_CLASS,
        error_messages={"invalid_choice": STRICTNESS["not_in_this_study"]},
    )
    level = forms.ChoiceField(
        label=_("How strict"),
        choices=[*StrictnessChoice.Level.choices, ("as_class", AS_THE_CLASS)],
        widget=forms.RadioSelect,
        error_messages={
            "required": STRICTNESS["unknown_strictness"],
            "invalid_choice": STRICTNESS["unknown_strictness"],
        },
    )

    def __init__(self, *args: Any, students: QuerySet[Participant], whole: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_students(self.fields["participant"], students, whole=whole)

    def clean_level(self) -> str:
        level: str = self.cleaned_data["level"]
        return "" if level == "as_class" else level

    def refuse(self, refused: StrictnessRefused) -> None:
        self.add_error(refused.field, str(refused.advice))
