"""`manage.py backup`: database and media in one encrypted file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.operations.archive import BackupError, make_backup, new_key

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Write an encrypted backup of database and media (docs/operation.md). The newest --keep of the folder stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--folder", type=Path, default=settings.VAR_DIR / "backups")
        parser.add_argument("--recipient", default=settings.BACKUP_RECIPIENT, help="age public key that it is for")
        parser.add_argument("--keep", type=int, default=14, help="how many backups stay in the folder")
        parser.add_argument("--new-key", type=Path, metavar="FILE", help="make a pair of keys and write the secret one")

    def handle(self, *args: Any, folder: Path, recipient: str, keep: int, new_key: Path | None, **options: Any) -> None:
        if new_key is not None:
            self._make_key(new_key)
            return
        if keep < 1:
            raise CommandError("--keep must be at least 1.")
        target = folder / f"liftlab-{timezone.now():%Y%m%dT%H%M%SZ}.tar.gz.age"
        loud = options["verbosity"] > 1
        try:
            made = make_backup(target, recipient=recipient, progress=self.stdout.write if loud else lambda _: None)
        except BackupError as error:
            raise CommandError(f"{error.code}: {error.advice}") from error
        self.stdout.write(f"{target}: {made.rows} rows, {made.files} files, {made.size_bytes / 1e6:.1f} MB")
        for name in made.missing:
            self.stdout.write(self.style.WARNING(f"was deleted while the backup was made: {name}"))
        for old in sorted(folder.glob("liftlab-*.tar.gz.age"))[:-keep]:
            old.unlink()
            self.stdout.write(f"removed {old.name}")

    def _make_key(self, path: Path) -> None:
        identity, recipient = new_key()
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise CommandError(f"{path} exists already; a key that is overwritten opens no backup any more.") from error
        with os.fdopen(handle, "w") as file:
            file.write(f"# public key: {recipient}\n{identity}\n")
        self.stdout.write(f"BACKUP_RECIPIENT={recipient}")
        self.stdout.write(f"Keep {path} away from this server: without it no backup opens, with it every one does.")
