"""The items and scales of a questionnaire: read from a row, checked, answered, scored."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from studies.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Answer = int | float | str

LIKERT5, LIKERT7, NUMBER, CHOICE, TEXT = "likert5", "likert7", "number", "choice", "text"
KINDS = (
    (LIKERT5, _("Agreement, 1 to 5")),
    (LIKERT7, _("Agreement, 1 to 7")),
    (NUMBER, _("A number")),
    (CHOICE, _("One of several")),
    (TEXT, _("A few words")),
)
STEPS = {LIKERT5: 5, LIKERT7: 7}
ITEMS_MAX, CHOICES_MAX, TEXT_MAX = 60, 20, 1000


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `low` and `high` name the ends of an agreement; `minimum` and `maximum` bound a number.

    A `reverse` item of a scale counts turned: on 1 to 7 an answer of 2 scores 6.
    """

    key: str
    text: str
    kind: str
    low: str = ""
    high: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    reverse: bool = False
    scale: str = ""
    required: bool = True

    @property
    def steps(self) -> range:
        """The points of an agreement, from 1; empty for other kinds."""
        return range(1, STEPS[self.kind] + 1) if self.kind in STEPS else range(0)

    def scored(self, answer: Answer) -> float:
        """The answer as it counts in its scale."""
        value = float(answer)
        return STEPS[self.kind] + 1 - value if self.reverse else value


@dataclass(frozen=True, slots=True)
class Scale:
    """Items that are scored together. `needs`: so many must be answered for a score, half rounded up."""

    key: str
    name: str
    items: tuple[Item, ...]

    @property
    def needs(self) -> int:
        return math.ceil(len(self.items) / 2)

    def score(self, answers: Mapping[str, Answer]) -> float | None:
        """Mean of the answered items, reversed ones turned; None with fewer answers than `needs`."""
        given = [item.scored(answers[item.key]) for item in self.items if item.key in answers]
        return math.fsum(given) / len(given) if len(given) >= self.needs else None


def items_of(document: Sequence[Mapping[str, Any]]) -> tuple[Item, ...]:
    return tuple(Item(**{**one, "choices": tuple(one.get("choices", ()))}) for one in document)


def scales_of(items: Sequence[Item], names: Sequence[Mapping[str, str]]) -> tuple[Scale, ...]:
    """The scales in their order; `names` is the row's document."""
    return tuple(
        Scale(one["key"], one["name"], tuple(item for item in items if item.scale == one["key"])) for one in names
    )


def as_documents(items: Sequence[Item], scales: Sequence[Scale]) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    documents = [asdict(item) | {"choices": list(item.choices)} for item in items]
    return documents, [{"key": scale.key, "name": scale.name} for scale in scales]


def checked(given: Sequence[Item]) -> tuple[tuple[Item, ...], tuple[Scale, ...]]:
    """Items with keys of their own and the scales that their `scale` names make, in the order of the items.

    Errors: no_items, too_many_items, item_without_text, unknown_kind, choices_missing, bounds_reversed, scale_of_words,
    scale_mixed, scale_of_one.
    """
    if not given:
        raise StudyError("no_items", _("Ask at least one question."))
    if len(given) > ITEMS_MAX:
        raise StudyError("too_many_items", _("At most 60 questions: fewer are answered more carefully."))
    for item in given:
        _check_item(item)
    items: list[Item] = []
    taken = {item.key for item in given if item.key}
    for item in given:
        key = item.key or next(f"q{n}" for n in range(1, 2 * ITEMS_MAX + 1) if f"q{n}" not in taken)
        taken.add(key)
        name = item.scale.strip()
        items.append(Item(**{**asdict(item), "key": key, "choices": item.choices, "scale": scale_key(name)}))
    names = {scale_key(item.scale.strip()): item.scale.strip() for item in reversed(given) if item.scale.strip()}
    order = dict.fromkeys(item.scale for item in items if item.scale)
    scales = scales_of(items, [{"key": key, "name": names[key]} for key in order])
    for scale in scales:
        _check_scale(scale)
    return tuple(items), scales


def scale_key(name: str) -> str:
    return slugify(name)[:40] if name else ""


def _check_item(item: Item) -> None:
    if not item.text.strip():
        raise StudyError("item_without_text", _("A question has no words. Write it, or empty the whole row."))
    if item.kind not in dict(KINDS):
        raise StudyError("unknown_kind", _("Choose how the question is answered."))
    if item.kind == CHOICE and not 2 <= len(set(item.choices)) == len(item.choices) <= CHOICES_MAX:
        raise StudyError("choices_missing", _("Name 2 to 20 different answers to choose from, one a line."))
    if None not in (item.minimum, item.maximum) and not float(item.minimum or 0) < float(item.maximum or 0):
        raise StudyError("bounds_reversed", _("The largest number is above the smallest."))
    if (item.scale.strip() or item.reverse) and item.kind not in STEPS:
        raise StudyError("scale_of_words", _("Only agreements belong to a scale or are reversed."))
    if item.scale.strip() and not scale_key(item.scale.strip()):
        raise StudyError("scale_of_words", _("Name the scale with letters or digits."))


def _check_scale(scale: Scale) -> None:
    if len({item.kind for item in scale.items}) > 1:
        raise StudyError("scale_mixed", _("All questions of a scale are answered in the same steps, 1 to 5 or 1 to 7."))
    if len(scale.items) < 2:
        raise StudyError("scale_of_one", _("A scale has two questions at least. Leave it empty for single ones."))


def parsed(item: Item, raw: str) -> Answer | None:
    """What a form or a program sent, as it is kept; None for nothing. Raises StudyError bad_answer."""
    text = raw.strip()
    if not text:
        return None
    if item.kind in STEPS:
        if text in {str(step) for step in item.steps}:
            return int(text)
    elif item.kind == NUMBER:
        value = _number(text)
        low, high = item.minimum, item.maximum
        if value is not None and (low is None or value >= low) and (high is None or value <= high):
            return value
    elif item.kind == CHOICE:
        if text in item.choices:
            return text
    elif len(text) <= TEXT_MAX:
        return text
    raise StudyError("bad_answer", _("This answer is not one of those that the question has."))


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
