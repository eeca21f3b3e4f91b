"""The randomisation test: the allocation is the only thing that was random, so it is what is done again.

Fisher (1935), The Design of Experiments; Rosenberger and Lachin (2016), Randomization in Clinical Trials, chapter 6;
Phipson and Smyth (2010) for the Monte Carlo p. Under the sharp null hypothesis nobody's value depends on the arm, so
every allocation that the design could have drawn gives a value of the statistic that could as well have been observed.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import stats

from analysis.stats.samples import InvalidSample, sample
from analysis.stats.subsets import MOST_CELLS, Block, all_sums, distribution, distribution_cells, drawn_sums

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

    from analysis.stats.samples import FloatArray

    Codes = NDArray[np.int64]
    Redraw = Callable[[np.random.Generator, int], ArrayLike]
    Statistic2 = Callable[[FloatArray], FloatArray]

Statistic = Literal["difference", "studentised", "f"]
Method = Literal["exact", "monte_carlo"]
DRAWS, SEED = 100_000, 20240901
ENUMERATED = 1_000_000
"""Up to this many allocations are gone through; beyond, they are counted where that is possible, else drawn."""
FINEST, MOST_DRAWN = 1000, 5_000_000_000
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class RandomisationTest:
    """`p` is two-sided: the share of allocations whose statistic is at least as far from its expectation as observed.

    "exact": of all `arrangements`. "monte_carlo": (at_least + 1) / (draws + 1), with its standard error `mc_se` and a
    99 % interval of the exact p, `p_low` to `p_high`. `arrangements` is None where `redraw` draws, and where they
    are a number of over 300 digits.
    """

    statistic: Statistic
    observed: float
    p: float
    method: Method
    arrangements: int | None
    blocks: int
    draws: int
    at_least: int
    mc_se: float
    p_low: float
    p_high: float
    seed: int | None


def randomisation_test(
    values: ArrayLike,
    arms: Sequence[str],
    *,
    statistic: Statistic = "difference",
    blocks: Sequence[Hashable] | None = None,
    redraw: Redraw | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> RandomisationTest:
    """Allocate again, as the design did, and compare. Values and arms are in one order of people.

    `blocks` is a label for each person: within a block the arms were permuted, so its arm sizes stay. Complete
    randomisation with fixed sizes is one block (None), strata are blocks of their own, permuted blocks carry stratum
    and number. `redraw(rng, m)` gives m allocations (m rows of arm names' places, 0 for the first arm in order of
    name) for designs that no permutation describes, such as minimisation.

    "difference": mean of the first arm (by name) minus the second's. "studentised": the same over Welch's standard
    error, so that unequal spreads alone do not reject (Chung and Romano 2013). "f": F of any number of arms.

    Raises InvalidSample as `sample`, and: `unpaired` (other lengths), `two_arms_needed`, `too_few_groups`,
    `one_arrangement` (no block holds two arms), `constant` (all values equal), `too_many` (draws times people), and
    ValueError for draws below 1 or a `redraw` of another shape.
    """
    x = sample("values", values).values
    names, codes = _arms(arms, x.size, statistic)
    if (x == x[0]).all():
        raise InvalidSample("values", "all values are equal, whatever the arm", code="constant")
    if draws < 1:
        raise ValueError(f"at least one draw is needed, got {draws}")
    if draws * x.size > MOST_DRAWN:
        reason = f"{draws:,} draws of {x.size:,} people take too long; ask for {MOST_DRAWN // x.size:,} at most"
        raise InvalidSample("draws", reason, code="too_many")
    places = _blocks(blocks, x.size, codes)
    if redraw is not None:
        return _by_redraw(x, codes, redraw, statistic, _Plan(None, draws, seed))
    arrangements = _arrangements(codes, places)
    if arrangements == 1:
        reason = "no block holds people of two arms, so the design allows one allocation only"
        raise InvalidSample("blocks", reason, code="one_arrangement")
    if statistic == "f":
        return _many_arms(x, codes, len(names), places, _Plan(arrangements, draws, seed))
    return _two_arms(x, codes, places, statistic, _Plan(arrangements, draws, seed))


@dataclass(frozen=True, slots=True)
class _Plan:
    arrangements: int | None
    draws: int
    seed: int


def _two_arms(x: FloatArray, codes: Codes, places: list[Codes], statistic: Statistic, plan: _Plan) -> RandomisationTest:
    """Sums over the first arm say everything: the rest of each block is in the second."""
    arrangements, draws, seed = plan.arrangements, plan.draws, plan.seed
    n1 = int((codes == 0).sum())
    of = _statistic(x, n1, statistic)
    rows = np.column_stack([x, x * x]) if statistic == "studentised" else x[:, None]
    rows = rows - _centre(rows, places)
    parts = [Block(rows[place], int((codes[place] == 0).sum())) for place in places]
    expected = np.zeros(rows.shape[1])
    for place, part in zip(places, parts, strict=True):
        expected += part.take * _centre(np.column_stack([x, x * x])[:, : rows.shape[1]], [place])[place[0]]
    observed_sum = rows[codes == 0].sum(axis=0)
    middle = float(of(expected[None])[0]) if statistic == "difference" else 0.0
    observed = float(of((observed_sum + expected)[None])[0])
    far = abs(observed - middle)

    def at_least(sums: FloatArray) -> int:
        return int((np.abs(of(sums + expected) - middle) >= far * (1 - SLACK)).sum())

    head = _Head(statistic, observed, len(places), arrangements)
    if arrangements is not None and arrangements <= ENUMERATED:
        count = at_least(all_sums(parts))
        return _exact(head, count / arrangements)
    counted = _counted(x, codes, places) if statistic == "difference" else None
    if counted is not None:
        return _exact(head, counted)
    rng = np.random.default_rng(seed)
    count = sum(at_least(sums) for sums in drawn_sums(parts, draws, rng))
    return _monte_carlo(head, count, draws=draws, seed=seed)


def _centre(rows: FloatArray, places: list[Codes]) -> FloatArray:
    """Each row's block mean."""
    centre = np.zeros_like(rows)
    for place in places:
        centre[place] = rows[place].mean(axis=0)
    return centre


