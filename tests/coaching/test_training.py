"""An analysed film counts as training of its student: once, whatever is analysed again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from coaching.models import AnalysisRun, Session
from coaching.pipeline import _store
from studies.models import TrainingSession
from tests.factory import make_participant, make_study

pytestmark = pytest.mark.django_db

REP: dict[str, Any] = {
    "index": 1,
    "start_s": 1.0,
    "lockout_s": 2.0,
    "end_s": 3.0,
    "verdict": "correct",
    "p_correct": 0.9,
    "concentric_s": 1.0,
    "floor_s": None,
    "top_s": 0.5,
    "eccentric_s": 1.0,
    "faults": [],
}


def document(repetitions: int) -> dict[str, Any]:
    return {
        "view": "side",
        "refused": None if repetitions else {"code": "no_person", "advice": "Film from the side."},
        "reps": [REP] * repetitions,
        "feedback": [],
        "model": {"pipeline_version": "1", "sha256": ""},
    }


def analysed(session: Session, repetitions: int) -> None:
    run = AnalysisRun.objects.create(session=session, state=AnalysisRun.State.RUNNING, attempt=1)
    assert _store(run, document(repetitions), {})


def test_a_result_adds_its_repetitions_and_its_load_to_the_day() -> None:
    session = Session.objects.create(participant=make_participant(make_study()), load_kg=Decimal("82.5"))
    analysed(session, 5)
    row = TrainingSession.objects.get()
    assert (row.participant, row.source, row.held_on) == (session.participant, "upload", timezone.localdate())
    assert (row.sets, row.repetitions, row.load_kg, row.minutes) == (1, 5, Decimal("82.5"), 0)


def test_a_second_analysis_of_the_film_corrects_the_count() -> None:
    session = Session.objects.create(participant=make_participant(make_study()))
    analysed(session, 5)
    analysed(session, 6)
    assert TrainingSession.objects.values_list("sets", "repetitions").get() == (1, 6)


def test_a_refused_film_counts_nothing() -> None:
    analysed(Session.objects.create(participant=make_participant(make_study())), 0)
    assert TrainingSession.objects.count() == 0


def test_a_run_that_is_not_ours_any_more_counts_nothing() -> None:
    session = Session.objects.create(participant=make_participant(make_study()))
    run = AnalysisRun.objects.create(session=session, state=AnalysisRun.State.CANCELLED, attempt=1)
    assert not _store(run, document(5), {})
    assert TrainingSession.objects.count() == 0
