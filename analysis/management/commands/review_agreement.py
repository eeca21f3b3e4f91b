from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from analysis.agreement import coach_tables, instructor_tables, review_report
from analysis.text import render
from studies.models import Study

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Print how far the coach and the instructors of a study agree, and the instructors among themselves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", type=int, help="the study's number, as in its address")

    def handle(self, *args: Any, study: int, **options: Any) -> None:
        found = Study.objects.filter(pk=study).first()
        if found is None:
            raise CommandError(f"There is no study {study}.")
        report = review_report(found)
        self.stdout.write(report.study)
        self.stdout.write(f"{report.reviewed} of the coach's {report.repetitions} repetitions have a review.")
        between = [table for two in report.instructors for table in instructor_tables(two)]
        for table in (*coach_tables(report), *between):
            self.stdout.write("\n" + render(table))
