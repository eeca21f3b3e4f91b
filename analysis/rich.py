"""Text with italics, for statistics' symbols. Templates are translated whole; what is filled in is never markup."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ITALIC = re.compile(r"<i>(.*?)</i>")
_PLACE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style."""

    text: str
    italic: bool = False


Rich = tuple[Run, ...]


def words(text: str) -> Rich:
    """Text without italics, taken as it is."""
    return (Run(text),)


def fill(template: str, values: Mapping[str, str | Rich] | None = None) -> Rich:
    """A template such as "<i>t</i>(%(df)s) = %(t)s" with its values, which may have italics of their own.

    Markup is read before the values are put in, so a name with "<i>" in it stays that name. Raises KeyError for a
    value that is missing.
    """
    found = values or {}
    runs: list[Run] = []
    for index, piece in enumerate(_ITALIC.split(template)):
        italic = index % 2 == 1
        for place, part in enumerate(_PLACE.split(piece)):
            value = found[part] if place % 2 == 1 else part
            runs += [Run(value, italic=italic)] if isinstance(value, str) else value
    return tuple(run for run in runs if run.text)


def join(parts: Iterable[Rich], separator: str) -> Rich:
    """Parts one after the other with the separator between them."""
    joined: list[Run] = []
    for index, part in enumerate(parts):
        joined += ([Run(separator)] if index else []) + list(part)
    return tuple(joined)


def plain(rich: Rich) -> str:
    return "".join(run.text for run in rich)
