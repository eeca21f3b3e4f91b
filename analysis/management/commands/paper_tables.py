from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from analysis.format import SKINS
from analysis.reading import paper_remarks, problem_sentence
from analysis.reports import build_report
from analysis.tables import main_tables
from analysis.text import render
from studies.models import Study

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from analysis.format import Skin

WIDTH = 100


class Command(BaseCommand):
    help = "Print a study's tables in SPSS's layout: by default the demonstration study's, which are the paper's two."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--study", type=int, help="the study's number; default: the demonstration study")
        parser.add_argument(
            "--skin", choices=SKINS, default="paper", help="paper prints a tiny p as .000, default as < .001"
        )

    def handle(self, *args: Any, study: int | None, skin: Skin, **options: Any) -> None:
        report = build_report(_study(study))
        self.stdout.write(report.study)
        for number, outcome in enumerate(report.outcomes, start=1):
            for table in main_tables(outcome, skin=skin, number=number, data_note=report.data_note):
                self.stdout.write("\n" + render(table))
            for line in (*(problem_sentence(outcome, p) for p in outcome.problems), *paper_remarks(outcome)):
                self.stdout.write(textwrap.fill(line, WIDTH))
            if outcome.exclusions:
                self.stdout.write(f"{len(outcome.exclusions)} left out; the report's page lists them with the reason.")
        if not report.outcomes:
            self.stdout.write("This study has no outcomes yet.")
        self.stdout.write(f"\nSHA-256 of the data: {report.provenance.data_sha256}")


def _study(pk: int | None) -> Study:
    if pk is not None:
        found = Study.objects.filter(pk=pk).first()
        if found is None:
            raise CommandError(f"There is no study {pk}.")
        return found
    found = Study.objects.filter(is_demonstration=True).order_by("pk").first()
    if found is None:
        raise CommandError("There is no demonstration study. Load it with: python manage.py load_demo_study")
    return found
