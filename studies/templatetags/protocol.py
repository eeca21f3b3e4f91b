"""Who is offered a new study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from studies.models import Membership

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from studies.models import Participant, Study, User

register = template.Library()


@register.inclusion_tag("studies/protocol/_new_study.html")
def new_study(user: User, studies: Iterable[Study], participations: Iterable[Participant]) -> dict[str, Any]:
    """The way to a new study for who may make one (`protocol.services.may_create_studies`, without asking again).

    `studies` are the user's with their role, as the page of them has them; who only takes part is not asked for more.
    """
    owns = user.is_superuser or any(getattr(study, "role", "") == Membership.Role.OWNER for study in studies)
    may = owns or ((bool(studies) or not participations) and user.has_perm("studies.add_study"))
    return {"may_create": may}
