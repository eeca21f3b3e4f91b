"""Which two raters get a film and in which order each sees theirs: a function of the seed, the batch and the names.

Algorithm "two-of-many-v1". Films are shuffled, and each goes to the two raters who have the fewest so far; among equals
the stream decides. So two raters rate everything, and with more nobody has more than one film more than another. Each
rater's order is a shuffle of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from studies.randomise.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Sequence

ALGORITHM = "two-of-many-v1"
RATERS_PER_FILM = 2


def pairs_of(films: Sequence[str], raters: Sequence[int], *, seed: int, batch: int) -> dict[str, tuple[int, int]]:
    """Film -> its two raters, whatever the order of `films` and `raters`. ValueError with fewer than two raters."""
    if len(set(raters)) < RATERS_PER_FILM:
        raise ValueError("two raters at least")
    stream = Stream(seed, label=f"{ALGORITHM}/{batch}/pairs")
    load = dict.fromkeys(sorted(set(raters)), 0)
    dealt = {}
    for film in stream.shuffled(sorted(films)):
        first, second = sorted(stream.shuffled(sorted(load)), key=lambda rater: load[rater])[:RATERS_PER_FILM]
        load[first] += 1
        load[second] += 1
        dealt[film] = (first, second)
    return dealt


def order_of(films: Sequence[str], rater: int, *, seed: int, batch: int) -> list[str]:
    """The order in which this rater sees these films."""
    return Stream(seed, label=f"{ALGORITHM}/{batch}/order/{rater}").shuffled(sorted(films))
