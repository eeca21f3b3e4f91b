"""Saving plans: every version stays, and each says how much was known when it was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext_lazy as _

from analysis.models import AnalysisPlan
from analysis.plans.document import Hypothesis, Plan, read, require_fit
from analysis.plans.fields import PlanError
from analysis.plans.loading import names_of
from studies import audit
from studies.closing.looks import is_over
from studies.errors import StudyError
from studies.models import Measurement, Outcome, Participant, Study

if TYPE_CHECKING:
    from analysis.plans.document import TestName
    from studies.models import User

Stage = AnalysisPlan.Stage


@transaction.atomic
def save_plan(
    *, study: Study, by: User | None, plan: Plan, reason: str = "", seen_version: int | None = None
) -> AnalysisPlan:
    """Keep the plan as the study's next version. `seen_version` is the one that the person saw; 0 for none.

    A plan that differs in nothing from the version before is that version. Raises PlanError as `require_fit`, and
    StudyError changed_meanwhile.
    """
    Study.objects.select_for_update().get(pk=study.pk)
    newest = AnalysisPlan.objects.filter(study=study).first()
    version = newest.version if newest else 0
    if seen_version is not None and seen_version != version:
        raise StudyError(
            "changed_meanwhile",
            _("Somebody saved another version of the plan since you opened this page. Look at it, then save again."),
        )
    require_fit(plan, names_of(study))
    if newest is not None and newest.sha256 == plan.sha256():
        return newest
    stage, values = _stage(study, plan)
    saved = AnalysisPlan.objects.create(
        study=study,
        version=version + 1,
        document=plan.document(),
        sha256=plan.sha256(),
        reason=reason.strip(),
        stage=stage,
        values_then=values,
        saved_by=by,
    )
    audit.done(study.pk, by, "plan saved", version=saved.version, sha256=saved.sha256, stage=str(stage))
    return saved


def _stage(study: Study, plan: Plan) -> tuple[str, int]:
    """How much was known: the state of the draw, the values of planned outcomes at their planned times, the end."""
    planned = {(row.outcome, row.time_point) for row in plan.hypotheses if not row.is_rate}
    there = Measurement.objects.filter(outcome__study=study).values_list("outcome__key", "time_point__key")
    counts = there.order_by().annotate(n=Count("pk")).values_list("outcome__key", "time_point__key", "n")
    values = sum(n for outcome, time_point, n in counts if (outcome, time_point or "") in planned)
    over = is_over(study)
    if values and over:
        return Stage.AFTER, values
    if values:
        return Stage.DURING, values
    if not Participant.objects.filter(study=study, arm__isnull=False).exists():
        return Stage.BEFORE_ALLOCATION, values
    return (Stage.AFTER if over else Stage.BEFORE_OUTCOMES), values


def newest_plan(study: Study) -> AnalysisPlan | None:
    return AnalysisPlan.objects.filter(study=study).select_related("saved_by").first()


def registered_plan(study: Study) -> AnalysisPlan | None:
    """The last version that was saved before anybody could know an outcome."""
    return AnalysisPlan.objects.filter(study=study, stage__in=AnalysisPlan.REGISTERED).first()


def plan_of(saved: AnalysisPlan) -> Plan:
    """The stored document as a plan. Raises PlanError when it is no longer one."""
    return read(saved.document)


@transaction.atomic
def add_hypothesis(*, study: Study, by: User, row: Hypothesis, seen_version: int, reason: str = "") -> AnalysisPlan:
    """The newest plan with one more hypothesis, or a first plan of it. Its key gets a number where it is taken.

    Errors: as `save_plan`, and PlanError `hypothesis_twice` (the same outcome, time and test are planned already).
    """
    newest = newest_plan(study)
    before = plan_of(newest) if newest else None
    rows = before.hypotheses if before else ()
    for other in rows:
        if (other.outcome, other.time_point, other.test) == (row.outcome, row.time_point, row.test):
            raise PlanError("hypothesis_twice", "", _("The plan has this question already."))
    document = before.document() if before else {"hypotheses": []}
    taken = {other.key for other in rows}
    key = next(name for name in (row.key, *(f"{row.key}-{n}" for n in range(2, 99))) if name not in taken)
    added = Plan(hypotheses=(row,)).document()["hypotheses"][0] | {"key": key}
    document["hypotheses"] = [*document["hypotheses"], added]
    return save_plan(study=study, by=by, plan=read(document), reason=reason, seen_version=seen_version)


def first_plan(study: Study) -> Plan:
    """A draft from what the study's outcomes name: each with its planned test at its main time, and the injury log.

    Raises PlanError `no_hypothesis` for a study without outcomes.
    """
    rows = [
        Hypothesis(
            key=outcome.key[:40],
            question=outcome.hypothesis or str(_("Do the groups differ in “%(name)s”?") % {"name": outcome.name}),
            estimand=str(
                _("Difference of the groups' means of “%(name)s” in everybody drawn.") % {"name": outcome.name}
            ),
            outcome=outcome.key,
            test=cast("TestName", outcome.planned_test),
            time_point=outcome.main_time_point.key if outcome.main_time_point else "",
        )
        for outcome in Outcome.objects.filter(study=study).select_related("main_time_point")
    ]
    return read(Plan(hypotheses=tuple(rows)).document())


def last_version(study: Study) -> int:
    found: int | None = AnalysisPlan.objects.filter(study=study).aggregate(last=Max("version"))["last"]
    return found or 0
