"""Sums over random subsets of fixed size: all of them, their exact distribution, or millions of draws.

What a randomisation test of two arms needs: a re-randomisation is the subset of people who get the first arm, in each
block a subset of the block's own size. Sums are of deviations from each block's mean, so their expectation is zero.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from analysis.stats.samples import FloatArray

    Rng = np.random.Generator

CHUNK, CHUNKS = 13, 4
"""A block of up to 52 is drawn as four parts of up to 13, each from a table of all its subsets."""
TABLE = 4096
"""Small blocks are drawn together, as one table of up to this many sums."""
BATCH, SHUFFLED = 8192, 500
LARGEST_MASKS = 22
MOST_CELLS = 40_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows of numbers to sum (a row a person), and how many people get the first arm."""

    rows: FloatArray
    take: int

    @property
    def log_arrangements(self) -> float:
        n = self.rows.shape[0]
        return math.lgamma(n + 1) - math.lgamma(self.take + 1) - math.lgamma(n - self.take + 1)


def all_sums(blocks: Sequence[Block]) -> FloatArray:
    """(arrangements, columns): the sum of every possible re-randomisation. For few arrangements."""
    sums = np.zeros((1, blocks[0].rows.shape[1]))
    for block in blocks:
        own = _sums_of_size(block.rows, block.take)
        sums = (sums[:, None, :] + own[None, :, :]).reshape(-1, sums.shape[1])
    return sums


def distribution(blocks: Sequence[tuple[NDArray[np.int64], int]]) -> FloatArray:
    """Shares of the sums 0, 1, 2, ... of whole numbers from 0: counted, not drawn (Streitberg and Roehmel 1986)."""
    shares = np.ones(1)
    for values, take in blocks:
        top = int(np.sort(values)[values.size - take :].sum())
        ways = np.zeros((take + 1, top + 1))
        ways[0, 0] = 1.0
        for at, value in enumerate(values.tolist()):
            if value > top:
                continue  # can't be: the top holds the largest values
            for chosen in range(min(at + 1, take), 0, -1):
                ways[chosen, value:] += ways[chosen - 1, : top + 1 - value]
        shares = np.convolve(shares, ways[take] / ways[take].sum())
    return shares


def distribution_cells(blocks: Sequence[tuple[NDArray[np.int64], int]]) -> int:
    """How much work `distribution` is, in cells times values."""
    within = sum(values.size * (take + 1) * int(np.sort(values)[values.size - take :].sum()) for values, take in blocks)
    widths = [int(np.sort(values)[values.size - take :].sum()) + 1 for values, take in blocks]
    between, width = 0, 1
    for own in widths:
        between += width * own
        width += own
    return within + between


