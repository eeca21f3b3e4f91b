"""Rows with their totals, in one query each: subqueries, since counts over several joins would multiply each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from studies.access import arms_shown_to
from studies.models import Injury, Membership, Participant, Study, TrainingSession

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model
    from django.db.models.expressions import Combinable

    from studies.blinding import ShownArm
    from studies.models import User


def _per(of: type[Model] | QuerySet[Any], path: str, total: Count | Sum) -> Combinable:
    """The total over the rows that belong, through `path`, to the outer row; 0 when there are none."""
    rows = of if isinstance(of, QuerySet) else of._default_manager.all()
    rows = rows.filter(**{path: OuterRef("pk")}).order_by().values(path)
    return Coalesce(Subquery(rows.annotate(total=total).values("total"), output_field=IntegerField()), 0)


def participants_with_totals(participants: QuerySet[Participant]) -> QuerySet[Participant]:
    """Each participant with arm and user loaded, and `lessons`, `minutes`, `repetitions`, `injury_count`."""
    return participants.select_related("arm", "user").annotate(
        lessons=_per(TrainingSession.objects.lessons(), "participant", Count("pk")),
        minutes=_per(TrainingSession, "participant", Sum("minutes")),
        repetitions=_per(TrainingSession, "participant", Sum("repetitions")),
        injury_count=_per(Injury.objects.counted(), "participant", Count("pk")),
    )


@dataclass(frozen=True, slots=True)
class ArmTotals:
    """A group as its reader may see it, with the totals of those of its students whom this reader works with."""

    arm: ShownArm
    size: int
    lessons: int
    minutes: int
    injury_count: int | None
    """None while the groups may not be compared."""


def class_with_totals(participants: QuerySet[Participant]) -> list[Participant]:
    """As `participants_with_totals`, for a whole class: three queries that each read their table once."""
    rows = list(participants.select_related("arm", "user"))
    own = {"participant__in": participants.order_by().values("pk")}
    lesson = Q(attendance=TrainingSession.Attendance.PRESENT) & ~Q(source=TrainingSession.Source.UPLOAD)
    trained = TrainingSession.objects.filter(**own).order_by().values_list("participant")
    sums = trained.annotate(n=Count("pk", filter=lesson), m=Sum("minutes"), r=Sum("repetitions"))
    training = {participant: (n, m, r) for participant, n, m, r in sums}
    hurt = Injury.objects.counted().filter(**own).order_by().values_list("participant").annotate(n=Count("pk"))
    injuries = dict(hurt)
    for row in rows:
        lessons, minutes, repetitions = training.get(row.pk, (0, 0, 0))
        totals = {"lessons": lessons, "minutes": minutes, "repetitions": repetitions}
        for name, total in (totals | {"injury_count": injuries.get(row.pk, 0)}).items():
            setattr(row, name, total)
    return rows


def arms_of_class(user: User, study: Study, rows: Iterable[Participant], *, compare: bool = False) -> list[ArmTotals]:
    """The study's groups as this user may see them, with sums over rows of `class_with_totals`. One query.

    Without `compare`, nothing that the groups are to be compared by.
    """
    people = list(rows)
    found = []
    for arm in arms_shown_to(user, study):
        mine = [row for row in people if row.arm_id == arm.pk]
        lessons, minutes, injuries = (
            sum(getattr(row, name) for row in mine) for name in ("lessons", "minutes", "injury_count")
        )
        found.append(ArmTotals(arm, len(mine), lessons, minutes, injuries if compare else None))
    return found


def studies_of_staff(user: User) -> QuerySet[Study]:
    """Studies where the user works (a superuser: all), with `role` and `sections`; `size`, `unassigned`, `lessons`
    and `injury_count` are of the students whom they work with there: none for who works with none.
    """
    mine = Membership.objects.filter(study=OuterRef("pk"), user=user)
    rows = Study.objects.all() if user.is_superuser else Study.objects.filter(memberships__user=user)
    students = Participant.objects.visible_to(user)
    waiting = students.unassigned().filter(study=OuterRef("pk")).order_by().values("study")
    return rows.annotate(
        role=Subquery(mine.values("role")),
        sections=Subquery(mine.values("sections")),
        size=_among(students, Participant.objects.all(), "study", "pk"),
        unassigned=Coalesce(Subquery(waiting.annotate(total=Count("pk")).values("total")), 0),
        lessons=_among(students, TrainingSession.objects.lessons(), "participant__study", "participant"),
        injury_count=_among(students, Injury.objects.counted(), "participant__study", "participant"),
    )


def studies_with_role(user: User) -> QuerySet[Any]:
    """Studies where the user works or takes part, each with `role`, as `studies.access.role_in` says it."""
    if user.is_superuser:
        return Study.objects.annotate(role=Value(Membership.Role.OWNER.value))
    mine = Membership.objects.filter(study=OuterRef("pk"), user=user)
    return Study.objects.visible_to(user).annotate(role=Coalesce(Subquery(mine.values("role")), Value("student")))


def _among(students: QuerySet[Participant], of: QuerySet[Any], path: str, student: str) -> Combinable:
    """As `_per`, of the rows of these students alone."""
    rows = of.filter(**{path: OuterRef("pk"), f"{student}__in": students.order_by().values("pk")})
    counted = rows.order_by().values(path).annotate(total=Count("pk")).values("total")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
