from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coaching.codes import STRICTNESS
from coaching.models import StrictnessChoice
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
        field = self.fields["participant"]
        assert isinstance(field, StudentField)
        field.queryset = students.select_related("user")
        if not whole:
            field.required = True
            field.empty_label = _("Choose…")

    def clean_level(self) -> str:
        level: str = self.cleaned_data["level"]
        return "" if level == "as_class" else level

    def refuse(self, refused: StrictnessRefused) -> None:
        self.add_error(refused.field, str(refused.advice))
