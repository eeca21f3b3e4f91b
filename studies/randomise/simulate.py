"""A design repeated thousands of times: how equal the arms get, and how often the next arm can be guessed.

The kernels take the same steps as `studies.randomise.sequence`, for all runs at once; fed with the same numbers they
give the same arms, which a test holds. Only the numbers differ here: NumPy's PCG64 from a seed, which is fast. (Words
beyond the last full multiple are not skipped: of 2**64 words that concerns fewer than 100.)

The guesser knows the design, all earlier students and their arms, but neither the seed nor the sizes of blocks to come.
Before each student they name the arm that is behind: in the stratum for blocks, by the imbalance for minimisation, by
the places left for a class of known size; equally good arms count in parts (Blackwell and Hodges' guesser, 1957).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from studies.randomise.design import BLOCKS, COMPLETE, MINIMISE, Design, usual_block_sizes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Words = NDArray[np.uint64]

SIMPLE = "simple"
"""A coin for every student, for comparison: nothing is balanced, nothing can be guessed."""
RUNS = 10_000
CHUNK = 1_000
STUDENTS_MAX = 200


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, the value that 95 of 100 runs stay within, and the worst of all runs."""

    mean: float
    within_95: int
    worst: int


@dataclass(frozen=True, slots=True)
class Simulated:
    """`difference`: students between the largest and the smallest arm (each divided by its ratio) at the end.

    `on_the_way`: the largest such difference at any moment. `in_levels`: the largest at the end within any level of any
    factor; None without factors. `guessed`, `by_chance`: share of students whose arm was guessed, and could be by luck.
    """

    algorithm: str
    runs: int
    students: int
    difference: Spread
    on_the_way: Spread
    in_levels: Spread | None
    guessed: float
    by_chance: float


def simulate(
    design: Design, students: int, *, population: Sequence[Sequence[int]] = (), runs: int = RUNS, seed: int = 1
) -> Simulated:
    """Repeat the design (its algorithm may also be SIMPLE). `population`: level numbers of real students, in the order
    of the factors, from which each run's students are taken; without it every level is as likely.
    """
    rng = np.random.default_rng(seed)
    ends, ways, levels, guessed = [], [], [], 0.0
    for size in _chunks(runs):
        drawn = _levels(design, students, population, rng, size)
        arms, likely = _draw(design, drawn, rng)
        counts = np.cumsum(arms[:, :, None] == np.arange(len(design.arms)), axis=1)
        differences = _difference(design, counts)
        ends.append(differences[:, -1])
        ways.append(differences.max(axis=1))
        levels.append(_in_levels(design, drawn, arms))
        guessed += float((np.take_along_axis(likely, arms[:, :, None], axis=2)[:, :, 0] / likely.sum(axis=2)).sum())
    return Simulated(
        algorithm=design.algorithm,
        runs=runs,
        students=students,
        difference=_spread(ends),
        on_the_way=_spread(ways),
        in_levels=_spread(levels) if design.factors else None,
        guessed=guessed / (runs * students),
        by_chance=max(design.ratios.values()) / sum(design.ratios.values()),
    )


def compare(
    design: Design, students: int, *, population: Sequence[Sequence[int]] = (), runs: int = RUNS, seed: int = 1
) -> list[Simulated]:
    """The design among its rivals, with the same ratio, factors and students."""
    sizes = design.block_sizes if design.algorithm == BLOCKS else usual_block_sizes(design.ratios)
    rivals = [
        replace(design, algorithm=SIMPLE),
        replace(design, algorithm=COMPLETE),
        replace(design, algorithm=BLOCKS, block_sizes=sizes),
    ]
    if design.factors:
        rivals.append(replace(design, algorithm=MINIMISE))
    return [simulate(rival, students, population=population, runs=runs, seed=seed) for rival in rivals]


def redraw(design: Design, levels: Ints, rng: np.random.Generator) -> Ints:
    """The design's procedure once more for the same students: runs x students, each the place of an arm in
    `design.arms`. `levels` is runs x students x factors, students in the order in which they came.
    """
    return _draw(design, levels, rng)[0]


def _chunks(runs: int) -> Iterator[int]:
    for start in range(0, runs, CHUNK):
        yield min(CHUNK, runs - start)


def _spread(chunks: list[Ints]) -> Spread:
    values = np.concatenate(chunks)
    return Spread(float(values.mean()), int(np.quantile(values, 0.95, method="higher")), int(values.max()))


