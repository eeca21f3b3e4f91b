"""The places in the main navigation: which of them a person has follows from the role in the study at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from studies.access import SEES_NAMES, STAFF, role_in, sections_of
from studies.models import Study, User

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.template.context import RequestContext

register = template.Library()

SESSION_VIEWS = frozenset(
    {
        *("session-list", "session", "run-status", "run-cancel", "run-again"),
        *("review-queue", "review", "review-add", "review-carry"),
        *("blind", "blind-step", "blind-add", "blind-verdict"),
        *("strictness", "progress", "instructor-film"),
    }
)


class Place(NamedTuple):
    """One link. `current` is the value of aria-current: "page" on the page itself, "true" below it, else empty."""

    label: str
    url: str
    icon: str
    current: str


def _study_at_hand(context: RequestContext, user: User) -> Study | None:
    """The study of the page, else the only one that the user has. With several, the home page lists them."""
    for name in ("study", "participant", "session"):
        found: Any = context.get(name)
        for hop in ("participant", "study"):
            found = getattr(found, hop, found)
        if isinstance(found, Study):
            return found
    mine = list(Study.objects.visible_to(user)[:2])
    return mine[0] if len(mine) == 1 else None


def _place(request: HttpRequest, label: str, icon: str, name: str, *args: object, section: bool = False) -> Place:
    url = reverse(name, args=args)
    current = "page" if request.path == url else "true" if section else ""
    return Place(label, url, icon, current)


@register.simple_tag(takes_context=True)
def navigation(context: RequestContext) -> list[Place]:
    """The signed-in user's places, most used first; none for a visitor. At most four queries."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if request is None or not isinstance(user, User):
        return []
    match = request.resolver_match
    space, view = (match.namespace, match.url_name) if match else ("", "")
    study = _study_at_hand(context, user)
    role = role_in(user, study) if study else None

    places = [
        _place(request, _("Home"), "home", "home"),
        _place(
            request,
            _("Sessions"),
            "sessions",
            "coaching:session-list",
            section=space == "coaching" and view in SESSION_VIEWS,
        ),
    ]
    if role in SEES_NAMES or role == "student" or study is None:
        places.append(_place(request, _("Upload"), "upload", "coaching:upload"))
    if study:
        places.append(_place(request, _("Study"), "study", "studies:detail", study.pk, section=space == "studies"))
        if role in STAFF and not sections_of(user, study):
            places.append(
                _place(request, _("Report"), "report", "analysis:report", study.pk, section=space == "analysis")
            )
    return places
