"""`manage.py dry_run STUDY`: an invented semester of a study, its frozen report, and the power to expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from analysis.dryrun.assumptions import LIMITS, Assumptions
from analysis.dryrun.forms import WHOLE
from analysis.dryrun.services import fill_expected, make_dry_run
from analysis.frozen.building import build
from analysis.plans.fields import PlanError
from studies.errors import StudyError
from studies.models import Membership, Study, User

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Simulate a semester of a study on a marked copy, and print what its plan can expect."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", type=int, help="number of the study")
        parser.add_argument("--by", default="", help="username of the copy's owner; else the study's first owner")
        defaults = Assumptions().document()
        for name in LIMITS:
            parser.add_argument(
                f"--{name.replace('_', '-')}", type=int if name in WHOLE else float, default=defaults[name]
            )

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(pk=options["study"]).first()
        if study is None:
            raise CommandError(f"there is no study {options['study']}")
        by = _owner(study, options["by"])
        given = Assumptions(**{name: options[name] for name in LIMITS})
        try:
            made = make_dry_run(study=study, by=by, assumptions=given)
        except (PlanError, StudyError) as error:
            raise CommandError(str(error)) from error
        assert made.report is not None
        fill_expected(made.report.pk)
        build(made.report.pk)
        made.refresh_from_db()
        self.stdout.write(f"INVENTED DATA. Study {made.copy_id}, report {made.report.pk}: {made.report.state}")
        for row in made.expected:
            width = "" if row["width"] is None else f", interval {row['width']:.2f} wide"
            self.stdout.write(
                f"{row['key']:24} {row['test']:18} power {100 * row['power']:5.1f} % "
                f"(Monte Carlo SE {100 * row['power_se']:.1f} %, {row['trials']:,} studies){width}"
            )


def _owner(study: Study, username: str) -> User:
    if username:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"there is no user {username!r}")
        return user
    owner = Membership.objects.filter(study=study, role=Membership.Role.OWNER).select_related("user").first()
    if owner is None:
        raise CommandError("the study has no owner: name one with --by")
    return owner.user