def drawn_sums(blocks: Sequence[Block], draws: int, rng: Rng) -> Iterator[FloatArray]:
    """Batches of (rows, columns) sums of random re-randomisations, `draws` rows in all."""
    samplers = list(_samplers(blocks))
    largest = max(block.rows.shape[0] for block in blocks)
    batch = max(1, min(BATCH, 4_000_000 // largest))
    for start in range(0, draws, batch):
        size = min(batch, draws - start)
        total = samplers[0].draw(size, rng)
        for sampler in samplers[1:]:
            total = total + sampler.draw(size, rng)
        yield total


def _samplers(blocks: Sequence[Block]) -> Iterator[_Table | _Parts | _Shuffle | _Lowest]:
    """Small blocks joined into tables, middling ones in parts, large ones by shuffling."""
    pending: FloatArray | None = None
    for block in sorted(blocks, key=lambda block: block.log_arrangements):
        if block.log_arrangements > math.log(TABLE):
            n = block.rows.shape[0]
            yield _Parts(block) if n <= CHUNK * CHUNKS else _Shuffle(block) if n <= SHUFFLED else _Lowest(block)
            continue
        own = _sums_of_size(block.rows, block.take)
        if pending is not None and pending.shape[0] * own.shape[0] > TABLE:
            yield _Table(pending)
            pending = None
        pending = own if pending is None else (pending[:, None] + own[None]).reshape(-1, own.shape[1])
    if pending is not None:
        yield _Table(pending)


class _Table:
    """Equally likely sums, all in one table."""

    def __init__(self, sums: FloatArray) -> None:
        self._sums = sums

    def draw(self, size: int, rng: Rng) -> FloatArray:
        picked: FloatArray = self._sums[_below(self._sums.shape[0], size, rng)]
        return picked


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """Every way to share `take` among the parts: with what chance (as an alias table), and for each part where the
    subsets of its size begin in its table, and how many they are.
    """

    accept: FloatArray
    alias: NDArray[np.int64]
    first: tuple[NDArray[np.int64], ...]
    number: tuple[FloatArray, ...]


@functools.lru_cache(maxsize=64)
def _layout(sizes: tuple[int, ...], take: int) -> _Layout:
    subsets = [np.bincount(_popcounts(size)) for size in sizes]
    grid = np.stack(np.meshgrid(*(np.arange(own.size) for own in subsets), indexing="ij"), axis=-1)
    counts = grid[grid.sum(axis=-1) == take]
    ways = np.ones(len(counts))
    for at, own in enumerate(subsets):
        ways *= own[counts[:, at]]
    accept, alias = _alias(ways / ways.sum())
    return _Layout(
        accept=accept,
        alias=alias,
        first=tuple((np.cumsum(own) - own)[counts[:, at]] for at, own in enumerate(subsets)),
        number=tuple(own[counts[:, at]].astype(float) for at, own in enumerate(subsets)),
    )


class _Parts:
    """A block in up to four parts: how many each part gives is drawn first, then a subset of that size in each."""

    def __init__(self, block: Block) -> None:
        parts = np.array_split(block.rows, CHUNKS)
        self._columns = block.rows.shape[1]
        self._layout = _layout(tuple(part.shape[0] for part in parts), block.take)
        orders = (np.argsort(_popcounts(part.shape[0]), kind="stable") for part in parts)
        self._tables = [np.ascontiguousarray(_masks(part)[order]) for part, order in zip(parts, orders, strict=True)]

    def draw(self, size: int, rng: Rng) -> FloatArray:
        layout = self._layout
        cell = _below(layout.accept.size, size, rng)
        cell = np.where(rng.random(size) < layout.accept[cell], cell, layout.alias[cell])
        total = np.zeros((size, self._columns))
        for table, first, number in zip(self._tables, layout.first, layout.number, strict=True):
            total += table[first[cell] + (rng.random(size) * number[cell]).astype(np.int64)]
        return total


class _Lowest:
    """For thousands of people: who has the lowest of as many random numbers."""

    def __init__(self, block: Block) -> None:
        self._rows, self._take = block.rows, block.take

    def draw(self, size: int, rng: Rng) -> FloatArray:
        numbers = rng.random((size, self._rows.shape[0]))
        limit = np.partition(numbers, self._take - 1, axis=1)[:, self._take - 1 : self._take]
        sums: FloatArray = (numbers <= limit) @ self._rows
        return sums


class _Shuffle:
    """Fisher-Yates, one column of people for each draw, stopped after the smaller arm."""

    def __init__(self, block: Block) -> None:
        n = block.rows.shape[0]
        self._rows, self._few = block.rows, min(block.take, n - block.take)
        self._sign = 1.0 if block.take <= n - block.take else -1.0
        self._all = block.rows.sum(axis=0) if self._sign < 0 else np.zeros(block.rows.shape[1])

    def draw(self, size: int, rng: Rng) -> FloatArray:
        n = self._rows.shape[0]
        people = np.repeat(np.arange(n, dtype=np.int32)[:, None], size, axis=1).ravel()
        draw = np.arange(size)
        total = np.zeros((size, self._rows.shape[1]))
        for i in range(self._few):
            at = (i + _below(n - i, size, rng)) * size + draw
            total += self._rows[people[at]]
            people[at] = people[i * size : (i + 1) * size]
        return self._all + self._sign * total


def _below(n: int, size: int, rng: Rng) -> NDArray[np.int64]:
    return (rng.random(size) * n).astype(np.int64)


def _masks(rows: FloatArray) -> FloatArray:
    """Sums of all 2^n subsets, subset = bits of the index."""
    sums = np.zeros((1, rows.shape[1]))
    for row in rows:
        sums = np.concatenate([sums, sums + row])
    return sums


def _popcounts(n: int) -> NDArray[np.int64]:
    counts = np.zeros(1, np.int64)
    for _ in range(n):
        counts = np.concatenate([counts, counts + 1])
    return counts


def _sums_of_size(rows: FloatArray, take: int) -> FloatArray:
    """Sums of all subsets with `take` members, without the other subsets where n is large."""
    n = rows.shape[0]
    if n <= LARGEST_MASKS:
        sums: FloatArray = _masks(rows)[_popcounts(n) == take]
        return sums
    few = min(take, n - take)
    layers = [np.zeros((1, rows.shape[1])), *(np.zeros((0, rows.shape[1])) for _ in range(few))]
    for row in rows:
        for size in range(few, 0, -1):
            layers[size] = np.concatenate([layers[size], layers[size - 1] + row])
    return layers[few] if few == take else rows.sum(axis=0) - layers[few]


def _alias(shares: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """Vose's (1991) alias method: a cell is drawn in two looks, however many there are."""
    n = shares.size
    scaled, alias, accept = shares * n, np.arange(n), np.ones(n)
    small = [i for i in range(n) if scaled[i] < 1]
    large = [i for i in range(n) if scaled[i] >= 1]
    while small and large:
        less, more = small.pop(), large[-1]
        accept[less], alias[less] = scaled[less], more
        scaled[more] -= 1 - scaled[less]
        if scaled[more] < 1:
            small.append(large.pop())
    return accept, alias
