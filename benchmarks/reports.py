"""How long the report of a large study takes, in every format: `python -m benchmarks.reports [students]`.

Makes a database of its own with a study of that many students (1,000) in two groups, four outcomes with three planned
tests, some values missing; then computes the report from its rows and renders each format, and the bundle, which runs
its own check. Bar: 20 s for report and all formats.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from studies.models import Study

MAX_S = 20.0
OUTCOMES: tuple[tuple[str, str, str, str, Callable[[random.Random, int], float]], ...] = (
    ("accuracy", "Training accuracy", "points", "welch", lambda draw, arm: float(draw.randint(2 + arm, 9 + arm))),
    ("injuries", "Injuries", "per semester", "anova", lambda draw, arm: float(draw.randint(0, 4 - arm))),
    ("jump", "Jump height", "cm", "welch", lambda draw, arm: round(draw.gauss(40 + 2 * arm, 6), 1)),
    ("load", "Largest load", "kg", "student", lambda draw, arm: round(draw.gauss(90 + 5 * arm, 20) * 2) / 2),
)


def study_of(students: int) -> Study:
    from studies.models import AllocationList, Measurement, Outcome, Participant, User
    from studies.services import ArmSpec, create_study

    draw = random.Random(1)
    owner = User.objects.create_user("owner")
    study = create_study(
        owner=owner,
        title="Large",
        arms=[ArmSpec("ai", "AI coaching"), ArmSpec("usual", "Instruction")],
        ends_on=dt.date(2020, 6, 30),
        consent_required=False,
    )
    arms = list(study.arms.all())
    users = User.objects.bulk_create(User(username=f"student{n}") for n in range(students))
    made = AllocationList.objects.create(study=study, seed=0, algorithm="benchmark", sha256="0" * 64)
    people = Participant.objects.bulk_create(
        Participant(study=study, user=user, code=f"S{n:05d}", year_of_study=2) for n, user in enumerate(users)
    )
    for n, person in enumerate(people):
        if n % 50:
            person.arm, person.allocation = arms[n % 2], made
    Participant.objects.bulk_update(people, ["arm", "allocation"])
    for place, (key, name, unit, test, value) in enumerate(OUTCOMES):
        outcome = Outcome.objects.create(study=study, key=key, name=name, unit=unit, planned_test=test, position=place)
        Measurement.objects.bulk_create(
            Measurement(outcome=outcome, participant=person, value=value(draw, n % 2))
            for n, person in enumerate(people)
            if (n + place) % 20
        )
    return study


def main(students: int) -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LIFTLAB_VAR"] = folder
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        study = study_of(students)
        return measured(study, students, Path(folder))


def measured(study: Study, students: int, folder: Path) -> int:
    from analysis.render.edition import edition_of
    from analysis.render.formats import FORMATS
    from analysis.reports import build_report

    began = started = time.perf_counter()
    began_cpu = time.process_time()
    report = build_report(study)
    values = sum(group.n for outcome in report.outcomes for group in outcome.groups)
    print(f"{students:,} students, {len(report.outcomes)} outcomes, {values:,} values in the report")
    if values < 3 * students:
        raise AssertionError("the report is empty: nobody's values may be used")
    print(f"{'rows to numbers':16}{time.perf_counter() - started:7.2f} s", flush=True)
    edition = edition_of(report)
    for key, form in FORMATS.items():
        started = time.perf_counter()
        content = form.make(edition)
        print(f"{key:16}{time.perf_counter() - started:7.2f} s {len(content):12,} bytes", flush=True)
    whole, own = time.perf_counter() - began, time.process_time() - began_cpu
    print(
        f"{'all':16}{whole:7.2f} s (bar {MAX_S:g} s); {own:.2f} s of processor time, which a busy machine changes less"
    )
    zipfile.ZipFile(io.BytesIO(edition.made["bundle"])).extractall(folder / "bundle")
    (check,) = (folder / "bundle").glob("*/check.py")
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-I", check], capture_output=True, text=True, check=False)
    print(f"{'bundle checked':16}{time.perf_counter() - started:7.2f} s: {done.stdout.strip().splitlines()[-1]}")
    return 0 if whole <= MAX_S and done.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000))
