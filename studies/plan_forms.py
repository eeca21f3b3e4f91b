"""The form in which a randomisation design is chosen, and the students that a simulation of it takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from studies.models import Arm, Participant
from studies.plans import SOURCES
from studies.randomise.design import (
    BLOCKS,
    CLUSTERS,
    COMPLETE,
    MINIMISE,
    RATIO_MAX,
    Design,
    Factor,
    InvalidDesign,
    checked,
)
from studies.randomise.simulate import STUDENTS_MAX

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from studies.models import Study

DESIGNS = (
    (COMPLETE, _("The whole class at once, with exact group sizes")),
    (BLOCKS, _("One by one, in blocks of random size (stratified by the characteristics below)")),
    (MINIMISE, _("One by one, by minimisation of the characteristics below")),
    (CLUSTERS, _("Whole sections: everybody of a section gets the same group")),
)
NUMBERS = {
    "age": _("Age, years"),
    "experience": _("Training experience, months"),
    "mass": _("Body mass, kg"),
    "working_load": _("Working load, kg"),
    "one_rm": _("One-repetition maximum, kg"),
}
WORDS = {"year": _("Year of study"), "section": _("Section"), "sex": _("Sex")}
_SPLIT = re.compile(r"\s*[,;]\s*")


def factor_label(key: str) -> str | _StrPromise:
    return (WORDS | NUMBERS).get(key, key)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in _SPLIT.split(text.strip()) if part)


class DesignForm(forms.Form):
    """Algorithm, shares of the groups, and what they are balanced on. `cleaned_data["design"]` is the whole."""

    algorithm = forms.ChoiceField(label=_("How groups are drawn"), choices=DESIGNS, widget=forms.RadioSelect)
    block_sizes = forms.CharField(
        label=_("Block sizes"),
        required=False,
        max_length=60,
        help_text=_("For blocks. One of them is drawn for each block."),
    )
    follow_percent = forms.IntegerField(
        label=_("Chance to follow the balance, percent"),
        min_value=51,
        max_value=99,
        initial=80,
        help_text=_("For minimisation: how often the group that balances best is taken. Lower is harder to guess."),
    )
    burn_in = forms.IntegerField(
        label=_("Students drawn freely at the start"),
        min_value=0,
        max_value=100,
        initial=0,
        help_text=_("For minimisation."),
    )

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.arms = list(Arm.objects.filter(study=study))
        for arm in self.arms:
            self.fields[f"ratio_{arm.key}"] = forms.IntegerField(
                label=arm.name, min_value=1, max_value=RATIO_MAX, initial=arm.ratio
            )
        total = sum(arm.ratio for arm in self.arms)
        self.fields["block_sizes"].initial = f"{total}, {2 * total}, {3 * total}"
        self._add_factors(study)

    def _add_factors(self, study: Study) -> None:
        people = Participant.objects.filter(study=study)
        years = sorted(set(people.values_list("year_of_study", flat=True))) or [2, 3, 4]
        sections = sorted(set(people.exclude(section="").values_list("section", flat=True)))
        suggested = {"year": ", ".join(map(str, years)), "section": ", ".join(sections), "sex": "f, m"}
        for key in SOURCES:
            self.fields[f"use_{key}"] = forms.BooleanField(label=factor_label(key), required=False)
            self.fields[f"levels_{key}"] = forms.CharField(
                label=_("Limits between the levels, for example 60, 80") if key in NUMBERS else _("Levels"),
                required=False,
                max_length=400,
                initial=suggested.get(key, ""),
            )

    def ratios(self) -> list[forms.BoundField]:
        return [self[f"ratio_{arm.key}"] for arm in self.arms]

    def factors(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"use_{key}"], self[f"levels_{key}"]) for key in SOURCES]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                given["design"] = checked(self._design(given))
            except InvalidDesign as error:
                self.add_error(None, str(error))
        return given

    def _design(self, given: dict[str, Any]) -> Design:
        try:
            sizes = tuple(int(part) for part in _parts(given["block_sizes"]))
        except ValueError:
            raise InvalidDesign("bad_blocks", "Write the block sizes as whole numbers, for example 2, 4, 6.") from None
        factors = []
        for key in SOURCES:
            parts = _parts(given[f"levels_{key}"])
            if given[f"use_{key}"]:
                factors.append(Factor(key, cuts=parts) if key in NUMBERS else Factor(key, levels=parts))
        return Design(
            algorithm=given["algorithm"],
            ratios={arm.key: given[f"ratio_{arm.key}"] for arm in self.arms},
            factors=tuple(factors),
            block_sizes=sizes,
            follow_percent=given["follow_percent"],
            burn_in=given["burn_in"],
        )


class CloseForm(forms.Form):
    """End a plan and reveal its seed."""

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class StudentsForm(forms.Form):
    """How many students a simulation takes."""

    students = forms.IntegerField(
        label=_("Students in the simulation"), min_value=2, max_value=STUDENTS_MAX, initial=50
    )
