"""Forms of the study's pages. They check shape; the rules about data are the services'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from studies.access import display_name
from studies.models import Arm, Participant

if TYPE_CHECKING:
    from collections.abc import Collection

    ParticipantsField = forms.ModelMultipleChoiceField[Participant]
else:  # Django's class takes a type for the checker only
    ParticipantsField = forms.ModelMultipleChoiceField

SECTION_LENGTH = 40


def section_field(sections: Collection[str], *, hint: Any = "") -> forms.Field:
    """A section: one's own to choose from, for who works with some of them only; else any, or none."""
    if not sections:
        return forms.CharField(label=_("Section"), max_length=SECTION_LENGTH, required=False, help_text=hint)
    names = sorted(sections)
    return forms.ChoiceField(label=_("Section"), choices=[(name, name) for name in names], initial=names[0])


class SectionForm(forms.Form):
    """Into which section, for who is enrolled by a program."""

    def __init__(self, *args: Any, sections: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"] = section_field(sections)


class PresentField(ParticipantsField):
    """Students by name, for staff who may see names."""

    def label_from_instance(self, obj: Participant) -> str:
        return display_name(obj, named=True)


class ClassListForm(forms.Form):
    """A class list, pasted."""

    students = forms.CharField(
        label=_("Class list"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "placeholder": "Alma Bekova, alma.bekova, 2"}),
        help_text=_(
            "One student a line: full name, user name, year of study. Columns copied from a spreadsheet work too."
        ),
    )

    def __init__(self, *args: Any, sections: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"] = section_field(sections, hint=_("Optional, for example 2A: of everybody in the list."))


class AllocateForm(forms.Form):
    """Draw the groups; once everybody has one, only with a reason."""

    again = forms.BooleanField(label=_("Draw the groups of all students again"), required=False)
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class MoveForm(forms.Form):
    """One student to another group, against the draw."""

    arm = forms.ModelChoiceField(label=_("New group"), queryset=Arm.objects.none())
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, participant: Participant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        arm = cast("forms.ModelChoiceField[Arm]", self.fields["arm"])
        arm.queryset = Arm.objects.filter(study=participant.study).exclude(participants=participant)
