"""Ready-made questionnaires. The items are this project's own words.

"Motivation" asks after what self-determination theory calls intrinsic motivation (interest, competence, effort,
pressure). It is not the Intrinsic Motivation Inventory and quotes none of its items: it has its own reliability, which
the study reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from studies.questionnaires.items import LIKERT5, LIKERT7, TEXT, Item

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = str | _StrPromise


@dataclass(frozen=True, slots=True)
class Template:
    """`questions`: words, name of the scale, and whether the item is reversed."""

    title: Words
    intro: Words
    kind: str
    low: Words
    high: Words
    questions: tuple[tuple[Words, Words, bool], ...]
    open_question: Words = ""

    def items(self) -> list[Item]:
        """In the reader's language; keys are given when they are checked."""
        found = [
            Item("", str(text), self.kind, str(self.low), str(self.high), reverse=reverse, scale=str(scale))
            for text, scale, reverse in self.questions
        ]
        if self.open_question:
            found.append(Item("", str(self.open_question), TEXT, required=False))
        return found


_SATISFACTION, _VALUE = _("Satisfaction"), _("Perceived value")
_INTEREST, _COMPETENCE = _("Interest"), _("Competence")
_EFFORT, _PRESSURE = _("Effort"), _("Pressure")

TEMPLATES: dict[str, Template] = {
    "satisfaction": Template(
        title=_("Satisfaction with the lessons"),
        intro=_("Think of the deadlift lessons of the last weeks. There are no right answers."),
        kind=LIKERT5,
        low=_("Do not agree"),
        high=_("Agree"),
        questions=(
            (_("The lessons were worth my time."), _SATISFACTION, False),
            (_("I knew after a set what to do differently in the next one."), _SATISFACTION, False),
            (_("The feedback on my lift came soon enough."), _SATISFACTION, False),
            (_("Much of the feedback was of no use to me."), _SATISFACTION, True),
            (_("I would recommend these lessons to a friend."), _SATISFACTION, False),
        ),
        open_question=_("What should be different next term?"),
    ),
    "value": Template(
        title=_("Value of what was learned"),
        intro=_("How useful is what you learned with the bar, for you?"),
        kind=LIKERT7,
        low=_("Not true at all"),
        high=_("Very true"),
        questions=(
            (_("What I learned about lifting will be useful outside this course."), _VALUE, False),
            (_("Lifting well protects me from getting hurt."), _VALUE, False),
            (_("It is a waste of time to work on technique this closely."), _VALUE, True),
            (_("I want to keep working on my technique after the course."), _VALUE, False),
        ),
    ),
    "motivation": Template(
        title=_("Motivation in the lessons"),
        intro=_("How were the deadlift lessons for you?"),
        kind=LIKERT7,
        low=_("Not true at all"),
        high=_("Very true"),
        questions=(
            (_("Time went by quickly while we trained."), _INTEREST, False),
            (_("I looked forward to the next set."), _INTEREST, False),
            (_("I kept waiting for the lesson to end."), _INTEREST, True),
            (_("By now I can tell a good repetition of mine from a poor one."), _COMPETENCE, False),
            (_("I manage what these lessons ask of me."), _COMPETENCE, False),
            (_("The lift still feels beyond me."), _COMPETENCE, True),
            (_("I gave these sets all that I had."), _EFFORT, False),
            (_("I worked on every repetition, also when nobody watched."), _EFFORT, False),
            (_("I held back when it became strenuous."), _EFFORT, True),
            (_("I worried about being judged while I lifted."), _PRESSURE, False),
            (_("I was tense before my sets."), _PRESSURE, False),
            (_("I felt at ease under everybody's eyes."), _PRESSURE, True),
        ),
    ),
}
