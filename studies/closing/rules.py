"""What a closed study refuses, and what keeps a study from being closed. Services of every part ask here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studies.errors import CLOSED, StudyError
from studies.models import Study

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.utils.functional import _StrPromise

    Advice = str | _StrPromise


def refuse_closed(study_id: int) -> None:
    """Raise StudyError study_closed in a closed study. Call it in the transaction that adds something.

    Until that transaction ends the study can't be closed, so nothing slips in while somebody closes it.
    """
    closed_at = Study.objects.select_for_update(no_key=True).filter(pk=study_id).values_list("closed_at", flat=True)
    if closed_at.first() is not None:
        raise StudyError("study_closed", CLOSED)


def is_closed(study_id: int) -> bool:
    return Study.objects.filter(pk=study_id, closed_at__isnull=False).exists()


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Something unfinished: `code` for programs, how many, and what to do about it."""

    code: str
    count: int
    advice: Advice


OPEN_WORK: list[Callable[[Study], OpenWork | None]] = []
"""What must be finished before a study is closed. Parts that studies does not know add theirs when they are loaded."""


def open_work(study: Study) -> list[OpenWork]:
    return [found for ask in OPEN_WORK if (found := ask(study)) is not None and found.count]
