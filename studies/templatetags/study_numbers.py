"""How the study's numbers and names are written in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.formats import number_format

from studies.access import display_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studies.blinding import ShownArm
    from studies.models import Participant

register = template.Library()


@register.filter
def hours(minutes: int) -> str:
    """Minutes as hours with at most one decimal: 2880 -> "48", 135 -> "2.3" (rounded half away from zero)."""
    tenths = (minutes * 10 + 30) // 60
    return number_format(tenths // 10 if tenths % 10 == 0 else tenths / 10)


@register.filter
def name_if(participant: Participant, named: bool) -> str:
    """The student's name when `named`, else the code: {{ participant|name_if:named }}."""
    return display_name(participant, named=named)


@register.filter
def group_in(arm: int, groups: Mapping[int, ShownArm]) -> str:
    """A group by its number as this reader may see it, from `arms_shown_to`: {{ row.arm_id|group_in:groups }}."""
    shown = groups.get(arm) if groups else None
    return shown.name if shown else ""
