"""The corrections as a page shows them: forms to who reviews, the instructors' words to who reads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from coaching.reviews.carry import Offer, earlier_reviews, offer_of
from coaching.reviews.forms import ReviewForm
from coaching.reviews.selectors import all_reviews, reviews_shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from coaching.access import Viewer
    from coaching.models import Assessment, RepetitionRecord, RepetitionReview, Session
    from studies.models import User

SAME_TIME_S = 0.0015


class Bounds(Protocol):
    """Of a repetition, in seconds of the film."""

    @property
    def start_s(self) -> float: ...
    @property
    def lockout_s(self) -> float: ...
    @property
    def end_s(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Said:
    """One reviewer's newest word about one repetition. `note` is empty for who may not read free text.

    `blind` and `carried` (confirmed for a new analysis of the film) are for staff; None for the student.
    """

    number: int
    added: bool
    reviewer_id: int
    by: str
    at: datetime
    decision: str
    faults: tuple[str, ...]
    start_s: float
    lockout_s: float
    end_s: float
    note: str
    blind: bool | None
    carried: bool | None


@dataclass(frozen=True, slots=True)
class Slot:
    """One repetition for its reviewer. `verdict` is the coach's; None of it where the coach did not find it."""

    number: int
    added: bool
    start_s: float
    end_s: float
    verdict: str
    p_correct: float | None
    form: ReviewForm
    own: RepetitionReview | None = None
    moved: bool = False
    earlier: tuple[RepetitionReview, ...] = ()
    others: tuple[Said, ...] = ()
    saved: bool = False


@dataclass(frozen=True, slots=True)
class Reviews:
    """All that a session's page needs. `slots` and `add_form` are for reviewers, `said` for everybody else.

    `of_earlier_results`: corrections of an analysis that a newer one has replaced; they are kept. `offer`: those of
    this reviewer that can be confirmed for this result.
    """

    said: tuple[Said, ...] = ()
    slots: tuple[Slot, ...] = ()
    add_form: ReviewForm | None = None
    of_earlier_results: int = 0
    offer: Offer = field(default=Offer())
    assessment_id: int | None = None
    added: tuple[Said, ...] = field(default=())


def reviews_of(
    viewer: Viewer,
    session: Session,
    assessment: Assessment | None,
    *,
    bound: tuple[int | None, ReviewForm] | None = None,
) -> Reviews:
    """What the page of this result shows; three queries at most. `assessment`: the session's current one, if any.

    `bound`: a form that came back with mistakes, and the repetition it is about (None: one to add).
    """
    if assessment is None:
        return Reviews()
    everything = all_reviews(session)
    reviews = [review for review in everything if review.assessment_id == assessment.pk]
    said = said_to(viewer, session, reviews)
    if not viewer.may_review(session.participant):
        return Reviews(said=said, added=tuple(one for one in said if one.added))
    number, form = bound or (0, None)
    mine = [review for review in reviews if review.reviewer_id == viewer.user.pk]
    others = [one for one in said if one.reviewer_id != viewer.user.pk]
    return Reviews(
        slots=slots_of(assessment, mine, others, bound={number: form} if form and number else {}),
        add_form=form if form and number is None else empty_form(assessment),
        of_earlier_results=len(everything) - len(reviews),
        offer=offer_to(viewer.user, everything, assessment),
        assessment_id=assessment.pk,
    )


def offer_to(user: User, everything: Iterable[RepetitionReview], assessment: Assessment) -> Offer:
    """What this reviewer can confirm of what they said about earlier analyses. A query only when there is something."""
    mine = [review for review in everything if review.reviewer_id == user.pk]
    earlier = earlier_reviews(mine, assessment)
    if not earlier:
        return Offer()
    machine = dict(assessment.repetitions.values_list("number", "lockout_s"))
    return offer_of(earlier, machine, [review for review in mine if review.assessment_id == assessment.pk])


