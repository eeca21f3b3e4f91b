"""`manage.py restore FILE --identity KEY`: a backup into a new site, proven."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.operations.archive import BackupError, restore

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Restore a backup into an empty, migrated database and an empty media storage; all of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--identity", type=Path, required=True, help="file with the secret age key")

    def handle(self, *args: Any, file: Path, identity: Path, **options: Any) -> None:
        for path in (file, identity):
            if not path.is_file():
                raise CommandError(f"There is no file {path}.")
        loud = options["verbosity"] > 1
        try:
            found = restore(file, identity=identity.read_text(), progress=self.stdout.write if loud else lambda _: None)
        except BackupError as error:
            raise CommandError(f"{error.code}: {error.advice}") from error
        self.stdout.write(f"{found.rows} rows and {found.files} files restored and compared with their checksums.")
        for name in found.missing:
            self.stdout.write(self.style.WARNING(f"was deleted while the backup was made: {name}"))
        call_command("verify_audit", stdout=self.stdout)
