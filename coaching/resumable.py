"""A film that comes in slices, so that a broken connection or a reloaded page costs one slice, not the film.

How much is here is the length of the file; no row counts beside it. When the last byte is here the film goes through
the same door as any other, `services.submit_video`. Slices of one upload all go to one machine's disk.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings
from django.core.files import File

from coaching import media, services
from coaching.models import PendingUpload
from coaching.uploads import max_bytes
from studies.closing.rules import is_closed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal
    from io import FileIO
    from typing import Protocol

    from coaching.live.models import LiveSet
    from coaching.models import Session
    from studies.models import Participant, User

    class Readable(Protocol):
        def read(self, size: int, /) -> bytes: ...

    BinaryFile = File[bytes]
else:
    BinaryFile = File

SLICE_BYTES = 4_000_000
"""What the page sends at once: seconds on a slow phone, and few requests for a long film."""

_BLOCK = 1 << 20
_MOST_AT_ONCE = 10


class WrongOffsetError(Exception):
    """The slice does not begin where the film ends so far; `offset` is where that is."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class ArrivedFile(BinaryFile):
    """A film on this disk already; `services.submit_video` moves it instead of copying."""

    def __init__(self, path: Path, handle: BinaryIO) -> None:
        super().__init__(handle, name=path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        return str(self._path)


def begin(
    *,
    participant: Participant,
    uploaded_by: User,
    name: str,
    size: int,
    mark: str,
    load_kg: Decimal | None = None,
    note: str = "",
    bar: services.AboutBarEntries | None = None,
    live_set: LiveSet | None = None,
) -> PendingUpload:
    """The upload of this file, new or as it was left. `mark` tells two files of one name and size apart.

    Raises services.RefusedError: `study_closed`, `too_large`, `empty_file`, `storage_full`.
    """
    if is_closed(participant.study_id):
        raise services.RefusedError("study_closed", size=size)
    if size > max_bytes():
        raise services.RefusedError("too_large", size=size)
    if size <= 0:
        raise services.RefusedError("empty_file")
    if not _has_room(size):
        raise services.RefusedError("storage_full", size=size)
    pending, _new = PendingUpload.objects.update_or_create(
        participant=participant,
        uploaded_by=uploaded_by,
        original_name=services.clean_name(name),
        size_bytes=size,
        mark=mark,
        defaults={
            "load_kg": load_kg,
            "note": note[:200],
            "live_set": live_set,
            **(bar or services.AboutBarEntries()).fields(participant),
        },
    )
    for forgotten in PendingUpload.objects.filter(uploaded_by=uploaded_by).exclude(pk=pending.pk)[_MOST_AT_ONCE - 1 :]:
        give_up(forgotten)
    return pending


def unfinished_of(user: User) -> list[PendingUpload]:
    """The user's films of which something is here and something is missing, newest first."""
    rows = PendingUpload.objects.filter(uploaded_by=user)
    return [pending for pending in rows if arrived(pending)]


def _has_room(size: int) -> bool:
    folder = Path(settings.INCOMING_DIR)
    return not folder.exists() or shutil.disk_usage(folder).free > size + (64 << 20)


def arrived(pending: PendingUpload) -> int:
    """Bytes of the film that are here."""
    try:
        return (media.pending_folder(pending.pk) / "film").stat().st_size
    except FileNotFoundError:
        return 0


def append(pending: PendingUpload, offset: int, source: Readable) -> int:
    """Write one slice and return how much is here then. A slice is kept whole or not at all.

    Raises WrongOffsetError; services.RefusedError (`too_large`: more than was announced, `storage_full`);
    PendingUpload.DoesNotExist when it ended meanwhile.
    """
    # Unbuffered: what was taken back must not be written when the file is closed.
    with _locked(pending) as folder, (folder / "film").open("ab", buffering=0) as film:
        here = film.seek(0, os.SEEK_END)
        if offset != here:
            raise WrongOffsetError(here)
        try:
            _write(film, source, room=pending.size_bytes - here)
        except BaseException as error:
            os.ftruncate(film.fileno(), here)
            if isinstance(error, OSError) and media.is_full(error):
                raise services.RefusedError("storage_full", size=pending.size_bytes) from error
            raise
        return film.tell()


def _write(film: FileIO, source: Readable, *, room: int) -> None:
    while block := source.read(_BLOCK):
        room -= len(block)
        if room < 0:
            raise services.RefusedError("too_large")
        left = memoryview(block)
        while left:
            left = left[film.write(left) :]


@contextmanager
def _locked(pending: PendingUpload) -> Iterator[Path]:
    """The upload's folder, for this process alone: a page may send a slice again while the first try is still coming.

    Raises PendingUpload.DoesNotExist when the upload has just ended.
    """
    folder = media.pending_folder(pending.pk)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.utime(folder)  # the sweep goes by it
    with (folder / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not PendingUpload.objects.filter(pk=pending.pk).exists():
            shutil.rmtree(folder, ignore_errors=True)
            raise PendingUpload.DoesNotExist
        yield folder


def finish(pending: PendingUpload) -> Session:
    """The row of the film that is whole now, kept or refused. Raises PendingUpload.DoesNotExist when it has ended."""
    with _locked(pending) as folder:
        path = folder / "film"
        with path.open("rb") as handle:
            session = services.submit_video(
                participant=pending.participant,
                uploaded_by=pending.uploaded_by,
                file=ArrivedFile(path, handle),
                name=pending.original_name,
                load_kg=pending.load_kg,
                note=pending.note,
                bar=services.AboutBarEntries(pending.stature_cm, pending.plate_mm, pending.loss_alert_percent),
                live_set=pending.live_set,
            )
        give_up(pending)
    return session


def give_up(pending: PendingUpload) -> None:
    """Forget the upload and what came of it."""
    PendingUpload.objects.filter(pk=pending.pk).delete()
    shutil.rmtree(media.pending_folder(pending.pk), ignore_errors=True)
