"""Every file about a student, whichever part of the product stored it: how much there is, and deleting with a proof.

A part that stores files says so once, in its app's `ready()`: `register(Stored("app.Model", ...))`. From then on the
student sees them counted, takes them home, and they expire and are erased with everything else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from studies import audit
from studies.files import discard
from studies.models import DeletionProof, Participant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from django.db.models import Model, QuerySet

    from studies.models import Study, User

Retention = Literal["video", "pose", "consent"]
BATCH = 200
ANSWERS = {DeletionProof.Cause.WITHDRAWN, DeletionProof.Cause.NOT_KEPT}
"""Causes that would tell the readers of the audit who agreed to what; the proof itself names the codes."""
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """Columns of a model that hold storage names. `participant` and `made` are lookups from a row.

    `row_goes`: a row is nothing without its file, so it is deleted with it.
    """

    model: str
    participant: str
    made: str
    columns: Mapping[str, Retention]
    row_goes: bool = False

    def rows(self) -> QuerySet[Model]:
        model: type[Model] = apps.get_model(self.model)
        return model._default_manager.order_by("pk")


@dataclass(frozen=True, slots=True)
class File:
    """One stored file of one student."""

    stored: Stored
    pk: Any
    column: str
    name: str
    made: dt.datetime
    code: str

    def size(self) -> int:
        """Bytes; 0 when the file is not there any more."""
        return default_storage.size(self.name) if default_storage.exists(self.name) else 0


_STORED: dict[str, Stored] = {}
_BUSY: list[Callable[[File], bool]] = []
_STOPPERS: list[Callable[[Participant], None]] = []


def register(stored: Stored) -> None:
    _STORED[stored.model] = stored


def register_stopper(stop: Callable[[Participant], None]) -> None:
    """`stop` ends what is going on with a student's films: uploads on their way, analyses. Called before deleting."""
    if stop not in _STOPPERS:
        _STOPPERS.append(stop)


def register_busy(busy: Callable[[File], bool]) -> None:
    """`busy` says of a file that something still reads it: it is left for the next round."""
    if busy not in _BUSY:
        _BUSY.append(busy)


def stop_all(participant: Participant) -> None:
    for stop in _STOPPERS:
        stop(participant)


def files_of(
    participants: QuerySet[Participant], *, retention: Retention | None = None, made_until: dt.datetime | None = None
) -> Iterator[File]:
    """The students' files of a class (None: all), those made up to a moment. A query for each model that stores any."""
    for stored in list(_STORED.values()):
        columns = [name for name, kind in stored.columns.items() if retention in {None, kind}]
        if not columns:
            continue
        wanted: dict[str, Any] = {f"{stored.participant}__in": participants}
        if made_until is not None:
            wanted[f"{stored.made}__lte"] = made_until
        about = ("pk", stored.made, f"{stored.participant}__code")
        rows = stored.rows().filter(**wanted).values_list(*about, *columns)
        for pk, made, code, *names in rows.iterator(chunk_size=2_000):
            for column, name in zip(columns, names, strict=True):
                if name:
                    yield File(stored, pk, column, name, made, code)


def delete(
    files: Iterable[File], *, study: Study, cause: DeletionProof.Cause, retention: str, by: User | None = None
) -> list[DeletionProof]:
    """Delete files for good, in batches; each batch leaves a proof and an entry of the audit with its digest.

    The rows forget the names first, then the files go; what dies between leaves files that no row names, which the
    daily sweep deletes. Call it outside a transaction.
    """
    rest, proofs = iter(files), []
    while some := list(islice(rest, BATCH)):
        proofs.append(_delete_batch(some, study=study, cause=cause, retention=retention, by=by))
    return proofs


def _delete_batch(
    files: list[File], *, study: Study, cause: DeletionProof.Cause, retention: str, by: User | None
) -> DeletionProof:
    hashed = [(sha256_of(file.name), file.size()) for file in files]
    hashes = sorted(found for found, _size in hashed if found)
    codes = sorted({file.code for file in files})
    with transaction.atomic():
        for file in files:
            _forget(file)
        proof = prove(
            study=study, cause=cause, retention=retention, codes=codes, hashes=hashes, size=sum(n for _h, n in hashed)
        )
        audit.done(
            study.pk,
            by,
            "files deleted",
            cause=str(cause),
            retention=retention,
            codes=[] if cause in ANSWERS else codes,
            files=len(hashes),
            digest=proof.digest,
        )
    discard(*(file.name for file in files))
    return proof


def _forget(file: File) -> None:
    same = file.stored.rows().filter(pk=file.pk, **{file.column: file.name})
    if file.stored.row_goes:
        same.delete()
    else:
        same.update(**{file.column: ""})


def prove(
    *, study: Study, cause: DeletionProof.Cause, retention: str, codes: list[str], hashes: list[str], size: int
) -> DeletionProof:
    """The row that proves a deletion: hashes of what went, and the day after which no backup holds it."""
    policy = getattr(study, "privacy", None)
    days = policy.backup_days if policy else 30
    return DeletionProof.objects.create(
        study=study,
        cause=cause,
        retention=retention,
        codes=codes,
        count=len(hashes),
        size_bytes=size,
        files=hashes,
        digest=hashlib.sha256("".join(f"{found}\n" for found in hashes).encode()).hexdigest(),
        backups_gone_on=timezone.localdate() + dt.timedelta(days=days),
    )


def sha256_of(name: str) -> str:
    """Of a stored file, in hex; empty when it is not there."""
    if not default_storage.exists(name):
        return ""
    digest = hashlib.sha256()
    with default_storage.open(name, "rb") as handle:
        while chunk := handle.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def films_at_rest(participants: QuerySet[Participant]) -> Iterator[File]:
    """Films and pictures of these students that no analysis needs any more."""
    for file in files_of(participants, retention="video"):
        if not any(busy(file) for busy in _BUSY):
            yield file
