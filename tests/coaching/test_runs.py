"""The row is the truth: claims, heartbeats, fences, cancelling and the reaper, without a worker process."""

from __future__ import annotations

import datetime as dt
import errno
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from coaching.models import AnalysisRun, Assessment
from coaching.pipeline import _store, run_analysis, run_next
from coaching.services import Reaped, cancel_run, hand_back, reap, start_run
from config.celery import app as celery
from tests.coaching.films import document, make_session
from tests.factory import make_participant, make_study

if TYPE_CHECKING:
    from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

    from coaching.models import Session

pytestmark = pytest.mark.django_db

State = AnalysisRun.State


@pytest.fixture(autouse=True)
def _an_empty_broker() -> None:
    celery.control.purge()


@pytest.fixture
def session() -> Session:
    return make_session(make_participant(make_study()))


def claimed(session: Session) -> AnalysisRun:
    run = AnalysisRun.objects.claim(start_run(session).pk, worker="w")
    assert run is not None
    return run


def silence(run: AnalysisRun, seconds: float) -> None:
    AnalysisRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - dt.timedelta(seconds=seconds))


def test_a_run_is_claimed_once(session: Session) -> None:
    run = start_run(session)
    first = AnalysisRun.objects.claim(run.pk, worker="a")
    assert first is not None
    assert (first.state, first.attempt, first.worker) == (State.RUNNING, 1, "a")
    assert AnalysisRun.objects.claim(run.pk, worker="b") is None
    run.refresh_from_db()
    assert run.worker == "a"


def test_a_session_has_one_open_run_however_often_it_is_started(session: Session) -> None:
    assert start_run(session) == start_run(session)
    assert AnalysisRun.objects.count() == 1


def test_a_finished_session_can_run_again_as_a_new_row(session: Session) -> None:
    first = claimed(session)
    assert first.close(state=State.FAILED, failure_code="internal")
    assert start_run(session) != first


def test_a_refused_film_has_nothing_to_run(session: Session) -> None:
    session.video = ""
    with pytest.raises(ValueError, match="no film"):
        start_run(session)


