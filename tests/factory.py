"""Rows for tests, in plain Python: each function makes one thing with what a test needs to say about it, and no more.

`make_personas()` gives one user per role around one study, and strangers from another.
"""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

from studies.allocation import allocate_arms
from studies.models import (
    AllocationList,
    Arm,
    Injury,
    Measurement,
    Membership,
    Outcome,
    Participant,
    Study,
    TrainingSession,
    User,
)

PASSWORD = "test-password"
LONG_AGO = dt.date(2020, 6, 30)
_number = itertools.count(1)


def make_user(username: str = "", *, first_name: str = "", last_name: str = "", is_superuser: bool = False) -> User:
    """A user who can sign in with PASSWORD. Names have a fixed width, so that none is part of another."""
    number = next(_number)
    return User.objects.create_user(
        username=username or f"user{number:05d}",
        password=PASSWORD,
        first_name=first_name or f"First{number:05d}",
        last_name=last_name or f"Last{number:05d}",
        is_superuser=is_superuser,
        is_staff=is_superuser,
    )


def make_study(title: str = "", *, arms: int = 2, owner: User | None = None, ended: bool = False) -> Study:
    """A study with arms a, b, ...: the first gives AI feedback, the others don't. `ended`: groups may be compared."""
    study = Study.objects.create(title=title or f"Study {next(_number)}", ends_on=LONG_AGO if ended else None)
    for position in range(arms):
        make_arm(study, "abcdefgh"[position], gives_ai_feedback=position == 0)
    if owner is not None:
        make_staff(study, Membership.Role.OWNER, user=owner)
    return study


def make_arm(study: Study, key: str, *, gives_ai_feedback: bool = False) -> Arm:
    return Arm.objects.create(
        study=study,
        key=key,
        name=f"Arm {key}",
        position=Arm.objects.filter(study=study).count(),
        gives_ai_feedback=gives_ai_feedback,
    )


def make_staff(study: Study, role: str, *, user: User | None = None, sections: tuple[str, ...] = ()) -> User:
    user = user or make_user()
    Membership.objects.create(study=study, user=user, role=role, sections=list(sections))
    return user


def make_participant(
    study: Study, *, arm: Arm | None = None, user: User | None = None, code: str = "", year_of_study: int = 2
) -> Participant:
    """An enrolled student; with `arm`, allocated to it by a list made for the purpose."""
    allocation = None
    if arm is not None:
        allocation = AllocationList.objects.create(study=study, seed=0, algorithm="test", sha256="0" * 64)
    return Participant.objects.create(
        study=study,
        user=user or make_user(),
        code=code or f"T{next(_number)}",
        year_of_study=year_of_study,
        arm=arm,
        allocation=allocation,
    )


def make_class(study: Study, size: int, *, allocate: bool = False, seed: int = 1) -> list[Participant]:
    """`size` students, with groups by the real draw if asked."""
    for _student in range(size):
        make_participant(study)
    if allocate:
        allocate_arms(study=study, by=None, seed=seed)
    return list(Participant.objects.filter(study=study).select_related("arm", "user"))


def make_training_session(
    participant: Participant, *, held_on: dt.date = dt.date(2024, 3, 5), minutes: int = 90
) -> TrainingSession:
    return TrainingSession.objects.create(participant=participant, held_on=held_on, minutes=minutes)


def make_injury(
    participant: Participant,
    *,
    occurred_on: dt.date = dt.date(2024, 3, 5),
    region: str = Injury.Region.KNEE,
    note: str = "",
) -> Injury:
    return Injury.objects.create(participant=participant, occurred_on=occurred_on, region=region, note=note)


def make_outcome(study: Study, key: str = "score", *, name: str = "Score") -> Outcome:
    return Outcome.objects.create(study=study, key=key, name=name)


def make_measurement(outcome: Outcome, participant: Participant, value: float) -> Measurement:
    return Measurement.objects.create(outcome=outcome, participant=participant, value=value)


@dataclass(frozen=True, slots=True)
class Personas:
    """Who may try what. `participant` is `student`'s row, `classmate` another student of the same study."""

    study: Study
    participant: Participant
    student: User
    classmate: User
    owner: User
    instructor: User
    assessor: User
    researcher: User
    officer: User
    other_study: Study
    other_student: User
    other_instructor: User
    superuser: User


def make_personas(*, ended: bool = False) -> Personas:
    """One user of every kind, around one study, and strangers from another."""
    study, other_study = make_study("Own study", ended=ended), make_study("Other study")
    arm = study.arms.get(key="a")
    participant = make_participant(study, arm=arm)
    return Personas(
        study=study,
        participant=participant,
        student=participant.user,
        classmate=make_participant(study, arm=study.arms.get(key="b")).user,
        owner=make_staff(study, Membership.Role.OWNER),
        instructor=make_staff(study, Membership.Role.INSTRUCTOR),
        assessor=make_staff(study, Membership.Role.ASSESSOR),
        researcher=make_staff(study, Membership.Role.RESEARCHER),
        officer=make_staff(study, Membership.Role.OFFICER),
        other_study=other_study,
        other_student=make_participant(other_study, arm=other_study.arms.get(key="a")).user,
        other_instructor=make_staff(other_study, Membership.Role.INSTRUCTOR),
        superuser=make_user(is_superuser=True),
    )
