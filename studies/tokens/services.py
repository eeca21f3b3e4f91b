"""Making, finding and revoking keys. The studies in which their owner works read both in their audit."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies import audit
from studies.errors import StudyError
from studies.models import ApiToken, Membership, User

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIX = "liftlab_"
BYTES = 32
DAYS_MAX = 365
LIVE_MAX = 20
USED_EVERY = dt.timedelta(minutes=1)
"""How exact `last_used_at` is: a program that asks ten times a second writes once a minute."""


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def make_token(*, user: User, name: str, scopes: Iterable[str], days: int) -> tuple[ApiToken, str]:
    """A new key and the row that stands for it. The key is in no table: it can't be shown again.

    Errors: name_missing, no_scope, bad_scope, bad_days, too_many_tokens.
    """
    wanted = sorted(set(scopes))
    if not name.strip():
        raise StudyError("name_missing", _("Give the key a name, to know it again later."))
    if not wanted:
        raise StudyError("no_scope", _("Choose at least one thing that the key may do."))
    if not set(wanted) <= set(ApiToken.Scope.values):
        raise StudyError("bad_scope", _("Choose from the list what the key may do."))
    if not 1 <= days <= DAYS_MAX:
        raise StudyError("bad_days", _("A key is valid for 1 to 365 days."))
    User.objects.select_for_update().get(pk=user.pk)
    live = ApiToken.objects.filter(user=user, revoked_at=None, expires_at__gt=timezone.now())
    if live.count() >= LIVE_MAX:
        raise StudyError("too_many_tokens", _("You have 20 keys already. Revoke one that you don't use."))
    key = PREFIX + secrets.token_urlsafe(BYTES)
    token = ApiToken.objects.create(
        user=user,
        name=name.strip(),
        digest=digest_of(key),
        scopes=wanted,
        expires_at=timezone.now() + dt.timedelta(days=days),
    )
    _told(token, "token made", scopes=wanted, days=days)
    return token, key


@transaction.atomic
def revoke_token(*, token: ApiToken) -> None:
    """The key stops working now; a second time nothing happens."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        _told(token, "token revoked")


def _told(token: ApiToken, action: str, **payload: Any) -> None:
    """Into the audit of every study in which the owner works."""
    for study in Membership.objects.filter(user=token.user_id).order_by("study").values_list("study", flat=True):
        audit.done(study, token.user, action, token=token.pk, **payload)


def token_of(key: str) -> ApiToken | None:
    """The live token of a key, with its user, while that account may sign in; None for every other key."""
    found = ApiToken.objects.select_related("user").filter(digest=digest_of(key)).first()
    return found if found is not None and found.is_live and found.user.is_active else None


def used(token: ApiToken) -> None:
    """Note that the key was used, about once a minute."""
    now = timezone.now()
    long_ago = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
    if token.last_used_at is None or token.last_used_at < now - USED_EVERY:
        ApiToken.objects.filter(long_ago, pk=token.pk).update(last_used_at=now)
