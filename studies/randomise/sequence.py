"""The arms of a committed design, from seed and order of the students alone.

All numbers come from the generator of `studies.randomise.stream`. Arms are sorted by code point, JSON is canonical
(sorted keys, no spaces, characters as they are). "The places" are the arms in order, each as often as its ratio says.

`complete-sha256-v2`: a class at once, in batches numbered 1, 2, ... (late-comers are a further batch).
  1. Sort the batch's ids by code point. The stream's label is "complete-sha256-v2/<batch>".
  2. Shuffle the ids (Fisher-Yates: for i from last to 1, swap item i with item (a number below i + 1)).
  3. Shuffle a copy of the places the same way, from the same stream.
  4. With n ids and T places, the slots are the sorted places (n div T) times, then the first (n mod T) shuffled places.
  5. The i-th shuffled id gets the i-th slot.

`clusters-sha256-v1`: the same with label "clusters-sha256-v1/<batch>" and the sections' names in place of the ids.
  Every student of a section gets its arm, also those who join it later.

`blocks-sha256-v1`: permuted blocks of random size, in each stratum on its own.
  1. A student's stratum is the list of their levels in the order of the design's factors. The stream's label is
     "blocks-sha256-v1/<the list as canonical JSON>"; without factors that is "blocks-sha256-v1/[]".
  2. A block: its size is item (a number below their count) of the sorted block sizes. Repeat the places until the size
     is reached, and shuffle them.
  3. The blocks follow each other; the k-th student of the stratum gets the k-th place.

`minimise-sha256-v1`: Pocock and Simon's minimisation with a random element. For the k-th student (k = 1, 2, ...):
  1. The stream's label is "minimise-sha256-v1/<k>". Its first number, below 100, is the coin.
  2. A count is the number of earlier students of an arm, as drawn, times L / ratio, L the least common multiple of all
     ratios. For each arm, pretend that the student gets it. For each factor take the counts among students of the same
     level: the largest minus the smallest, times the factor's weight. Add the same for all students, times
     totals_weight. The sum is the arm's imbalance.
  3. The arms of least imbalance are the best. For the first burn_in students, or when all are best, the candidates are
     all arms. Else they are the best when the coin is below follow_percent, and the other arms when it is not.
  4. The candidates' places stand in a row; the arm is item (the stream's next number, below their count).
  With unequal ratios the ratio holds for the whole, not at every step.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studies.randomise.design import BLOCKS, CLUSTERS, COMPLETE, MINIMISE, Design
from studies.randomise.stream import InvalidRoster, Stream, canonical

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Entry:
    """One student in the order of assignment. `batch` and `cluster` are empty where the algorithm has none."""

    id: str
    levels: Mapping[str, str] = field(default_factory=dict)
    batch: int = 0
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """An arm, and for minimisation how it came about: every arm's imbalance before the draw."""

    arm: str
    imbalance: Mapping[str, int] = field(default_factory=dict)


def draw_batch(design: Design, seed: int, batch: int, names: Collection[str]) -> dict[str, str]:
    """Name (a student's id, or a section) -> arm. Raises InvalidRoster for nobody, or a name that is given twice."""
    if design.algorithm not in {COMPLETE, CLUSTERS}:
        raise InvalidRoster(f"{design.algorithm} draws one student at a time")
    if not names:
        raise InvalidRoster("there is nobody to allocate")
    if len(set(names)) != len(names):
        raise InvalidRoster("an id is given twice")
    stream = Stream(seed, label=f"{design.algorithm}/{batch}")
    shuffled = stream.shuffled(sorted(names))
    places = design.places
    rounds, rest = divmod(len(shuffled), len(places))
    slots = places * rounds + stream.shuffled(places)[:rest]
    return dict(zip(shuffled, slots, strict=True))


def block_sequence(design: Design, seed: int, stratum: Iterable[str]) -> Iterator[str]:
    """The endless list of arms of one stratum."""
    stream = Stream(seed, label=f"{BLOCKS}/{canonical(list(stratum))}")
    sizes, places = sorted(design.block_sizes), design.places
    while True:
        size = sizes[stream.below(len(sizes))]
        yield from stream.shuffled(places * (size // len(places)))


class Sequence:
    """The assignments of a design that gives one student an arm at a time. Feed it the students in their order."""

    def __init__(self, design: Design, seed: int) -> None:
        self.design, self._seed = design, seed
        self._blocks: dict[tuple[str, ...], Iterator[str]] = {}
        self._drawn = 0
        self._counts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)

    def next(self, levels: Mapping[str, str]) -> Drawn:
        """The arm of the next student. Raises InvalidRoster when a level of a factor is missing or unknown."""
        for factor in self.design.factors:
            if levels.get(factor.key) not in factor.all_levels():
                raise InvalidRoster(f"no level of {factor.key}: {levels.get(factor.key)!r}")
        self._drawn += 1
        return self._of_block(levels) if self.design.algorithm == BLOCKS else self._minimised(levels)

    def _of_block(self, levels: Mapping[str, str]) -> Drawn:
        stratum = tuple(levels[factor.key] for factor in self.design.factors)
        if stratum not in self._blocks:
            self._blocks[stratum] = block_sequence(self.design, self._seed, stratum)
        return Drawn(next(self._blocks[stratum]))

    def _minimised(self, levels: Mapping[str, str]) -> Drawn:
        design = self.design
        stream = Stream(self._seed, label=f"{MINIMISE}/{self._drawn}")
        coin = stream.below(100)
        imbalance = {arm: self._imbalance(arm, levels) for arm in design.arms}
        least = min(imbalance.values())
        best = {arm for arm in design.arms if imbalance[arm] == least}
        if self._drawn <= design.burn_in or len(best) == len(design.arms):
            candidates = set(design.arms)
        else:
            candidates = best if coin < design.follow_percent else set(design.arms) - best
        places = [arm for arm in design.places if arm in candidates]
        arm = places[stream.below(len(places))]
        for cell in self._cells(levels):
            self._counts[cell][arm] += 1
        return Drawn(arm, imbalance)

    def _cells(self, levels: Mapping[str, str]) -> list[tuple[str, str]]:
        return [("", ""), *((factor.key, levels[factor.key]) for factor in self.design.factors)]

    def _imbalance(self, arm: str, levels: Mapping[str, str]) -> int:
        weights = [self.design.totals_weight, *(factor.weight for factor in self.design.factors)]
        scale = self.design.scale
        total = 0
        for weight, cell in zip(weights, self._cells(levels), strict=True):
            counts = [(self._counts[cell][other] + (other == arm)) * scale[other] for other in self.design.arms]
            total += weight * (max(counts) - min(counts))
        return total


def replay(design: Design, seed: int, entries: Iterable[Entry]) -> list[Drawn]:
    """What the design gave each student, in the order of the entries. Raises InvalidRoster when it can't have."""
    rows = list(entries)
    if len({row.id for row in rows}) != len(rows):
        raise InvalidRoster("an id is given twice")
    if design.algorithm in {BLOCKS, MINIMISE}:
        sequence = Sequence(design, seed)
        return [sequence.next(row.levels) for row in rows]
    clusters = design.algorithm == CLUSTERS
    batches: defaultdict[int, set[str]] = defaultdict(set)
    for row in rows:
        batches[row.batch].add(row.cluster if clusters else row.id)
    arms = {number: draw_batch(design, seed, number, names) for number, names in batches.items()}
    return [Drawn(arms[row.batch][row.cluster if clusters else row.id]) for row in rows]
