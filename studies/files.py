"""Files get their place in the storage whole or not at all, under random names; what is left over is swept."""

from __future__ import annotations

import errno
import shutil
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage

if TYPE_CHECKING:
    from collections.abc import Iterator

# EFBIG is what a file system or a quota says to a single file.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DAY_S = 24 * 3600.0


def is_full(error: OSError) -> bool:
    """Whether the operating system says that there is no room."""
    return error.errno in FULL


@contextmanager
def incoming(purpose: str) -> Iterator[Path]:
    """An empty folder beside the media for files in the making; gone at the end, with all that was not kept."""
    folder = Path(settings.INCOMING_DIR) / f"{purpose}-{uuid.uuid4().hex}"
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep(made: Path, name: str) -> None:
    """Give a finished file its place in the storage. Raises OSError; then nothing is left at `name`."""
    if not isinstance(default_storage, FileSystemStorage):
        with made.open("rb") as handle:
            default_storage.save(name, File(handle))
        return
    target = Path(default_storage.path(name))
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        made.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_then_rename(made, target)


def _copy_then_rename(made: Path, target: Path) -> None:
    """Across disks a rename is not possible: the copy gets the name when it is whole."""
    half = target.with_name(f".{target.name}.half")
    try:
        shutil.copyfile(made, half)
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)


def discard(*names: str) -> None:
    for name in names:
        if name:
            default_storage.delete(name)


def sweep_folder(folder: str, named: set[str], *, older_than_s: float = DAY_S) -> int:
    """Delete the files of one folder of the local storage that no row names, when they are a day old."""
    if not isinstance(default_storage, FileSystemStorage):
        return 0
    limit, gone = time.time() - older_than_s, 0
    root = Path(default_storage.path(""))
    for path in (root / folder).glob("*"):
        if path.relative_to(root).as_posix() not in named and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
