"""What Celery calls. Ids in, nothing out: the rows say what is to be done, and a second message does nothing."""

from __future__ import annotations

from celery import shared_task


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def process_run(run_id: int) -> None:
    """Analyse the run that should come next, if one is waiting."""
    from coaching.pipeline import run_next

    run_next(run_id)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def reap() -> None:
    """Recover runs whose worker is gone."""
    from coaching import services
    from coaching.heartbeat import interval_s

    services.reap(look_again_s=3 * interval_s())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Delete files that belong to nothing, strip films that no run has come to, finish live sets that were left."""
    from coaching import services
    from coaching.live.services import finish_left_sets
    from coaching.pipeline import strip_left_films

    services.sweep()
    strip_left_films()
    finish_left_sets()
