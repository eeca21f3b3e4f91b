"""From a study's rows to the records that a plan reads. A constant number of queries for any class."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Count, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from analysis.plans.document import INJURY_LOG, Names
from analysis.plans.people import Data, Person, Series, series
from studies.consent.scopes import RESEARCH
from studies.consent.selectors import refusing as consent_refusing
from studies.models import (
    Arm,
    ConsentRecord,
    Injury,
    Measurement,
    Outcome,
    Participant,
    RandomisationPlan,
    Reassignment,
    TimePoint,
    TrainingSession,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from analysis.plans.document import Plan
    from studies.models import Study


def names_of(study: Study) -> Names:
    """What a plan of this study may name. 3 queries."""
    return Names(
        outcomes=set(Outcome.objects.filter(study=study).values_list("key", flat=True)),
        time_points=set(TimePoint.objects.filter(study=study).values_list("key", flat=True)),
        arms=Arm.objects.filter(study=study).count(),
    )


def load(study: Study, plan: Plan) -> Data:
    """The records of everybody in the study, as of one moment: all rows are read in one transaction."""
    with transaction.atomic():
        if connection.vendor == "postgresql" and not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return _load(study, plan)


def _load(study: Study, plan: Plan) -> Data:
    wanted = _wanted(plan)
    lessons = _lessons(study)
    last_day = max((row[2] for row in lessons.values() if row[2] is not None), default=None)
    held = _held(study)
    injuries = dict(
        Injury.objects.counted()
        .filter(participant__study=study)
        .order_by()
        .values("participant")
        .annotate(n=Count("pk"))
        .values_list("participant", "n")
    )
    values = _values(study, wanted)
    rows = _people(study)
    refusing = set(consent_refusing(RESEARCH, Participant.objects.filter(study=study)).values_list("pk", flat=True))
    people = []
    # Sorted here: databases order text by their locale, and the data's hash must not depend on it.
    for row in sorted(rows, key=lambda row: row.code):
        count, minutes, last = lessons.get(row.pk, (0, 0, None))
        people.append(
            _without_data(row)
            if row.pk in refusing
            else _person(row)
            | {
                "lessons": count,
                "lessons_held": held.get(row.section, 0),
                "hours": minutes / 60,
                "days_since_last": (last_day - last).days if last is not None and last_day is not None else None,
                "injuries": injuries.get(row.pk, 0),
                "values": values.get(row.pk, {}),
            }
        )
    return Data(
        arms=tuple(Arm.objects.filter(study=study).order_by("position", "pk").values_list("key", flat=True)),
        series=_series(study, wanted, last_day),
        people=tuple(Person(**person) for person in people),
        design=_design(study, rows),
    )


def _wanted(plan: Plan) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for row in plan.hypotheses:
        if row.outcome == INJURY_LOG:
            continue
        found[(row.outcome, row.time_point)] = None
        if row.test == "ancova" or ("before" in plan.gaps.covariates and row.before):
            found[(row.outcome, row.before)] = None
    return list(found)


def _series(study: Study, wanted: Iterable[tuple[str, str]], last_day: dt.date | None) -> tuple[Series, ...]:
    outcomes = {row.key: row for row in Outcome.objects.filter(study=study)}
    times = {row.key: row for row in TimePoint.objects.filter(study=study)}
    found = []
    for outcome, time_point in wanted:
        time = times.get(time_point)
        opened = time.opens_on if time else None
        found.append(
            Series(
                key=series(outcome, time_point),
                outcome=outcome,
                time_point=time_point,
                name=outcomes[outcome].name,
                unit=outcomes[outcome].unit,
                time_name=time.name if time else "",
                gap_days=(last_day - opened).days if last_day and opened else None,
            )
        )
    return tuple(found)


def _lessons(study: Study) -> dict[int, tuple[int, int, dt.date | None]]:
    """Participant -> lessons, minutes, day of the last one. Days that films alone tell of are no lessons."""
    in_class = ~Q(source=TrainingSession.Source.UPLOAD)
    rows = (
        TrainingSession.objects.attended()
        .filter(participant__study=study)
        .order_by()
        .values("participant")
        .annotate(
            days=Count("held_on", distinct=True, filter=in_class),
            total=Coalesce(Sum("minutes"), 0),
            last=Max("held_on", filter=in_class),
        )
        .values_list("participant", "days", "total", "last")
    )
    return {pk: (days, total, last) for pk, days, total, last in rows}


def _held(study: Study) -> dict[str, int]:
    """Section -> on how many days anybody of it trained."""
    rows = (
        TrainingSession.objects.lessons()
        .filter(participant__study=study)
        .order_by()
        .values("participant__section")
        .annotate(days=Count("held_on", distinct=True))
        .values_list("participant__section", "days")
    )
    return dict(rows)


def _values(study: Study, wanted: Iterable[tuple[str, str]]) -> dict[int, dict[str, float]]:
    keys = set(wanted)
    rows = Measurement.objects.filter(
        participant__study=study, outcome__study=study, outcome__key__in=[outcome for outcome, _time in keys]
    ).values_list("participant_id", "outcome__key", "time_point__key", "value")
    found: dict[int, dict[str, float]] = defaultdict(dict)
    for pk, outcome, time_point, value in rows:
        if (outcome, time_point or "") in keys:
            found[pk][series(outcome, time_point or "")] = value
    return found


def _people(study: Study) -> list[Participant]:
    first_move = Reassignment.objects.filter(participant=OuterRef("pk")).order_by("changed_at", "pk")
    return list(
        Participant.objects.filter(study=study)
        .select_related("arm", "baseline", "assignment", "consent")
        .annotate(drawn_key=Subquery(first_move.values("from_arm__key")[:1]))
    )


def _person(row: Participant) -> dict[str, Any]:
    start = getattr(row, "baseline", None)
    now = row.arm.key if row.arm else ""
    drawn: str | None = getattr(row, "drawn_key", None)
    assignment = getattr(row, "assignment", None)
    source = f"plan:{row.plan_id}" if row.plan_id else f"list:{row.allocation_id}" if row.allocation_id else ""
    return {
        "code": row.code,
        "arm": drawn or now,
        "arm_now": now,
        "section": row.section,
        "excluded": row.eligibility == Participant.Eligibility.EXCLUDED,
        "start": {"year": float(row.year_of_study)}
        | {
            name: None if start is None or getattr(start, field) is None else float(getattr(start, field))
            for name, field in START.items()
        },
        "source": source,
        "number": assignment.number if assignment else 0,
        "batch": assignment.batch if assignment else 0,
        "cluster": assignment.cluster if assignment else "",
        "levels": dict(assignment.levels) if assignment else {},
    }


def _without_data(row: Participant) -> dict[str, Any]:
    """Code and group of a student whose data may not be used, and why."""
    status = getattr(row, "consent", None)
    withdrawn = status is not None and status.kind == ConsentRecord.Kind.WITHDRAWN
    nothing: dict[str, Any] = {
        "lessons": 0,
        "lessons_held": 0,
        "hours": 0.0,
        "days_since_last": None,
        "injuries": 0,
        "values": {},
    }
    empty = {"start": dict.fromkeys(("year", *START)), "consent": "withdrawn" if withdrawn else "no_consent"}
    return _person(row) | nothing | empty


START = {
    "age": "age_years",
    "experience": "experience_months",
    "mass": "mass_kg",
    "working_load": "working_load_kg",
    "one_rm": "one_rm_kg",
}
"""A covariate's name in a plan -> the field of `studies.models.Baseline`."""


def _design(study: Study, rows: Iterable[Participant]) -> dict[str, object]:
    """The design of the plan that drew the students, where it is one plan for all who have a group."""
    sources = {row.plan_id for row in rows if row.arm_id is not None}
    only = next(iter(sources), None)
    if len(sources) != 1 or only is None:
        return {}
    found = RandomisationPlan.objects.filter(study=study, pk=only).values_list("design", flat=True).first()
    return dict(found or {})
