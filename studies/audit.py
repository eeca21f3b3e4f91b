"""The audit of a study: append an event, read the chain, prove that nothing in it was changed.

The hash of entry n is the SHA-256, in hex, of canonical JSON (`studies.randomise.stream.canonical`) of
{"study", "number", "at", "actor", "kind", "action", "subject", "payload", "previous"}: row numbers as numbers, the
moment in UTC with microseconds ("2026-09-01T08:00:00.000000+00:00"), `previous` the hash of entry n - 1, for the first
64 zeros.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from studies.models import AuditChain, AuditEntry
from studies.randomise.stream import canonical, sha256_of

if TYPE_CHECKING:
    from studies.models import Participant, User

START = "0" * 64
Kind = AuditEntry.Kind
STAFF_NAMED = "staff named"


def done(study_id: int, by: User | None, action: str, *, about: Participant | None = None, **payload: Any) -> None:
    """Write down that something was done. Call it last in the transaction that does it: both stand, or neither."""
    _append(study_id, by, Kind.DONE, action, about=about, payload=payload)


def looked(study_id: int, by: User | None, action: str, *, about: Participant | None = None, **payload: Any) -> None:
    """Write down that somebody looked at health data or a film."""
    _append(study_id, by, Kind.LOOKED, action, about=about, payload=payload)


def exported(study_id: int, by: User | None, action: str, **payload: Any) -> None:
    """Write down that data left as a file: which columns, how many rows."""
    _append(study_id, by, Kind.EXPORTED, action, about=None, payload=payload)


@transaction.atomic
def _append(
    study_id: int, by: User | None, kind: str, action: str, *, about: Participant | None, payload: dict[str, Any]
) -> None:
    chain, _made = AuditChain.objects.select_for_update().get_or_create(pk=study_id, defaults={"head": START})
    entry = AuditEntry(
        study_id=study_id,
        number=chain.length + 1,
        at=timezone.now(),
        actor_id=by.pk if by else None,
        kind=kind,
        action=action,
        subject=about.code if about else "",
        payload=payload,
        previous=chain.head,
    )
    entry.hash = hash_of(entry)
    entry.save(force_insert=True)
    AuditChain.objects.filter(pk=study_id).update(length=entry.number, head=entry.hash)


def document_of(entry: AuditEntry) -> dict[str, Any]:
    """The entry as it is hashed."""
    return {
        "study": entry.study_id,
        "number": entry.number,
        "at": entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor_id,
        "kind": str(entry.kind),
        "action": entry.action,
        "subject": entry.subject,
        "payload": entry.payload,
        "previous": entry.previous,
    }


def hash_of(entry: AuditEntry) -> str:
    return sha256_of(canonical(document_of(entry)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """`broken_at` is the number of the first entry that does not fit, None when all do; `why` says what is wrong there.

    `entries` and `head` are those of the unbroken part.
    """

    study_id: int
    entries: int
    head: str
    broken_at: int | None = None
    why: str = ""


def verify(study_id: int, *, expected: dict[int, str] | None = None) -> Verdict:
    """Follow a study's chain from the start. `expected`: number -> hash that somebody noted down outside.

    Without a noted hash, whoever may change tables *and* drop triggers could write the whole chain anew; with one not.
    """
    previous, number = START, 0
    for entry in AuditEntry.objects.filter(study_id=study_id).order_by("number").iterator(chunk_size=2_000):
        number += 1
        why = _wrong(entry, number, previous, expected or {})
        if why:
            return Verdict(study_id, number - 1, previous, number, why)
        previous = entry.hash
    chain = AuditChain.objects.filter(pk=study_id).first()
    length, head = (chain.length, chain.head) if chain else (0, START)
    if (number, previous) != (length, head):
        return Verdict(study_id, number, previous, number + 1, f"the chain had {length} entries, {number} are there")
    later = [noted for noted in expected or {} if noted > number]
    if later:
        return Verdict(study_id, number, previous, number + 1, f"entry {min(later)} was noted and is not there")
    return Verdict(study_id, number, previous)


def _wrong(entry: AuditEntry, number: int, previous: str, expected: dict[int, str]) -> str:
    if entry.number != number:
        return f"entry {number} is missing"
    if entry.previous != previous:
        return "it does not follow the entry before it"
    if hash_of(entry) != entry.hash:
        return "its content is not what was written"
    if expected.get(number, entry.hash) != entry.hash:
        return "its hash is not the one that was noted"
    return ""
