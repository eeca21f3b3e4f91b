"""Order a report, find those lost by a worker, and mark those that rest on data withdrawn since."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysis.models import FrozenReport, WithdrawnMark
from studies import audit
from studies.closing.looks import refuse_before_look
from studies.errors import StudyError

if TYPE_CHECKING:
    from analysis.models import AnalysisPlan, ReportQuerySet
    from studies.models import Participant, User

State = FrozenReport.State

FAILURES = {
    "worker_lost": _(
        "The worker that made this report stopped several times. Make it again; if it happens again, "
        "tell who runs this site."
    ),
    "out_of_memory": _("This report needs more memory than the worker has. Tell who runs this site."),
    "nobody": _("Nobody is enrolled in this study, so there is nothing to report."),
    "internal": _("Something went wrong that was not foreseen. It is in the log of the site; tell who runs it."),
    "plan_unknown_outcome": _("The plan names an outcome that this study has no more. Save a new version of the plan."),
    "plan_unknown_time_point": _("The plan names a time that this study has no more. Save a new version of the plan."),
    "plan_two_arms_needed": _("The plan names a test of two groups, and the study has another number now."),
}
OTHER_FAILURE = _("The plan does not fit the study any more. Save a new version of the plan.")


def failure_words(code: str) -> str:
    return str(FAILURES.get(code, OTHER_FAILURE))


@transaction.atomic
def order_report(*, plan: AnalysisPlan, by: User) -> FrozenReport:
    """Queue a report of a saved plan and call the worker once it is committed. Errors: being_made, look_not_yet."""
    refuse_before_look(plan.study)
    try:
        with transaction.atomic():  # two people pressing at once: the database takes one
            report = FrozenReport.objects.create(study_id=plan.study_id, plan=plan, made_by=by)
    except IntegrityError:
        raise StudyError("being_made", _("A report of this plan is being made already.")) from None
    audit.done(plan.study_id, by, "report ordered", report=report.pk, plan=plan.version)
    _call_worker(report.pk)
    return report


def _call_worker(report_id: int) -> None:
    from analysis.tasks import build_report  # tasks -> services; this way only here

    # A lambda: a failing functools.partial breaks robust=True on Django 5.2.
    transaction.on_commit(lambda: build_report.delay(report_id), robust=True)


def reap_reports() -> int:
    """Reports without a heartbeat go back to the queue, or fail after the last attempt; those that wait too long get
    another message. How many were touched. Safe to run anywhere, any number at once.
    """
    now = timezone.now()
    silent_since = now - dt.timedelta(seconds=max(settings.RUN_STALE_SECONDS, QUIET_SECONDS))
    touched = 0
    for report in FrozenReport.objects.without_document().stale(silent_since):
        same = report.mine().filter(heartbeat_at=report.heartbeat_at)
        if report.attempt >= settings.RUN_MAX_ATTEMPTS:
            touched += same.update(state=State.FAILED, failure_code="worker_lost", finished_at=now)
        elif same.update(state=State.QUEUED, dispatched_at=now, percent=0):
            touched += 1
            _call_worker(report.pk)
    waiting = FrozenReport.objects.without_document().filter(state=State.QUEUED, dispatched_at__lt=silent_since)
    for report in waiting[:100]:
        same = FrozenReport.objects.filter(pk=report.pk, state=State.QUEUED, dispatched_at=report.dispatched_at)
        if same.update(dispatched_at=now):
            touched += 1
            _call_worker(report.pk)
    return touched


QUIET_SECONDS = 300
"""A hypothesis with millions of draws is minutes of computing without a word."""


def reports_with(participant: Participant) -> ReportQuerySet:
    """The frozen reports that rest on this student's data."""
    return FrozenReport.objects.without_document().filter(participants=participant)


@transaction.atomic
def mark_withdrawn(participant: Participant) -> int:
    """Flag every frozen report that rests on this student's data: "based on data since withdrawn". How many were new.

    Pages and files show a count, never who. Calling it again changes nothing.
    """
    reports = list(reports_with(participant).exclude(withdrawn__participant=participant).values_list("pk", flat=True))
    WithdrawnMark.objects.bulk_create(
        [WithdrawnMark(report_id=pk, participant=participant) for pk in reports], ignore_conflicts=True
    )
    if reports:
        audit.done(participant.study_id, None, "reports marked", about=participant, reports=reports)
    return len(reports)
