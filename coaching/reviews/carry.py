"""A film analysed again: which of one's earlier reviews speak of a repetition that the new result has too."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coaching.models import RepetitionReview
from coaching.reviews.selectors import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coaching.models import Assessment

SAME_REPETITION_S = 0.6
"""Two lockouts nearer than this are one repetition's: nobody lifts twice in that time."""


@dataclass(frozen=True, slots=True)
class Offer:
    """`same`: earlier reviews with the number that their repetition has now. `alone`: those that the result lacks."""

    same: tuple[tuple[RepetitionReview, int], ...] = ()
    alone: tuple[RepetitionReview, ...] = ()


def earlier_reviews(mine: Iterable[RepetitionReview], assessment: Assessment) -> list[RepetitionReview]:
    """The newest words about the newest of the other results that this reviewer has reviewed.

    `mine` are one reviewer's rows about one film in the order in which they were written.
    """
    return counted(review for review in mine if review.assessment_id != assessment.pk)


def offer_of(
    earlier: Iterable[RepetitionReview], machine: Mapping[int, float], mine: Iterable[RepetitionReview]
) -> Offer:
    """Pair earlier reviews with repetitions by their lockouts, the nearest first, each at most once.

    `machine` is the new result's lockouts by number, `mine` what this reviewer has said about it already: nothing is
    offered for those repetitions, nor for what was added before and taken back.
    """
    places = dict(machine) | {review.number: review.lockout_s for review in mine if review.added}
    said = {review.number for review in mine}
    rows = list(earlier)
    near = sorted(
        (abs(review.lockout_s - lockout), i, number)
        for i, review in enumerate(rows)
        for number, lockout in places.items()
        if abs(review.lockout_s - lockout) < SAME_REPETITION_S
    )
    number_of: dict[int, int] = {}
    for _distance, i, number in near:
        if i not in number_of and number not in number_of.values():
            number_of[i] = number
    return Offer(
        same=tuple((rows[i], number) for i, number in sorted(number_of.items()) if number not in said),
        alone=tuple(row for i, row in enumerate(rows) if i not in number_of and not _taken_back(row)),
    )


def nearest(lockouts: Mapping[int, float], at_s: float) -> int | None:
    """The number of the nearest of these repetitions, if it is near enough to be the same."""
    near = [(abs(lockout - at_s), number) for number, lockout in lockouts.items()]
    distance, number = min(near, default=(math.inf, 0))
    return number if distance < SAME_REPETITION_S else None


def _taken_back(review: RepetitionReview) -> bool:
    return review.added and review.decision == RepetitionReview.Decision.NOT_A_REPETITION
