"""What Celery calls. Ids in, nothing out: the rows say what is to be done, and a second message does nothing."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def run_job(pk: str) -> None:
    """Make one file, if it still waits."""
    from studies.jobs import services

    services.run(pk)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def reap_jobs() -> None:
    """Recover jobs whose worker is gone."""
    from studies.jobs import services

    services.reap()


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def keep_promises() -> None:
    """Warn of, and delete, what is over its time."""
    from studies.privacy import retention

    retention.keep_promises()


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def expire_jobs() -> None:
    """Delete files whose time is over."""
    from studies.jobs import services

    services.expire()


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
