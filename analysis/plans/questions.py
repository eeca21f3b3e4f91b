"""Questions in plain words, and the test that each of them means. The words are chosen, not the test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from analysis.plans.document import TestName


@dataclass(frozen=True, slots=True)
class Question:
    """`needs_before`: the value before the training; `needs_bounds`: how much would still count as equal."""

    key: str
    words: str | _StrPromise
    estimand: str | _StrPromise
    test: TestName
    of_injuries: bool = False
    needs_before: bool = False
    needs_bounds: bool = False


QUESTIONS: tuple[Question, ...] = (
    Question(
        "average",
        _("Is the average of the groups different?"),
        _("Difference of the groups' means in everybody who was drawn."),
        "welch",
    ),
    Question(
        "more-often",
        _("Does a student of one group tend to have more than one of the other?"),
        _("Chance that a student of one group has more than one of the other, ties as half."),
        "brunner_munzel",
    ),
    Question(
        "equal-start",
        _("Is the average different among students with an equal start?"),
        _("Difference of the groups' means after the training at the same value before it."),
        "ancova",
        needs_before=True,
    ),
    Question(
        "good-as",
        _("Are the groups as good as equal?"),
        _("Whether the difference of the groups' means lies within the bounds that matter."),
        "equivalence",
        needs_bounds=True,
    ),
    Question(
        "draw",
        _("Could the difference come from the draw of the groups alone?"),
        _("Difference of the groups' means, judged by drawing the groups again."),
        "randomisation",
    ),
    Question(
        "injuries",
        _("Does one group get hurt more often for the same hours of training?"),
        _("Ratio of the groups' injuries per hour of training."),
        "negative_binomial",
        of_injuries=True,
    ),
)
BY_KEY = {question.key: question for question in QUESTIONS}
