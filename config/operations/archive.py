"""A backup: tables, media and a manifest in one tar, compressed, encrypted with age, proven when it is restored.

    tables/studies.study.jsonl ...     one line a row, by primary key (`config.operations.tables`)
    media/<name> ...                   the files of the storage
    manifest.json                      last: rows and SHA-256 of every member, migrations, versions

The secret key of the site (`SECRET_KEY`), and the key that opens the backup, are in none.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

import pyrage
from django import get_version
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.serializers.base import DeserializationError
from django.db import transaction
from django.utils import timezone

from config.operations import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

SCHEMA = 1
MANIFEST = "manifest.json"
PIECE = 1 << 20


class BackupError(Exception):
    """A backup can't be made or restored. `code` for programs, the text for the person."""

    def __init__(self, code: str, advice: str) -> None:
        super().__init__(advice)
        self.code = code
        self.advice = advice


@dataclass(slots=True)
class Summary:
    """What went into an archive or came out of it."""

    rows: int = 0
    files: int = 0
    size_bytes: int = 0
    missing: list[str] = field(default_factory=list)


def new_key() -> tuple[str, str]:
    """(identity, which opens backups and is kept elsewhere; recipient, for BACKUP_RECIPIENT, which only makes them)."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def make_backup(target: Path, *, recipient: str, progress: Callable[[str], None] = lambda _: None) -> Summary:
    """Write a backup of database and media to `target`: whole, or not at all. Raises BackupError: no_recipient.

    Tables are of one moment. Files are read after them: one that was deleted meanwhile is listed as missing, one that
    came meanwhile may be in it without its row.
    """
    key = _recipient(recipient)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(f"{target.name}.part")
    summary = Summary()
    try:
        with _encrypted(part, key) as stream, tarfile.open(fileobj=stream, mode="w|gz") as archive:
            manifest = _new_manifest()
            _add_tables(archive, manifest, summary, progress)
            _add_media(archive, manifest, summary, progress)
            _add_bytes(archive, MANIFEST, json.dumps(manifest, sort_keys=True).encode())
        part.chmod(0o600)
        with part.open("rb") as handle:
            os.fsync(handle.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    summary.size_bytes = target.stat().st_size
    return summary


def restore(source: Path, *, identity: str, progress: Callable[[str], None] = lambda _: None) -> Summary:
    """Put a backup into an empty, migrated database and an empty storage, and prove that it is all there.

    Rows and files are compared with the manifest's SHA-256 before the transaction ends; if anything differs nothing
    stays. Raises BackupError: not_empty, wrong_key, damaged, other_version.
    """
    if not tables.is_empty():
        raise BackupError("not_empty", "The database is not empty. Restore into a new one, after `migrate`.")
    if next(_media_names(), None) is not None:
        raise BackupError("not_empty", "The media storage is not empty. Restore into a new one.")
    written: list[str] = []
    summary = Summary(size_bytes=source.stat().st_size)
    try:
        with transaction.atomic():
            tables.make_room()
            manifest = _read_archive(source, identity, written, summary, progress)
            tables.put_sequences_right()
            progress("Comparing what was restored with the manifest")
            _prove(manifest, written)
    except BaseException:
        for name in written:
            default_storage.delete(name)
        raise
    summary.missing = list(manifest["missing"])
    return summary


def _new_manifest() -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "django": get_version(),
        "migrations": tables.migrations_applied(),
        "tables": {},
        "media": {},
        "missing": [],
    }


def _add_tables(
    archive: tarfile.TarFile, manifest: dict[str, Any], summary: Summary, progress: Callable[[str], None]
) -> None:
    with transaction.atomic():
        tables.fix_the_moment()
        for model in tables.tables():
            label = model._meta.label_lower
            progress(label)
            with tempfile.TemporaryFile(dir=settings.INCOMING_DIR) as spool:
                digest, rows = hashlib.sha256(), 0
                for line in tables.lines(model):
                    spool.write(line)
                    digest.update(line)
                    rows += 1
                _add_file(archive, f"tables/{label}.jsonl", spool)
            manifest["tables"][label] = {"rows": rows, "sha256": digest.hexdigest()}
            summary.rows += rows


def _add_media(
    archive: tarfile.TarFile, manifest: dict[str, Any], summary: Summary, progress: Callable[[str], None]
) -> None:
    for name in _media_names():
        progress(name)
        with tempfile.TemporaryFile(dir=settings.INCOMING_DIR) as spool:
            digest = hashlib.sha256()
            try:
                with default_storage.open(name) as source:
                    while piece := source.read(PIECE):
                        spool.write(piece)
                        digest.update(piece)
            except FileNotFoundError:
                manifest["missing"].append(name)
                continue
            _add_file(archive, f"media/{name}", spool)
        manifest["media"][name] = digest.hexdigest()
        summary.files += 1
    summary.missing = manifest["missing"]


def _media_names(folder: str = "") -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder or ".")
    except FileNotFoundError:
        return
    for name in sorted(files):
        yield f"{folder}{name}"
    for name in sorted(folders):
        yield from _media_names(f"{folder}{name}/")


def _add_file(archive: tarfile.TarFile, name: str, spool: BinaryIO) -> None:
    member = tarfile.TarInfo(name)
    member.size = spool.tell()
    member.mtime = int(time.time())
    spool.seek(0)
    archive.addfile(member, spool)


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    spool = io.BytesIO()
    spool.write(content)
    _add_file(archive, name, spool)


def _read_archive(
    source: Path, identity: str, written: list[str], summary: Summary, progress: Callable[[str], None]
) -> dict[str, Any]:
    """Everything but the proof. Returns the manifest."""
    manifest: dict[str, Any] | None = None
    try:
        with _decrypted(source, identity) as stream, tarfile.open(fileobj=stream, mode="r|gz") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is None:
                    continue
                progress(member.name)
                if member.name == MANIFEST:
                    manifest = json.loads(content.read())
                elif member.name.startswith("tables/"):
                    summary.rows += tables.load(content)  # type: ignore[arg-type]
                elif member.name.startswith("media/"):
                    name = member.name.removeprefix("media/")
                    _save(name, content)
                    written.append(name)
                    summary.files += 1
    except (tarfile.TarError, EOFError, ValueError, OSError, SuspiciousOperation, DeserializationError) as error:
        raise BackupError("damaged", f"The backup is damaged or cut off: {error}") from error
    if manifest is None:
        raise BackupError("damaged", "The backup ends before its manifest: it is cut off.")
    return manifest


def _save(name: str, content: IO[bytes]) -> None:
    """By way of this disk: an object store wants to read a file twice, and a tar that is read as it comes can't be."""
    with tempfile.TemporaryFile(dir=settings.INCOMING_DIR) as spool:
        shutil.copyfileobj(content, spool, PIECE)
        spool.seek(0)
        saved = default_storage.save(name, File(spool))
    if saved != name:
        default_storage.delete(saved)
        raise BackupError("not_empty", f"There is a file {name} already.")


