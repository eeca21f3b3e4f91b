"""Set up, verify and remove a second factor."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from studies.errors import StudyError

if TYPE_CHECKING:
    from studies.models import User

logger = logging.getLogger(__name__)

CODES = 10
DIGITS = 6
WRONG = _("This is not the code of now. Wait until the app shows the next one, and type that.")
APP, PAPER = "app", "paper"


@dataclass(frozen=True, slots=True)
class State:
    """What a user has: an app, and how many codes on paper are left."""

    has_app: bool
    codes_left: int


def state_of(user: User) -> State:
    return State(
        has_app=TOTPDevice.objects.filter(user=user, confirmed=True).exists(),
        codes_left=StaticToken.objects.filter(device__user=user).count(),
    )


def begin(user: User) -> TOTPDevice:
    """The app that is being set up, the same until it is confirmed. Errors: has_one."""
    if TOTPDevice.objects.filter(user=user, confirmed=True).exists():
        raise StudyError("has_one", _("You have a second factor already. Remove it first to set up another phone."))
    device: TOTPDevice
    device, _made = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": APP})
    return device


def confirm(user: User, code: str) -> list[str]:
    """The app shows the right code: it counts from now on. Returns the codes for paper, readable this once.

    Errors: has_one, wrong_code.
    """
    device = begin(user)
    # No transaction round this: the count of wrong codes must stay when the code is refused.
    if not device.verify_token(_plain(code)):
        raise StudyError("wrong_code", WRONG)
    with transaction.atomic():
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        codes = new_codes(user)
    logger.info("user %s: second factor set up", user.pk)
    return codes


@transaction.atomic
def new_codes(user: User) -> list[str]:
    """Ten new codes for paper, each good once; the old ones are void."""
    device, _made = StaticDevice.objects.get_or_create(user=user, defaults={"name": PAPER})
    device.token_set.all().delete()
    codes = [StaticToken.random_token() for _number in range(CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def verify(user: User, code: str) -> bool:
    """Whether the code is the app's of now, or one of those on paper, which is used up by it.

    After wrong ones django-otp refuses for 1, 2, 4, ... seconds.
    """
    given = _plain(code)
    kind = TOTPDevice if given.isdigit() and len(given) == DIGITS else StaticDevice
    with transaction.atomic():
        device = kind.objects.select_for_update().filter(user=user, confirmed=True).first()
        right = device is not None and bool(device.verify_token(given))
    logger.info("user %s: second factor %s", user.pk, "given" if right else "refused")
    return right


def remove(user: User, code: str) -> None:
    """Remove app and codes; who must have a factor sets up another at the next sign-in. Errors: wrong_code."""
    if not verify(user, code):
        raise StudyError("wrong_code", WRONG)
    take_away(user)


@transaction.atomic
def take_away(user: User) -> None:
    """Remove app and codes, for `remove` and the administrator."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    logger.info("user %s: second factor removed", user.pk)


def _plain(code: str) -> str:
    """As it was meant: people copy blanks, and write codes on paper in capitals."""
    return "".join(code.split()).lower()
