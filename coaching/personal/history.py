"""A student's earlier sets as the coach compares with them: the current result of each, with the instructors' words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coaching.models import Assessment, RepetitionReview, Session
from coaching.personal.strictness import strictness_for
from coaching.presentation import result_of
from coaching.reviews.selectors import counted
from coaching.vision.history import DISPUTED, JudgedSet, judged_set
from coaching.vision.personal import Lifter

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from decimal import Decimal

    from studies.models import Participant

MOST_SETS = 40
"""The newest so many: a term of lessons. Older ones no longer say how this student lifts."""


def lifter_of(session: Session) -> Lifter:
    """What the coach knows of the student when it looks at this set. Later sets are not known yet, also when the set is
    analysed again.
    """
    return lifter_for(session.participant, load_kg=session.load_kg, before=session.uploaded_at)


def lifter_for(
    participant: Participant, *, load_kg: Decimal | None = None, before: dt.datetime | None = None
) -> Lifter:
    """The same for a set that has no session yet."""
    earlier = judged_sets(participant, before=before)
    return Lifter(strictness_for(participant), earlier, None if load_kg is None else float(load_kg))


def judged_sets(participant: Participant, *, before: dt.datetime | None = None) -> list[JudgedSet]:
    """The student's judged sets, oldest first. A refused film is none. Two queries and one for the reviews."""
    judged = Assessment.objects.filter(run__session__participant=participant, refused_code="")
    rows = participant.sessions.filter(pk__in=judged.values("run__session")).with_latest_run()
    if before is not None:
        rows = rows.filter(uploaded_at__lt=before)
    newest = list(rows.order_by("-uploaded_at", "-pk")[:MOST_SETS])
    words = words_of(newest)
    return [found for row in reversed(newest) if (found := _judged(row, words.get(row.pk, {}))) is not None]


def _judged(session: Session, words: dict[int, Words]) -> JudgedSet | None:
    assessment = result_of(session.latest_run)
    if assessment is None or assessment.refused_code or not assessment.document["reps"]:
        return None
    said = words.get(assessment.pk, Words())
    return judged_set(
        assessment.document,
        key=str(session.pk),
        at=session.uploaded_at.isoformat(),
        load_kg=_kg(session),
        reviews=said.decisions,
        named=said.named,
    )


def _kg(session: Session) -> float | None:
    return None if session.load_kg is None else float(session.load_kg)


@dataclass(slots=True)
class Words:
    """What the reviewers of one result say, by repetition: the decision, `disputed` where they disagree, and faults."""

    decisions: dict[int, str] = field(default_factory=dict)
    named: dict[int, frozenset[str]] = field(default_factory=dict)

    def add(self, review: RepetitionReview) -> None:
        number = review.number
        same = self.decisions.get(number, review.decision) == review.decision
        self.decisions[number] = review.decision if same else DISPUTED
        self.named[number] = self.named.get(number, frozenset()) | frozenset(review.faults)


def words_of(sessions: Iterable[Session]) -> dict[object, dict[int, Words]]:
    """By session and assessment what its reviewers say. One query."""
    said: dict[object, dict[int, Words]] = {}
    rows = RepetitionReview.objects.filter(session__in=[session.pk for session in sessions]).order_by("pk")
    for review in counted(rows):
        said.setdefault(review.session_id, {}).setdefault(review.assessment_id, Words()).add(review)
    return said
