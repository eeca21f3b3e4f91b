"""What a student has to answer, where they see it first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from studies.models import Participant
from studies.questionnaires.selectors import to_answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.template.context import RequestContext

register = template.Library()


@register.inclusion_tag("studies/questionnaires/_to_answer.html", takes_context=True)
def questionnaires_to_answer(
    context: RequestContext, participants: Participant | Iterable[Participant]
) -> dict[str, Any]:
    """The open questionnaires of one's own participations; nothing on somebody else's page."""
    rows = [participants] if isinstance(participants, Participant) else list(participants)
    user = getattr(context.get("request"), "user", None)
    return {"waiting": to_answer([row for row in rows if user is not None and row.user_id == user.pk])}