def _prove(manifest: dict[str, Any], written: list[str]) -> None:
    if manifest["schema"] != SCHEMA:
        raise BackupError("other_version", f"The backup has format {manifest['schema']}, this version reads {SCHEMA}.")
    if manifest["migrations"] != tables.migrations_applied():
        raise BackupError(
            "other_version",
            f"The backup is of another version of LiftLab (made with Django {manifest['django']}, "
            f"{len(manifest['migrations'])} migrations). Restore it with that version, then migrate.",
        )
    differing = [
        model._meta.label_lower
        for model in tables.tables()
        if manifest["tables"].get(model._meta.label_lower, {}).get("sha256") != tables.sha256_of_table(model)[1]
    ]
    if sorted(written) != sorted(manifest["media"]):
        differing.append("the list of files")
    differing += [name for name in written if _sha256_of_file(name) != manifest["media"].get(name)]
    if differing:
        raise BackupError("damaged", f"These differ from what was backed up: {', '.join(differing[:10])}.")


def _sha256_of_file(name: str) -> str:
    digest = hashlib.sha256()
    with default_storage.open(name) as handle:
        while piece := handle.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _recipient(text: str) -> Any:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        advice = "Set BACKUP_RECIPIENT to an age public key (age1...); `manage.py backup --new-key FILE` makes one."
        raise BackupError("no_recipient", advice) from error


def _identity(text: str) -> Any:
    secret = next((line for line in text.splitlines() if line.startswith("AGE-SECRET-KEY-")), "")
    try:
        return pyrage.x25519.Identity.from_str(secret)
    except pyrage.IdentityError as error:
        raise BackupError("wrong_key", "The file holds no age identity (AGE-SECRET-KEY-1...).") from error


@contextmanager
def _encrypted(target: Path, recipient: Any) -> Iterator[BinaryIO]:
    """What is written to the yielded stream ends encrypted in `target`; nothing of it is on the disk in the clear."""
    with _piped(lambda source: _encrypt(source, target, recipient), mode="wb") as stream:
        yield stream


def _encrypt(source: BinaryIO, target: Path, recipient: Any) -> None:
    with target.open("wb") as out:
        pyrage.encrypt_io(source, out, [recipient])


@contextmanager
def _decrypted(source: Path, identity: str) -> Iterator[BinaryIO]:
    """The clear text of `source` as a stream. Raises BackupError: wrong_key, damaged."""
    key = _identity(identity)

    def decrypt(sink: BinaryIO) -> None:
        with source.open("rb") as handle:
            try:
                pyrage.decrypt_io(handle, sink, [key])
            except pyrage.DecryptError as error:
                if "No matching keys" in str(error):
                    raise BackupError("wrong_key", "This key does not open the backup.") from error
                raise BackupError("damaged", f"The file is no backup, or a damaged one: {error}.") from error
            except BrokenPipeError:
                raise
            except OSError as error:
                raise BackupError("damaged", f"The backup is damaged or cut off: {error}.") from error

    with _piped(decrypt, mode="rb") as stream:
        yield stream


@contextmanager
def _piped(work: Callable[[BinaryIO], None], *, mode: str) -> Iterator[BinaryIO]:
    """Run `work` in a thread on one end of a pipe, and give the other. Its exception is raised at the end."""
    read, write = os.pipe()
    ours, theirs = (write, read) if mode == "wb" else (read, write)
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with os.fdopen(theirs, "rb" if mode == "wb" else "wb") as stream:
                work(stream)
        except BrokenPipeError:
            pass  # the other side gave up, and says why
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        with os.fdopen(ours, mode) as stream:
            yield stream  # type: ignore[misc]
            if mode == "rb":
                shutil.copyfileobj(stream, _Nowhere())  # the last block proves the whole
    except Exception:
        thread.join(timeout=10)
        if failed:
            raise failed[0] from None
        raise
    thread.join()
    if failed:
        raise failed[0]


class _Nowhere(io.RawIOBase):
    def write(self, data: Any, /) -> int:
        return len(data)
