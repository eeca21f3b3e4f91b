"""Work that is done in the background and leaves a file: what was asked, how far it is, where the file lies."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.trial import Participant, Study, User

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, Self


class JobQuerySet(models.QuerySet["Job"]):
    def claim(self, pk: uuid.UUID, *, worker: str) -> Job | None:
        """Move one queued job to running; None if another worker got it first, or it was cancelled."""
        now = timezone.now()
        won = self.filter(pk=pk, state=Job.State.QUEUED, cancel_requested=False).update(
            state=Job.State.RUNNING,
            worker=worker,
            attempt=F("attempt") + 1,
            started_at=now,
            heartbeat_at=now,
            percent=0,
        )
        return self.get(pk=pk) if won else None

    def open(self) -> Self:
        """Waiting or being made."""
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])


class Job(models.Model):
    """A file in the making (`studies.jobs`). The row is the truth, Celery is the doorbell.

    queued -> running -> done | failed | cancelled;  running -> queued when its worker is dead;  done -> expired.
    `attempt` is the fence: a running worker's writes carry it, so that a zombie can't overwrite a newer attempt.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being made")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Deleted: its time is over")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, null=True, blank=True, on_delete=models.CASCADE, related_name="jobs")
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text=_("Whom it is about.")
    )
    requested_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    error_code = models.CharField(max_length=40, blank=True)
    file = models.CharField(max_length=200, blank=True, help_text=_("Storage name; empty when there is none any more."))
    file_name = models.CharField(max_length=120, blank=True, help_text=_("What the person's copy is called."))
    content_type = models.CharField(max_length=80, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    dispatched_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text=_("The file is deleted then."))

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(fields=["state", "heartbeat_at"], name="job_by_state"),
            models.Index(fields=["requested_by", "-created_at"], name="job_newest_first"),
        )

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.RUNNING}

    def beat(self, percent: int) -> bool:
        """Heartbeat, progress, fence and cancel in one UPDATE. False: stop at once and keep nothing."""
        mine = Job.objects.filter(pk=self.pk, attempt=self.attempt, state=self.State.RUNNING, cancel_requested=False)
        return mine.update(percent=min(max(percent, 0), 99), heartbeat_at=timezone.now()) == 1

    def close(self, *, state: str, **values: Any) -> bool:
        """End this attempt. False when a newer attempt owns the row, or it was asked to stop: nothing was written."""
        mine = Job.objects.filter(
            pk=self.pk,
            attempt=self.attempt,
            state=self.State.RUNNING,
            cancel_requested=state == self.State.CANCELLED,
        )
        return mine.update(state=state, finished_at=timezone.now(), **values) == 1

    def is_stale(self, silent_since: datetime) -> bool:
        return self.state == self.State.RUNNING and self.heartbeat_at is not None and self.heartbeat_at < silent_since
