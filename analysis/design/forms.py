"""What the calculator asks. A valid form gives `assumed()`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from analysis.design.sizes import Assumed

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = (
    ("t", _("A score: difference of two groups in standard deviations (d)")),
    ("anova", _("A score: effect in all groups together (Cohen's f)")),
    ("rates", _("Injuries: rate of the first group as a share of the second's (ratio)")),
)


class SizeForm(forms.Form):
    """Effect, error rates, drop-out, sections; rate and hours for injuries."""

    kind = forms.ChoiceField(label=_("What is compared"), choices=KINDS, initial="t")
    effect = forms.FloatField(
        label=_("Smallest effect that matters"),
        min_value=0.01,
        max_value=10,
        initial=0.8,
        help_text=_(
            "d: 0.2 small, 0.5 medium, 0.8 large. f: half of d for two groups. Ratio: 0.5 is half the injuries."
        ),
    )
    students = forms.IntegerField(
        label=_("Students you could enrol, all groups together"), min_value=4, max_value=100_000, initial=50
    )
    power = forms.IntegerField(label=_("Power, percent"), min_value=50, max_value=99, initial=80)
    alpha = forms.FloatField(label=_("Level, percent"), min_value=0.1, max_value=20, initial=5)
    dropout = forms.IntegerField(label=_("Drop-out, percent"), min_value=0, max_value=90, initial=0)
    section_size = forms.IntegerField(
        label=_("Students in a section"),
        min_value=1,
        max_value=1000,
        initial=1,
        help_text=_("Only if whole sections are drawn; 1: students are drawn one by one."),
    )
    icc = forms.FloatField(
        label=_("Intracluster correlation"),
        min_value=0,
        max_value=1,
        initial=0.05,
        help_text=_("How alike students of one section are: often 0.01 to 0.2."),
    )
    rate_per_1000_h = forms.FloatField(
        label=_("Injuries in 1000 hours, second group"), min_value=0.001, max_value=1000, initial=4, required=False
    )
    hours_each = forms.FloatField(
        label=_("Hours that a student trains"), min_value=0.1, max_value=5000, initial=48, required=False
    )

    def __init__(self, *args: Any, document: Mapping[str, Any], **kwargs: Any) -> None:
        kwargs["initial"] = _of(document)
        super().__init__(*args, **kwargs)
        # A blinded reader does not learn unequal shares, which would tell the groups apart.
        self.shares = tuple(arm["ratio"] or 1 for arm in document["arms"]) or (1, 1)

    def clean(self) -> None:
        """Two groups for a difference or a ratio; rate and hours where injuries are compared."""
        super().clean()
        given = self.cleaned_data
        if given.get("kind") in {"t", "rates"} and len(self.shares) > 2:
            self.add_error("kind", _("This study has more than two groups: choose the effect in all of them together."))
        if given.get("kind") == "rates" and not (given.get("rate_per_1000_h") and given.get("hours_each")):
            self.add_error("rate_per_1000_h", _("Injuries need a rate and the hours of a student."))
        if given.get("kind") == "rates" and given.get("effect", 0) == 1:
            self.add_error("effect", _("A ratio of 1 is no difference."))

    def assumed(self) -> Assumed:
        """For a valid form."""
        given = self.cleaned_data
        shares = self.shares if given["kind"] == "anova" or len(self.shares) == 2 else (1, 1)
        return Assumed(
            kind=given["kind"],
            effect=given["effect"],
            shares=shares,
            alpha=given["alpha"] / 100,
            power=given["power"] / 100,
            dropout=given["dropout"] / 100,
            students=given["students"],
            section_size=given["section_size"],
            icc=given["icc"],
            rate_per_1000_h=given["rate_per_1000_h"] or 0.0,
            hours_each=given["hours_each"] or 0.0,
        )


def _of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the protocol knows already; what was calculated last comes first."""
    found: dict[str, Any] = {}
    if len(document["arms"]) > 2:
        found |= {"kind": "anova", "effect": 0.4}
    for name in ("weeks", "lessons_per_week", "lesson_minutes"):
        if not document[name]:
            break
    else:
        hours = document["weeks"] * document["lessons_per_week"] * document["lesson_minutes"] / 60
        found["hours_each"] = round(hours, 1)
    found |= {"students": document["students"] or 50, "dropout": document["dropout_percent"] or 0}
    last = document.get("computed")
    if last:
        keep = ("kind", "effect", "section_size", "icc")
        found |= {name: last[name] for name in keep}
        found |= {name: round(100 * last[name], 3) for name in ("power", "alpha")}
        found["power"] = round(found["power"])
        if last["kind"] == "rates":
            found |= {name: last[name] for name in ("rate_per_1000_h", "hours_each")}
    return found
