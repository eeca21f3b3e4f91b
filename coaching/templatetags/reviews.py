"""The instructors' decisions in words, and by repetition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext as _

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


@register.filter
def certainty(margin: float) -> str:
    """How sure the coach was of its least certain verdict: the probability of the likelier side, in percent."""
    return _("%(percent)d %%") % {"percent": round(100 * (0.5 + margin))}


@register.filter
def from_the_front(view: object) -> bool:
    """Whether this view shows the faults of stance and symmetry; the others are then listed second."""
    return view in {"front", "back"}
