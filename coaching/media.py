"""Files of sessions: written whole or not at all, under random names, served in slices.

A file is made under `INCOMING_DIR` and gets its place by a rename, so that whatever dies in between leaves nothing
half-written among the media. `sweep` clears what a killed process left behind.
"""

from __future__ import annotations

import shutil
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage

from config.errors import StoreDownError
from studies.files import FULL, discard, incoming, is_full, keep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

__all__ = ["FULL", "KINDS", "FilmMissingError", "MediaAwayError", "Shelf", "attempt_folder"]
__all__ += ["attempts_in_the_making", "discard", "incoming", "is_full", "keep", "local", "pending_folder", "sweep"]

KINDS = ("video", "playable", "overlay", "poster", "still", "series", "arrays")


class FilmMissingError(Exception):
    """A row names a file that is not in the storage."""


class MediaAwayError(StoreDownError):
    """The folder in which a film lay is gone with it: the disk is not mounted, the film is not lost."""


def pending_folder(pk: uuid.UUID) -> Path:
    """Where the slices of an upload are put together. It is swept when nothing has come for a day."""
    return Path(settings.INCOMING_DIR) / f"pending-{pk.hex}"


def attempt_folder(run: int, attempt: int) -> str:
    """Of one attempt of a run, for `incoming`."""
    return f"run-{run}-{attempt}"


def attempts_in_the_making() -> list[Path]:
    """Folders of attempts on this machine, of living processes and dead ones: `run-<run>-<attempt>-...`."""
    return list(Path(settings.INCOMING_DIR).glob("run-*-*-*"))


class Shelf:
    """Files of one result: all of them stay, or, when the block raises, none."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if error is not None:
            discard(*self.names.values())

    def put(self, made: Path) -> None:
        """Move a finished file to its random name. Its stem is its kind, or `still-` and which one. Raises OSError."""
        kind = made.stem.partition("-")[0]
        name = f"{kind}/{uuid.uuid4().hex}{made.suffix}"
        keep(made, name)
        self.names[made.stem] = name


@contextmanager
def local(name: str, folder: Path) -> Iterator[Path]:
    """The file on this machine's disk: itself, or for remote storage a copy in `folder`.

    Raises FilmMissingError, StoreDownError.
    """
    if not name:
        raise FilmMissingError(name)
    on_disk = isinstance(default_storage, FileSystemStorage)
    if not default_storage.exists(name):
        raise MediaAwayError(name) if on_disk and not _has_folder(name) else FilmMissingError(name)
    if on_disk:
        yield Path(default_storage.path(name))
        return
    path = folder / Path(name).name
    with default_storage.open(name, "rb") as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
    yield path


def _has_folder(name: str) -> bool:
    return Path(default_storage.path(name)).parent.is_dir()


def sweep(referenced: set[str], *, older_than_s: float) -> int:
    """Delete unfinished files, and media that no row names, when they are older than `older_than_s`. Returns how many.

    Raises StoreDownError of an object store.
    """
    limit = time.time() - older_than_s
    gone = 0
    for folder in Path(settings.INCOMING_DIR).glob("*"):
        if folder.stat().st_mtime < limit:
            shutil.rmtree(folder, ignore_errors=True) if folder.is_dir() else folder.unlink(missing_ok=True)
            gone += 1
    for kind in KINDS:
        for name in _stored(kind):
            if name not in referenced and default_storage.get_modified_time(name).timestamp() < limit:
                default_storage.delete(name)
                gone += 1
    return gone


def _stored(kind: str) -> list[str]:
    try:
        _folders, files = default_storage.listdir(kind)
    except FileNotFoundError:
        return []
    return [f"{kind}/{file}" for file in files]
