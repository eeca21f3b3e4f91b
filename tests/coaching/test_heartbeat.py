from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from coaching.heartbeat import Heartbeat, WorkerLeaves
from coaching.vision.errors import RunStopped

if TYPE_CHECKING:
    from coaching.models import AnalysisRun


class Row:
    """The part of a run that a heartbeat uses, without a database: says yes until told otherwise."""

    pk = 1

    def __init__(self) -> None:
        self.mine = True
        self.beats: list[tuple[str, int]] = []

    def beat(self, *, stage: str, percent: int) -> bool:
        self.beats.append((stage, percent))
        return self.mine


@pytest.fixture
def row() -> Row:
    return Row()


def heart(row: Row, *, max_silence_s: float = 60.0) -> Heartbeat:
    run: AnalysisRun = row  # type: ignore[assignment]
    return Heartbeat(run, interval_s=0.02, max_silence_s=max_silence_s)


def wait_until_stopped(beating: Heartbeat) -> None:
    def report_for_seconds() -> None:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            beating.report("pose", 1)
            time.sleep(0.01)

    with pytest.raises(RunStopped):
        report_for_seconds()


def test_it_beats_while_the_analysis_is_silent(row: Row) -> None:
    with heart(row):
        time.sleep(0.3)
    assert len(row.beats) >= 3


def test_it_tells_where_the_analysis_is_and_never_goes_back(row: Row) -> None:
    with heart(row) as beating:
        beating.report("pose", 40)
        beating.report("features", 30)
        beating.report("overlay", 900)
        beating.report("overlay", 50)
        time.sleep(0.1)
    assert row.beats[-1] == ("overlay", 100)


def test_the_analysis_hears_at_its_next_report_that_the_run_is_not_its_own_any_more(row: Row) -> None:
    with heart(row) as beating:
        beating.report("pose", 1)
        row.mine = False
        wait_until_stopped(beating)


def test_it_does_not_vouch_for_an_analysis_that_hangs(row: Row) -> None:
    with heart(row, max_silence_s=0.1) as beating:
        time.sleep(0.5)
        said = len(row.beats)
        time.sleep(0.2)
        assert len(row.beats) == said
        wait_until_stopped(beating)


def test_an_analysis_hears_when_its_worker_has_to_leave(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    with heart(row) as beating:
        beating.report("pose", 1)
        monkeypatch.setattr("coaching.heartbeat.leaving_for_s", lambda: settings.WORKER_GRACE_SECONDS - 1.0)
        beating.report("pose", 2)
        monkeypatch.setattr("coaching.heartbeat.leaving_for_s", lambda: settings.WORKER_GRACE_SECONDS + 1.0)
        with pytest.raises(WorkerLeaves):
            beating.report("pose", 3)


def test_nothing_beats_after_the_end(row: Row) -> None:
    with heart(row):
        pass
    said = len(row.beats)
    time.sleep(0.1)
    assert len(row.beats) == said
