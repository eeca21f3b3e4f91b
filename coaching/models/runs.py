"""The runs that analyse a film. Their rows are the truth about what is done, by whom, and what is left to do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Self

LATELY = timedelta(hours=1)


def clock() -> Now | datetime:
    """Now, by the database's clock where hosts share a database. SQLite has one host, and keeps only milliseconds."""
    return Now() if connection.vendor == "postgresql" else timezone.now()


class RunQuerySet(models.QuerySet["AnalysisRun"]):
    def claim(self, pk: int, *, worker: str) -> AnalysisRun | None:
        """Move one queued run to running; None if another worker got it first, or it was cancelled."""
        won = self.filter(pk=pk, state=AnalysisRun.State.QUEUED, cancel_requested=False).update(
            state=AnalysisRun.State.RUNNING,
            worker=worker,
            attempt=F("attempt") + 1,
            started_at=clock(),
            heartbeat_at=clock(),
            stage="",
            percent=0,
        )
        return self.get(pk=pk) if won else None

    def open(self) -> Self:
        """Waiting or in analysis."""
        return self.filter(state__in=[AnalysisRun.State.QUEUED, AnalysisRun.State.RUNNING])

    def stale(self, silence: timedelta) -> Self:
        """In analysis, by a worker that seems to have been silent for so long.

        By the database's clock, which all hosts share. A sign of life from the future is of before that clock was put
        back: it says nothing, and the living give another one within a second.
        """
        return self.filter(
            Q(heartbeat_at__lt=clock() - silence) | Q(heartbeat_at__gt=clock() + silence),
            state=AnalysisRun.State.RUNNING,
        )

    def waiting(self, longer_than: timedelta) -> Self:
        """Queued, and nobody was called for it for so long, by the database's clock."""
        return self.filter(
            Q(dispatched_at__lt=clock() - longer_than) | Q(dispatched_at__gt=clock() + longer_than),
            state=AnalysisRun.State.QUEUED,
            cancel_requested=False,
        ).order_by("dispatched_at")

    def fairest(self, pause: timedelta) -> int | None:
        """The queued run that should come next: of the student with the fewest analyses in the last hour, for one with
        twenty films would else keep a class waiting; of equals, the one that waits longest. One that was handed back
        has a `pause` first. None: nothing waits.
        """
        lately = AnalysisRun.objects.filter(
            session__participant=OuterRef("session__participant"), started_at__gt=clock() - LATELY
        )
        had = lately.order_by().values("session__participant").annotate(count=Count("pk")).values("count")
        waiting = self.filter(state=AnalysisRun.State.QUEUED, cancel_requested=False)
        ready = waiting.exclude(handed_back__gt=0, dispatched_at__gt=clock() - pause)
        ready = ready.annotate(had=Coalesce(Subquery(had), 0)).order_by("had", "created_at", "pk")
        return ready.values_list("pk", flat=True).first()


class AnalysisRun(models.Model):
    """One analysis of one session. The row is the truth, Celery is the doorbell.

    queued -> running -> done | failed | cancelled;  running -> queued when the reaper finds its worker dead, or the
    worker hands it back. `attempt` is the fence: every write of a running worker carries it, so that a zombie can't
    overwrite a newer attempt. `handed_back` of them were ended by no fault of the film and don't count against it.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("In analysis")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    session = models.ForeignKey("coaching.Session", on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    handed_back = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text=_("Attempts given up by no fault of the film.")
    )
    worker = models.CharField(max_length=100, blank=True)
    stage = models.CharField(max_length=20, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    failure_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    dispatched_at = models.DateTimeField(
        default=timezone.now, help_text=_("When the worker was last called for this run.")
    )
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    pipeline_version = models.CharField(max_length=40, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (models.Index(fields=["state", "heartbeat_at"], name="run_by_state"),)
        constraints = (
            models.UniqueConstraint(
                fields=["session"], condition=Q(state__in=["queued", "running"]), name="one_open_run_per_session"
            ),
        )

    def __str__(self) -> str:
        return f"run {self.pk} ({self.state})"

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.RUNNING}

    def beat(self, *, stage: str, percent: int) -> bool:
        """Heartbeat, progress, fence and cancel in one UPDATE. False: stop at once and store nothing."""
        mine = AnalysisRun.objects.filter(
            pk=self.pk, attempt=self.attempt, state=self.State.RUNNING, cancel_requested=False
        )
        return mine.update(stage=stage, percent=percent, heartbeat_at=clock()) == 1

    def hand_back(self) -> bool:
        """End this attempt without a verdict on the film: another one may take it. False when the run is not ours, or
        was asked to stop; then nothing was written.
        """
        mine = AnalysisRun.objects.filter(
            pk=self.pk, attempt=self.attempt, state=self.State.RUNNING, cancel_requested=False
        )
        back = {"state": self.State.QUEUED, "stage": "", "percent": 0, "dispatched_at": clock()}
        return mine.update(**back, handed_back=F("handed_back") + 1) == 1

    def close(self, *, state: str, failure_code: str = "", pipeline_version: str = "") -> bool:
        """End this attempt. False when a newer attempt owns the row; then nothing was written.

        A run that was asked to stop can only be closed as cancelled: False for any other state.
        """
        mine = AnalysisRun.objects.filter(
            pk=self.pk,
            attempt=self.attempt,
            state=self.State.RUNNING,
            cancel_requested=state == self.State.CANCELLED,
        )
        values: dict[str, Any] = {"state": state, "failure_code": failure_code, "finished_at": timezone.now()}
        if state == self.State.DONE:
            values |= {"percent": 100, "pipeline_version": pipeline_version}
        closed = mine.update(**values)
        return closed == 1