def test_the_message_goes_out_only_after_the_commit(
    session: Session, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        start_run(session)
    assert len(callbacks) == 1


def test_a_beat_after_a_takeover_is_refused_and_changes_nothing(session: Session) -> None:
    zombie = claimed(session)
    assert zombie.beat(stage="pose", percent=10)
    silence(zombie, 1000)
    assert reap() == Reaped(requeued=1)
    assert not zombie.beat(stage="pose", percent=20)  # queued: nobody's
    heir = AnalysisRun.objects.claim(zombie.pk, worker="b")
    assert heir is not None
    assert heir.attempt == 2
    assert not zombie.beat(stage="pose", percent=30)
    assert heir.beat(stage="pose", percent=5)


def test_a_zombie_cannot_store_and_its_heir_can(session: Session) -> None:
    zombie = claimed(session)
    silence(zombie, 1000)
    reap()
    heir = AnalysisRun.objects.claim(zombie.pk, worker="b")
    assert heir is not None
    assert not _store(zombie, document(), {})
    assert Assessment.objects.count() == 0
    assert _store(heir, document(), {})
    assert not _store(zombie, document(), {})
    assert not _store(heir, document(), {})
    assert Assessment.objects.get().repetitions.count() == 2
    heir.refresh_from_db()
    assert (heir.state, heir.attempt, heir.percent) == (State.DONE, 2, 100)


def test_a_zombie_cannot_fail_its_heirs_run(session: Session) -> None:
    zombie = claimed(session)
    silence(zombie, 1000)
    reap()
    AnalysisRun.objects.claim(zombie.pk, worker="b")
    assert not zombie.close(state=State.FAILED, failure_code="internal")
    zombie.refresh_from_db()
    assert (zombie.state, zombie.failure_code) == (State.RUNNING, "")


def test_the_repetition_rows_hold_what_the_document_says(session: Session) -> None:
    assert _store(claimed(session), document(), {"overlay": "overlay/x.webm"})
    assessment = Assessment.objects.get()
    second = assessment.repetitions.get(number=2)
    assert (second.verdict, second.p_correct, second.start_s, second.eccentric_s) == ("incorrect", 0.12, 5.0, 1.5)
    assert second.faults[0]["name"] == "wide_stance"
    assert (assessment.rep_count, assessment.overlay, assessment.model_sha256) == (2, "overlay/x.webm", "ab" * 32)


def test_a_worker_that_speaks_keeps_its_run(session: Session, settings: Settings) -> None:
    run = claimed(session)
    silence(run, settings.RUN_STALE_SECONDS - 5)
    assert reap() == Reaped()


def test_the_last_attempt_fails_as_worker_lost(session: Session, settings: Settings) -> None:
    run = start_run(session)
    for attempt in range(1, settings.RUN_MAX_ATTEMPTS + 1):
        assert AnalysisRun.objects.claim(run.pk, worker="w") is not None
        silence(run, 1000)
        assert reap() == (Reaped(requeued=1) if attempt < settings.RUN_MAX_ATTEMPTS else Reaped(lost=1))
    run.refresh_from_db()
    assert (run.state, run.failure_code, run.attempt) == (State.FAILED, "worker_lost", settings.RUN_MAX_ATTEMPTS)
    assert run.finished_at is not None


def test_a_student_with_many_films_does_not_keep_the_others_waiting(session: Session) -> None:
    eager, other = session.participant, make_participant(make_study())
    first, second = start_run(session), start_run(make_session(eager))
    late = start_run(make_session(other))
    order = []
    while (pk := AnalysisRun.objects.fairest(dt.timedelta(0))) is not None:
        assert AnalysisRun.objects.claim(pk, worker="w") is not None
        order.append(pk)
    assert order == [first.pk, late.pk, second.pk]


def test_a_run_handed_back_has_a_pause_before_it_is_the_next(session: Session) -> None:
    run = claimed(session)
    assert run.hand_back()
    assert AnalysisRun.objects.fairest(dt.timedelta(seconds=60)) is None
    assert AnalysisRun.objects.fairest(dt.timedelta(seconds=-1)) == run.pk
    other = start_run(make_session(make_participant(make_study())))
    assert AnalysisRun.objects.fairest(dt.timedelta(seconds=-1)) == other.pk


def test_a_message_is_for_whatever_waits(session: Session) -> None:
    """The film of neither run is there: each ends, and the second message finds nothing."""
    Path(settings.MEDIA_ROOT, "video").mkdir(parents=True)
    done, waiting = start_run(session), start_run(make_session(make_participant(make_study())))
    for _ in range(3):
        run_next(done.pk)
    for run in (done, waiting):
        run.refresh_from_db()
        assert (run.state, run.failure_code, run.attempt) == (State.FAILED, "film_missing", 1)


def test_an_attempt_handed_back_waits_for_another_worker_and_does_not_count(
    session: Session, settings: Settings
) -> None:
    run = claimed(session)
    for attempt in range(2, settings.RUN_MAX_ATTEMPTS + 3):
        assert run.hand_back()
        assert not run.hand_back()
        assert not run.beat(stage="pose", percent=20)
        heir = AnalysisRun.objects.claim(run.pk, worker="b")
        assert heir is not None
        assert (heir.attempt, heir.handed_back) == (attempt, attempt - 1)
        run = heir
    silence(run, 1000)
    assert reap() == Reaped(requeued=1)


def test_a_run_that_was_asked_to_stop_is_not_handed_back(session: Session) -> None:
    run = claimed(session)
    cancel_run(run)
    hand_back(run)
    run.refresh_from_db()
    assert run.state == State.CANCELLED


def test_whoever_gives_a_sign_of_life_while_the_reaper_looks_again_keeps_its_run(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All workers look silent to a clock that was put forward."""
    living, dead = claimed(session), claimed(make_session(make_participant(make_study())))
    for run in (living, dead):
        silence(run, 3600)
    monkeypatch.setattr("coaching.services.time.sleep", lambda _seconds: living.beat(stage="pose", percent=10))
    assert reap(look_again_s=3.0) == Reaped(requeued=1)
    living.refresh_from_db()
    assert (living.state, living.attempt) == (State.RUNNING, 1)


def test_a_sign_of_life_from_before_the_clock_was_put_back_is_none(session: Session) -> None:
    run = claimed(session)
    silence(run, -3600)
    assert reap() == Reaped(requeued=1)
    hour_ahead = timezone.now() + dt.timedelta(hours=1)
    AnalysisRun.objects.filter(pk=run.pk).update(dispatched_at=hour_ahead)
    assert reap() == Reaped(called_again=1)


def test_a_run_waits_a_day_for_a_full_disk_and_then_fails_with_its_code(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_run: AnalysisRun) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr("coaching.pipeline._analyse", no_room)
    run = start_run(session)
    run_analysis(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempt, run.handed_back) == (State.QUEUED, 1, 1)
    AnalysisRun.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))
    run_analysis(run.pk)
    run.refresh_from_db()
    assert (run.state, run.failure_code) == (State.FAILED, "storage_full")


def test_a_waiting_run_is_called_again_once_per_period(
    session: Session, settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    run = start_run(session)
    assert reap() == Reaped()
    long_ago = timezone.now() - dt.timedelta(seconds=settings.RUN_STALE_SECONDS + 1)
    AnalysisRun.objects.filter(pk=run.pk).update(dispatched_at=long_ago)
    with django_capture_on_commit_callbacks() as callbacks:
        assert reap() == Reaped(called_again=1)
        assert reap() == Reaped()
    assert len(callbacks) == 1


@pytest.mark.django_db(transaction=True)
def test_a_run_behind_others_whose_messages_wait_is_not_called_again(session: Session) -> None:
    run = start_run(session)
    long_ago = timezone.now() - dt.timedelta(hours=1)
    AnalysisRun.objects.update(dispatched_at=long_ago)
    assert reap() == Reaped()
    celery.control.purge()
    assert reap() == Reaped(called_again=1)
    AnalysisRun.objects.update(dispatched_at=long_ago)
    assert reap() == Reaped()
    run_analysis(run.pk)


def test_cancelling_a_waiting_run_closes_it_at_once_and_nobody_claims_it(session: Session) -> None:
    run = start_run(session)
    cancel_run(run)
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert run.finished_at is not None
    run_analysis(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempt) == (State.CANCELLED, 0)


def test_cancelling_a_running_run_stops_it_at_its_next_beat(session: Session) -> None:
    run = claimed(session)
    cancel_run(run)
    run.refresh_from_db()
    assert run.state == State.RUNNING
    assert not run.beat(stage="pose", percent=50)
    assert not _store(run, document(), {})
    assert run.close(state=State.CANCELLED)


def test_a_cancelled_run_whose_worker_died_ends_as_cancelled(session: Session) -> None:
    run = claimed(session)
    cancel_run(run)
    silence(run, 1000)
    assert reap() == Reaped(cancelled=1)
    run.refresh_from_db()
    assert run.state == State.CANCELLED


def test_cancelling_a_finished_run_changes_nothing(session: Session) -> None:
    run = claimed(session)
    assert _store(run, document(), {})
    cancel_run(run)
    run.refresh_from_db()
    assert (run.state, run.cancel_requested) == (State.DONE, False)


def test_a_film_that_is_gone_fails_the_run_with_a_code(session: Session, settings: Settings) -> None:
    Path(settings.MEDIA_ROOT, "video").mkdir(parents=True)
    run = start_run(session)
    run_analysis(run.pk)
    run.refresh_from_db()
    assert (run.state, run.failure_code) == (State.FAILED, "film_missing")


def test_a_film_that_is_gone_with_its_folder_waits_for_the_disk_to_be_mounted(session: Session) -> None:
    run = start_run(session)
    run_analysis(run.pk)
    run.refresh_from_db()
    assert (run.state, run.handed_back) == (State.QUEUED, 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_claimers_one_wins() -> None:
    run = start_run(make_session(make_participant(make_study())))
    won: list[AnalysisRun | None] = []

    def claim() -> None:
        won.append(AnalysisRun.objects.claim(run.pk, worker=threading.current_thread().name))
        connection.close()

    if connection.vendor == "sqlite":
        pytest.skip("threads share no in-memory database; tests/faults uses files")
    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(run is not None for run in won) == 1
