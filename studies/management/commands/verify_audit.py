from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from studies import append_only
from studies.audit import verify
from studies.models import AuditChain, AuditEntry

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Follow the audit of every study, or of those named, and name the first entry that does not fit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", nargs="*", type=int, help="number of a study; without one, all")
        parser.add_argument(
            "--expect", action="append", default=[], metavar="NUMBER:HASH", help="a hash that was noted; one study only"
        )

    def handle(self, *args: Any, study: list[int], expect: list[str], **options: Any) -> None:
        if expect and len(study) != 1:
            raise CommandError("--expect belongs to one study: name it.")
        expected = {int(number): digest for number, _colon, digest in (part.partition(":") for part in expect)}
        broken = [f"trigger {name} is missing: entries could be changed" for name in append_only.missing(connection)]
        chains = set(AuditChain.objects.values_list("pk", flat=True))
        chains |= set(AuditEntry.objects.order_by().values_list("study_id", flat=True).distinct())
        for number in study or sorted(chains):
            verdict = verify(number, expected=expected)
            if verdict.broken_at is None:
                self.stdout.write(f"study {number}: {verdict.entries} entries, unbroken, head {verdict.head}")
            else:
                broken.append(f"study {number}: broken at entry {verdict.broken_at}: {verdict.why}")
        if broken:
            raise CommandError("\n".join(broken))
