"""The assumptions of a dry run as a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from analysis.dryrun.assumptions import LIMITS, Assumptions

WORDS = {
    "students_per_arm": (_("Students in each group"), ""),
    "effect": (_("Effect, points"), _("By how much the first group ends higher on the rubric (0 to 10).")),
    "mean": (_("Mean at the start, points"), ""),
    "sd": (_("Standard deviation, points"), ""),
    "gain": (_("Gain of the others, points"), _("What a semester gives without the effect.")),
    "correlation": (_("Correlation of start and end"), ""),
    "dropout": (_("Share that drops out"), _("0.1 is one of ten.")),
    "lessons": (_("Lessons in the semester"), ""),
    "lesson_minutes": (_("Minutes of a lesson"), ""),
    "attendance": (_("Share of lessons attended"), ""),
    "injuries_per_1000_h": (_("Injuries in 1,000 hours, others"), ""),
    "injury_ratio": (_("Injury rate of the first group, times"), _("0.5: half as many.")),
    "trials": (_("Simulated studies"), ""),
    "seed": (_("Seed"), ""),
}
WHOLE = frozenset({"students_per_arm", "lessons", "lesson_minutes", "trials", "seed"})


class DryRunForm(forms.Form):
    """One field for each assumption, within its limits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        defaults = Assumptions().document()
        for name, (label, hint) in WORDS.items():
            low, high = LIMITS[name]
            about: dict[str, Any] = {"label": label, "help_text": hint, "initial": defaults[name]}
            if name in WHOLE:
                self.fields[name] = forms.IntegerField(min_value=int(low), max_value=int(high), **about)
            else:
                self.fields[name] = forms.FloatField(min_value=low, max_value=high, **about)

    def assumptions(self) -> Assumptions:
        """After `is_valid()`."""
        return Assumptions(**self.cleaned_data)
