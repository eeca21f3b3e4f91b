"""Students whom a study lost after they had a group: a hook for every part that knows of some.

The flow diagram counts them by reason. A part that lets students leave adds a function to `LOSSES` when it is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from studies.models import Study

LOSSES: list[Callable[[Study], Mapping[int, str]]] = []
"""Each gives the students (primary keys) whom it knows to be lost, with the reason in words, without a name."""


def losses_of(study: Study) -> dict[int, str]:
    """Who was lost, with the reason; whoever is known to several parts counts once, for the first of them."""
    found: dict[int, str] = {}
    for ask in LOSSES:
        for participant, reason in ask(study).items():
            found.setdefault(participant, reason)
    return found
