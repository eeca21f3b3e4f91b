"""Distributions of whole numbers with a given sum and sum of squares: listed, counted, or the first one found.

A distribution is written as its form: (value, count) pairs in ascending order. Values may be deviations.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np

from analysis.stats.samples import InvalidSample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.stats.samples import FloatArray

Form = tuple[tuple[int, int], ...]
LARGEST_TABLE = 10_000_000
"""Cells of counts, of 8 bytes."""
Rest = tuple[int, int, int]
"""How many numbers are still to be chosen, their sum, and their sum of squares."""


def forms(n: int, total: int, squares: int, *, low: int | None = None, high: int | None = None) -> Iterator[Form]:
    """Every distribution of n whole numbers in [low, high] with this sum and sum of squares, each once."""
    yield from _search((n, total, squares), _values(squares, low, high), 0, ())


class FormCounts:
    """How many forms n whole numbers have, for every sum and every sum of squares up to `squares`, in one pass.

    Numbers above 2**53 are rounded, as doubles are. Raises InvalidSample (`too_many`) beyond LARGEST_TABLE cells.
    """

    def __init__(self, n: int, squares: int, *, low: int | None = None, high: int | None = None) -> None:
        if count_cells(n, squares) > LARGEST_TABLE:
            reason = f"the forms of {n} numbers with squares up to {squares} are too many to count"
            raise InvalidSample("numbers", reason, code="too_many")
        others = min(n, squares)  # a number other than 0 takes at least 1 of the squares
        self._middle = math.isqrt(others * squares)
        ways = np.zeros((others + 1, 2 * self._middle + 1, squares + 1))
        ways[0, self._middle, 0] = 1.0
        for value in _values(squares, low, high):
            if value:
                _add(ways, value)
        zeros = any(value == 0 for value in _values(squares, low, high))
        self._ways = ways.sum(axis=0) if zeros else ways[n] if n <= others else np.zeros(ways.shape[1:])

    def of(self, total: int, squares: int) -> int:
        if abs(total) > self._middle or not 0 <= squares < self._ways.shape[1]:
            return 0
        return int(self._ways[self._middle + total, squares])


def count_cells(n: int, squares: int) -> int:
    """How large the table of `FormCounts` is."""
    others = min(n, squares)
    return (others + 1) * (2 * math.isqrt(others * squares) + 1) * (squares + 1)


def count_forms(n: int, total: int, squares: int, *, low: int | None = None, high: int | None = None) -> int:
    """How many `forms` there are, without listing them."""
    return FormCounts(n, squares, low=low, high=high).of(total, squares)


def _add(ways: FloatArray, value: int) -> None:
    """Let every number of copies of `value` join: ways[k, s, q] += ways[k - 1, s - value, q - value^2], k rising."""
    square = value * value
    width = ways.shape[1] - abs(value)
    if width <= 0:
        return
    here, there = (slice(value, None), slice(width)) if value > 0 else (slice(width), slice(-value, None))
    for k in range(1, ways.shape[0]):
        ways[k, here, square:] += ways[k - 1, there, : ways.shape[2] - square]


def has_form(n: int, total: int, squares: int, *, low: int | None = None, high: int | None = None) -> bool:
    """Whether there is any."""
    return next(forms(n, total, squares, low=low, high=high), None) is not None


def shape(form: Form) -> tuple[int, ...]:
    """Counts from the lowest to the highest value: the form up to shift."""
    counts = dict(form)
    return tuple(counts.get(value, 0) for value in range(form[0][0], form[-1][0] + 1))


def _values(squares: int, low: int | None, high: int | None) -> tuple[int, ...]:
    """Values that may occur, the largest in size first: the last ones are what the rest must be made of."""
    reach = math.isqrt(squares)
    bottom = -reach if low is None else max(low, -reach)
    top = reach if high is None else min(high, reach)
    return tuple(sorted(range(bottom, top + 1), key=lambda value: (-abs(value), value)))


def _search(rest: Rest, values: tuple[int, ...], at: int, chosen: Form) -> Iterator[Form]:
    """Choose the next value that occurs and how often; as deep as there are different values."""
    n, total, squares = rest
    if squares == 0:
        if total == 0 and (n == 0 or 0 in values):
            yield tuple(sorted((*chosen, (0, n)) if n else chosen))
        return
    if squares < abs(total) or (squares - total) % 2 or total * total > n * squares:
        return
    for i in range(max(at, bisect_left(values, -math.isqrt(squares), key=lambda v: -abs(v))), len(values)):
        value = values[i]
        square = value * value
        if squares > n * square:
            return
        for k in range(min(n, squares // square), 0, -1):
            left = (n - k, total - k * value, squares - k * square)
            yield from _search(left, values, i + 1, (*chosen, (value, k)))
