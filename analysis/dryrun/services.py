"""Make a dry run: a marked copy of the study with invented students, its frozen report, and the expected power.

Nothing of the real study is touched: its plan, arms, outcomes and times are copied, none of its students.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from analysis.dryrun.assumptions import Assumptions, checked
from analysis.dryrun.expected import expected
from analysis.dryrun.semester import draw
from analysis.frozen.services import order_report
from analysis.models import DryRun
from analysis.plans.services import first_plan, newest_plan, plan_of, save_plan
from studies import audit
from studies.allocation import allocate_arms
from studies.errors import StudyError
from studies.models import (
    Arm,
    Injury,
    Measurement,
    Membership,
    Outcome,
    Participant,
    Study,
    TimePoint,
    TrainingSession,
    User,
)

if TYPE_CHECKING:
    from analysis.dryrun.semester import Semesters
    from analysis.plans.document import Plan

FIRST_DAY = dt.date(2024, 2, 5)
NOTE = (
    "Invented: a dry run of “{title}”. All students, scores, lessons and injuries were drawn by a computer "
    "by assumptions (seed {seed}); nobody was measured."
)


def make_dry_run(*, study: Study, by: User, assumptions: Assumptions) -> DryRun:
    """The copy, its plan and an ordered report: all of it, or nothing. What to expect is left to the worker that makes
    the report (`fill_expected`): it takes seconds to a minute.

    Raises PlanError (no outcome to plan a test for) and StudyError: out_of_range, too_few_arms, is_invented.
    """
    checked(assumptions)
    if DryRun.objects.filter(copy=study).exists():
        raise StudyError("is_invented", _("This study is a dry run itself. Make one of the study that it was made of."))
    newest = newest_plan(study)
    plan = plan_of(newest) if newest else first_plan(study)
    if Arm.objects.filter(study=study).count() < 2:
        raise StudyError("too_few_arms", _("A comparison needs at least two groups. Add one on the study's page."))
    with transaction.atomic():
        copy = _copy(study, assumptions, by)
        saved = save_plan(study=copy, by=by, plan=plan)
        _fill(copy, plan, assumptions, by)
        run = DryRun.objects.create(
            study=study,
            copy=copy,
            report=order_report(plan=saved, by=by),
            assumptions=assumptions.document(),
            expected=[],
            made_by=by,
        )
        audit.done(study.pk, by, "dry run made", copy=copy.pk, seed=assumptions.seed)
    return run


def fill_expected(report_id: int) -> None:
    """The power and width to expect, for the dry run that this report belongs to; nothing for any other report, or when
    it stands there already. Safe to run twice: it computes the same.
    """
    run = DryRun.objects.filter(report=report_id, expected=[]).select_related("report__plan").first()
    if run is None or run.report is None:
        return
    arms = tuple(Arm.objects.filter(study=run.copy_id).order_by("position", "pk").values_list("key", flat=True))
    figures = expected(plan_of(run.report.plan), Assumptions(**run.assumptions), arms)
    DryRun.objects.filter(pk=run.pk).update(expected=[asdict(row) for row in figures])


def _copy(study: Study, assumptions: Assumptions, by: User) -> Study:
    """Everything of the protocol, nobody of the class."""
    copy = Study.objects.create(
        title=_("%(title)s (dry run, invented)") % {"title": study.title[:160]},
        summary=study.summary,
        is_demonstration=True,
        data_note=NOTE.format(title=study.title, seed=assumptions.seed),
        starts_on=FIRST_DAY,
        ends_on=FIRST_DAY + dt.timedelta(weeks=20),
    )
    Membership.objects.create(study=copy, user=by, role=Membership.Role.OWNER)
    Arm.objects.bulk_create(
        Arm(
            study=copy,
            key=arm.key,
            name=arm.name,
            position=arm.position,
            ratio=arm.ratio,
            gives_ai_feedback=arm.gives_ai_feedback,
        )
        for arm in study.arms.all()
    )
    TimePoint.objects.bulk_create(
        TimePoint(study=copy, key=row.key, name=row.name, position=row.position) for row in study.time_points.all()
    )
    times = {row.key: row for row in copy.time_points.all()}
    for outcome in study.outcomes.select_related("main_time_point"):
        main = outcome.main_time_point
        Outcome.objects.create(
            study=copy,
            key=outcome.key,
            name=outcome.name,
            unit=outcome.unit,
            planned_test=outcome.planned_test,
            hypothesis=outcome.hypothesis,
            main_time_point=times[main.key] if main else None,
            position=outcome.position,
        )
    return copy


def _fill(copy: Study, plan: Plan, assumptions: Assumptions, by: User) -> None:
    """Invented students, drawn into groups by the real draw, and one semester of them."""
    arms = list(copy.arms.all())
    count = assumptions.students_per_arm * len(arms)
    mark, nobody = uuid.uuid4().hex[:12], make_password(None)
    users = User.objects.bulk_create(
        User(username=f"invented-{mark}-{number}", password=nobody, is_active=False) for number in range(1, count + 1)
    )
    Participant.objects.bulk_create(
        Participant(study=copy, user=user, code=f"D{number:04d}", year_of_study=2 + number % 3)
        for number, user in enumerate(users, start=1)
    )
    allocate_arms(study=copy, by=by, seed=assumptions.seed)
    people = list(Participant.objects.filter(study=copy).select_related("arm").order_by("code"))
    # The real draw keeps the arms' ratios; each student takes the next drawn record of their arm.
    largest = max(sum(person.arm_id == arm.pk for person in people) for arm in arms)
    rng = np.random.default_rng(assumptions.seed)
    wide = type(assumptions)(**(assumptions.document() | {"students_per_arm": largest}))
    drawn = draw(wide, arms=len(arms), trials=1, rng=rng)
    place = {arm.pk: iter(np.flatnonzero(drawn.arm == at)) for at, arm in enumerate(arms)}
    rows = [(person, int(next(place[person.arm_id]))) for person in people if person.arm_id is not None]
    _measure(copy, plan, drawn, rows)
    _train(assumptions, drawn, rows, rng)


def _measure(copy: Study, plan: Plan, drawn: Semesters, rows: list[tuple[Participant, int]]) -> None:
    outcomes = {row.key: row for row in copy.outcomes.all()}
    times = {row.key: row for row in copy.time_points.all()}
    wanted: dict[tuple[str, str], bool] = {}
    for hypothesis in plan.hypotheses:
        if not hypothesis.is_rate:
            wanted[hypothesis.outcome, hypothesis.time_point] = True
    for hypothesis in plan.hypotheses:
        if hypothesis.before or hypothesis.test == "ancova":
            wanted.setdefault((hypothesis.outcome, hypothesis.before), False)
    Measurement.objects.bulk_create(
        Measurement(
            outcome=outcomes[outcome],
            participant=person,
            time_point=times.get(time_point),
            value=float(drawn.after[0, at] if is_after else drawn.before[0, at]),
        )
        for (outcome, time_point), is_after in wanted.items()
        for person, at in rows
        if not (is_after and drawn.dropped[0, at])
    )


def _train(
    assumptions: Assumptions, drawn: Semesters, rows: list[tuple[Participant, int]], rng: np.random.Generator
) -> None:
    """Lessons twice a week; who dropped out came to the first ones only. Injuries fall on days of lessons."""
    days = [FIRST_DAY + dt.timedelta(days=7 * (n // 2) + 2 * (n % 2)) for n in range(assumptions.lessons)]
    lessons, injuries = [], []
    regions = [str(region) for region in Injury.Region.values]
    for person, at in rows:
        count = int(drawn.lessons[0, at])
        came = days[:count] if drawn.dropped[0, at] else sorted(days[i] for i in rng.permutation(len(days))[:count])
        lessons += [
            TrainingSession(participant=person, held_on=day, minutes=assumptions.lesson_minutes) for day in came
        ]
        injuries += [
            Injury(
                participant=person,
                occurred_on=came[int(rng.integers(len(came)))],
                region=regions[int(rng.integers(len(regions)))],
                days_lost=int(rng.integers(0, 8)),
            )
            for _injury in range(int(drawn.injuries[0, at]))
        ]
    TrainingSession.objects.bulk_create(lessons, batch_size=2_000)
    Injury.objects.bulk_create(injuries)
