"""Tempo of each repetition, in the field's order of four: down, at the bottom, up, at the top.

Coaches write 3-1-2-1 for three seconds down, one at the bottom, two up and one at the top, also for a lift that begins
with the way up. A repetition of a deadlift is up, top, down, floor: the time on the floor is that until the next
lift-off, and the last repetition has none.
"""

from __future__ import annotations

from dataclasses import replace
from statistics import mean, stdev
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.vision.bar import BarPath
    from coaching.vision.types import Rep

FOREVER_S = 1e9


def with_tempo(reps: Sequence[Rep], path: BarPath | None) -> tuple[Rep, ...]:
    """The repetitions with the seconds of their parts, by when the bar moves; None where that was not seen."""
    if not reps:
        return ()
    ups = [path.up(rep) if path else None for rep in reps]
    ends = [*(rep.start_s for rep in reps[1:]), FOREVER_S]
    downs = [path.down(rep, end) if path else None for rep, end in zip(reps, ends, strict=True)]
    return tuple(
        replace(
            rep,
            concentric_s=up.seconds if up else None,
            top_s=max(down.start_s - up.stop_s, 0.0) if up and down else None,
            eccentric_s=down.seconds if down else None,
            floor_s=max(following.start_s - down.stop_s, 0.0) if down and following else None,
        )
        for rep, up, down, following in zip(reps, ups, downs, [*ups[1:], None], strict=True)
    )


def spread(reps: Sequence[Rep]) -> float | None:
    """Coefficient of variation (SD, n - 1, over mean) of the way up's seconds; None with fewer than two of them."""
    seconds = [rep.concentric_s for rep in reps if rep.concentric_s]
    return stdev(seconds) / mean(seconds) if len(seconds) > 1 else None