def _words(rng: np.random.Generator, *shape: int) -> Words:
    return rng.integers(0, 2**64, size=shape, dtype=np.uint64, endpoint=False)


def _levels(
    design: Design, students: int, population: Sequence[Sequence[int]], rng: np.random.Generator, runs: int
) -> Ints:
    """runs x students x factors: the number of each student's level."""
    if len(population) and design.factors:
        people = np.asarray(population, dtype=np.int64)
        taken: Ints = people[rng.integers(0, len(people), size=(runs, students))]
        return taken
    sizes = [len(factor.all_levels()) for factor in design.factors]
    drawn = [rng.integers(0, size, size=(runs, students)) for size in sizes]
    return np.stack(drawn, axis=2) if drawn else np.zeros((runs, students, 0), dtype=np.int64)


def _difference(design: Design, counts: Any) -> Ints:
    """Over the last axis, the arms. With equal ratios this is simply the largest count minus the smallest."""
    scaled = counts * np.array([design.scale[arm] for arm in design.arms])
    found: Ints = scaled.max(axis=-1) - scaled.min(axis=-1)
    return found


def _in_levels(design: Design, levels: Ints, arms: Ints) -> Ints:
    """For each run the largest difference within any level of any factor, at the end."""
    worst: Ints = np.zeros(len(arms), dtype=np.int64)
    for number, factor in enumerate(design.factors):
        for level in range(len(factor.all_levels())):
            here = levels[:, :, number] == level
            counts = np.stack([(here & (arms == arm)).sum(axis=1) for arm in range(len(design.arms))], axis=1)
            worst = np.maximum(worst, _difference(design, counts))
    return worst


def _draw(design: Design, levels: Ints, rng: np.random.Generator) -> tuple[Ints, NDArray[np.bool_]]:
    """Arms (runs x students) and, before each student, which arms the guesser thinks likeliest (x arms)."""
    runs, students, _factors = levels.shape
    everywhere = (runs, students, len(design.arms))
    places = np.array([design.arms.index(arm) for arm in design.places])
    if design.algorithm == SIMPLE:
        arms: Ints = places[(_words(rng, runs, students) % np.uint64(len(places))).astype(np.int64)]
        shares = np.array([design.ratios[arm] for arm in design.arms])
        return arms, np.broadcast_to(shares == shares.max(), everywhere)
    if design.algorithm == MINIMISE:
        return minimised(design, levels, _words(rng, runs, students), _words(rng, runs, students))
    numbers = np.arange(len(design.arms))
    if design.algorithm == COMPLETE:
        arms = completed(design, students, _words(rng, runs, students + len(places)))
        given = np.cumsum(arms[:, :, None] == numbers, axis=1)
        left = given[:, -1:, :] - given + (arms[:, :, None] == numbers)
        return arms, left == left.max(axis=2, keepdims=True)
    return _stratified(design, levels, rng)


def _stratified(design: Design, levels: Ints, rng: np.random.Generator) -> tuple[Ints, NDArray[np.bool_]]:
    runs, students, factors = levels.shape
    sizes = [len(factor.all_levels()) for factor in design.factors]
    stratum = np.zeros((runs, students), dtype=np.int64)
    for number in range(factors):
        stratum = stratum * sizes[number] + levels[:, :, number]
    arms = np.zeros((runs, students), dtype=np.int64)
    likely = np.zeros((runs, students, len(design.arms)), dtype=bool)
    scale = np.array([design.scale[arm] for arm in design.arms])
    for cell in np.unique(stratum):
        here = stratum == cell
        most = int(here.sum(axis=1).max())
        sequence = blocked(design, most, _words(rng, runs, most + max(design.block_sizes)))
        place = np.cumsum(here, axis=1) - 1
        run, student = np.nonzero(here)
        given = np.cumsum(sequence[:, :, None] == np.arange(len(scale)), axis=1) * scale
        before = np.concatenate([np.zeros_like(given[:, :1]), given[:, :-1]], axis=1)
        arms[run, student] = sequence[run, place[run, student]]
        behind = before == before.min(axis=2, keepdims=True)
        likely[run, student] = behind[run, place[run, student]]
    return arms, likely


