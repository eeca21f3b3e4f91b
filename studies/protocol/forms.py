"""The forms of a protocol's parts. Each knows how to fill itself from a document, and what it says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from studies.models import Outcome
from studies.protocol.document import ARMS_MAX, FIXED, PARTS, RATIO_MAX, keyed, mark_of, part_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

    RowsBase = BaseFormSet[forms.Form]
else:  # Django's class takes a type for the checker only
    RowsBase = BaseFormSet

ROLES = (("primary", _("Primary")), ("secondary", _("Secondary")))
ROWS_MAX = 20


def _words(label: Any, rows: int = 3, help_text: Any = "", longest: int = 4000) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=longest, widget=widget, help_text=help_text)


def _line(label: Any, longest: int = 200, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=longest, help_text=help_text)


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


def _number(label: Any, most: int, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=most, help_text=help_text)


class AboutForm(forms.Form):
    """What the study asks, when it runs, who can take part."""

    title = _line(_("Title"))
    summary = _words(_("The question"), 2, _("One or two sentences: what is compared, in whom, on what."))
    plain_summary = _words(
        _("For students"), 4, _("What happens and what it means for them, in plain words. They read it on their page.")
    )
    starts_on = _day(_("First day"))
    ends_on = _day(_("Last day"))
    setting = _words(_("Where"), 2)
    include = _words(_("Who can take part"), 2)
    exclude = _words(_("Who can't"), 2)
    contact = _line(_("Whom students can ask"), help_text=_("Name and address, for questions and complaints."))


class TrainingForm(forms.Form):
    """How often and how long everybody trains, and what is the same for all groups."""

    weeks = _number(_("Weeks"), 60)
    lessons_per_week = _number(_("Lessons a week"), 14)
    lesson_minutes = _number(_("Minutes a lesson"), 600)
    curriculum = _words(_("What all groups have in common"), 4)


class PeopleForm(forms.Form):
    """How many students, and why."""

    students = _number(_("Students, all groups together"), 100_000)
    dropout_percent = _number(_("Of 100 students, how many will leave before the end"), 90)
    reasoning = _words(
        _("Why so many"), 4, _("The difference that matters, power and level; or that the class has this size.")
    )


class EthicsForm(forms.Form):
    """Approval, registration, data, money."""

    committee = _line(_("Ethics committee"))
    ethics_number = _line(_("Number of the approval"), 100)
    registry = _line(_("Registry"), help_text=_("For example ClinicalTrials.gov or OSF, with the address."))
    registration_number = _line(_("Number of the registration"), 100)
    data_sharing = _words(_("Who gets the data afterwards"))
    funding = _words(_("Who pays"), 2)
    interests = _words(_("Interests that could conflict"), 2)


class RowForm(forms.Form):
    """A row of a list: kept by its short name, which it gets from its name the first time."""

    key = forms.SlugField(required=False, max_length=40, widget=forms.HiddenInput)


class ArmForm(RowForm):
    name = forms.CharField(label=_("Name"), max_length=100)
    ratio = forms.IntegerField(label=_("Share"), min_value=1, max_value=RATIO_MAX, initial=1)
    gives_ai_feedback = forms.BooleanField(label=_("Students see the AI coach's feedback"), required=False)
    description = _words(_("What is done in this group"), 3)


class TimePointForm(RowForm):
    name = forms.CharField(label=_("Name"), max_length=100)
    opens_on = _day(_("From"))
    closes_on = _day(_("To"))


class OutcomeForm(RowForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    unit = _line(_("Unit and scale"), 60)
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, initial="secondary")
    planned_test = forms.ChoiceField(
        label=_("Planned test"), choices=Outcome.PlannedTest.choices, initial=Outcome.PlannedTest.WELCH
    )
    main_time_point = forms.ChoiceField(label=_("Tested at"), required=False)
    null = _words(_("H0"), 2)
    alternative = _words(_("H1"), 2)

    def __init__(self, *args: Any, times: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["main_time_point"] = forms.ChoiceField(
            label=_("Tested at"), required=False, choices=[("", _("No time")), *times]
        )


class Rows(RowsBase):
    """The rows that stay, with their short names."""

    def kept(self, otherwise: str) -> list[dict[str, Any]]:
        rows = [
            {name: _json(value) for name, value in form.cleaned_data.items() if name != "DELETE"}
            for form in self.forms
            if form.cleaned_data.get("name") and not form.cleaned_data.get("DELETE")
        ]
        return keyed(rows, otherwise)


def _json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _formset(form: type[RowForm], most: int, *, grows: bool) -> type[Rows]:
    made = formset_factory(form, formset=Rows, extra=int(grows), can_delete=grows, max_num=most, absolute_max=most + 5)
    return cast("type[Rows]", made)


SIMPLE: Mapping[str, type[forms.Form]] = {
    "about": AboutForm,
    "training": TrainingForm,
    "people": PeopleForm,
    "ethics": EthicsForm,
}
LISTED: Mapping[str, Mapping[str, tuple[type[RowForm], int, str]]] = {
    "groups": {"arms": (ArmForm, ARMS_MAX, "group")},
    "outcomes": {"time_points": (TimePointForm, ROWS_MAX, "time"), "outcomes": (OutcomeForm, ROWS_MAX, "outcome")},
}


class PartForm:
    """One step of a protocol: a plain form, or lists of rows. With `data` bound, else filled from the document.

    `fixed_arms`: groups were drawn, so of each only the description is taken, and none comes or goes.
    """

    def __init__(
        self, part: str, document: Mapping[str, Any], data: QueryDict | None = None, *, fixed_arms: bool = False
    ) -> None:
        assert part in PARTS
        self.part, self.document, self.fixed_arms = part, document, fixed_arms and part == "groups"
        self.mark = mark_of(document, part)
        self.form = SIMPLE[part](data, initial=part_of(document, part)) if part in SIMPLE else None
        self.lists = {
            name: self._rows(name, form, most, data) for name, (form, most, _word) in LISTED.get(part, {}).items()
        }

    def _rows(self, name: str, form: type[RowForm], most: int, data: QueryDict | None) -> Rows:
        rows = self.document[name]
        kwargs = {"times": [(row["key"], row["name"]) for row in self.document["time_points"]]}
        made = _formset(form, most, grows=not self.fixed_arms)(
            data, initial=rows, prefix=name, form_kwargs=kwargs if form is OutcomeForm else {}
        )
        if self.fixed_arms:
            for row in made.forms:
                for fixed in FIXED:
                    row.fields[fixed].disabled = True
        return made

    def is_valid(self) -> bool:
        simple = self.form is None or self.form.is_valid()
        return all([simple, *(rows.is_valid() for rows in self.lists.values())])

    def values(self) -> dict[str, Any]:
        """The part as the document has it; for a valid form."""
        if self.form is not None:
            return {
                name: _json(value) if value is not None else _nothing(self.form, name)
                for name, value in self.form.cleaned_data.items()
            }
        found: dict[str, Any] = {name: rows.kept(LISTED[self.part][name][2]) for name, rows in self.lists.items()}
        if self.fixed_arms:
            words = {row["key"]: row["description"] for row in found["arms"]}
            found["arms"] = [arm | {"description": words.get(arm["key"], "")} for arm in self.document["arms"]]
        for rows in found.values():
            for row in rows:
                row |= {name: "" for name, value in row.items() if value is None}
        return found


def _nothing(form: forms.Form, name: str) -> str | None:
    return None if isinstance(form.fields[name], forms.IntegerField) else ""


class VersionForm(forms.Form):
    """Save the draft as a version."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why it changes"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class BeginForm(forms.Form):
    """What a new study begins with."""

    begin = forms.ChoiceField(label=_("Begin with"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, studies: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        copies = [(key, _("A copy of “%(title)s”") % {"title": title}) for key, title in studies]
        choices = [
            ("paper", _("The paper's design: 50 students, two groups of 25, one semester, everything filled in")),
            ("empty", _("Nothing filled in")),
            *copies,
        ]
        self.fields["begin"] = forms.ChoiceField(
            label=_("Begin with"), choices=choices, initial="paper", widget=forms.RadioSelect
        )
