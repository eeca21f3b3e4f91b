"""Rows with their totals, in one query each: subqueries, since counts over several joins would multiply each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from studies.access import arms_shown_to, students_of
from studies.models import Injury, Membership, Participant, Study, TrainingSession

if TYPE_CHECKING:
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
    injury_count: int


def arms_with_totals(user: User, study: Study) -> list[ArmTotals]:
    """The study's groups with what belongs to their students. The number of queries does not grow with the class."""
    students = students_of(user, study)
    sizes = dict(students.order_by().values_list("arm").annotate(n=Count("pk")))
    lessons = _by_arm(TrainingSession.objects.lessons(), students, Count("pk"))
    minutes = _by_arm(TrainingSession.objects.all(), students, Sum("minutes"))
    injuries = _by_arm(Injury.objects.counted(), students, Count("pk"))
    return [
        ArmTotals(arm, sizes.get(arm.pk, 0), lessons.get(arm.pk, 0), minutes.get(arm.pk, 0), injuries.get(arm.pk, 0))
        for arm in arms_shown_to(user, study)
    ]


def _by_arm(rows: QuerySet[Any], students: QuerySet[Participant], total: Count | Sum) -> dict[int | None, int]:
    of_students = rows.filter(participant__in=students).order_by()
    return dict(of_students.values_list("participant__arm").annotate(total=total))


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


def _among(students: QuerySet[Participant], of: QuerySet[Any], path: str, student: str) -> Combinable:
    """As `_per`, of the rows of these students alone."""
    rows = of.filter(**{path: OuterRef("pk"), f"{student}__in": students.order_by().values("pk")})
    counted = rows.order_by().values(path).annotate(total=Count("pk")).values("total")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
