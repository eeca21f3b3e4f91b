"""The request as views get it: signed in, because LoginRequiredMiddleware let it through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from studies.models import User


class SignedInRequest(HttpRequest):
    """For annotations only: Django makes plain HttpRequests, whose user is known to be a User behind the middleware."""

    user: User
    htmx: HtmxDetails
