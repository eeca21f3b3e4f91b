"""What differs between two plans."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two plans. `before` and `after` are JSON text; empty where the field was not there."""

    where: str
    before: str
    after: str


def changes(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[Change, ...]:
    """What differs between two plans' documents, hypotheses matched by their keys, in the order of their paths."""
    one, two = _flat(first), _flat(second)
    return tuple(
        Change(where, _text(one[where]) if where in one else "", _text(two[where]) if where in two else "")
        for where in sorted(one.keys() | two.keys())
        if where not in one or where not in two or one[where] != two[where]
    )


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _flat(document: Any, where: str = "") -> dict[str, Any]:
    if isinstance(document, dict):
        found: dict[str, Any] = {}
        for name, value in document.items():
            found |= _flat(value, f"{where}.{name}".strip("."))
        return found
    if where == "hypotheses" and isinstance(document, list):
        found = {}
        for row in document:
            found |= _flat(row, f"hypotheses.{row.get('key', '')}")
        return found
    return {where: document}
