"""`Authorization: Bearer liftlab_...`: who asks, and whether this key may do that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import status
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException
from rest_framework.permissions import SAFE_METHODS, BasePermission

from config.attempts import Attempts, address_of
from studies.models import ApiToken
from studies.tokens.services import token_of, used

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

    from studies.models import User

SCHEME = "bearer"
AREAS = frozenset(scope.partition(":")[2] for scope in ApiToken.Scope.values)
FAILED = Attempts("token", most=30, seconds=900)
NOT_BY_TOKEN = None
"""`token_scope` of a view that asks for a person: naming staff, unblinding."""
_BY_PLACE = object()


class BadToken(APIException):
    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "bad_token"
    default_detail = _("This key is unknown, revoked or over. Make a new one under your account.")
    auth_header = "Bearer"


class TooManyBadTokens(APIException):
    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "too_many_attempts"
    default_detail = _("Too many unknown keys from this address. Wait 15 minutes.")
    wait = FAILED.seconds


class TokenAuthentication(BaseAuthentication):
    """First of the API's ways to sign in. A request without a key is the session's; one with a bad key is refused."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME:
            return None
        where = address_of(request)
        if not FAILED.taken(where):
            raise TooManyBadTokens
        token = token_of(key.strip())
        if token is None:
            raise BadToken
        FAILED.given_back(where)
        used(token)
        return token.user, token


class TokenMayDoThis(BasePermission):
    """For requests with a key: its scopes name what the view does. Without a key: yes.

    The scope follows from where the view stands and whether it reads or writes: "read:studies" for a GET of the app
    `studies`. A view may name another area as `token_scope`, or NOT_BY_TOKEN.
    """

    message = _("This key does not have the scope for that.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, ApiToken):
            return True
        needed = scope_of(view, request.method or "")
        return needed is not None and needed in request.auth.scopes


def scope_of(view: object, method: str) -> str | None:
    """The scope that a request needs; None where no key is enough."""
    area: Any = getattr(view, "token_scope", _BY_PLACE)
    if area is _BY_PLACE:
        area = type(view).__module__.partition(".")[0]
    if area not in AREAS:
        return None
    return f"{'read' if method in SAFE_METHODS else 'write'}:{area}"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "studies.tokens.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": SCHEME,
            "description": "A key made under /account/tokens/, with its scopes (docs/api.md).",
        }
