"""The demonstration study: 50 students, two arms of 25, one semester, and rows whose tables equal the paper's.

The outcomes are a RECONSTRUCTION. The paper prints no raw data; these whole numbers were found by search as a set that
gives back every printed digit of its two tables (but for Table 2's p value, which no data can give). They are not the
authors' data, and `Study.data_note` says so under every table. Lessons, dates and body regions are invented.

Everything is drawn from stored seeds, so that the study is the same on every machine.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from studies.allocation import allocate_arms
from studies.errors import StudyError
from studies.models import (
    Injury,
    Measurement,
    Membership,
    Outcome,
    Participant,
    PrivacyPolicy,
    ProtocolDraft,
    Study,
    TrainingSession,
    User,
)
from studies.protocol.templates import paper_design
from studies.randomise import Stream
from studies.services import ArmSpec, add_staff, create_study, enrol
from studies.unblinding import unblind

if TYPE_CHECKING:
    from collections.abc import Mapping

TITLE = "Deadlift with an AI coach: one semester (demonstration)"
PASSWORD = "deadlift-demo"  # noqa: S105 - printed for everybody; the command loads it on one's own machine only
EMAIL_DOMAIN = "demo.invalid"
DATA_NOTE = (
    "Reconstruction: whole numbers found by search that reproduce the statistics printed in the paper. "
    "These are not the authors' data. Lessons, dates and body regions are invented."
)
SEED = 20240818
STUDENTS = 50

EXPERIMENTAL, CONTROL = "experimental", "control"
ARMS = (
    ArmSpec(key=EXPERIMENTAL, name="AI coaching", gives_ai_feedback=True),
    ArmSpec(key=CONTROL, name="Traditional instruction"),
)

# value: number of students
ACCURACY: Mapping[str, Mapping[int, int]] = {
    EXPERIMENTAL: {7: 4, 8: 10, 9: 10, 10: 1},
    CONTROL: {3: 1, 4: 4, 5: 7, 6: 5, 7: 4, 8: 3, 9: 1},
}
INJURIES: Mapping[str, Mapping[int, int]] = {
    EXPERIMENTAL: {0: 9, 1: 11, 2: 3, 3: 1, 4: 1},
    CONTROL: {3: 2, 4: 2, 5: 2, 6: 7, 7: 6, 8: 4, 9: 1, 10: 1},
}

FIRST_DAY = dt.date(2024, 1, 30)  # a Tuesday
WEEKS = 16
LESSON_MINUTES = 90  # twice a week: 48 hours a student, the same in both arms, as the paper says
LAST_DAY = FIRST_DAY + dt.timedelta(weeks=WEEKS - 1, days=2)

# Where injuries of strength training are: how often of 20. Invented, with the lower back first.
REGIONS = (
    *[Injury.Region.LOWER_BACK] * 8,
    *[Injury.Region.KNEE] * 4,
    *[Injury.Region.SHOULDER] * 3,
    *[Injury.Region.HIP_GROIN] * 2,
    Injury.Region.THIGH,
    Injury.Region.UPPER_BACK,
    Injury.Region.ELBOW_WRIST,
)
DAYS_LOST = (0, 0, 0, 1, 1, 2, 2, 3, 4, 7)

# fmt: off
FIRST_NAMES = (
    "Adil", "Aibek", "Alan", "Almas", "Arman", "Askar", "Azamat", "Bauyrzhan", "Bekzat", "Daniyar", "Dauren",
    "Diego", "Erlan", "Gabriel", "Hugo", "Ilyas", "Iván", "Kanat", "Lucas", "Marat", "Mateo", "Nurlan", "Olzhas",
    "Pablo", "Ruslan", "Samat", "Sergio", "Talgat", "Timur", "Yerbol",
)
LAST_NAMES = (
    "Abenov", "Akhmetov", "Alonso", "Baizakov", "Bekov", "Castro", "Dosov", "Esimov", "Garrido", "Iskakov",
    "Kassymov", "Kuanov", "Lozano", "Mukanov", "Navarro", "Nurgaliev", "Omarov", "Ortega", "Prieto", "Rakhimov",
    "Sadykov", "Seitov", "Tulegenov", "Vidal", "Zhumabaev",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """One account of the demonstration, and what to try with it."""

    username: str
    role: str
    arm: str = ""


@dataclass(frozen=True, slots=True)
class DemoStudy:
    """The loaded study with its accounts. `created` is False when it was there already; nothing was changed then."""

    study: Study
    created: bool
    logins: tuple[DemoLogin, ...]
    password: str = PASSWORD

    def student_of(self, arm: str) -> str:
        """The first student's username of an arm: "experimental" sees the coach's feedback, "control" does not."""
        return next(login.username for login in self.logins if login.arm == arm)


@transaction.atomic
def load_demo_study() -> DemoStudy:
    """Make the demonstration study, or find it; either way return it with its accounts.

    It does not ask where it runs: `manage.py load_demo_study` refuses on a server, since the password is public.
    Raises StudyError demo_name_taken when an account of the same name belongs to somebody else.
    """
    existing = Study.objects.filter(is_demonstration=True, title=TITLE).first()
    if existing is not None:
        return DemoStudy(study=existing, created=False, logins=_logins(existing))
    people = _people()
    study = create_study(
        owner=people["owner"],
        title=TITLE,
        summary="Fifty students of years 2 to 4, randomised to an AI coach or to the instructor alone.",
        arms=ARMS,
        starts_on=FIRST_DAY,
        ends_on=LAST_DAY,
        consent_required=False,
    )
    PrivacyPolicy.objects.filter(study=study).update(video_days=None, pose_days=None, record_days=None)
    study.is_demonstration, study.data_note = True, DATA_NOTE
    study.save(update_fields=["is_demonstration", "data_note"])
    add_staff(study=study, user=people["instructor"], role=Membership.Role.INSTRUCTOR)
    add_staff(study=study, user=people["researcher"], role=Membership.Role.RESEARCHER)
    _write_protocol(study, by=people["owner"])
    years = _stream("years").shuffled([2 + number % 3 for number in range(STUDENTS)])
    for number, year in enumerate(years, start=1):
        enrol(study=study, user=people[f"student{number:02d}"], year_of_study=year, code=f"P{number:02d}")
    allocate_arms(study=study, by=people["owner"], seed=SEED)
    participants = list(Participant.objects.filter(study=study).select_related("arm").order_by("code"))
    _add_training(participants, by=people["instructor"])
    _add_measurements(study, participants)
    _add_injuries(participants, by=people["instructor"])
    unblind(study=study, by=people["owner"], reason="The trial that these data stand for is published.")
    return DemoStudy(study=study, created=True, logins=_logins(study))


def _write_protocol(study: Study, *, by: User) -> None:
    """The paper's design in words. The draw makes it the first version."""
    document = paper_design(FIRST_DAY) | {"title": study.title, "summary": study.summary, "time_points": []}
    document |= {"starts_on": FIRST_DAY.isoformat(), "ends_on": LAST_DAY.isoformat()}
    for outcome in document["outcomes"]:  # its values belong to no time
        outcome["main_time_point"] = ""
    document["outcomes"][0]["unit"] = "points"
    ProtocolDraft.objects.create(study=study, started_by=by, changed_by=by, document=document)


