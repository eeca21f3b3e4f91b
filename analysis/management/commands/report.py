from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from analysis.format import SKINS
from analysis.render.edition import edition_of
from analysis.render.formats import FORMATS, file_name
from analysis.reports import build_report
from studies.closing.looks import may_compare, why_not_yet
from studies.models import Study

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from analysis.format import Skin

EVERY = "all"


class Command(BaseCommand):
    help = "Write a study's report as a file: PDF, Word, Excel, SPSS and more, or the bundle that checks itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", type=int, help="the study's number")
        parser.add_argument(
            "--format", choices=[*FORMATS, EVERY], default="pdf", help="default: pdf; all: each of them"
        )
        parser.add_argument("--skin", choices=SKINS, default=SKINS[0], help="paper prints a tiny p as .000")
        parser.add_argument("--out", type=Path, default=Path(), help="the folder to write to; default: this one")
        parser.add_argument("--force", action="store_true", help="write over a file that is there")

    def handle(self, *args: Any, study: int, out: Path, skin: Skin, force: bool, **options: Any) -> None:
        found = Study.objects.filter(pk=study).first()
        if found is None:
            raise CommandError(f"There is no study {study}.")
        if not may_compare(found):
            raise CommandError(why_not_yet(found))
        edition = edition_of(build_report(found), skin=skin)
        keys = list(FORMATS) if options["format"] == EVERY else [options["format"]]
        paths = {key: out / file_name(edition.report, key) for key in keys}
        there = [str(path) for path in paths.values() if path.exists()]
        if there and not force:
            raise CommandError(f"There already: {', '.join(there)}. Choose another --out, or --force.")
        out.mkdir(parents=True, exist_ok=True)
        for number, (key, path) in enumerate(paths.items(), start=1):
            self._write(edition, key, path, f"[{number}/{len(paths)}]")

    def _write(self, edition: Any, key: str, path: Path, place: str) -> None:
        """The file under its name once it is whole; a word before and after, as some take seconds."""
        if sys.stdout.isatty():
            self.stdout.write(f"{place} {path} ...")
        started = time.perf_counter()
        content = FORMATS[key].make(edition)
        unfinished = path.with_name(f".{path.name}.part")
        unfinished.write_bytes(content)
        unfinished.replace(path)
        self.stdout.write(f"{place} {path}  {len(content):,} bytes, {time.perf_counter() - started:.1f} s")
