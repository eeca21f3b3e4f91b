"""A student's own training for home, which is a page of another app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from coaching.dashboard.own import own_training
from studies.models import User

if TYPE_CHECKING:
    from django.template.context import RequestContext

register = template.Library()


@register.inclusion_tag("coaching/dashboard/_own.html", takes_context=True)
def own_sets(context: RequestContext) -> dict[str, Any]:
    """Trend and next cue of each of the person's participations that see the coach's feedback."""
    user = getattr(context.get("request"), "user", None)
    return {"own": own_training(user) if isinstance(user, User) else []}