def _stream(what: str) -> Stream:
    return Stream(SEED, label=f"liftlab-demo-{what}")


def _people() -> dict[str, User]:
    """The 53 accounts by username. One hash serves all: the password is public, and hashing is slow on purpose."""
    names = _stream("names")
    named = zip(names.shuffled(FIRST_NAMES * 2), names.shuffled(LAST_NAMES * 3), strict=False)
    staff = {
        "owner": ("Aigerim", "Suleimenova"),
        "instructor": ("Murat", "Zhaksybekov"),
        "researcher": ("Elena", "Ruiz"),
    }
    wanted = staff | {f"student{number:02d}": next(named) for number in range(1, STUDENTS + 1)}
    found = {user.username: user for user in User.objects.filter(username__in=wanted)}
    for username, user in found.items():
        if user.email != f"{username}@{EMAIL_DOMAIN}":
            raise StudyError(
                "demo_name_taken",
                _("The account “%(name)s” belongs to somebody: load the demonstration into an empty database.")
                % {"name": username},
            )
    hashed = make_password(PASSWORD)
    User.objects.bulk_create(
        User(username=username, first_name=first, last_name=last, email=f"{username}@{EMAIL_DOMAIN}", password=hashed)
        for username, (first, last) in wanted.items()
        if username not in found
    )
    return {user.username: user for user in User.objects.filter(username__in=wanted)}


