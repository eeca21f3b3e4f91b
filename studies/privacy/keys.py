"""One data key a participant: what is sealed with it can't be read any more once the key is destroyed.

AES-256-GCM with a random nonce in front; the purpose is bound to the text, so that one record can't be passed off as
another. Data keys lie in a table of their own, wrapped by the master key of the installation (`PRIVACY_KEY`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.env import secret_key
from studies.errors import StudyError
from studies.models import ParticipantKey

if TYPE_CHECKING:
    from studies.models import Participant

NONCE_BYTES = 12
KEY_BITS = 256
SHIFT_DAYS = (7, 364)
"""A person's dates in an export are earlier by so many days, at least and at most."""


def _master() -> bytes:
    """32 bytes from PRIVACY_KEY; where it is not set, from a key made once under var/ (0600)."""
    text = secret_key({"SECRET_KEY": settings.PRIVACY_KEY}, key_file=Path(settings.PRIVACY_KEY_FILE), embedded=True)
    return hashlib.sha256(b"liftlab privacy key\0" + text.encode()).digest()


def _encrypt(key: bytes, plain: bytes, purpose: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, purpose.encode())


def _decrypt(key: bytes, sealed: bytes, purpose: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose.encode())
    except InvalidTag:
        raise StudyError(
            "unreadable", _("This can't be read: it was sealed with another key. Tell the administrator.")
        ) from None


def _destroyed() -> StudyError:
    return StudyError("erased", _("The key of this person was destroyed: nothing sealed for them can be read."))


def _key_of(participant: Participant, *, make: bool) -> bytes:
    """The participant's data key. Raises StudyError erased."""
    row = ParticipantKey.objects.filter(participant=participant).first()
    purpose = f"key of participant {participant.pk}"
    if row is None and make:
        fresh = _encrypt(_master(), AESGCM.generate_key(KEY_BITS), purpose)
        row, _made = ParticipantKey.objects.get_or_create(participant=participant, defaults={"wrapped": fresh})
    if row is None or not row.wrapped:
        raise _destroyed()
    return _decrypt(_master(), bytes(row.wrapped), purpose)


def seal(participant: Participant, plain: bytes, *, purpose: str) -> bytes:
    """Encrypt for this participant; makes the key at the first time. Raises StudyError erased."""
    return _encrypt(_key_of(participant, make=True), plain, purpose)


def unseal(participant: Participant, sealed: bytes | memoryview, *, purpose: str) -> bytes:
    """The plain text. Raises StudyError erased, or unreadable when it was sealed for somebody or something else."""
    return _decrypt(_key_of(participant, make=False), bytes(sealed), purpose)


def destroy(participant: Participant) -> None:
    """Overwrite the key. What it sealed, also in append-only tables, is unreadable from now on. The row says when."""
    ParticipantKey.objects.update_or_create(
        participant=participant, defaults={"wrapped": b"", "destroyed_at": timezone.now()}
    )


def shift_days(participant: Participant) -> int:
    """By how many days this person's dates are earlier in exports: always the same, and gone with the key.

    Raises StudyError erased.
    """
    key = _key_of(participant, make=True)
    low, high = SHIFT_DAYS
    number = int.from_bytes(hmac.digest(key, b"date shift", "sha256")[:8], "big")
    return low + number % (high - low + 1)
