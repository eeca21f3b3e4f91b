"""An entry of the audit as one reader may see it: who is blinded reads letters, and no hash.

A hash would tell: with everything else of an entry known, whoever knows two names can try which of them fits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from studies.access import arms_shown_to, sees_arms
from studies.blinding import by_real_key
from studies.models import Arm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studies.models import Study, User

HIDDEN = "…"
_NUMBER_OF_A_GROUP = re.compile(r"arm|group|seed", re.IGNORECASE)


class PayloadReader:
    """What one user reads of the payloads of one study's audit. Two queries, for all entries."""

    def __init__(self, user: User, study: Study) -> None:
        self.sees_all = sees_arms(user, study)
        self._words: dict[str, str] = {}
        if not self.sees_all:
            shown = by_real_key(study, arms_shown_to(user, study))
            for arm in Arm.objects.filter(study=study):
                self._words |= {arm.key: shown[arm.key].key, arm.name: shown[arm.key].name}
        words = "|".join(re.escape(word) for word in sorted(self._words, key=len, reverse=True))
        self._within = re.compile(rf"(?<!\w)({words})(?!\w)", re.IGNORECASE) if words else None

    def read(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return dict(payload) if self.sees_all else self._mapping(payload)

    def _mapping(self, given: Mapping[str, Any]) -> dict[str, Any]:
        rows = ((self._text(key), self._value(key, value)) for key, value in given.items())
        return dict(sorted(rows, key=lambda row: row[0]))

    def _value(self, key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return self._mapping(value)
        if isinstance(value, list):
            return [self._value(key, item) for item in value]
        if isinstance(value, str):
            return HIDDEN if key.endswith("sha256") else self._text(value)
        # A group's number tells its place; that something was done again, or how often, does not.
        hides = isinstance(value, int) and not isinstance(value, bool) and _NUMBER_OF_A_GROUP.search(key)
        return HIDDEN if hides else value

    def _text(self, text: str) -> str:
        if text in self._words:
            return self._words[text]
        return HIDDEN if self._within and self._within.search(text) else text
