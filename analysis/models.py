"""Plans, frozen reports, and what rests on data that were withdrawn since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models import Participant, Study, User

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, Self


class AnalysisPlan(models.Model):
    """One version of a study's plan. Never changed, only followed by the next version.

    `document` is that of `analysis.plans.document`, `sha256` its hash. `stage` and `values_then` say how much was known
    when it was saved: they make it pre-registered or not.
    """

    class Stage(models.TextChoices):
        BEFORE_ALLOCATION = "before_allocation", _("before the first student had a group")
        BEFORE_OUTCOMES = "before_outcomes", _("before the first value of a planned outcome")
        DURING = "during", _("while values were coming in")
        AFTER = "after", _("after the study had ended, or was unblinded")

    REGISTERED = (Stage.BEFORE_ALLOCATION, Stage.BEFORE_OUTCOMES)

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="analysis_plans")
    version = models.PositiveIntegerField()
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=300, blank=True, help_text=_("Why it differs from the version before."))
    stage = models.CharField(max_length=20, choices=Stage.choices)
    values_then = models.PositiveIntegerField(default=0, help_text=_("Values of planned outcomes that were there."))
    saved_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("study", "-version")
        constraints = (models.UniqueConstraint(fields=["study", "version"], name="plan_version_once_per_study"),)

    def __str__(self) -> str:
        return f"{self.study}: plan {self.version}"

    @property
    def is_registered(self) -> bool:
        """Whether nobody could have known the outcomes when it was saved."""
        return self.stage in self.REGISTERED


class ReportQuerySet(models.QuerySet["FrozenReport"]):
    def claim(self, pk: int, *, worker: str) -> FrozenReport | None:
        """Move one waiting report to running; None if another worker got it first."""
        now = timezone.now()
        won = self.filter(pk=pk, state=FrozenReport.State.QUEUED).update(
            state=FrozenReport.State.RUNNING,
            worker=worker,
            attempt=F("attempt") + 1,
            started_at=now,
            heartbeat_at=now,
            percent=0,
        )
        return self.get(pk=pk) if won else None

    def stale(self, silent_since: datetime) -> Self:
        """In the making, by a worker that has not been heard of since."""
        return self.filter(state=FrozenReport.State.RUNNING, heartbeat_at__lt=silent_since)

    def without_document(self) -> Self:
        """For lists: the snapshot of a large class is megabytes."""
        return self.defer("document", "blinded_document")


class FrozenReport(models.Model):
    """A report as it was computed once. The row is the truth, Celery is the doorbell (see `coaching.AnalysisRun`).

    queued -> running -> done | failed. `document` (`analysis.frozen.snapshot`), `blinded_document`
    (`analysis.frozen.blinded`), hashes and participants come with the state `done` in one transaction, and from then on
    the database refuses every change of the row. A blinded reader gets the second document and its hashes alone: of the
    first, a hash would tell which names fit the letters.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("In the making")
        DONE = "done", _("Frozen")
        FAILED = "failed", _("Failed")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="frozen_reports")
    plan = models.ForeignKey(AnalysisPlan, on_delete=models.RESTRICT, related_name="reports")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    failure_code = models.CharField(max_length=40, blank=True)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    dispatched_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    document = models.TextField(blank=True, help_text=_("The snapshot as canonical JSON; `sha256` is its hash."))
    sha256 = models.CharField(max_length=64, blank=True)
    data_sha256 = models.CharField(max_length=64, blank=True)
    blinded_document = models.TextField(
        blank=True,
        help_text=_("The snapshot under the letters of the groups, for who is blinded; empty if nobody was any more."),
    )
    blinded_sha256 = models.CharField(max_length=64, blank=True)
    blinded_data_sha256 = models.CharField(max_length=64, blank=True)
    code_sha256 = models.CharField(max_length=64, blank=True)
    participants = models.ManyToManyField(Participant, related_name="frozen_reports", blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (models.Index(fields=["state", "heartbeat_at"], name="report_by_state"),)
        constraints = (
            models.CheckConstraint(
                condition=~Q(state="done") | Q(finished_at__isnull=False) & ~Q(document="") & ~Q(sha256=""),
                name="a_frozen_report_is_whole",
            ),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(state__in=["queued", "running"]), name="one_open_report_per_plan"
            ),
        )

    def __str__(self) -> str:
        return f"report {self.pk} ({self.state})"

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.RUNNING}

    def mine(self) -> models.QuerySet[FrozenReport]:
        """The row, if this attempt still owns it: every write of a worker goes through here."""
        return FrozenReport.objects.filter(pk=self.pk, attempt=self.attempt, state=self.State.RUNNING)

    def beat(self, percent: int) -> bool:
        """Heartbeat and progress. False: another attempt owns the row; stop and store nothing."""
        return self.mine().update(percent=percent, heartbeat_at=timezone.now()) == 1

    def fail(self, code: str) -> bool:
        return self.mine().update(state=self.State.FAILED, failure_code=code, finished_at=timezone.now()) == 1

    def freeze(self, **values: Any) -> bool:
        """End this attempt with its document. False when a newer attempt owns the row; then nothing was written."""
        now = timezone.now()
        return self.mine().update(state=self.State.DONE, percent=100, finished_at=now, heartbeat_at=now, **values) == 1


class WithdrawnMark(models.Model):
    """A report rests on data of somebody who withdrew since. The row outlives the student's; pages show a count."""

    report = models.ForeignKey(FrozenReport, on_delete=models.CASCADE, related_name="withdrawn")
    participant = models.ForeignKey(Participant, null=True, on_delete=models.SET_NULL, related_name="+")
    marked_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["report", "participant"], name="withdrawn_once_per_report"),)

    def __str__(self) -> str:
        return f"withdrawn since: {self.report}"


class DryRun(models.Model):
    """A simulated semester of a study: what was assumed, the invented study, its report, and the expected power."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="dry_runs")
    copy = models.OneToOneField(Study, null=True, blank=True, on_delete=models.SET_NULL, related_name="dry_run_of")
    report = models.OneToOneField(
        FrozenReport, null=True, blank=True, on_delete=models.SET_NULL, related_name="dry_run"
    )
    assumptions = models.JSONField()
    expected = models.JSONField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"dry run of {self.study}"
