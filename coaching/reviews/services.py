"""Keeping what an instructor says of a repetition. Callers have authorised the person through `coaching.access`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from coaching.codes import REVIEW
from coaching.models import Assessment, RepetitionReview, Session
from coaching.reviews.selectors import current_assessment
from coaching.vision.vocabulary import FAULT_NAMES

if TYPE_CHECKING:
    from coaching.codes import Advice
    from studies.models import User

SAME_REPETITION_S = 0.6
"""Two lockouts nearer than this are one repetition's: nobody lifts twice in that time."""
AFTER_THE_END_S = 0.05
"""A player's clock may run this far past the length that the container states."""

Decision = RepetitionReview.Decision


class ReviewRefused(Exception):
    """The correction can't be kept. `code` is in `coaching.codes.REVIEW`; `field` is the form's field, if it is one."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field

    @property
    def advice(self) -> Advice:
        return REVIEW[self.code]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the reviewer says. Times are seconds from the film's first picture."""

    decision: str
    faults: tuple[str, ...]
    start_s: float
    lockout_s: float
    end_s: float
    note: str = ""


def assessment_of(session: Session, pk: int) -> Assessment:
    """The result that the reviewer had before them. Raises ReviewRefused when it is not this session's."""
    found = Assessment.objects.filter(pk=pk, run__session=session).first()
    if found is None:
        raise ReviewRefused("stale_result")
    return found


@transaction.atomic
def review_repetition(*, assessment: Assessment, number: int, by: User, opinion: Opinion) -> RepetitionReview:
    """Keep one correction as a new row; saying the same again adds none. Raises ReviewRefused.

    `number` is a repetition of the coach's or one that was added to this assessment before (`unknown_repetition`).
    """
    session = _lock(assessment)
    _check(assessment, opinion)
    found = assessment.repetitions.filter(number=number).exists()
    if not found and not assessment.reviews.filter(number=number, added=True).exists():
        raise ReviewRefused("unknown_repetition")
    return _keep(session, assessment, number, by, opinion, added=not found)


@transaction.atomic
def add_repetition(*, assessment: Assessment, by: User, opinion: Opinion) -> RepetitionReview:
    """Keep a repetition that the coach missed. Raises ReviewRefused (`found_already` when the coach has it).

    It gets the next free number; another instructor who adds the same one, by the time of its lockout, gets that
    number too, so that both speak of one repetition.
    """
    session = _lock(assessment)
    _check(assessment, opinion)
    if opinion.decision == Decision.NOT_A_REPETITION:
        raise ReviewRefused("added_must_be_one", "decision")
    machine = dict(assessment.repetitions.values_list("number", "lockout_s"))
    if _same(machine, opinion.lockout_s) is not None:
        raise ReviewRefused("found_already", "lockout_s")
    added = dict(assessment.reviews.filter(added=True).order_by("pk").values_list("number", "lockout_s"))
    number = _same(added, opinion.lockout_s) or max([0, *machine, *added]) + 1
    return _keep(session, assessment, number, by, opinion, added=True)


def _lock(assessment: Assessment) -> Session:
    """One writer at a time, so that no two added repetitions get one number. Refuses a result that was replaced."""
    session = Session.objects.select_for_update().get(pk=assessment.run.session_id)
    if current_assessment(session) != assessment:
        raise ReviewRefused("stale_result")
    return session


def _same(lockouts: dict[int, float], at_s: float) -> int | None:
    """The number of the nearest of these repetitions, if it is near enough to be the same."""
    near = [(abs(lockout - at_s), number) for number, lockout in lockouts.items()]
    distance, number = min(near, default=(math.inf, 0))
    return number if distance < SAME_REPETITION_S else None


def _check(assessment: Assessment, opinion: Opinion) -> None:
    if opinion.decision not in Decision.values:
        raise ReviewRefused("unknown_decision", "decision")
    if not set(opinion.faults) <= set(FAULT_NAMES):
        raise ReviewRefused("unknown_fault", "faults")
    if opinion.faults and opinion.decision != Decision.INCORRECT:
        raise ReviewRefused("faults_need_incorrect", "faults")
    times = (opinion.start_s, opinion.lockout_s, opinion.end_s)
    if not all(map(math.isfinite, times)) or not opinion.start_s < opinion.lockout_s <= opinion.end_s:
        raise ReviewRefused("bounds_out_of_order", "lockout_s")
    duration_s = assessment.document.get("duration_s")
    last_s = math.inf if duration_s is None else float(duration_s) + AFTER_THE_END_S
    if opinion.start_s < 0 or opinion.end_s > last_s:
        raise ReviewRefused("bounds_outside_film", "end_s" if opinion.start_s >= 0 else "start_s")


def _keep(
    session: Session, assessment: Assessment, number: int, by: User, opinion: Opinion, *, added: bool
) -> RepetitionReview:
    said = {
        "decision": opinion.decision,
        "faults": [name for name in FAULT_NAMES if name in opinion.faults],
        "start_s": round(opinion.start_s, 3),
        "lockout_s": round(opinion.lockout_s, 3),
        "end_s": round(opinion.end_s, 3),
        "note": opinion.note.strip()[:300],
    }
    newest = assessment.reviews.filter(number=number, reviewer=by).last()
    if newest is not None and all(getattr(newest, name) == value for name, value in said.items()):
        return newest
    return RepetitionReview.objects.create(
        session=session, assessment=assessment, number=number, added=added, reviewer=by, **said
    )
