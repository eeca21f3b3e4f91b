"""Rows with their totals, in one query each: subqueries, since counts over several joins would multiply each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from studies.models import Arm, Injury, Membership, Participant, Study, TrainingSession

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model
    from django.db.models.expressions import Combinable

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


def arms_with_totals(study: Study) -> QuerySet[Arm]:
    """The study's arms with `size`, `lessons`, `minutes` and `injury_count`."""
    return Arm.objects.filter(study=study).annotate(
        size=_per(Participant, "arm", Count("pk")),
        lessons=_per(TrainingSession.objects.lessons(), "participant__arm", Count("pk")),
        minutes=_per(TrainingSession, "participant__arm", Sum("minutes")),
        injury_count=_per(Injury.objects.counted(), "participant__arm", Count("pk")),
    )


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


def arms_of_class(study: Study, rows: Iterable[Participant]) -> list[Arm]:
    """The study's arms with the totals of `arms_with_totals`, summed over rows of `class_with_totals`. One query."""
    arms = list(Arm.objects.filter(study=study))
    people = list(rows)
    for arm in arms:
        mine = [row for row in people if row.arm_id == arm.pk]
        arm.size = len(mine)  # type: ignore[attr-defined]
        for name in ("lessons", "minutes", "injury_count"):
            setattr(arm, name, sum(getattr(row, name) for row in mine))
    return arms


def studies_of_staff(user: User) -> QuerySet[Study]:
    """Studies where the user works (a superuser: all), with `role`, `size`, `unassigned`, `lessons`, `injury_count`."""
    mine = Membership.objects.filter(study=OuterRef("pk"), user=user).values("role")
    rows = Study.objects.all() if user.is_superuser else Study.objects.filter(memberships__user=user)
    waiting = Participant.objects.unassigned().filter(study=OuterRef("pk")).order_by().values("study")
    return rows.annotate(
        role=Subquery(mine),
        size=_per(Participant, "study", Count("pk")),
        unassigned=Coalesce(Subquery(waiting.annotate(total=Count("pk")).values("total")), 0),
        lessons=_per(TrainingSession.objects.lessons(), "participant__study", Count("pk")),
        injury_count=_per(Injury.objects.counted(), "participant__study", Count("pk")),
    )
