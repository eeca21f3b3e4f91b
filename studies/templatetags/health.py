"""What must be seen on the pages of other parts: open safety alerts, and weekly questions that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils import timezone

from studies.health.services import due_for
from studies.models import User
from studies.safety.access import alerts_of, open_alerts_by_study

if TYPE_CHECKING:
    from django.template.context import RequestContext

    from studies.models import Study

register = template.Library()


def _user(context: RequestContext) -> User | None:
    user = getattr(context.get("request"), "user", None)
    return user if isinstance(user, User) else None


@register.inclusion_tag("studies/safety/_banner.html", takes_context=True)
def safety_banner(context: RequestContext, study: Study | None = None) -> dict[str, Any]:
    """Open alerts of one study, or without it of all the person's studies; blinded or not is no matter."""
    user = _user(context)
    if user is None:
        return {"alarmed": []}
    if study is None:
        return {"alarmed": open_alerts_by_study(user)}
    count = alerts_of(user, study).filter(acknowledged_at=None).count()
    return {"alarmed": [(study, count)] if count else []}


@register.inclusion_tag("studies/health/_due.html", takes_context=True)
def due_questions(context: RequestContext) -> dict[str, Any]:
    """The newest unanswered week of each of the person's own studies. Three queries for a student."""
    user = _user(context)
    return {"due": due_for(user, timezone.localdate()) if user else []}
