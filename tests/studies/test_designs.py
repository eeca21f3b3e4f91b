"""Committed designs: what holds for every draw, and one draw of each algorithm written down."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import combinations, islice, pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.randomise import InvalidRoster, allocate
from studies.randomise.design import (
    BLOCKS,
    CLUSTERS,
    COMPLETE,
    MINIMISE,
    Design,
    Factor,
    InvalidDesign,
    checked,
    commitment_of,
    read_design,
)
from studies.randomise.sequence import Entry, Sequence, block_sequence, draw_batch, replay
from tests.studies.golden import GOLDEN, SEED, STUDENTS, Golden

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

EQUAL = {"x": 1, "y": 1}
YEARS = Factor("year", ("2", "3", "4"))
seeds = st.integers(min_value=0, max_value=2**128 - 1)


def name(golden: Golden) -> str:
    return golden.design.algorithm


@pytest.mark.parametrize("golden", GOLDEN, ids=name)
def test_golden_draws(golden: Golden) -> None:
    """Written down once; `tests/studies/test_verify_allocation.py` makes them again with a second implementation."""
    assert "".join(drawn.arm for drawn in replay(golden.design, SEED, golden.entries)) == golden.arms
    assert commitment_of(golden.design.document(), SEED) == golden.commitment
    assert checked(golden.design) is golden.design


@pytest.mark.parametrize("golden", GOLDEN, ids=name)
def test_a_stored_design_is_read_back_as_it_was(golden: Golden) -> None:
    document = golden.design.document()
    assert read_design(document).document() == document
    assert [d.arm for d in replay(read_design(document), SEED, golden.entries)] == list(golden.arms)


def test_the_commitment_is_the_hash_of_the_documented_text() -> None:
    design = Design(BLOCKS, {"b": 1, "a": 2}, (Factor("sex", ("f", "m")),), (6, 3))
    text = (
        '{"design":{"algorithm":"blocks-sha256-v1","arms":[{"key":"a","ratio":2},{"key":"b","ratio":1}],'
        '"block_sizes":[3,6],"factors":[{"key":"sex","levels":["f","m"]}]},"seed":"7"}'
    )
    assert commitment_of(design.document(), 7) == hashlib.sha256(text.encode()).hexdigest()
    assert commitment_of(design.document(), 8) != commitment_of(design.document(), 7)


# Complete: uniform over all splits


def splits_of_eight(draw: Callable[[int], Mapping[str, str]], runs: int) -> Counter[str]:
    return Counter("".join(sorted(who for who, arm in draw(seed).items() if arm == "x")) for seed in range(runs))


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(lambda seed: allocate("abcdefgh", ["x", "y"], seed), id="v1"),
        pytest.param(lambda seed: draw_batch(Design(COMPLETE, EQUAL), seed, 1, "abcdefgh"), id="v2"),
    ],
)
def test_all_70_splits_of_eight_are_equally_likely(draw: Callable[[int], Mapping[str, str]]) -> None:
    """Chi-square over C(8, 4) = 70 splits, 100 draws each. scipy.stats.chi2.ppf(0.999, 69) = 111.06."""
    found = splits_of_eight(draw, 7_000)
    assert set(found) == {"".join(split) for split in combinations("abcdefgh", 4)}
    assert sum((count - 100) ** 2 / 100 for count in found.values()) < 111.06


@given(seeds, st.integers(min_value=1, max_value=60))
def test_a_class_drawn_at_two_to_one_has_that_ratio(seed: int, size: int) -> None:
    drawn = Counter(draw_batch(Design(COMPLETE, {"x": 2, "y": 1}), seed, 1, [f"P{n}" for n in range(size)]).values())
    assert 2 * (size // 3) <= drawn["x"] <= 2 * (size // 3) + min(size % 3, 2)
    assert drawn["x"] + drawn["y"] == size


def test_each_batch_is_a_draw_of_its_own() -> None:
    design, names = Design(COMPLETE, EQUAL), [f"P{n:02d}" for n in range(20)]
    first, second = draw_batch(design, SEED, 1, names), draw_batch(design, SEED, 2, names)
    assert first != second
    assert draw_batch(design, SEED, 1, names[::-1]) == first


def test_a_section_gets_one_arm() -> None:
    design = Design(CLUSTERS, EQUAL)
    drawn = replay(design, SEED, [Entry(f"P{n}", batch=1, cluster=f"{n % 4}") for n in range(20)])
    by_section = {n % 4: {drawn[m].arm for m in range(20) if m % 4 == n % 4} for n in range(4)}
    assert all(len(arms) == 1 for arms in by_section.values())
    assert Counter(arm for arms in by_section.values() for arm in arms) == {"x": 2, "y": 2}


# Blocks


@given(seeds, st.sets(st.sampled_from([2, 4, 6, 8, 10]), min_size=1))
def test_blocks_never_differ_by_more_than_half_a_block(seed: int, sizes: set[int]) -> None:
    design = Design(BLOCKS, EQUAL, (), tuple(sizes))
    ahead = 0
    for arm in islice(block_sequence(design, seed, []), 100):
        ahead += 1 if arm == "x" else -1
        assert abs(ahead) <= max(sizes) / 2


@given(seeds, st.lists(st.sampled_from(["2", "3", "4"]), min_size=1, max_size=80))
def test_in_each_stratum_too(seed: int, years: list[str]) -> None:
    sequence = Sequence(Design(BLOCKS, EQUAL, (YEARS,), (2, 4)), seed)
    ahead: Counter[str] = Counter()
    for year in years:
        ahead[year] += 1 if sequence.next({"year": year}).arm == "x" else -1
        assert abs(ahead[year]) <= 2


def test_block_sizes_are_mixed_and_every_block_is_complete() -> None:
    """With sizes 3 and 9 at 2:1, whole blocks end where x is exactly two thirds; both sizes are met."""
    design = Design(BLOCKS, {"x": 2, "y": 1}, (), (3, 9))
    arms = list(islice(block_sequence(design, SEED, []), 900))
    assert arms[:900].count("x") in range(597, 604)
    balanced = [n for n in range(3, 901, 3) if arms[:n].count("x") * 3 == n * 2]
    gaps = {after - before for before, after in pairwise(balanced)}
    assert {3, 9} <= gaps


def test_strata_do_not_share_their_sequence() -> None:
    design = Design(BLOCKS, EQUAL, (YEARS,), (2, 4, 6))
    of = {year: list(islice(block_sequence(design, SEED, [year]), 40)) for year in ("2", "3", "4")}
    assert of["2"] != of["3"] != of["4"] != of["2"]


# Minimisation


def test_the_imbalance_is_pocock_and_simons_sum_of_ranges() -> None:
    """By hand for the third golden student (year 3, <60), after x: (2, <60) and y: (2, >=60).

    Getting x: all 2 against 1 -> 1; year 3 is 1 against 0 -> 1, times 2; <60 is 2 against 0 -> 2. Sum 5.
    Getting y: all 1 against 2 -> 1; year 3 -> 1, times 2; <60 is 1 against 1 -> 0. Sum 3.
    """
    drawn = replay(GOLDEN[2].design, SEED, STUDENTS)
    assert drawn[0].imbalance == {"x": 4, "y": 4}
    assert drawn[2].imbalance == {"x": 5, "y": 3}


def test_the_best_arm_is_followed_as_often_as_asked() -> None:
    """4 000 times the second of two like students: the other arm balances; 80 % follow, sd 0.63 %, 5 sd."""
    design = Design(MINIMISE, EQUAL, (YEARS,), follow_percent=80)
    followed = 0
    for seed in range(4_000):
        sequence = Sequence(design, seed)
        followed += sequence.next({"year": "2"}).arm != sequence.next({"year": "2"}).arm
    assert abs(followed / 4_000 - 0.8) < 5 * 0.0063


def test_during_burn_in_balance_is_not_looked_at() -> None:
    """As above with a burn-in of two: half of 4 000, sd 0.79 %, 5 sd."""
    design = Design(MINIMISE, EQUAL, (YEARS,), burn_in=2)
    followed = 0
    for seed in range(4_000):
        sequence = Sequence(design, seed)
        followed += sequence.next({"year": "2"}).arm != sequence.next({"year": "2"}).arm
    assert abs(followed / 4_000 - 0.5) < 5 * 0.0079


def test_an_unequal_ratio_holds_for_the_whole() -> None:
    sequence = Sequence(Design(MINIMISE, {"x": 2, "y": 1}, (YEARS,)), SEED)
    arms = Counter(sequence.next({"year": "234"[n % 3]}).arm for n in range(300))
    assert abs(arms["x"] - 200) <= 4


# What is refused


@pytest.mark.parametrize("algorithm", [BLOCKS, MINIMISE])
@pytest.mark.parametrize("levels", [{}, {"year": "5"}, {"year": ""}])
def test_a_student_without_a_known_level_gets_no_arm(algorithm: str, levels: dict[str, str]) -> None:
    with pytest.raises(InvalidRoster, match="no level of year"):
        Sequence(Design(algorithm, EQUAL, (YEARS,), (2, 4)), SEED).next(levels)


def test_nobody_and_somebody_twice_are_refused() -> None:
    with pytest.raises(InvalidRoster, match="nobody"):
        draw_batch(Design(COMPLETE, EQUAL), 1, 1, [])
    with pytest.raises(InvalidRoster, match="twice"):
        draw_batch(Design(COMPLETE, EQUAL), 1, 1, ["a", "a"])
    with pytest.raises(InvalidRoster, match="twice"):
        replay(Design(BLOCKS, EQUAL, (), (2, 4)), 1, [Entry("a"), Entry("a")])
    with pytest.raises(InvalidRoster, match="one student at a time"):
        draw_batch(Design(BLOCKS, EQUAL, (), (2, 4)), 1, 1, ["a"])


WEIGHTS = Factor("load", cuts=("60", "80"))
REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "needs_two_arms": (COMPLETE, {"ratios": {"x": 1}}),
    "bad_ratio": (COMPLETE, {"ratios": {"x": 1, "y": 0}}),
    "bad_blocks": (BLOCKS, {"block_sizes": (2, 5)}),
    "guessable_blocks": (BLOCKS, {"block_sizes": (2,)}),
    "factor_twice": (BLOCKS, {"block_sizes": (2, 4), "factors": (YEARS, YEARS)}),
    "too_few_levels": (BLOCKS, {"block_sizes": (2, 4), "factors": (Factor("year", ("2",)),)}),
    "bad_cuts": (BLOCKS, {"block_sizes": (2, 4), "factors": (Factor("load", cuts=("80", "60")),)}),
    "too_many_strata": (
        BLOCKS,
        {"block_sizes": (2, 4), "factors": tuple(Factor(f"f{n}", ("1", "2", "3")) for n in range(4))},
    ),
    "no_factors": (MINIMISE, {}),
    "bad_follow": (MINIMISE, {"factors": (YEARS,), "follow_percent": 100}),
    "bad_weight": (MINIMISE, {"factors": (Factor("year", ("2", "3"), weight=0),)}),
    "bad_amount": (MINIMISE, {"factors": (YEARS,), "burn_in": -1}),
    "unknown_algorithm": ("coin", {}),
}
MISTYPED: list[dict[str, Any]] = [
    {"ratios": {"x": 1, "y": 1.0}},
    {"ratios": {"x": 1, "y": True}},
    {"ratios": {1: 1, 2: 1}},
    {"block_sizes": (2, 4.0)},
    {"factors": (Factor("year", (2, 3)),)},  # type: ignore[arg-type]
    {"factors": (Factor("load", cuts=(60,)),)},  # type: ignore[arg-type]
    {"burn_in": "2"},
]


@pytest.mark.parametrize("code", REFUSED)
def test_a_design_that_would_not_do_is_refused(code: str) -> None:
    algorithm, changes = REFUSED[code]
    with pytest.raises(InvalidDesign) as caught:
        checked(Design(**({"algorithm": algorithm, "ratios": EQUAL} | changes)))
    assert caught.value.code == code


@pytest.mark.parametrize("changes", MISTYPED)
def test_numbers_are_whole_and_levels_are_text(changes: dict[str, Any]) -> None:
    """Or a design from a program would be fixed, and fail when the first student is drawn."""
    with pytest.raises(InvalidDesign) as caught:
        checked(Design(**({"algorithm": BLOCKS, "ratios": EQUAL, "block_sizes": (2, 4)} | changes)))
    assert caught.value.code == "bad_type"


@pytest.mark.parametrize(
    ("value", "level"),
    [(59.9, "<60"), ("60", "60 to <80"), (79.99, "60 to <80"), (80, ">=80"), (None, None), ("", None)],
)
def test_a_number_falls_into_its_level(value: object, level: str | None) -> None:
    assert WEIGHTS.level_of(value) == level


def test_a_word_is_its_own_level_if_the_design_knows_it() -> None:
    assert (YEARS.level_of(3), YEARS.level_of("3"), YEARS.level_of(5)) == ("3", "3", None)
