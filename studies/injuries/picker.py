"""Find the student that somebody means by a few typed letters."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studies.models import Participant


def find_student(typed: str, students: Sequence[Participant]) -> list[Participant]:
    """Whom the text fits: a code, or "Name (CODE)", exactly; else everybody with a word of the name that begins so.

    Accents and case make no difference. Each word typed must begin a word of the name.
    """
    wanted = _plain(typed)
    if not wanted:
        return []
    code = wanted.rpartition("(")[2].rstrip(")").strip()
    exact = [row for row in students if _plain(row.code) in {wanted, code}]
    if exact:
        return exact
    words = wanted.split()
    return [row for row in students if all(_begins(word, row) for word in words)]


def _begins(word: str, participant: Participant) -> bool:
    names = (*_plain(participant.user.get_full_name()).split(), _plain(participant.code))
    return any(name.startswith(word) for name in names)


def _plain(text: str) -> str:
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in split if not unicodedata.combining(char)).strip()
