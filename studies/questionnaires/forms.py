"""Forms of the builder, of windows and of scales that fill outcomes. They check shape; the rules are the services'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from studies.models import Outcome, TimePoint
from studies.questionnaires.items import ITEMS_MAX, KINDS, LIKERT5, Item
from studies.questionnaires.templates import TEMPLATES

if TYPE_CHECKING:
    from studies.models import Study
    from studies.questionnaires.items import Scale

EMPTY = "empty"


class NewQuestionnaireForm(forms.Form):
    """A ready-made questionnaire, or an empty one to fill."""

    template = forms.ChoiceField(
        label=_("Begin with"),
        choices=[*((key, one.title) for key, one in TEMPLATES.items()), (EMPTY, _("An empty questionnaire"))],
        widget=forms.RadioSelect,
    )


class TitleForm(forms.Form):
    """Title and introduction of a questionnaire, and the edition that the person saw."""

    title = forms.CharField(label=_("Title"), max_length=120)
    intro = forms.CharField(
        label=_("Introduction"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    seen_edition = forms.IntegerField(widget=forms.HiddenInput)


class ItemForm(forms.Form):
    """One question of the builder; without words it is left out."""

    key = forms.SlugField(required=False, max_length=40, widget=forms.HiddenInput)
    text = forms.CharField(label=_("Question"), required=False, max_length=300)
    kind = forms.ChoiceField(label=_("Answered by"), choices=KINDS, initial=LIKERT5)
    low = forms.CharField(label=_("Left end"), required=False, max_length=60)
    high = forms.CharField(label=_("Right end"), required=False, max_length=60)
    choices = forms.CharField(
        label=_("Answers to choose from, one a line"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    minimum = forms.FloatField(label=_("Smallest number"), required=False)
    maximum = forms.FloatField(label=_("Largest number"), required=False)
    scale = forms.CharField(label=_("Scale"), required=False, max_length=40)
    reverse = forms.BooleanField(label=_("Reversed: agreement counts as little of the scale"), required=False)
    required = forms.BooleanField(label=_("Must be answered"), required=False, initial=True)

    def item(self) -> Item | None:
        """None for a row without words."""
        data = self.cleaned_data
        if not data.get("text", "").strip():
            return None
        names = ("key", "text", "kind", "low", "high", "minimum", "maximum", "reverse", "scale", "required")
        choices = tuple(line.strip() for line in data["choices"].splitlines() if line.strip())
        return Item(**{name: data[name] for name in names}, choices=choices)


ItemFormSet = forms.formset_factory(ItemForm, extra=0, max_num=ITEMS_MAX + 3, absolute_max=ITEMS_MAX + 3)


def initial_of(item: Item, scale_names: dict[str, str]) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in Item.__slots__}
    return values | {"choices": "\n".join(item.choices), "scale": scale_names.get(item.scale, "")}


class WaveForm(forms.Form):
    """Ask a questionnaire at a time of the plan, from one day to another."""

    time_point = forms.ModelChoiceField(
        label=_("Time of the plan"), queryset=TimePoint.objects.none(), empty_label=_("Choose…")
    )
    opens_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    closes_on = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[TimePoint]", self.fields["time_point"]).queryset = study.time_points.all()


class FeedForm(forms.Form):
    """Which scale fills which outcome, and why values that are there are replaced, if they are."""

    scale = forms.ChoiceField(label=_("Scale"))
    outcome = forms.ModelChoiceField(label=_("Outcome"), queryset=Outcome.objects.none(), empty_label=_("Choose…"))
    reason = forms.CharField(
        label=_("Reason to replace other values that are there"),
        required=False,
        max_length=500,
        help_text=_("Without a reason they are left as they are."),
    )

    def __init__(self, *args: Any, study: Study, scales: tuple[Scale, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["scale"]).choices = [(scale.key, scale.name) for scale in scales]
        cast("forms.ModelChoiceField[Outcome]", self.fields["outcome"]).queryset = study.outcomes.all()
