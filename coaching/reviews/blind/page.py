"""A set to review before the coach's verdict: the repetitions' bounds and one's own words, nothing else of anybody's.

No verdict, fault or figure is handed on from here, so that no template can show one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coaching.access import has_seen_result
from coaching.models import RepetitionRecord
from coaching.reviews.presentation import empty_form, form_for, offer_to
from coaching.reviews.selectors import all_reviews

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from coaching.models import Assessment, RepetitionReview, Session
    from coaching.reviews.carry import Offer
    from coaching.reviews.forms import ReviewForm
    from studies.models import User

CORRECT, INCORRECT = "correct", "incorrect"


@dataclass(frozen=True, slots=True)
class Step:
    """One repetition at the bounds that the reviewer is shown: their own, if they have said so, else the measured ones.

    `added`: by this reviewer, because it was not in the list.
    """

    number: int
    added: bool
    start_s: float
    lockout_s: float
    end_s: float
    own: RepetitionReview | None


@dataclass(frozen=True, slots=True)
class BlindReview:
    """All that the page shows. `step` is None once every repetition is said; `form` is the step's.

    `seen`: this person has opened the result before, so that what is said here counts as not blind.
    """

    assessment_id: int
    steps: tuple[Step, ...]
    step: Step | None
    form: ReviewForm | None
    add_form: ReviewForm
    seen: bool
    offer: Offer
    saved: int | None = None

    @property
    def said(self) -> int:
        return sum(step.own is not None for step in self.steps)


def steps_of(assessment: Assessment, mine: Sequence[RepetitionReview]) -> tuple[Step, ...]:
    """The measured repetitions and those that this reviewer added, by number. `mine` in the order of writing."""
    own = {review.number: review for review in mine}
    found = RepetitionRecord.objects.filter(assessment=assessment).only("number", "start_s", "lockout_s", "end_s")
    records = {record.number: record for record in found}
    steps = []
    for number in sorted({*records, *own}):
        times = own.get(number) or records[number]
        steps.append(Step(number, number not in records, times.start_s, times.lockout_s, times.end_s, own.get(number)))
    return tuple(steps)


def blind_review(
    user: User,
    session: Session,
    assessment: Assessment,
    *,
    number: int | None = None,
    bound: ReviewForm | None = None,
    adding: ReviewForm | None = None,
    saved: int | None = None,
) -> BlindReview:
    """The page at repetition `number`, or at the first that is not said. `bound`, `adding`: forms with mistakes.

    Raises LookupError when there is no such repetition.
    """
    everything = all_reviews(session)
    mine = [one for one in everything if one.reviewer_id == user.pk and one.assessment_id == assessment.pk]
    steps = steps_of(assessment, mine)
    if number is None:
        step = next((one for one in steps if one.own is None), None)
    else:
        by_number = {one.number: one for one in steps}
        if number not in by_number:
            raise LookupError(number)
        step = by_number[number]
    return BlindReview(
        assessment_id=assessment.pk,
        steps=steps,
        step=step,
        form=bound or (form_for(assessment.pk, step.number, step, step.own) if step else None),
        add_form=adding or empty_form(assessment),
        seen=has_seen_result(user, session),
        offer=offer_to(user, everything, assessment),
        saved=saved,
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """One repetition after the reveal. `rep` is the coach's, of the document; None where it found none."""

    step: Step
    rep: Mapping[str, Any] | None

    @property
    def agree(self) -> bool | None:
        """None where one of the two has no verdict of correct or incorrect."""
        said = self.step.own.decision if self.step.own else None
        verdict = self.rep.get("verdict") if self.rep else None
        both = {CORRECT, INCORRECT} >= {said, verdict}
        return said == verdict if both else None


def compared(assessment: Assessment, steps: Sequence[Step]) -> tuple[Compared, ...]:
    reps = {rep["index"]: rep for rep in assessment.document.get("reps", ())}
    return tuple(Compared(step, None if step.added else reps.get(step.number)) for step in steps)
