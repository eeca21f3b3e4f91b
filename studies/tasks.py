"""What Celery calls for the studies. The rows say what is to be done; a second call does nothing."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def weekly_questions() -> None:
    """Open the weeks that are due, and remind those who have not answered."""
    from studies.health.services import open_weeks, send_reminders

    open_weeks(timezone.localdate())
    send_reminders(timezone.localdate())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def safety_alerts() -> None:
    """Mail the alerts that nobody was mailed about yet."""
    from studies.safety.services import send_alerts

    send_alerts()
