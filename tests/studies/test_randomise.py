"""Properties that hold for every draw, and one draw written down, so that a change of the algorithm can't go unseen."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies import randomise
from studies.randomise import ALGORITHM, InvalidRoster, Stream, allocate, commitment

if TYPE_CHECKING:
    from random import Random

rosters = st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=60, unique=True)
arm_sets = st.lists(st.text(min_size=1, max_size=6), min_size=2, max_size=5, unique=True)
seeds = st.integers(min_value=-(2**63), max_value=2**63 - 1)

GOLDEN = {"P1": "x", "P2": "y", "P3": "y", "P4": "x", "P5": "x", "P6": "y"}
GOLDEN_SHA256 = "7ab7e9ada15a69f10c3fd726609a0a8325ce20e820f821aa72e2573ad4d4cc87"


@given(rosters, arm_sets, seeds)
def test_everybody_gets_one_of_the_arms_and_sizes_differ_by_at_most_one(
    ids: list[str], arms: list[str], seed: int
) -> None:
    drawn = allocate(ids, arms, seed)
    sizes = Counter(drawn.values())
    assert set(drawn) == set(ids)
    assert set(sizes) <= set(arms)
    assert max(sizes.values()) - min(sizes.get(arm, 0) for arm in arms) <= 1


@given(rosters, arm_sets, seeds, st.randoms(use_true_random=False))
def test_order_of_students_and_arms_has_no_influence(
    ids: list[str], arms: list[str], seed: int, random: Random
) -> None:
    mixed_ids, mixed_arms = list(ids), list(arms)
    random.shuffle(mixed_ids)
    random.shuffle(mixed_arms)
    assert allocate(mixed_ids, mixed_arms, seed) == allocate(ids, arms, seed)
    assert commitment(mixed_ids, mixed_arms, seed) == commitment(ids, arms, seed)


@given(rosters, arm_sets, seeds, seeds)
def test_the_commitment_tells_seeds_and_rosters_apart(ids: list[str], arms: list[str], seed: int, other: int) -> None:
    assert (commitment(ids, arms, seed) == commitment(ids, arms, other)) == (seed == other)
    assert commitment([*ids, "one more student"], arms, seed) != commitment(ids, arms, seed)


@given(seeds)
def test_fifty_students_make_exactly_25_and_25(seed: int) -> None:
    drawn = allocate([f"P{n:02d}" for n in range(1, 51)], ["experimental", "control"], seed)
    assert Counter(drawn.values()) == {"experimental": 25, "control": 25}


def test_golden_draw() -> None:
    """Written down once from the algorithm in the module's docstring, made again by hand in the next test."""
    drawn = allocate(["P1", "P2", "P3", "P4", "P5", "P6"], ["x", "y"], seed=2024)
    assert drawn == GOLDEN
    assert commitment(["P1", "P2", "P3", "P4", "P5", "P6"], ["x", "y"], seed=2024) == GOLDEN_SHA256


def test_a_second_implementation_from_the_documentation_alone_draws_the_same() -> None:
    """The docstring's five steps, written again without the module's code."""
    ids, arms = sorted(["P3", "P1", "P2", "P5", "P4", "P6"]), sorted(["y", "x"])
    words = []
    for block in range(8):
        digest = hashlib.sha256(b"complete-sha256-v1\n2024\n" + str(block).encode()).digest()
        words += [int.from_bytes(digest[at : at + 8], "big") for at in (0, 8, 16, 24)]
    for items in (ids, arms):
        for i in range(len(items) - 1, 0, -1):
            word = words.pop(0)
            while word >= 2**64 - 2**64 % (i + 1):
                word = words.pop(0)
            j = word % (i + 1)
            items[i], items[j] = items[j], items[i]
    assert {who: arms[i % 2] for i, who in enumerate(ids)} == GOLDEN
    text = '{"algorithm":"complete-sha256-v1","arms":["x","y"],"ids":["P1","P2","P3","P4","P5","P6"],"seed":"2024"}'
    assert hashlib.sha256(text.encode()).hexdigest() == GOLDEN_SHA256


def test_hash_seed_and_process_have_no_influence() -> None:
    code = "import json; from studies.randomise import allocate as a; print(json.dumps(a({*'badc'}, {*'xy'}, 7)))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=True
        ).stdout
        for hash_seed in ("1", "2", "3")
    }
    assert [json.loads(output) for output in outputs] == [allocate(["a", "b", "c", "d"], ["x", "y"], 7)]


def test_each_student_is_as_likely_in_each_arm() -> None:
    """10 000 draws of 10: each student's count in arm x is Binomial(10 000, 1/2); 5 sd = 250."""
    counts = Counter(
        who for seed in range(10_000) for who, arm in allocate("abcdefghij", ["x", "y"], seed).items() if arm == "x"
    )
    assert all(abs(counts[who] - 5_000) < 250 for who in "abcdefghij")


def test_the_extra_place_goes_to_each_arm_equally_often() -> None:
    larger = Counter(Counter(allocate("abc", ["x", "y"], seed).values()).most_common(1)[0][0] for seed in range(4_000))
    assert abs(larger["x"] - 2_000) < 5 * 32  # sd = sqrt(4000)/2


def test_words_above_the_last_full_multiple_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(1)
    top = 2**64 - 1  # 2**64 % 3 == 1, so the top word would make 0 more likely than 1 and 2
    monkeypatch.setattr(stream, "_words", iter([top, 5]))
    assert stream.below(3) == 2


@pytest.mark.parametrize("n", [0, -1, 2**64 + 1])
def test_a_range_that_the_generator_cannot_cover_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="from 1 to"):
        Stream(1).below(n)


@pytest.mark.parametrize(
    ("ids", "arms", "said"),
    [
        ([], ["x", "y"], "nobody"),
        (["a"], ["x"], "two arms"),
        (["a", "a"], ["x", "y"], "id is given twice"),
        (["a", "b"], ["x", "x"], "arm is given twice"),
    ],
)
def test_a_roster_that_cannot_be_drawn_is_refused(ids: list[str], arms: list[str], said: str) -> None:
    with pytest.raises(InvalidRoster, match=said):
        allocate(ids, arms, 1)
    with pytest.raises(InvalidRoster, match=said):
        commitment(ids, arms, 1)


def test_the_module_needs_nothing_of_django() -> None:
    code = "import sys, studies.randomise; print('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_the_name_of_the_algorithm_is_stable() -> None:
    """Stored lists name it. Another algorithm needs another name, and this one stays readable."""
    assert randomise.ALGORITHM == ALGORITHM == "complete-sha256-v1"
