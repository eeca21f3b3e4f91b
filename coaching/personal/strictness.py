"""The dial: how early the coach tells what it found. One row a change; the newest counts.

Callers have authorised the person through `studies.access`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from coaching.codes import STRICTNESS
from coaching.models import StrictnessChoice
from studies.models import Participant, Study

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from coaching.codes import Advice
    from studies.models import User

Level = StrictnessChoice.Level
DEFAULT = Level.STANDARD


class StrictnessRefused(Exception):
    """The choice can't be kept. `code` is in `coaching.codes.STRICTNESS`; `field` is the form's field."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(code)
        self.code = code
        self.field = field

    @property
    def advice(self) -> Advice:
        return STRICTNESS[self.code]


@dataclass(frozen=True, slots=True)
class Own:
    """A student whose level is not the study's."""

    participant: Participant
    level: str


def strictness_of(study: Study) -> str:
    """The level of the study: standard until somebody chooses."""
    newest = study.strictness_choices.filter(participant=None).first()
    return newest.level if newest else DEFAULT


def strictness_for(participant: Participant) -> str:
    """The student's own level where an instructor gave one, else the study's."""
    own = participant.strictness_choices.first()
    return own.level if own and own.level else strictness_of(participant.study)


def own_levels(students: QuerySet[Participant]) -> list[Own]:
    """Those of a study's students with a level of their own, by code."""
    newest: dict[int, StrictnessChoice] = {}
    rows = StrictnessChoice.objects.filter(participant__in=students).select_related("participant__user")
    for choice in rows.order_by("pk"):
        if choice.participant_id is not None:
            newest[choice.participant_id] = choice
    found = [Own(row.participant, row.level) for row in newest.values() if row.participant is not None and row.level]
    return sorted(found, key=lambda own: own.participant.code)


@transaction.atomic
def choose_strictness(
    *, study: Study, by: User, level: str, participant: Participant | None = None
) -> StrictnessChoice | None:
    """Keep a choice as a new row; None when it is what counts already. Raises StrictnessRefused.

    With `participant` it is that student's own, and an empty level gives them the study's again.
    """
    Study.objects.select_for_update().get(pk=study.pk)  # one writer at a time: the newest row is the last choice
    if level not in Level.values and not (participant is not None and level == ""):
        raise StrictnessRefused("unknown_strictness", "level")
    if participant is not None and participant.study_id != study.pk:
        raise StrictnessRefused("not_in_this_study", "participant")
    newest = study.strictness_choices.filter(participant=participant).first()
    counts = newest.level if newest else ("" if participant is not None else DEFAULT)
    if level == counts:
        return None
    return StrictnessChoice.objects.create(study=study, participant=participant, level=level, chosen_by=by)
