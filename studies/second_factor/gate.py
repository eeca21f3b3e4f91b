"""Who has given the password only gets no further than the second factor's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _
from django_otp import user_has_device

from studies.models import Membership

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest, HttpResponse

    from studies.models import User

Due = Literal["verify", "set_up"]
KEY = "second_factor_due"
"""What a session still owes: written at sign-in, so that no page has to ask the database for it."""

OPEN = frozenset({"logout", "health", "ready", "metrics"})
"""Besides the pages of the second factor."""
PAGES = frozenset({"verify", "set-up"})


def works_somewhere(user: User) -> bool:
    """Whether the user is staff of a study or of the site."""
    return user.is_staff or user.is_superuser or Membership.objects.filter(user=user).exists()


def is_required(user: User) -> bool:
    return bool(settings.REQUIRE_SECOND_FACTOR) and works_somewhere(user)


def due_of(session: SessionBase) -> Due | None:
    """What this session owes before it may do anything. Websockets ask it too."""
    due: Due | None = session.get(KEY)
    return due


def _at_sign_in(request: HttpRequest | None, user: User, **_kwargs: Any) -> None:
    if request is None or not hasattr(request, "session"):
        return
    request.session.pop(KEY, None)
    if user_has_device(user):
        request.session[KEY] = "verify"
    elif is_required(user):
        request.session[KEY] = "set_up"


def listen() -> None:
    user_logged_in.connect(_at_sign_in, dispatch_uid="studies.second_factor")


class SecondFactorMiddleware(MiddlewareMixin):
    """After the session and the user are known."""

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        due = due_of(request.session)
        match = request.resolver_match
        if due is None or not request.user.is_authenticated or match is None or match.view_name in OPEN:
            return None
        if match.namespace == "second-factor" and match.url_name in PAGES:
            return None
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": _("Give the code of your second factor first.")}, status=403)
        return redirect(reverse("second-factor:verify" if due == "verify" else "second-factor:set-up"))
