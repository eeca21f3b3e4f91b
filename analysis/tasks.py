"""What Celery calls. Ids in, nothing out: the rows say what is to be done, and a second message does nothing."""

from __future__ import annotations

from celery import shared_task


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def build_report(report_id: int) -> None:
    """Make one frozen report, if it is still waiting; before it, what the dry run that it belongs to can expect."""
    from analysis.dryrun.services import fill_expected
    from analysis.frozen.building import build

    fill_expected(report_id)
    build(report_id)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def reap_reports() -> None:
    """Recover reports whose worker is gone."""
    from analysis.frozen import services

    services.reap_reports()
