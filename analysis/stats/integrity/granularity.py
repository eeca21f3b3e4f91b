"""Means and SDs of whole numbers are grainy: GRIM, GRIMMER, DEBIT, and the samples that fit (CLOSURE, SPRITE).

Brown and Heathers (2017), Social Psychological and Personality Science 8, 363-369 (GRIM); Anaya (2016), PeerJ Preprints
4:e2400v1, and Allard (2018) (GRIMMER); Heathers and Brown (2019) (DEBIT); Heathers et al. (2018) (SPRITE).
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from analysis.stats.check import Printed
from analysis.stats.integrity.forms import LARGEST_TABLE, count_cells, count_forms, forms, has_form
from analysis.stats.samples import InvalidSample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.stats.integrity.forms import Form

Reason = Literal["", "mean", "sd", "scale"]
LARGEST_N, LARGEST_SQUARES = 10_000, 1_000_000
MOST_FORMS = 100_000


@dataclass(frozen=True, slots=True)
class Granularity:
    """`possible`: some whole numbers give the printed figures. `reason` says which figure they can't give.

    `share` is the share of printable means that n whole numbers can have: at 1 a mean tells nothing.
    """

    test: Literal["GRIM", "GRIMMER", "DEBIT"]
    n: int
    items: int
    mean: str
    sd: str
    possible: bool
    reason: Reason
    share: float


def grim(mean: str, n: int, *, items: int = 1) -> Granularity:
    """Can n people who each answered `items` whole-number items have this mean?

    Raises InvalidSample for an n or number of items that can't be, NotPrintedNumber for text that is no figure.
    """
    _require(n, items)
    printed = Printed.parse(mean)
    possible = bool(_sums(printed, n * items))
    share = min(1.0, n * items * printed.unit)
    return Granularity("GRIM", n, items, mean, "", possible=possible, reason="" if possible else "mean", share=share)


def grimmer(mean: str, sd: str, n: int, *, items: int = 1, scale: tuple[int, int] | None = None) -> Granularity:
    """Can n people have this mean and SD (divisor n - 1), on a scale of whole numbers if one is given?

    Exact: the sums of squares that the SD allows are tried, and for each the numbers are looked for.
    """
    _require(n, items)
    printed, spread = Printed.parse(mean), Printed.parse(sd)
    share = min(1.0, n * items * printed.unit)
    if not _sums(printed, n * items):
        return Granularity("GRIMMER", n, items, mean, sd, possible=False, reason="mean", share=share)
    reason: Reason = "sd"
    for total, squares in _moments(printed, spread, n, items):
        if _exists(n, *_about(total, squares, n)):
            reason = "scale"
            if scale is None or _on_scale(n, total, squares, items, scale):
                return Granularity("GRIMMER", n, items, mean, sd, possible=True, reason="", share=share)
    return Granularity("GRIMMER", n, items, mean, sd, possible=False, reason=reason, share=share)


def debit(mean: str, sd: str, n: int) -> Granularity:
    """Can n zeros and ones have this mean and SD? With k ones the SD is sqrt(k (n - k) / (n (n - 1)))."""
    _require(n, 1)
    printed, spread = Printed.parse(mean), Printed.parse(sd)
    share = min(1.0, n * printed.unit)
    ones = [k for k in _sums(printed, n) if 0 <= k <= n]
    if not ones:
        return Granularity("DEBIT", n, 1, mean, sd, possible=False, reason="mean", share=share)
    sds = [math.sqrt(k * (n - k) / (n * (n - 1))) for k in ones]
    possible = any(spread.low - 1e-12 <= x <= spread.high + 1e-12 for x in sds)
    return Granularity("DEBIT", n, 1, mean, sd, possible=possible, reason="" if possible else "sd", share=share)


def closure(mean: str, sd: str, n: int, *, scale: tuple[int, int]) -> list[Form]:
    """Every distribution on the scale that has this mean and SD: Alsalti, Lohmann and Moreau's CLOSURE (2024).

    Raises InvalidSample (`too_many`) beyond MOST_FORMS.
    """
    _require(n, 1)
    places = []
    expected = 0
    for total, squares in _moments(Printed.parse(mean), Printed.parse(sd), n, 1):
        origin = round(Fraction(total, n))
        about, ends = _about(total, squares, n), (scale[0] - origin, scale[1] - origin)
        places.append((origin, about, ends))
        if count_cells(n, about[1]) > LARGEST_TABLE:
            expected = MOST_FORMS + 1
        if expected <= MOST_FORMS:
            expected += count_forms(n, *about, low=ends[0], high=ends[1])
    if expected > MOST_FORMS:
        reason = f"more than {MOST_FORMS} distributions fit; give more digits or a shorter scale"
        raise InvalidSample("mean, SD", reason, code="too_many")
    return [
        tuple((value + origin, count) for value, count in form)
        for origin, about, ends in places
        for form in forms(n, *about, low=ends[0], high=ends[1])
    ]


def sprite(mean: str, sd: str, n: int, *, scale: tuple[int, int], wanted: int = 10, seed: int = 1) -> list[Form]:
    """Some distributions on the scale with this mean and SD, where there are too many to list; in order of finding.

    From a narrow start, two values at a time move apart or together until the SD fits. An empty list means that none
    was found in the tries, not that there is none: `grimmer` decides that.
    """
    _require(n, 1)
    printed, spread = Printed.parse(mean), Printed.parse(sd)
    rng = random.Random(seed)  # noqa: S311 - a reproducible search, no secret
    found: dict[Form, None] = {}
    sums = [total for total in _sums(printed, n) if n * scale[0] <= total <= n * scale[1]]
    for _ in range(20 * wanted if sums else 0):
        form = _one_sprite(rng.choice(sums), spread, n, scale, rng)
        if form:
            found.setdefault(form)
        if len(found) == wanted:
            break
    return list(found)


def _require(n: int, items: int) -> None:
    if not 2 <= n <= LARGEST_N:
        raise InvalidSample("n", f"a mean and SD of {n} people can't be checked; give 2 to {LARGEST_N}", code="too_few")
    if items < 1:
        raise InvalidSample("items", f"{items} items can't be", code="too_few")


def _sums(mean: Printed, cells: int) -> range:
    """Whole sums of `cells` numbers whose mean rounds to the printed one."""
    low, high = Fraction(repr(mean.low)) * cells, Fraction(repr(mean.high)) * cells
    return range(math.ceil(low), math.floor(high) + 1)


def _moments(mean: Printed, sd: Printed, n: int, items: int) -> Iterator[tuple[int, int]]:
    """(sum, sum of squares) of the people's totals over their items, that the printed figures allow."""
    low, high = (max(Fraction(0), Fraction(repr(x))) * items for x in (sd.low, sd.high))
    for total in _sums(mean, n * items):
        base = Fraction(total * total, n)
        first = math.ceil(base + low * low * (n - 1))
        last = math.floor(base + high * high * (n - 1))
        first += (first - total) % 2
        for squares in range(first, last + 1, 2):
            yield total, squares


