"""A student's own training for home: how the last sets went, and what to do next. Gated like every result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from coaching.access import own_progress
from coaching.models import AnalysisRun, Assessment

if TYPE_CHECKING:
    from studies.models import Participant, User

SETS = 12
WIDTH, HEIGHT, EDGE = 240.0, 48.0, 5.0


@dataclass(frozen=True, slots=True)
class OwnTraining:
    """Per cent of correct repetitions of the newest sets, oldest first; `points` draw them. `cue` may be empty."""

    participant: Participant
    per_cent: tuple[int, ...]
    points: str
    view_box: str
    cue: str
    session: str


def own_training(user: User) -> list[OwnTraining]:
    """The user's own participations that see the coach's feedback and have a judged set. Two queries for each."""
    found = (_of(participant) for participant in own_progress(user))
    return [row for row in found if row is not None]


def _of(participant: Participant) -> OwnTraining | None:
    done = Assessment.objects.filter(
        run__session__participant=participant, run__state=AnalysisRun.State.DONE, refused_code=""
    )
    judged = done.order_by("-run__session__uploaded_at", "-run__pk").annotate(
        correct=Count("repetitions", filter=Q(repetitions__verdict="correct")),
        known=Count("repetitions", filter=~Q(repetitions__verdict="")),
    )
    newest: dict[object, tuple[int, int]] = {}
    for session, correct, known in judged.values_list("run__session", "correct", "known")[: 2 * SETS]:
        newest.setdefault(session, (correct, known))
    sets = [(correct, known) for correct, known in newest.values() if known][:SETS]
    last = done.order_by("-run__session__uploaded_at", "-run__pk").select_related("run").first()
    if last is None or not sets:
        return None
    per_cent = tuple(round(100 * correct / known) for correct, known in reversed(sets))
    feedback = last.document.get("feedback") or [{}]
    return OwnTraining(
        participant=participant,
        per_cent=per_cent,
        points=_points(per_cent),
        view_box=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        cue=str(feedback[0].get("text", "")),
        session=str(last.run.session_id),
    )


def _points(per_cent: tuple[int, ...]) -> str:
    step = (WIDTH - 2 * EDGE) / max(1, len(per_cent) - 1)
    high = HEIGHT - 2 * EDGE
    return " ".join(f"{EDGE + i * step:.1f},{EDGE + high * (1 - value / 100):.1f}" for i, value in enumerate(per_cent))
