"""The end of blinding: from then on everybody who works in the study reads which group is which. Once, and for good.

The entry of the audit holds the letters with what stood behind them, and a signature of this installation's key over
it: who can write tables alone can't make one.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from studies import audit
from studies.blinding import lettered_arms
from studies.errors import StudyError
from studies.models import Arm, Study
from studies.randomise.stream import canonical

if TYPE_CHECKING:
    from studies.models import AuditEntry, User

ACTION = "study unblinded"
_signer = signing.Signer(salt="studies.unblinding")


@transaction.atomic
def unblind(*, study: Study, by: User, reason: str) -> Study:
    """Show every role which group is which. Can't be undone. Errors: reason_missing, unblinded_already."""
    if not reason.strip():
        raise StudyError("reason_missing", _("Say why the study is unblinded: the reason is kept."))
    row = Study.objects.select_for_update().get(pk=study.pk)
    if row.unblinded_at is not None:
        raise StudyError("unblinded_already", _("This study is unblinded already."))
    keys = dict(Arm.objects.filter(study=row).values_list("pk", "key"))
    letters = {arm.key: keys[arm.pk] for arm in lettered_arms(row)}
    row.unblinded_at, row.unblinded_by, row.unblinding_reason = timezone.now(), by, reason.strip()
    row.save(update_fields=["unblinded_at", "unblinded_by", "unblinding_reason"])
    said: dict[str, Any] = {
        "letters": letters,
        "reason_sha256": hashlib.sha256(row.unblinding_reason.encode()).hexdigest(),
    }
    audit.done(row.pk, by, ACTION, **said, signature=_signature(row.pk, by.pk, said))
    study.refresh_from_db()
    return study


def is_signed(entry: AuditEntry) -> bool:
    """Whether an entry of an unblinding was written by an installation with this key."""
    said = {name: value for name, value in entry.payload.items() if name != "signature"}
    signature = str(entry.payload.get("signature", ""))
    expected = _signature(entry.study_id, entry.actor_id, said)
    return bool(signature) and constant_time_compare(signature, expected)


def _signature(study: int, by: int | None, said: dict[str, Any]) -> str:
    return _signer.signature(canonical({"study": study, "by": by, "said": said}))
