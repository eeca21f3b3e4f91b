"""A plan from a file, and a question in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from analysis.plans.document import INJURY_LOG, Hypothesis
from analysis.plans.questions import BY_KEY, QUESTIONS
from studies.models import Outcome, TimePoint

if TYPE_CHECKING:
    from studies.models import Study


class PlanFileForm(forms.Form):
    file = forms.FileField(label=_("Plan (JSON)"), allow_empty_file=True)
    reason = forms.CharField(label=_("Why it differs from the version before"), max_length=300, required=False)
    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class QuestionForm(forms.Form):
    """What is asked, of which outcome, at which time. `hypothesis()` is the plan's form of it."""

    question = forms.ChoiceField(label=_("What do you want to know?"), choices=[(q.key, q.words) for q in QUESTIONS])
    outcome = forms.ChoiceField(label=_("About what?"))
    time_point = forms.ChoiceField(label=_("Measured when?"), required=False)
    before = forms.ChoiceField(
        label=_("And at the start?"), required=False, help_text=_("For the question about an equal start.")
    )
    margin = forms.FloatField(
        label=_("A difference up to this counts as equal"),
        required=False,
        min_value=0.0,
        help_text=_("For the question about equality, in the outcome's unit."),
    )

    def __init__(self, study: Study, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcomes = {row.key: row for row in Outcome.objects.filter(study=study).select_related("main_time_point")}
        times = [("", _("at no named time")), *TimePoint.objects.filter(study=study).values_list("key", "name")]
        choices = [(INJURY_LOG, _("Injuries")), *((row.key, row.name) for row in self.outcomes.values())]
        for name, given in (("outcome", choices[::-1]), ("time_point", times), ("before", times)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = given

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        question = BY_KEY.get(given.get("question", ""))
        if question is None or "outcome" not in given:
            return given
        if question.of_injuries != (given["outcome"] == INJURY_LOG):
            self.add_error("outcome", _("This question and this outcome don't go together: choose another one."))
        if question.needs_bounds and not given.get("margin"):
            self.add_error("margin", _("Say how large a difference would still count as equal."))
        if question.needs_before and given.get("before") == given.get("time_point"):
            self.add_error("before", _("Choose the time before the training, other than the one after it."))
        return given

    def hypothesis(self) -> Hypothesis:
        """After `is_valid()`."""
        given, question = self.cleaned_data, BY_KEY[self.cleaned_data["question"]]
        margin = given.get("margin") if question.needs_bounds else None
        return Hypothesis(
            key=f"{question.key}-{given['outcome']}"[:40].strip("-"),
            question=str(question.words),
            estimand=str(question.estimand),
            outcome=given["outcome"],
            test=question.test,
            time_point="" if question.of_injuries else given.get("time_point", ""),
            before=given.get("before", "") if question.needs_before else "",
            low=None if margin is None else -margin,
            high=margin,
        )