def said_to(viewer: Viewer, session: Session, reviews: Iterable[RepetitionReview]) -> tuple[Said, ...]:
    """What this reader gets of the reviews of one result, by the repetition's number.

    Where the coach's verdict is withheld the repetitions are numbered anew, by their time: the coach's numbers would
    tell how many it found.
    """
    own = viewer.user.pk == session.participant.user_id
    with_note = viewer.sees_name(session.participant)
    shown = reviews_shown(viewer, session, reviews)
    said = [_said(review, with_note=with_note, for_staff=not own) for review in shown]
    if viewer.sees_ai_feedback(session.participant):
        return tuple(said)
    order = {number: i for i, number in enumerate(_by_time(said), start=1)}
    renamed = (replace(one, number=order[one.number], added=False) for one in said)
    return tuple(sorted(renamed, key=lambda one: one.number))


def _by_time(said: Sequence[Said]) -> list[int]:
    first: dict[int, float] = {}
    for one in said:
        first[one.number] = min(one.lockout_s, first.get(one.number, one.lockout_s))
    return sorted(first, key=first.__getitem__)


def _said(review: RepetitionReview, *, with_note: bool, for_staff: bool) -> Said:
    return Said(
        number=review.number,
        added=review.added,
        reviewer_id=review.reviewer_id,
        by=review.reviewer.get_full_name() or review.reviewer.get_username(),
        at=review.reviewed_at,
        decision=review.decision,
        faults=tuple(review.faults),
        start_s=review.start_s,
        lockout_s=review.lockout_s,
        end_s=review.end_s,
        note=review.note if with_note else "",
        blind=review.blind if for_staff else None,
        carried=review.carried_from_id is not None if for_staff else None,
    )


def slots_of(
    assessment: Assessment,
    mine: Iterable[RepetitionReview],
    others: Iterable[Said],
    *,
    bound: dict[int | None, ReviewForm],
) -> tuple[Slot, ...]:
    """The coach's repetitions, then those that this reviewer added."""
    history: dict[int, list[RepetitionReview]] = {}
    for review in mine:
        history.setdefault(review.number, []).append(review)
    said: dict[int, list[Said]] = {}
    for one in others:
        said.setdefault(one.number, []).append(one)
    records: dict[int, RepetitionRecord] = {rep.number: rep for rep in assessment.repetitions.all()}
    slots = []
    for number in sorted({*records, *history}):
        slot = _slot(assessment, number, records.get(number), history.get(number, []), bound.get(number))
        slots.append(replace(slot, others=tuple(said.get(number, ()))))
    return tuple(slots)


def _slot(
    assessment: Assessment,
    number: int,
    record: RepetitionRecord | None,
    mine: list[RepetitionReview],
    bound: ReviewForm | None,
) -> Slot:
    own = mine[-1] if mine else None
    times = own or record
    assert times is not None  # a slot is there because one of the two is
    moved = own is not None and record is not None and _moved(own, record)
    return Slot(
        number=number,
        added=record is None,
        start_s=times.start_s,
        end_s=times.end_s,
        verdict=record.verdict if record else "",
        p_correct=record.p_correct if record else None,
        form=bound or form_for(assessment.pk, number, times, own),
        own=own,
        moved=moved,
        earlier=tuple(reversed(mine[:-1])),
    )


def _moved(own: RepetitionReview, record: RepetitionRecord) -> bool:
    return any(
        abs(getattr(own, name) - getattr(record, name)) > SAME_TIME_S for name in ("start_s", "lockout_s", "end_s")
    )


def form_for(assessment_pk: int, number: int, times: Bounds, own: RepetitionReview | None) -> ReviewForm:
    """The form of one repetition: at these bounds, with the reviewer's own last words, and else nothing ticked."""
    initial: dict[str, Any] = {"assessment": assessment_pk}
    initial |= {"start_s": round(times.start_s, 3), "lockout_s": round(times.lockout_s, 3)}
    initial |= {"end_s": round(times.end_s, 3)}
    if own:
        initial |= {"decision": own.decision, "faults": own.faults, "note": own.note}
    return ReviewForm(initial=initial, auto_id=f"rep{number}_%s")


def empty_form(assessment: Assessment) -> ReviewForm:
    return ReviewForm(initial={"assessment": assessment.pk}, auto_id="added_%s")
