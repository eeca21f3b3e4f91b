"""The instructor's feedback where a set or a student is shown, and a rater's work on the home page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from coaching.access import Viewer
from coaching.instruction.services import feedback_on, feedback_to
from coaching.ratings.selectors import waiting_for
from studies.models import User

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.template.context import RequestContext

    from coaching.models import Session
    from coaching.models.instruction import InstructorFeedback
    from studies.models import Participant

register = template.Library()
SHOWN = 10


def _reader(context: RequestContext) -> User | None:
    user = getattr(context.get("request"), "user", None)
    return user if isinstance(user, User) else None


def _shown(
    user: User | None, participant: Participant, rows: Sequence[InstructorFeedback], **more: Any
) -> dict[str, Any]:
    is_own = user is not None and participant.user_id == user.pk
    may_write = user is not None and Viewer(user).may_review(participant)
    return {
        "user": user,
        "participant": participant,
        "feedback": rows,
        "is_own": is_own,
        "may_write": may_write,
        **more,
    }


@register.inclusion_tag("coaching/instruction/_said.html", takes_context=True)
def instructor_on_film(context: RequestContext, session: Session) -> dict[str, Any]:
    """What instructors wrote about a film: for the student, owner and instructor; nothing for a researcher."""
    user = _reader(context)
    allowed = user is not None and Viewer(user).sees_name(session.participant)
    return _shown(user, session.participant, feedback_on(session) if allowed else [], session=session)


@register.inclusion_tag("coaching/instruction/_said.html", takes_context=True)
def instructor_to_student(context: RequestContext, participant: Participant) -> dict[str, Any]:
    """The newest feedback to a student, on films and on lessons; nothing for a researcher."""
    user = _reader(context)
    allowed = user is not None and Viewer(user).sees_name(participant)
    return _shown(user, participant, feedback_to(participant, limit=SHOWN) if allowed else [], session=None)


@register.inclusion_tag("coaching/ratings/_waiting.html", takes_context=True)
def rating_work(context: RequestContext) -> dict[str, int]:
    """How many films wait for the signed-in rater, and how many differences."""
    user = _reader(context)
    films, differences = waiting_for(user) if user is not None else (0, 0)
    return {"films": films, "differences": differences}
