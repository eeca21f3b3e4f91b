"""The cues of a result as its page shows them: the words, the picture that shows it, and one without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coaching.models import Still

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from coaching.models import Assessment
    from coaching.presentation import SessionView

Purpose = Still.Purpose


@dataclass(frozen=True, slots=True)
class Picture:
    """A still with the session that it belongs to. `earlier`: it is of another set."""

    session: UUID | str
    number: int
    rep: int
    at_s: float
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class CueShown:
    """One cue. Pictures are None where the reader may not see the film, or none was taken."""

    code: str
    text: str
    rep: int | None
    at_s: float | None
    from_s: float | None
    to_s: float | None
    p: float | None
    seen_in: tuple[int, ...]
    judged_in: int
    own: bool
    shown: Picture | None
    better: Picture | None


def cues_shown(view: SessionView) -> tuple[CueShown, ...]:
    """Of the result that this reader gets, none where it is withheld. At most two queries."""
    assessment = view.assessment
    if assessment is None:
        return ()
    feedback = assessment.document["feedback"]
    stills = _stills(assessment, feedback) if view.sees_film and feedback else {}
    return tuple(_cue(cue, stills) for cue in feedback)


def _stills(assessment: Assessment, feedback: list[Mapping[str, Any]]) -> dict[tuple[str, str], Picture]:
    """By purpose and fault; `best` are those of the earlier sets that the cues compare with."""
    session = assessment.run.session_id
    own = assessment.stills.exclude(purpose=Purpose.BEST)
    found = {(row.purpose, row.fault): Picture(session, row.pk, row.number, row.at_s) for row in own}
    elsewhere = [(cue["code"], better) for cue in feedback if (better := cue.get("better_at")) and better["session"]]
    if not elsewhere:
        return found
    rows = Still.objects.filter(
        purpose=Purpose.BEST,
        assessment__run__session__in=[better["session"] for _code, better in elsewhere],
        assessment__run__session__participant=assessment.run.session.participant_id,
    ).select_related("assessment__run")
    for code, better in elsewhere:
        for row in rows:
            place = (str(row.assessment.run.session_id), row.fault, row.number)
            if place == (better["session"], code, better["rep"]):
                found["best", code] = Picture(place[0], row.pk, row.number, row.at_s, earlier=True)
    return found


def _cue(cue: Mapping[str, Any], stills: Mapping[tuple[str, str], Picture]) -> CueShown:
    code = cue["code"]
    return CueShown(
        code=code,
        text=cue["text"],
        rep=cue["rep"],
        at_s=cue["at_s"],
        from_s=cue.get("from_s"),
        to_s=cue.get("to_s"),
        p=cue["p"],
        seen_in=tuple(cue.get("seen_in", ())),
        judged_in=cue.get("judged_in", 0),
        own=bool(cue.get("own")),
        shown=stills.get((Purpose.CUE, code)),
        better=stills.get((Purpose.BETTER, code)) or stills.get((Purpose.BEST, code)),
    )
