"""Stored results of one student over several lessons."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from coaching.models import Session
from tests.coaching.films import make_result, make_session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.models import Assessment
    from studies.models import Participant

START = timezone.make_aware(dt.datetime(2026, 3, 2, 10))  # noqa: DTZ001


def fault(value: float, at_s: float) -> dict[str, Any]:
    """Hips first: present from 7.5 degrees on."""
    p = 0.95 if value > 7.5 else 0.05
    about = {"sigma": 3.0, "unit": "deg", "at_s": at_s, "reason": ""}
    return {"name": "hips_first", "p": p, "observable": True, "value": value, **about}


def rep(index: int, value: float, p_correct: float) -> dict[str, Any]:
    start = 4.0 * index
    return {
        "index": index,
        "start_s": start,
        "lockout_s": start + 1.5,
        "end_s": start + 3.0,
        "verdict": "correct" if p_correct >= 0.5 else "incorrect",
        "p_correct": p_correct,
        "unjudged_reason": "",
        "confidence": 0.9,
        "concentric_s": 1.0,
        "top_s": 0.5,
        "eccentric_s": 1.5,
        "faults": [fault(value, start + 0.5)],
    }


def lesson(
    participant: Participant, day: int, values: Sequence[float], *, p_correct: float = 0.9, **changes: Any
) -> Assessment:
    """A set of that day, one repetition for each value of hips first, seen from the side."""
    load_kg = changes.pop("load_kg", None)
    session = make_session(participant, load_kg=load_kg)
    Session.objects.filter(pk=session.pk).update(uploaded_at=START + dt.timedelta(days=day))
    reps = [rep(i, value, p_correct) for i, value in enumerate(values, start=1)]
    return make_result(session, **{"view": "side", "reps": reps, "feedback": [], **changes})
