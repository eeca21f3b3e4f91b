"""Forms of the rubric, the deal, a rating and a settlement. They check shape; the rules are the services'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from coaching.models.ratings import RatingRound
from coaching.ratings.rounds import Terms, possible_raters
from coaching.ratings.rubrics import CRITERIA_MAX
from studies.models import Outcome, TimePoint, User

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from django.forms import BoundField

    from coaching.ratings.rubrics import Criterion
    from studies.models import Study

    RatersField = forms.ModelMultipleChoiceField[User]
else:
    RatersField = forms.ModelMultipleChoiceField

POINTS = "points-"


class PeopleField(RatersField):
    """Raters by name."""

    def label_from_instance(self, obj: User) -> str:
        return obj.get_full_name() or obj.get_username()


class PointsForm(forms.Form):
    """Points for each criterion of a rubric, a note, or why the film can't be rated."""

    cannot_rate = forms.CharField(
        label=_("Why it can't be rated"),
        required=False,
        max_length=200,
        help_text=_("For instance: feet out of the picture, too dark, no lift in it."),
    )
    note = forms.CharField(label=_("Note (optional)"), required=False, max_length=300)

    def __init__(self, *args: Any, criteria: Sequence[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for one in criteria:
            self.fields[f"{POINTS}{one.key}"] = forms.TypedChoiceField(
                label=one.name,
                required=False,
                coerce=int,
                empty_value=None,
                choices=[(p, f"{p}: {words}") for p, words in enumerate(one.words)],
                widget=forms.RadioSelect,
            )

    def rows(self) -> Iterator[BoundField]:
        """The criteria's fields, in the rubric's order."""
        for one in self.criteria:
            yield self[f"{POINTS}{one.key}"]

    def points(self) -> dict[str, object]:
        """Criterion's key -> points, of those that were given."""
        given = {one.key: self.cleaned_data.get(f"{POINTS}{one.key}") for one in self.criteria}
        return {key: value for key, value in given.items() if value is not None}


def filled(points: Mapping[str, int], **others: Any) -> dict[str, Any]:
    """Initial values of a PointsForm."""
    return {f"{POINTS}{key}": value for key, value in points.items()} | others


class SettleForm(PointsForm):
    """The final points of a film on which the raters differed, and what decided it."""

    reason = forms.CharField(label=_("What decided it"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    unrateable = forms.BooleanField(label=_("The film can't be rated"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["note"], self.fields["cannot_rate"]


class CriterionForm(forms.Form):
    """One criterion: its name, and a line for each number of points, from 0."""

    name = forms.CharField(label=_("Criterion"), required=False, max_length=60)
    words = forms.CharField(
        label=_("What the points look like"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("A line for each number of points; the first line is 0 points."),
    )

    def given(self) -> tuple[str, list[str]] | None:
        """None for an empty one."""
        name, text = self.cleaned_data.get("name", ""), self.cleaned_data.get("words", "")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return (name, lines) if name or lines else None


CriteriaFormSet = forms.formset_factory(CriterionForm, extra=0, max_num=CRITERIA_MAX, absolute_max=CRITERIA_MAX)


class DealForm(forms.Form):
    """Which time, by whom, and for a round's first deal by which rules."""

    time_point = forms.ModelChoiceField(
        label=_("Time of the plan"), queryset=TimePoint.objects.none(), empty_label=_("Choose…")
    )
    raters = PeopleField(label=_("Raters"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple)
    outcome = forms.ModelChoiceField(
        label=_("Outcome that the score fills"),
        required=False,
        queryset=Outcome.objects.none(),
        empty_label=_("None yet"),
        help_text=_("Its value at this time is written when both raters agree or the difference is settled."),
    )
    rule = forms.ChoiceField(label=_("The final score"), choices=RatingRound.Rule.choices, widget=forms.RadioSelect)
    film = forms.ChoiceField(label=_("Film of each student"), choices=RatingRound.Film.choices)
    tolerance_total = forms.IntegerField(
        label=_("Totals may differ by"), min_value=0, max_value=20, help_text=_("More is settled by a third person.")
    )
    tolerance_criterion = forms.IntegerField(
        label=_("A criterion is settled from a difference of"), min_value=1, max_value=10
    )
    unblinded_allowed = forms.BooleanField(
        label=_("Instructors may rate too"),
        required=False,
        help_text=_("They know the groups: each of their ratings is recorded and reported as not blind."),
    )

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "rule": RatingRound.Rule.MEAN,
            "film": RatingRound.Film.LAST,
            "tolerance_total": 1,
            "tolerance_criterion": 2,
            **kwargs.pop("initial", {}),
        }
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[TimePoint]", self.fields["time_point"]).queryset = study.time_points.all()
        cast("forms.ModelChoiceField[Outcome]", self.fields["outcome"]).queryset = study.outcomes.all()
        people = possible_raters(study, unblinded=True)
        cast("PeopleField", self.fields["raters"]).queryset = people

    def terms(self) -> Terms:
        return Terms(**{name: self.cleaned_data[name] for name in Terms.__slots__})


class HandOverForm(forms.Form):
    """Whose films that are not rated yet go to whom."""

    leaving = forms.ModelChoiceField(queryset=User.objects.none())
    taking = forms.ModelChoiceField(queryset=User.objects.none())

    def __init__(self, *args: Any, kept: RatingRound, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        theirs = User.objects.filter(rating_tasks__film__round=kept).distinct()
        cast("forms.ModelChoiceField[User]", self.fields["leaving"]).queryset = theirs
        people = possible_raters(kept.study, unblinded=kept.unblinded_allowed)
        cast("forms.ModelChoiceField[User]", self.fields["taking"]).queryset = people


class ReasonForm(forms.Form):
    """Why a value of the study is replaced."""

    reason = forms.CharField(label=_("Reason"), max_length=500)
