"""Forms of the roster: a file, an invitation, joining, screening, the values at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from studies.forms import PresentField, section_field
from studies.invitations import DAYS_MAX, USES_MAX
from studies.models import Baseline, Participant, ScreeningEntry, User
from studies.roster.checks import BASELINE, RANGES
from studies.roster.tables import ENCODINGS

if TYPE_CHECKING:
    from collections.abc import Collection

    from studies.models import ParticipantQuerySet

    BaselineModelForm = forms.ModelForm[Baseline]
else:  # Django's class takes a type for the checker only
    BaselineModelForm = forms.ModelForm

ENCODING_NAMES = {
    "utf-8": _("UTF-8"),
    "utf-16": _("UTF-16"),
    "cp1251": _("Windows-1251 (Cyrillic)"),
    "kz1048": _("KZ-1048 (Kazakh)"),
    "cp1252": _("Windows-1252 (Western)"),
}


class RosterFileForm(forms.Form):
    """A class list as a file."""

    file = forms.FileField(
        label=_("Class list (XLSX or CSV)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
    )
    encoding = forms.ChoiceField(
        label=_("Letters of a CSV file"),
        choices=[("", _("Find out")), *((name, ENCODING_NAMES[name]) for name in ENCODINGS)],
        required=False,
        help_text=_("Change it only if names look wrong in the preview."),
    )


class EnrolRowsForm(forms.Form):
    """Which rows of a previewed list are enrolled."""

    with_warnings = forms.BooleanField(label=_("Also the rows with a warning: I have looked at them"), required=False)


class InvitationForm(forms.Form):
    """For whom, and how long."""

    uses_max = forms.IntegerField(
        label=_("For how many students"),
        min_value=1,
        max_value=USES_MAX,
        initial=30,
        help_text=_("1 for a single one."),
    )
    days = forms.IntegerField(label=_("Valid for days"), min_value=1, max_value=DAYS_MAX, initial=7)

    def __init__(self, *args: Any, sections: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"] = section_field(sections, hint=_("Optional, for example 2A."))


class CodeForm(forms.Form):
    """A typed code of an invitation."""

    code = forms.CharField(label=_("Code"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class YearForm(forms.Form):
    """What somebody with an account adds when they join."""

    year_of_study = forms.IntegerField(label=_("Year of study"), min_value=1, max_value=8)


class SignUpForm(YearForm):
    """An account, and the year."""

    first_name = forms.CharField(label=_("First name"), max_length=150)
    last_name = forms.CharField(label=_("Last name"), max_length=150)
    username = forms.CharField(label=_("User name"), max_length=150, validators=[UnicodeUsernameValidator()])
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters."),
    )
    field_order = ("first_name", "last_name", "year_of_study", "username", "password")

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError(_("This user name is taken. If it is yours, sign in instead."))
        return username

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if "password" in given:
            names = {name: given.get(name, "") for name in ("username", "first_name", "last_name")}
            try:
                password_validation.validate_password(given["password"], User(**names))
            except ValidationError as error:
                self.add_error("password", error)
        return given


class ScreenForm(forms.Form):
    """Confirm or exclude students who have no group yet."""

    students = PresentField(
        label=_("Students"), queryset=Participant.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    eligible = forms.TypedChoiceField(
        label=_("Outcome"),
        choices=(("yes", _("Eligible")), ("no", _("Excluded"))),
        coerce=lambda given: given == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.ChoiceField(
        label=_("Reason for excluding"), choices=[("", "–"), *ScreeningEntry.Reason.choices], required=False
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False, help_text=_("Optional. No names."))

    def __init__(self, *args: Any, students: ParticipantQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("PresentField", self.fields["students"])
        rows = students.unassigned().select_related("user")
        field.queryset = rows.order_by("-eligibility", "user__last_name", "user__first_name")


class NotEnrolledForm(forms.Form):
    """Somebody who was asked and is not in the study."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=[row for row in ScreeningEntry.Outcome.choices if row[0] != "eligible"]
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "–"), *ScreeningEntry.Reason.choices], required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False, help_text=_("Optional. No names."))


class BaselineForm(BaselineModelForm):
    """What is known of a student at the start; `seen_version` tells who saved an old page."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, initial=0, min_value=0)
    year_of_study = forms.IntegerField(label=_("Year of study"), min_value=1, max_value=8)

    class Meta:
        model = Baseline
        fields = BASELINE
        labels = {
            "sex": _("Sex"),
            "age_years": _("Age, years"),
            "height_cm": _("Height, cm"),
            "mass_kg": _("Body mass, kg"),
            "experience_months": _("Training experience, months"),
            "one_rm_kg": _("One-repetition maximum, kg"),
            "working_load_kg": _("Working load, kg"),
            "measured_on": _("Day of the measurement"),
        }
        widgets = {"measured_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, participant: Participant, sections: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"] = section_field(sections)
        self.fields["year_of_study"].initial = participant.year_of_study
        self.fields["section"].initial = participant.section
        for name, (low, high) in RANGES.items():
            field = cast("forms.DecimalField", self.fields[name])
            self.fields[name] = type(field)(
                label=field.label, min_value=low, max_value=high, required=False, help_text=f"{low}–{high}"
            )
        if self.instance.pk:
            self.fields["seen_version"].initial = self.instance.version
        self.order_fields(["seen_version", "year_of_study", "section", *BASELINE])

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in BASELINE}
