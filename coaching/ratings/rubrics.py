"""The criteria of a rubric: read from a row, checked, the default one, and points checked against them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from studies.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrPromise

CRITERIA_MAX, POINTS_MAX, WORDS_MAX = 10, 10, 200

Words = tuple["str | _StrPromise", ...]

DEADLIFT: tuple[tuple[str, str | _StrPromise, Words], ...] = (
    (
        "set-up",
        _("Set-up"),
        (
            _("Bar away from the shins, or the shoulders behind it"),
            _("One of them is off: bar over mid-foot, hands outside the legs, shoulders over the bar"),
            _("Bar over mid-foot, hands just outside the legs, shoulders over the bar, arms straight"),
        ),
    ),
    (
        "back",
        _("Back"),
        (
            _("Rounds visibly during the lift, or is never set"),
            _("Set at the start, gives way a little in some repetitions"),
            _("Keeps its shape from the floor to the lockout and down again"),
        ),
    ),
    (
        "hips-and-knees",
        _("Hips and knees"),
        (
            _("Hips shoot up first, or the knees fall in, in most repetitions"),
            _("The same in some repetitions"),
            _("Hips and shoulders rise together, knees stay over the feet"),
        ),
    ),
    (
        "bar-path",
        _("Bar path"),
        (
            _("Swings away from the body in most repetitions"),
            _("Leaves the legs for a moment, or drifts in some repetitions"),
            _("Close to the legs and straight up and down"),
        ),
    ),
    (
        "lockout",
        _("Lockout"),
        (
            _("Hips or knees are not straight, or the lifter leans back"),
            _("Reached, but not held, or not in every repetition"),
            _("Hips and knees straight, standing tall, held for a moment"),
        ),
    ),
)
"""Five criteria of 0, 1 or 2 points: a total of 0 to 10 in whole points, as the paper's table implies."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """`words[p]` says what p points look like."""

    key: str
    name: str
    words: tuple[str, ...]

    @property
    def most(self) -> int:
        return len(self.words) - 1


def default_criteria() -> tuple[Criterion, ...]:
    """The deadlift's rubric in the reader's language."""
    return tuple(Criterion(key, str(name), tuple(map(str, words))) for key, name, words in DEADLIFT)


def criteria_of(document: Sequence[Mapping[str, Any]]) -> tuple[Criterion, ...]:
    return tuple(Criterion(one["key"], one["name"], tuple(one["words"])) for one in document)


def as_document(criteria: Sequence[Criterion]) -> list[dict[str, Any]]:
    return [{"key": one.key, "name": one.name, "words": list(one.words)} for one in criteria]


def checked(named: Sequence[tuple[str, Sequence[str]]]) -> tuple[Criterion, ...]:
    """Criteria from names and words of each point, from 0. Errors: no_criteria, too_many_criteria, criterion_unnamed,
    same_name, too_few_points, too_many_points, words_missing.
    """
    if not named:
        raise StudyError("no_criteria", _("Name at least one criterion."))
    if len(named) > CRITERIA_MAX:
        raise StudyError("too_many_criteria", _("At most ten criteria: nobody holds more in mind while a film runs."))
    found: list[Criterion] = []
    for given_name, given_words in named:
        name, words = given_name.strip(), tuple(text.strip() for text in given_words)
        key = slugify(name)[:40] or f"criterion-{len(found) + 1}"
        if not name:
            raise StudyError("criterion_unnamed", _("Give every criterion a name."))
        if key in {one.key for one in found}:
            raise StudyError("same_name", _("Two criteria have the same name. Name them apart."))
        if len(words) < 2:
            raise StudyError("too_few_points", _("Say for 0 points and for 1 point, a line each, what they look like."))
        if len(words) > POINTS_MAX + 1:
            raise StudyError("too_many_points", _("A criterion has at most 10 points."))
        if not all(words) or max(map(len, words)) > WORDS_MAX:
            raise StudyError("words_missing", _("Each point is described in one line of at most 200 characters."))
        found.append(Criterion(key, name, words))
    return tuple(found)


def checked_points(criteria: Sequence[Criterion], points: Mapping[str, object]) -> dict[str, int]:
    """Whole points for every criterion, in the rubric's order. Errors: points_missing, points_out_of_range."""
    if set(points) != {one.key for one in criteria}:
        raise StudyError("points_missing", _("Give points for every criterion, or say why the film can't be rated."))
    for one in criteria:
        given = points[one.key]
        if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= one.most:
            raise StudyError("points_out_of_range", _("Points are whole numbers that the rubric describes."))
    return {one.key: int(str(points[one.key])) for one in criteria}
