"""The instructor's feedback where a set or a student is shown, and a rater's work on the home page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from coaching.access import Viewer
from coaching.instruction.services import feedback_on, feedback_to
from coaching.ratings.selectors import waiting_for
from studies.models import User

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.template.context import RequestContext

    from coaching.models import Session
    from coaching.models.instruction import InstructorFeedback
    from studies.models import Participant

register = template.Library()
SHOWN = 10


def _reader(context: RequestContext) -> User | None:
    user = getattr(context.get("request"), "user", None)
    return user if isinstance(user, User) else None


def _viewer(context: RequestContext, user: User) -> Viewer:
    """The page's own, where it has one: the rights are asked for once."""
    found = getattr(context.get("view"), "viewer", None)
    return found if isinstance(found, Viewer) else Viewer(user)


def _said(
    context: RequestContext,
    participant: Participant,
    rows: Callable[[], Sequence[InstructorFeedback]],
    *,
    session: Session | None,
) -> dict[str, Any]:
    """What the partial shows: for the student, owner and instructor; nothing for a researcher."""
    user = _reader(context)
    if user is None:
        return {"feedback": [], "may_write": False}
    viewer = _viewer(context, user)
    return {
        "user": user,
        "participant": participant,
        "session": session,
        "feedback": rows() if viewer.sees_name(participant) else [],
        "is_own": participant.user_id == user.pk,
        "may_write": viewer.may_review(participant),
    }


@register.inclusion_tag("coaching/instruction/_said.html", takes_context=True)
def instructor_on_film(context: RequestContext, session: Session) -> dict[str, Any]:
    """What instructors wrote about a film."""
    return _said(context, session.participant, lambda: feedback_on(session), session=session)


@register.inclusion_tag("coaching/instruction/_said.html", takes_context=True)
def instructor_to_student(context: RequestContext, participant: Participant) -> dict[str, Any]:
    """The newest feedback to a student, on films and on lessons."""
    return _said(context, participant, lambda: feedback_to(participant, limit=SHOWN), session=None)


@register.inclusion_tag("coaching/ratings/_waiting.html", takes_context=True)
def rating_work(context: RequestContext) -> dict[str, int]:
    """How many films wait for the signed-in rater, and how many differences."""
    user = _reader(context)
    films, differences = waiting_for(user) if user is not None else (0, 0)
    return {"films": films, "differences": differences}
