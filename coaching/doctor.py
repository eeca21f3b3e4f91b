"""What `manage.py doctor` asks of the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from coaching.models import AnalysisRun

if TYPE_CHECKING:
    from config.operations.doctor import Answer

QUEUE_LONG_S = 1800.0


def queue() -> Answer:
    waiting = AnalysisRun.objects.filter(state=AnalysisRun.State.QUEUED).order_by("created_at")
    first = waiting.first()
    if first is None:
        return "well", "empty", ""
    waited_s = (timezone.now() - first.created_at).total_seconds()
    says = f"{waiting.count()} waiting, the first for {waited_s / 60:.0f} min"
    if waited_s > QUEUE_LONG_S:
        return "look", says, "Add a worker, or look whether one hangs: /admin/coaching/analysisrun/"
    return "well", says, ""
