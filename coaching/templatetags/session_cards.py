"""The newest sets as cards, for pages of other apps: a template may name this, their code need not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from coaching.access import Viewer
from coaching.models import Session
from coaching.presentation import view_session
from studies.models import User

if TYPE_CHECKING:
    from django.template.context import RequestContext

    from coaching.presentation import SessionView

register = template.Library()


@register.simple_tag(takes_context=True)
def latest_sessions(context: RequestContext, limit: int) -> list[SessionView]:
    """The signed-in user's newest `limit` sets, gated as on the sets' own pages. Three queries."""
    user = getattr(context.get("request"), "user", None)
    if not isinstance(user, User):
        return []
    viewer = Viewer(user)
    return [view_session(row, viewer) for row in Session.objects.visible_to(user).with_latest_run()[:limit]]
