"""The weekly questions as a form: four questions, of which the first decides whether there are more."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from studies.health.scoring import FULL
from studies.health.services import Problem
from studies.injuries.forms import OFFERED, WithBodyMap, choice_field
from studies.models import HealthProblem, Injury

EXTENT = (
    (0, _("Not at all")),
    (1, _("To a minor extent")),
    (2, _("To a moderate extent")),
    (3, _("To a major extent")),
)
PARTICIPATION = (
    (0, _("Full participation without health problems")),
    (1, _("Full participation, but with a health problem")),
    (2, _("Reduced participation due to a health problem")),
    (3, _("Could not participate due to a health problem")),
)
SYMPTOMS = ((0, _("No symptoms")), (1, _("Mild")), (2, _("Moderate")), (3, _("Severe")))


def _question(label: Any, answers: Any, *, required: bool = False) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=answers,
        coerce=int,
        empty_value=None,
        required=required,
        widget=forms.RadioSelect(),
    )


class WeeklyForm(WithBodyMap):
    """One problem of one week, or none. Which answers are missing is the services' to say."""

    participation = _question(
        _("Did you have any difficulties taking part in training due to injury, illness or other health problems?"),
        PARTICIPATION,
        required=True,
    )
    training = _question(_("To what extent did you change your training because of health problems?"), EXTENT)
    performance = _question(_("To what extent did health problems affect your performance?"), EXTENT)
    symptoms = _question(_("To what extent did you have symptoms or pain?"), SYMPTOMS)
    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=HealthProblem.Kind.choices,
        required=False,
        widget=forms.RadioSelect(),
        initial=HealthProblem.Kind.INJURY,
    )
    region = forms.ChoiceField(label=_("Part of the body"), choices=OFFERED, widget=forms.RadioSelect(), required=False)
    side = choice_field(_("Side"), Injury.Side.choices, radio=True)

    REST = ("training", "performance", "symptoms")

    def rest(self) -> list[forms.BoundField]:
        return [self[name] for name in self.REST]

    def problem(self) -> Problem | None:
        """The problem as answered; None for none."""
        given = self.cleaned_data
        if given["participation"] == FULL:
            return None
        return Problem(**given)