def _about(total: int, squares: int, n: int) -> tuple[int, int]:
    """The same sums of deviations from the whole number nearest to the mean."""
    origin = round(Fraction(total, n))
    return total - n * origin, squares - 2 * origin * total + n * origin * origin


def _exists(n: int, total: int, squares: int) -> bool:
    """Whether any whole numbers have these sums; six or more have every large sum of squares of the right parity."""
    if squares <= LARGEST_SQUARES:
        return has_form(n, total, squares)
    if n < 6:
        raise InvalidSample("SD", f"an SD this large of {n} people can't be searched", code="too_many")
    return True


def _on_scale(n: int, total: int, squares: int, items: int, scale: tuple[int, int]) -> bool:
    origin = round(Fraction(total, n))
    low, high = (end * items - origin for end in scale)
    return has_form(n, *_about(total, squares, n), low=low, high=high)


def _one_sprite(total: int, sd: Printed, n: int, scale: tuple[int, int], rng: random.Random) -> Form | None:
    low, high = scale
    base, rest = divmod(total, n)
    values = [base + 1] * rest + [base] * (n - rest)
    bounds = [Fraction(repr(x)) ** 2 * n * (n - 1) if x > 0 else Fraction(-1) for x in (sd.low, sd.high)]
    squares = sum(value * value for value in values)
    for _ in range(50 * n):
        scaled = n * squares - total * total
        if bounds[0] <= scaled <= bounds[1]:
            return tuple((value, values.count(value)) for value in sorted(set(values)))
        i, j = rng.sample(range(n), 2)
        if values[i] < values[j]:
            i, j = j, i  # i holds the higher one
        step = 1 if scaled < bounds[0] else -1
        up, down = values[i] + step, values[j] - step
        if not (low <= down and up <= high) or (step < 0 and values[i] - values[j] < 2):
            continue
        squares += up * up + down * down - values[i] ** 2 - values[j] ** 2
        values[i], values[j] = up, down
    return None