def _statistic(x: FloatArray, n1: int, statistic: Statistic) -> Statistic2:
    """From (m, columns) sums over the first arm to (m,) values. Differences that vary by rounding only are equal."""
    n2 = x.size - n1
    all_x, all_squares = float(x.sum()), float((x * x).sum())

    def difference(sums: FloatArray) -> FloatArray:
        return np.asarray(sums[:, 0] / n1 - (all_x - sums[:, 0]) / n2)

    def studentised(sums: FloatArray) -> FloatArray:
        first, second = sums[:, 0] / n1, (all_x - sums[:, 0]) / n2
        ss1, ss2 = sums[:, 1] - n1 * first**2, all_squares - sums[:, 1] - n2 * second**2
        variance = np.maximum(ss1, 0) / (n1 - 1) / n1 + np.maximum(ss2, 0) / (n2 - 1) / n2
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (first - second) / np.sqrt(variance)
        return np.asarray(np.where(first == second, 0.0, t))

    if statistic == "studentised" and min(n1, n2) < 2:
        raise InvalidSample("arms", "a studentised difference needs two people in each arm", code="too_few")
    return difference if statistic == "difference" else studentised


def _counted(x: FloatArray, codes: Codes, places: list[Codes]) -> float | None:
    """The exact p where the values are multiples of a common step, by counting sums; None where that is too much."""
    whole = _steps(x)
    if whole is None:
        return None
    parts = [(whole[place] - whole[place].min(), int((codes[place] == 0).sum())) for place in places]
    if distribution_cells(parts) > MOST_CELLS:
        return None
    shares = distribution(parts)
    expected = sum(values.mean() * take for values, take in parts)
    observed = sum(int(own[codes[place] == 0].sum()) for (own, _), place in zip(parts, places, strict=True))
    far = abs(observed - expected) - SLACK * max(1.0, shares.size)
    return min(1.0, float(shares[np.abs(np.arange(shares.size) - expected) >= far].sum()))


