"""Classes with outcomes, lessons and gaps, for tests of plans and reports."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from analysis.plans.document import Plan, read
from studies.models import Measurement, Outcome, TimePoint
from tests.factory import make_class, make_study, make_training_session

if TYPE_CHECKING:
    from studies.models import Participant, Study

BEFORE, AFTER = dt.date(2024, 2, 1), dt.date(2024, 5, 20)
LESSONS = [dt.date(2024, 2, 6) + dt.timedelta(weeks=week) for week in range(10)]


def hypothesis(**more: Any) -> dict[str, Any]:
    return {
        "key": "h1",
        "question": "Do the groups differ?",
        "estimand": "Difference of the means after the semester.",
        "outcome": "score",
        "test": "welch",
        "time_point": "after",
    } | more


def plan(*rows: dict[str, Any], **more: Any) -> Plan:
    return read({"hypotheses": list(rows) or [hypothesis()], **more})


def measured_class(size: int = 12, *, arms: int = 2) -> tuple[Study, list[Participant]]:
    """A drawn class of two time points; arm a scores two points more after. Everybody was at all ten lessons.

    Values: 4, 5, 6, 4, ... before (in the order of the codes), the same after, and 2 more for arm a.
    """
    study = make_study(arms=arms, ended=True)
    students = make_class(study, size, allocate=True)
    before = TimePoint.objects.create(study=study, key="before", name="Before", opens_on=BEFORE, position=0)
    after = TimePoint.objects.create(study=study, key="after", name="After", opens_on=AFTER, position=1)
    outcome = Outcome.objects.create(study=study, key="score", name="Score", unit="points", main_time_point=after)
    students.sort(key=lambda student: student.code)
    for number, student in enumerate(students):
        value = 4.0 + number % 3
        gain = 2.0 + number % 2 if student.arm is not None and student.arm.key == "a" else number % 2
        for time_point, of in ((before, value), (after, value + gain)):
            Measurement.objects.create(outcome=outcome, participant=student, time_point=time_point, value=of)
        for day in LESSONS:
            make_training_session(student, held_on=day, minutes=60)
    return study, students


def forget(student: Participant, time_point: str = "after") -> None:
    """The student's value at that time is gone."""
    Measurement.objects.filter(participant=student, time_point__key=time_point).delete()
