"""`manage.py doctor`: is everything that LiftLab needs well, and how is what is not mended?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from config.operations.doctor import examine

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Ask every part whether it is well. Ends with 1 when one is ill, 0 when there is only something to look at."
    requires_system_checks: list[str] = []  # a probe tells what they say

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON list, for a program")

    def handle(self, *args: Any, **options: Any) -> None:
        found = examine()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in found], indent=1))
        else:
            paint = {"well": self.style.SUCCESS, "look": self.style.WARNING, "ill": self.style.ERROR}
            for finding in found:
                self.stdout.write(paint[finding.verdict](f"{finding.verdict:<5}{finding.probe:<12}{finding.says}"))
                if finding.mend:
                    self.stdout.write(f"     {'':<12}{finding.mend}")
        if any(finding.verdict == "ill" for finding in found):
            raise SystemExit(1)
