"""The instructors' decisions in words, and by repetition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from coaching.models import RepetitionReview

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coaching.reviews.presentation import Said

register = template.Library()


@register.filter
def decision_name(code: object) -> str:
    """The decision in words; a code that is not known here as it is."""
    known = dict(RepetitionReview.Decision.choices)
    return str(known.get(str(code), code))


@register.filter
def about(said: Iterable[Said], number: int) -> list[Said]:
    """What was said of one repetition."""
    return [one for one in said if one.number == number]