def _steps(x: FloatArray) -> Codes | None:
    """x as whole multiples of 1, 1/2, 1/4, .1, .01 or .001 above its lowest value, or None."""
    for per_unit in (1, 2, 4, 10, 100, FINEST):
        scaled = (x - x.min()) * per_unit
        whole = np.rint(scaled)
        if float(np.abs(scaled - whole).max()) < 1e-7 and float(whole.max()) < 1e9:
            steps: Codes = whole.astype(np.int64)
            return steps
    return None


def _many_arms(x: FloatArray, codes: Codes, k: int, places: list[Codes], plan: _Plan) -> RandomisationTest:
    arrangements, draws, seed = plan.arrangements, plan.draws, plan.seed
    observed = float(_f(x, codes[None], k)[0])
    head = _Head("f", observed, len(places), arrangements)
    if arrangements is not None and arrangements <= ENUMERATED // 10:
        count = sum(_reaches(_f(x, batch, k), observed) for batch in _all_codes(codes, places))
        return _exact(head, count / arrangements)
    rng = np.random.default_rng(seed)
    count = sum(_reaches(_f(x, batch, k), observed) for batch in _drawn_codes(codes, places, draws, rng))
    return _monte_carlo(head, count, draws=draws, seed=seed)


def _by_redraw(x: FloatArray, codes: Codes, redraw: Redraw, statistic: Statistic, plan: _Plan) -> RandomisationTest:
    """Allocations from the caller's own procedure, whose arm sizes may vary; one that leaves an arm empty counts as
    reaching the observed value, which errs on the safe side.
    """
    draws, seed, k = plan.draws, plan.seed, int(codes.max()) + 1
    rng = np.random.default_rng(seed)
    observed = float(_of_codes(x, codes[None], k, statistic)[0])
    count, batch = 0, max(16, min(8192, 4_000_000 // x.size))
    for start in range(0, draws, batch):
        size = min(batch, draws - start)
        drawn = np.asarray(redraw(rng, size))
        if drawn.shape != (size, x.size):
            raise ValueError(f"redraw was asked for {(size, x.size)} and gave {drawn.shape}")
        found = np.abs(_of_codes(x, drawn.astype(np.int64), k, statistic))
        count += int((~(found < abs(observed) * (1 - SLACK))).sum())
    return _monte_carlo(_Head(statistic, observed, 0, None), count, draws=draws, seed=seed)


def _of_codes(x: FloatArray, codes: Codes, k: int, statistic: Statistic) -> FloatArray:
    if statistic == "f":
        return _f(x, codes, k)
    first = codes == 0
    n1 = first.sum(axis=1)
    n2 = x.size - n1
    with np.errstate(divide="ignore", invalid="ignore"):
        m1, m2 = (first @ x) / n1, (~first @ x) / n2
        if statistic == "difference":
            return np.asarray(m1 - m2)
        squares = x * x
        v1 = ((first @ squares) / n1 - m1**2) / (n1 - 1)
        v2 = ((~first @ squares) / n2 - m2**2) / (n2 - 1)
        return np.asarray((m1 - m2) / np.sqrt(v1 + v2))


def _f(x: FloatArray, codes: Codes, k: int) -> FloatArray:
    """F of one-way ANOVA for each row of arm places."""
    centred = x - x.mean()
    total = float(centred @ centred)
    between = np.zeros(codes.shape[0])
    with np.errstate(divide="ignore", invalid="ignore"):
        for arm in range(k):
            mask = codes == arm
            between += (mask @ centred) ** 2 / mask.sum(axis=1)
        return np.asarray(between / (k - 1) / (np.maximum(total - between, 0.0) / (x.size - k)))


def _reaches(found: FloatArray, observed: float) -> int:
    return int((found >= observed * (1 - SLACK)).sum())


def _all_codes(codes: Codes, places: list[Codes], batch: int = 4096) -> Iterator[Codes]:
    rows: list[Codes] = []
    for row in _arrange(codes.copy(), places, 0):
        rows.append(row)
        if len(rows) == batch:
            yield np.array(rows)
            rows = []
    if rows:
        yield np.array(rows)


def _arrange(codes: Codes, places: list[Codes], at: int) -> Iterator[Codes]:
    if at == len(places):
        yield codes.copy()
        return
    place = places[at]
    for order in _orders(Counter(codes[place].tolist()), place.size):
        changed = codes.copy()
        changed[place] = order
        yield from _arrange(changed, places, at + 1)


def _orders(left: Counter[int], size: int) -> Iterator[list[int]]:
    """Every different order of a multiset."""
    if size == 0:
        yield []
        return
    for arm in sorted(left):
        if left[arm]:
            left[arm] -= 1
            for rest in _orders(left, size - 1):
                yield [arm, *rest]
            left[arm] += 1


def _drawn_codes(codes: Codes, places: list[Codes], draws: int, rng: np.random.Generator) -> Iterator[Codes]:
    batch = max(16, min(8192, 4_000_000 // codes.size))
    for start in range(0, draws, batch):
        rows = np.repeat(codes[None], min(batch, draws - start), axis=0)
        for place in places:
            rows[:, place] = rng.permuted(rows[:, place], axis=1)
        yield rows


def _arms(arms: Sequence[str], n: int, statistic: Statistic) -> tuple[list[str], Codes]:
    if len(arms) != n:
        raise InvalidSample("arms", f"{len(arms)} arms for {n} values; give each person's", code="unpaired")
    names = sorted(set(arms))
    if len(names) < 2:
        raise InvalidSample("arms", f"a comparison needs at least 2, got {len(names)}", code="too_few_groups")
    if statistic != "f" and len(names) != 2:
        raise InvalidSample("arms", f"a difference is of 2 arms, got {len(names)}; use F", code="two_arms_needed")
    place = {name: at for at, name in enumerate(names)}
    return names, np.array([place[arm] for arm in arms], np.int64)


def _blocks(blocks: Sequence[Hashable] | None, n: int, codes: Codes) -> list[Codes]:
    """Places of each block's people, blocks of one arm left out: nothing can move in them. They still count in sums."""
    if blocks is None:
        return [np.arange(n)]
    if len(blocks) != n:
        raise InvalidSample("blocks", f"{len(blocks)} blocks for {n} values; give each person's", code="unpaired")
    found: dict[Hashable, list[int]] = {}
    for at, label in enumerate(blocks):
        found.setdefault(label, []).append(at)
    return [np.array(place) for place in found.values()]


def _arrangements(codes: Codes, places: list[Codes]) -> int | None:
    """How many allocations there are; None for a number of more than 300 digits."""
    sizes = [np.bincount(codes[place]).tolist() for place in places]
    digits = sum(math.lgamma(sum(own) + 1) - sum(math.lgamma(size + 1) for size in own) for own in sizes)
    if digits > 300 * math.log(10):
        return None
    count = 1
    for own in sizes:
        left = sum(own)
        for size in own:
            count *= math.comb(left, size)
            left -= size
    return count


@dataclass(frozen=True, slots=True)
class _Head:
    statistic: Statistic
    observed: float
    blocks: int
    arrangements: int | None


def _exact(head: _Head, p: float) -> RandomisationTest:
    return RandomisationTest(
        statistic=head.statistic,
        observed=head.observed,
        p=p,
        method="exact",
        arrangements=head.arrangements,
        blocks=head.blocks,
        draws=0,
        at_least=0,
        mc_se=0.0,
        p_low=p,
        p_high=p,
        seed=None,
    )


def _monte_carlo(head: _Head, count: int, *, draws: int, seed: int) -> RandomisationTest:
    p = (count + 1) / (draws + 1)
    return RandomisationTest(
        statistic=head.statistic,
        observed=head.observed,
        p=p,
        method="monte_carlo",
        arrangements=head.arrangements,
        blocks=head.blocks,
        draws=draws,
        at_least=count,
        mc_se=math.sqrt(p * (1 - p) / draws),
        p_low=float(stats.beta.ppf(0.005, count, draws - count + 1)) if count else 0.0,
        p_high=float(stats.beta.isf(0.005, count + 1, draws - count)) if count < draws else 1.0,
        seed=seed,
    )
