"""Counts that would point at single people: cells of fewer than five are not shown.

A lone hidden cell beside its total could be worked out, so `guarded` hides the next smallest with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SMALLEST = 5
HIDDEN = "<5"


def too_small(count: int, *, smallest: int = SMALLEST) -> bool:
    """Whether a cell of so many people is not to be shown. Zero is: it points at nobody."""
    return 0 < count < smallest


def shown(count: int, *, smallest: int = SMALLEST) -> str:
    """A single count for a page: the number, or "<5"."""
    return f"<{smallest}" if too_small(count, smallest=smallest) else str(count)


def guarded(cells: Mapping[str, int], *, smallest: int = SMALLEST) -> dict[str, int | None]:
    """Cells that add up to a total which is shown too: label -> people, None where the count is not to be shown.

    With exactly one small cell the smallest of the others is hidden as well, else the total would give it away.
    """
    hidden = {label for label, count in cells.items() if too_small(count, smallest=smallest)}
    if len(hidden) == 1:
        others = [label for label, count in cells.items() if label not in hidden and count > 0]
        if others:
            hidden.add(min(others, key=lambda label: (cells[label], label)))
    return {label: None if label in hidden else count for label, count in cells.items()}