def completed(design: Design, students: int, words: Words) -> Ints:
    """`complete-sha256-v2` for students 0, 1, ... (sorted ids); runs x at least students + places - 2 words."""
    places = np.array([design.arms.index(arm) for arm in design.places])
    order, used = _shuffled(np.tile(np.arange(students), (len(words), 1)), words)
    last, _used = _shuffled(np.tile(places, (len(words), 1)), words[:, used:])
    rounds, rest = divmod(students, len(places))
    slots = np.concatenate([np.tile(places, (len(words), rounds)), last[:, :rest]], axis=1)
    arms: Ints = np.empty_like(slots)
    np.put_along_axis(arms, order, slots, axis=1)
    return arms


def _shuffled(items: Ints, words: Words) -> tuple[Ints, int]:
    """Fisher-Yates in every row, and how many words of a row it took."""
    rows = np.arange(len(items))
    for used, i in enumerate(range(items.shape[1] - 1, 0, -1)):
        j = (words[:, used] % np.uint64(i + 1)).astype(np.int64)
        items[rows, j], items[:, i] = items[:, i].copy(), items[rows, j].copy()
    return items, max(items.shape[1] - 1, 0)


def blocked(design: Design, students: int, words: Words) -> Ints:
    """The first places of one stratum by `blocks-sha256-v1`; runs x at least students + largest block words."""
    sizes, places = np.array(sorted(design.block_sizes)), [design.arms.index(arm) for arm in design.places]
    largest, runs = int(sizes.max()), len(words)
    sequence = np.zeros((runs, students + largest), dtype=np.int64)
    at, used = np.zeros(runs, dtype=np.int64), np.zeros(runs, dtype=np.int64)
    while (open_ := np.flatnonzero(at < students)).size:
        size = sizes[(words[open_, used[open_]] % np.uint64(len(sizes))).astype(np.int64)]
        used[open_] += 1
        block = np.tile(np.array(places * (largest // len(places))), (len(open_), 1))
        for i in range(largest - 1, 0, -1):
            rows = np.flatnonzero(i < size)
            j = (words[open_[rows], used[open_[rows]]] % np.uint64(i + 1)).astype(np.int64)
            block[rows, j], block[rows, i] = block[rows, i].copy(), block[rows, j].copy()
            used[open_[rows]] += 1
        for k in range(largest):
            rows = np.flatnonzero(k < size)
            sequence[open_[rows], at[open_[rows]] + k] = block[rows, k]
        at[open_] += size
    found: Ints = sequence[:, :students]
    return found


def minimised(design: Design, levels: Ints, coins: Words, picks: Words) -> tuple[Ints, NDArray[np.bool_]]:
    """`minimise-sha256-v1`, with the arms of least imbalance before each draw; coins and picks are runs x students."""
    runs, students, factors = levels.shape
    numbers, rows = np.arange(len(design.arms)), np.arange(runs)
    offsets = np.cumsum([1, *(len(factor.all_levels()) for factor in design.factors)])
    weights = np.array([design.totals_weight, *(factor.weight for factor in design.factors)])
    cells = np.concatenate([np.zeros((runs, students, 1), np.int64), levels + offsets[:factors]], axis=2)
    counts = np.zeros((runs, offsets[-1], len(numbers)), dtype=np.int64)
    places = np.array([design.arms.index(arm) for arm in design.places])
    arms = np.empty((runs, students), dtype=np.int64)
    likely = np.empty((runs, students, len(numbers)), dtype=bool)
    for k in range(students):
        here = counts[rows[:, None], cells[:, k]]
        pretend = here[:, None] + np.eye(len(numbers), dtype=np.int64)[None, :, None]
        imbalance = (_difference(design, pretend) * weights).sum(axis=2)
        best = imbalance == imbalance.min(axis=1, keepdims=True)
        follow = coins[:, k] % np.uint64(100) < np.uint64(design.follow_percent)
        free = best.all(axis=1) | (k < design.burn_in)
        candidates = free[:, None] | np.where(follow[:, None], best, ~best)
        arms[:, k] = _picked(candidates[:, places], places, picks[:, k])
        likely[:, k] = best if k >= design.burn_in else True
        counts[rows[:, None], cells[:, k], arms[:, k, None]] += 1
    return arms, likely


def _picked(allowed: NDArray[np.bool_], places: Ints, words: Words) -> Ints:
    """In each row the arm of the (word mod allowed places)-th allowed place."""
    wanted = (words % allowed.sum(axis=1).astype(np.uint64)).astype(np.int64)
    found: Ints = places[np.argmax(np.cumsum(allowed, axis=1) == wanted[:, None] + 1, axis=1)]
    return found