def _lesson_days() -> list[dt.date]:
    """Tuesdays and Thursdays of the semester."""
    return [FIRST_DAY + dt.timedelta(weeks=week, days=day) for week in range(WEEKS) for day in (0, 2)]


def _add_training(participants: list[Participant], *, by: User) -> None:
    """The same lessons for everybody; the load rises with the weeks from a start of one's own."""
    stream = _stream("training")
    rows = []
    for participant in participants:
        start_kg = 30 + 5 * stream.below(9)
        for lesson, day in enumerate(_lesson_days()):
            load_kg = Decimal(start_kg) + Decimal("2.5") * (lesson // 4)
            sets = 3 + stream.below(3)
            rows.append(
                TrainingSession(
                    participant=participant,
                    held_on=day,
                    minutes=LESSON_MINUTES,
                    sets=sets,
                    repetitions=sets * (5 + stream.below(4)),
                    load_kg=load_kg,
                    logged_by=by,
                )
            )
    TrainingSession.objects.bulk_create(rows, batch_size=500)


def _values(table: Mapping[str, Mapping[int, int]], what: str, participants: list[Participant]) -> dict[str, int]:
    """Code -> value: each arm's frequency table, dealt to its students in an order drawn from the seed."""
    dealt: dict[str, int] = {}
    for key, frequencies in table.items():
        values = [value for value, count in sorted(frequencies.items()) for _student in range(count)]
        codes = [row.code for row in participants if row.arm is not None and row.arm.key == key]
        shuffled = _stream(f"{what}-{key}").shuffled(values)
        dealt.update(zip(codes, shuffled, strict=True))
    return dealt


def _add_measurements(study: Study, participants: list[Participant]) -> None:
    accuracy = Outcome.objects.create(
        study=study,
        key="training_accuracy",
        name="Training accuracy",
        unit="points",
        position=0,
        planned_test=Outcome.PlannedTest.WELCH,
        hypothesis="The AI coach improves the accuracy of exercise form compared to traditional instruction.",
    )
    injury_rate = Outcome.objects.create(
        study=study,
        key="injury_rate",
        name="Injury rate",
        unit="injuries per student and semester",
        position=1,
        planned_test=Outcome.PlannedTest.ANOVA,
        hypothesis="The AI coach reduces the number of injuries compared to traditional instruction.",
    )
    tables = ((accuracy, _values(ACCURACY, "accuracy", participants)), (injury_rate, _injury_counts(participants)))
    Measurement.objects.bulk_create(
        Measurement(outcome=outcome, participant=participant, value=values[participant.code], measured_on=LAST_DAY)
        for outcome, values in tables
        for participant in participants
    )


def _injury_counts(participants: list[Participant]) -> dict[str, int]:
    return _values(INJURIES, "injuries", participants)


def _add_injuries(participants: list[Participant], *, by: User) -> None:
    """One row an injury, on lesson days of the student, as many as the outcome says."""
    counts = _injury_counts(participants)
    stream = _stream("injury-log")
    rows = []
    for participant in participants:
        days = stream.shuffled(_lesson_days())[: counts[participant.code]]
        rows += [
            Injury(
                participant=participant,
                occurred_on=day,
                region=REGIONS[stream.below(len(REGIONS))],
                days_lost=DAYS_LOST[stream.below(len(DAYS_LOST))],
                form_related=stream.below(3) > 0,
                status=Injury.Status.CLOSED,
                logged_by=by,
                logged_at=dt.datetime.combine(day, dt.time(18), tzinfo=dt.UTC),
            )
            for day in sorted(days)
        ]
    Injury.objects.bulk_create(rows, batch_size=500)


def _logins(study: Study) -> tuple[DemoLogin, ...]:
    """Staff first, then the students of the experimental arm, then those of the other."""
    staff = Membership.objects.filter(study=study).select_related("user").order_by("pk")
    students = study.participants.select_related("user", "arm").order_by("arm__position", "code")
    return (
        *(DemoLogin(username=row.user.username, role=row.role) for row in staff),
        *(
            DemoLogin(username=row.user.username, role="student", arm=row.arm.key if row.arm else "")
            for row in students
        ),
    )
