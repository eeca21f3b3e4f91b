"""Keeping what an instructor says of a repetition. Callers have authorised the person through `coaching.access`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from coaching.access import has_seen_result
from coaching.codes import REVIEW
from coaching.models import Assessment, RepetitionReview, Session
from coaching.reviews.carry import earlier_reviews, nearest, offer_of
from coaching.reviews.selectors import current_assessment
from coaching.vision.vocabulary import FAULT_NAMES
from studies.closing.rules import refuse_closed
from studies.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Collection

    from coaching.codes import Advice
    from studies.models import User

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
    """What the reviewer says. Times are seconds from the film's first picture.

    `unseen`: said on the page that shows nothing of the coach's. Whether it was blind is not the reviewer's to say: it
    was, if that page it was and nobody has written down that this person opened the result.
    """

    decision: str
    faults: tuple[str, ...]
    start_s: float
    lockout_s: float
    end_s: float
    note: str = ""
    unseen: bool = False


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
    if nearest(machine, opinion.lockout_s) is not None:
        raise ReviewRefused("found_already", "lockout_s")
    added = dict(assessment.reviews.filter(added=True).order_by("pk").values_list("number", "lockout_s"))
    number = nearest(added, opinion.lockout_s) or max([0, *machine, *added]) + 1
    return _keep(session, assessment, number, by, opinion, added=True)


@transaction.atomic
def carry_over(*, assessment: Assessment, by: User, chosen: Collection[int]) -> list[RepetitionReview]:
    """Confirm one's reviews of an earlier analysis for this one, as new rows that name the old ones.

    Of `chosen` (rows' keys) those that `offer_of` offers now: a second press adds nothing. A row is as blind as the one
    it repeats. Raises ReviewRefused.
    """
    session = _lock(assessment)
    rows = session.reviews.filter(reviewer=by).order_by("pk")
    machine = dict(assessment.repetitions.values_list("number", "lockout_s"))
    offer = offer_of(earlier_reviews(rows, assessment), machine, rows.filter(assessment=assessment))
    kept = []
    for review, number in offer.same:
        if review.pk in chosen:
            opinion = _opinion_of(review)
            _check(assessment, opinion)
            about = {"session": session, "assessment": assessment, "number": number, "reviewer": by}
            about |= {"added": number not in machine, "blind": review.blind, "carried_from": review}
            kept.append(RepetitionReview.objects.create(**about, **_columns(opinion)))
    return kept


def _opinion_of(review: RepetitionReview) -> Opinion:
    times = (review.start_s, review.lockout_s, review.end_s)
    return Opinion(review.decision, tuple(review.faults), *times, review.note)


def _lock(assessment: Assessment) -> Session:
    """One writer at a time, so that no two added repetitions get one number. Refuses a result that was replaced."""
    session = Session.objects.select_related("participant").get(pk=assessment.run.session_id)
    try:
        refuse_closed(session.participant.study_id)  # the study first, as in every other service
    except StudyError as error:
        raise ReviewRefused(error.code) from error
    Session.objects.select_for_update().get(pk=session.pk)
    if current_assessment(session) != assessment:
        raise ReviewRefused("stale_result")
    return session


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
    said = _columns(opinion)
    newest = assessment.reviews.filter(number=number, reviewer=by).last()
    if newest is not None and all(getattr(newest, name) == value for name, value in said.items()):
        return newest
    blind = opinion.unseen and not has_seen_result(by, session)
    return RepetitionReview.objects.create(
        session=session, assessment=assessment, number=number, added=added, reviewer=by, blind=blind, **said
    )


def _columns(opinion: Opinion) -> dict[str, Any]:
    return {
        "decision": opinion.decision,
        "faults": [name for name in FAULT_NAMES if name in opinion.faults],
        "start_s": round(opinion.start_s, 3),
        "lockout_s": round(opinion.lockout_s, 3),
        "end_s": round(opinion.end_s, 3),
        "note": opinion.note.strip()[:300],
    }
