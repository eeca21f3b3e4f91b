"""What Celery calls. Ids in, nothing out: the rows say what is to be done, and a second message does nothing."""

from __future__ import annotations

from celery import shared_task


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def build_report(report_id: int) -> None:
    """Make one frozen report, if it is still waiting."""
    from analysis.frozen.building import build

    build(report_id)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def reap_reports() -> None:
    """Recover reports whose worker is gone."""
    from analysis.frozen import services

    services.reap_reports()
