from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from studies.demo import CONTROL, EXPERIMENTAL, load_demo_study
from studies.errors import StudyError

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Load the demonstration study (50 students, two arms, one semester). Running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="load it into a server installation too, where its password is public"
        )

    def handle(self, *args: Any, force: bool, **options: Any) -> None:
        if not settings.EMBEDDED and not force:
            raise CommandError(
                "This is a server installation (DATABASE_URL or REDIS_URL is set), and the demonstration's password is "
                "public. Load it on a machine of your own, or say --force."
            )
        try:
            demo = load_demo_study()
        except StudyError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Demonstration study loaded." if demo.created else "Demonstration study is there already.")
        self.stdout.write(demo.study.data_note)
        self.stdout.write(f"Sign in with the password {demo.password} as:")
        for login in demo.logins:
            if login.role != "student":
                self.stdout.write(f"  {login.username:<12} {login.role}")
        for arm, sees in ((EXPERIMENTAL, "sees the AI coach's feedback"), (CONTROL, "does not see it")):
            self.stdout.write(f"  {demo.student_of(arm):<12} student, {arm} arm: {sees}")
