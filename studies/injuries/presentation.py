"""An injury's trail in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from studies.models import Injury

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from studies.models import InjuryChange

NAMES: dict[str, _StrPromise] = {
    "occurred_on": gettext_lazy("Day of the injury"),
    "region": gettext_lazy("Part of the body"),
    "side": gettext_lazy("Side"),
    "onset": gettext_lazy("How it began"),
    "tissue": gettext_lazy("Tissue or type"),
    "activity": gettext_lazy("Activity"),
    "course": gettext_lazy("New or again"),
    "pain": gettext_lazy("Pain"),
    "days_lost": gettext_lazy("Days lost"),
    "returned_on": gettext_lazy("Full training again from"),
    "status": gettext_lazy("State"),
    "form_related": gettext_lazy("Caused by poor technique"),
    "form_reason": gettext_lazy("Why you judge so"),
    "note": gettext_lazy("Note"),
    "struck": gettext_lazy("Struck out"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a change; of free texts the name alone, with both values empty."""

    name: str
    before: str
    after: str
    is_text: bool


@dataclass(frozen=True, slots=True)
class Change:
    row: InjuryChange
    lines: tuple[Line, ...]


def changes_in_words(injury: Injury) -> list[Change]:
    """The trail, newest first. One query."""
    return [Change(row, _lines(row)) for row in injury.changes.select_related("changed_by")]


def _lines(row: InjuryChange) -> tuple[Line, ...]:
    coded = [
        Line(_name(key), _word(key, row.before[key]), _word(key, value), is_text=False)
        for key, value in row.after.items()
    ]
    return (*coded, *(Line(_name(key), "", "", is_text=True) for key in row.texts))


def _name(key: str) -> str:
    return str(NAMES.get(key, key))


def _word(key: str, value: Any) -> str:
    if value is None or value == "":
        return _("not known")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    choices = getattr(Injury._meta.get_field(key), "flatchoices", ())
    return str(dict(choices).get(value, value))
