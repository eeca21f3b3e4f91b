"""The clock that rings for upkeep, when the wall clock does not go on as it should."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from config import beat
from config.celery import app


@pytest.mark.parametrize(("jump_s", "begins_anew"), [(-3600.0, True), (0.0, False), (3600.0, False)])
def test_only_a_clock_that_was_put_back_makes_everything_begin_from_now(
    monkeypatch: pytest.MonkeyPatch, jump_s: float, begins_anew: bool
) -> None:
    scheduler = beat.Scheduler(app=app, lazy=True)
    scheduler.setup_schedule()
    long_ago = app.now() - dt.timedelta(hours=2)
    for entry in scheduler.schedule.values():
        entry.last_run_at = long_ago
    now = time.time()
    monkeypatch.setattr("config.beat.time.time", lambda: now + jump_s)
    scheduler._follow_the_clock()
    assert {entry.last_run_at > long_ago for entry in scheduler.schedule.values()} == {begins_anew}
