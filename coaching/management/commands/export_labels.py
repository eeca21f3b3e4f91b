from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management.base import BaseCommand, CommandError

from coaching.reviews.labels import TABLE, collect, write
from studies.consent.selectors import policy_of
from studies.models import Participant, Study

if TYPE_CHECKING:
    from argparse import ArgumentParser

CONSENT = (
    "This study does not ask for consent in LiftLab, so nothing here says which students agreed that their films train "
    "a model. Ask them, then run this again with --consent-checked, which says that you did, and --leave-out CODE ... "
    "for those who said no."
)


class Command(BaseCommand):
    help = "Write the instructors' reviews as labels to train on, by pseudonym, with the films or with their paths."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, help="folder to write into; it will hold personal data")
        parser.add_argument("--study", type=int, action="append", required=True, help="number of a study; repeatable")
        parser.add_argument(
            "--consent-checked",
            action="store_true",
            help="you know that these students agreed to it",
        )
        parser.add_argument("--leave-out", nargs="+", default=[], metavar="CODE", help="students who did not agree")
        parser.add_argument("--copy-films", action="store_true", help="put the films beside the table")

    def handle(
        self,
        *args: Any,
        out: Path,
        study: list[int],
        consent_checked: bool,
        leave_out: list[str],
        copy_films: bool,
        **options: Any,
    ) -> None:
        if not copy_films and not isinstance(default_storage, FileSystemStorage):
            raise CommandError("The films are not on this machine's disk: add --copy-films.")
        studies = _studies(study, leave_out)
        if not consent_checked and not all(policy_of(one).consent_required for one in studies):
            raise CommandError(CONSENT)
        written = write(collect(studies, left_out=leave_out), out, copy_films=copy_films)
        students = {row.subject for row in written.rows}
        held_out = {row.subject for row in written.rows if row.part == "held_out"}
        self.stdout.write(
            f"{out / TABLE}: {len(written.rows)} repetitions of {len(students)} students, "
            f"{len(held_out)} of them held out"
        )
        for reason, count in written.left_out.items():
            self.stdout.write(f"left out, {reason}: {count}")


def _studies(numbers: list[int], codes: list[str]) -> list[Study]:
    """Raises CommandError for a study or a code that does not exist: a misspelt code must not let a student in."""
    found = list(Study.objects.filter(pk__in=numbers))
    if missing := sorted(set(numbers) - {study.pk for study in found}):
        raise CommandError(f"There is no study {missing[0]}.")
    known = set(Participant.objects.filter(study__in=found, code__in=codes).values_list("code", flat=True))
    if unknown := sorted(set(codes) - known):
        raise CommandError(f"No student of these studies has the code {unknown[0]}.")
    return found
