"""Forms about injuries. They check shape; the rules are the services'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.injuries.body_map import HEIGHT, WIDTH, Figure, Spot, figures
from studies.injuries.picker import find_student
from studies.models import Injury

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studies.models import Participant

UNKNOWN = ("", _("Not known"))
FORM_RELATED = (UNKNOWN, ("yes", _("Yes")), ("no", _("No")))
OFFERED = [choice for choice in Injury.Region.choices if choice[0] not in Injury.COARSE]


def day_field(label: Any, *, required: bool = True, today: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    initial = timezone.localdate if today else None
    return forms.DateField(label=label, initial=initial, widget=widget, required=required)


def choice_field(label: Any, choices: Sequence[tuple[Any, Any]], *, radio: bool = False) -> forms.ChoiceField:
    widget = forms.RadioSelect() if radio else forms.Select()
    return forms.ChoiceField(label=label, choices=[UNKNOWN, *choices], required=False, widget=widget)


@dataclass(frozen=True, slots=True)
class MapSpot:
    """One box of the map, and the id of the radio button that it is a label of."""

    spot: Spot
    for_id: str


class WithBodyMap(forms.Form):
    """A form with a region and a side, chosen from lists or on the drawing of the body."""

    region = forms.ChoiceField(label=_("Part of the body"), choices=OFFERED, widget=forms.RadioSelect())
    side = choice_field(_("Side"), Injury.Side.choices, radio=True)

    map_size = (WIDTH, HEIGHT)

    def body_map(self) -> list[tuple[Figure, list[MapSpot]]]:
        ids = {str(radio.data["value"]): radio.id_for_label for radio in self["region"]}
        return [(figure, [MapSpot(spot, ids[spot.region]) for spot in figure.spots]) for figure in figures()]


class InjuryForm(WithBodyMap):
    """One injury of one student: what every entry needs first, then what can be said later."""

    onset = choice_field(_("How it began"), Injury.Onset.choices, radio=True)
    occurred_on = day_field(_("Day of the injury"))
    days_lost = forms.IntegerField(
        label=_("Days lost"),
        min_value=0,
        max_value=366,
        initial=0,
        required=False,
        help_text=_("Days without full training, not counting the day itself. Empty: counted from the return."),
    )
    pain = forms.IntegerField(label=_("Worst pain, 0 to 10"), min_value=0, max_value=10, required=False)
    tissue = choice_field(_("Tissue or type"), Injury.Tissue.choices)
    activity = choice_field(_("What the student was doing"), Injury.Activity.choices)
    course = choice_field(_("New or again"), Injury.Course.choices)
    returned_on = day_field(_("Full training again from"), required=False, today=False)
    form_related = forms.TypedChoiceField(
        label=_("Caused by poor technique?"),
        choices=FORM_RELATED,
        required=False,
        empty_value=None,
        coerce=lambda given: given == "yes",
    )
    form_reason = forms.CharField(label=_("Why you judge so"), required=False, max_length=300)
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    another = forms.BooleanField(label=_("This is another injury, not one in the log already"), required=False)

    FIRST: ClassVar[tuple[str, ...]] = ("onset", "occurred_on", "days_lost")
    MORE: ClassVar[tuple[str, ...]] = (
        "pain",
        "tissue",
        "activity",
        "course",
        "returned_on",
        "form_related",
        "form_reason",
        "note",
    )

    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.MORE]

    def values(self) -> dict[str, Any]:
        """The columns of the injury."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"another", "student"}}


class QuickInjuryForm(InjuryForm):
    """The same for any student of the class, found by typing."""

    student = forms.CharField(
        label=_("Student"),
        max_length=200,
        help_text=_("The code, or the beginning of the name."),
        widget=forms.TextInput(
            attrs={"list": "students", "autofocus": True, "autocomplete": "off", "autocapitalize": "none"}
        ),
    )

    def __init__(self, *args: Any, students: Sequence[Participant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.students = students

    def clean_student(self) -> Participant:
        found = find_student(self.cleaned_data["student"], self.students)
        if len(found) == 1:
            return found[0]
        if not found:
            raise forms.ValidationError(_("Nobody in your class fits. Type the code or the name."), code="nobody")
        raise forms.ValidationError(
            _("%(count)d students fit: %(names)s. Type more."),
            code="several",
            params={"count": len(found), "names": ", ".join(_shown(row) for row in found[:5])},
        )


def _shown(participant: Participant) -> str:
    return f"{participant.user.get_full_name()} ({participant.code})"


class CorrectInjuryForm(InjuryForm):
    """A change of an entry. Entries of before keep a coarse region."""

    status = forms.ChoiceField(label=_("State"), choices=Injury.Status.choices)
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=300,
        help_text=_("Needed when you correct what was entered; not for how it goes on."),
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput)

    MORE: ClassVar[tuple[str, ...]] = ("status", *InjuryForm.MORE)

    def __init__(self, *args: Any, injury: Injury, **kwargs: Any) -> None:
        names = (*self.FIRST, *self.MORE, "region", "side")
        initial = {name: getattr(injury, name) for name in names} | {"seen_version": injury.version}
        initial["form_related"] = {True: "yes", False: "no", None: ""}[injury.form_related]
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        del self.fields["another"]
        if injury.region in Injury.COARSE:
            region = cast("forms.ChoiceField", self.fields["region"])
            region.choices = [*OFFERED, (injury.region, injury.get_region_display())]

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name not in {"reason", "seen_version"}}


class StrikeForm(forms.Form):
    """Take an entry out of every count."""

    reason = forms.CharField(label=_("Why it is a mistake"), max_length=300)
    seen_version = forms.IntegerField(widget=forms.HiddenInput)


class HurtForm(WithBodyMap):
    """What a student says of themself: where, how much, since when."""

    pain = forms.IntegerField(label=_("How much does it hurt, 0 to 10?"), min_value=0, max_value=10, required=False)
    onset = choice_field(_("How did it begin?"), Injury.Onset.choices, radio=True)
    occurred_on = day_field(_("When did it begin?"))
    activity = choice_field(_("What were you doing?"), Injury.Activity.choices)
    note = forms.CharField(
        label=_("Anything your instructor should know"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ProblemInjuryForm(forms.Form):
    """When a problem of the weekly questions began, as far as anybody knows."""

    occurred_on = day_field(_("Day of the injury"))
