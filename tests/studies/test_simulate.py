"""The simulation: its kernels take the steps of the real algorithms, and its figures are those of theory."""

from __future__ import annotations

from io import StringIO
from itertools import islice
from math import comb
from typing import TYPE_CHECKING

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from studies.randomise.design import BLOCKS, COMPLETE, MINIMISE, Design, Factor
from studies.randomise.sequence import Sequence, block_sequence, draw_batch
from studies.randomise.simulate import SIMPLE, blocked, compare, completed, minimised, simulate
from studies.randomise.stream import Stream, canonical

if TYPE_CHECKING:
    from numpy.typing import NDArray

EQUAL = {"a": 1, "b": 1}
FACTORS = (Factor("year", ("2", "3", "4"), weight=2), Factor("sex", ("f", "m")))
SEEDS = (1, 2, 3, 4, 5)


def words(label: str, seed: int, count: int) -> list[int]:
    return list(islice(Stream(seed, label=label)._words, count))


def in_letters(arms: NDArray[np.int64], design: Design) -> list[str]:
    return ["".join(design.arms[arm] for arm in run) for run in arms]


@pytest.mark.parametrize("ratios", [EQUAL, {"a": 2, "b": 1, "c": 1}])
def test_the_kernel_for_a_class_is_the_algorithm(ratios: dict[str, int]) -> None:
    design, ids = Design(COMPLETE, ratios), [f"P{n:02d}" for n in range(13)]
    fed = np.array([words(f"{COMPLETE}/1", seed, 20) for seed in SEEDS], dtype=np.uint64)
    real = [draw_batch(design, seed, 1, ids) for seed in SEEDS]
    assert in_letters(completed(design, 13, fed), design) == ["".join(run[who] for who in ids) for run in real]


@pytest.mark.parametrize(("ratios", "sizes"), [(EQUAL, (2, 4, 6)), ({"a": 2, "b": 1}, (3, 9))])
def test_the_kernel_for_blocks_is_the_algorithm(ratios: dict[str, int], sizes: tuple[int, ...]) -> None:
    design = Design(BLOCKS, ratios, (), sizes)
    label = f"{BLOCKS}/{canonical(['3'])}"
    fed = np.array([words(label, seed, 40 + max(sizes)) for seed in SEEDS], dtype=np.uint64)
    real = ["".join(islice(block_sequence(design, seed, ["3"]), 40)) for seed in SEEDS]
    assert in_letters(blocked(design, 40, fed), design) == real


@pytest.mark.parametrize("ratios", [EQUAL, {"a": 2, "b": 1, "c": 3}])
def test_the_kernel_for_minimisation_is_the_algorithm(ratios: dict[str, int]) -> None:
    design = Design(MINIMISE, ratios, FACTORS, follow_percent=70, burn_in=3)
    students = 25
    levels = np.array([[(n * 7 % 3, n * 5 % 2) for n in range(students)]] * len(SEEDS))
    fed = np.array([[words(f"{MINIMISE}/{k}", seed, 2) for k in range(1, students + 1)] for seed in SEEDS], np.uint64)
    real = []
    for seed in SEEDS:
        sequence = Sequence(design, seed)
        people = [{"year": "234"[year], "sex": "fm"[sex]} for year, sex in levels[0]]
        real.append("".join(sequence.next(person).arm for person in people))
    assert in_letters(minimised(design, levels, fed[:, :, 0], fed[:, :, 1])[0], design) == real


def test_a_coin_for_each_student_differs_as_the_binomial_says() -> None:
    """E|2X - 50| for X ~ Binomial(50, 1/2) is 50 C(50, 25) / 2**50 = 5.614; sd of one 4.2, of the mean 0.042, 5 sd."""
    found = simulate(Design(SIMPLE, EQUAL), 50)
    assert (found.runs, found.students) == (10_000, 50)
    assert abs(found.difference.mean - 50 * comb(50, 25) / 2**50) < 5 * 0.042
    assert found.guessed == found.by_chance == 0.5
    assert found.in_levels is None


def test_a_class_of_known_size_is_guessed_as_blackwell_and_hodges_say() -> None:
    """Beyond half of 50: (2**50 / C(50, 25) - 1) / 2 = 3.953 students; sd of a run below 4, of the mean 0.04, 5 sd."""
    found = simulate(Design(COMPLETE, EQUAL), 50)
    assert (found.difference.mean, found.difference.worst) == (0, 0)
    assert abs(50 * found.guessed - 25 - (2**50 / comb(50, 25) - 1) / 2) < 5 * 0.04


def test_blocks_of_two_are_guessed_three_times_of_four() -> None:
    """Every second student is known, the others are a coin: 0.75. sd of 250 000 coins 0.001 of all, 5 sd."""
    found = simulate(Design(BLOCKS, EQUAL, (), (2,)), 50)
    assert abs(found.guessed - 0.75) < 5 * 0.0005
    assert (found.on_the_way.worst, found.difference.worst) == (1, 0)


def test_blocks_stay_within_half_a_block_in_10_000_runs() -> None:
    found = simulate(Design(BLOCKS, EQUAL, (), (2, 4, 6)), 51)
    assert found.runs == 10_000
    assert found.on_the_way.worst == 3


def test_minimisation_beats_a_coin_on_imbalance_in_10_000_runs() -> None:
    minimisation, coin = (simulate(Design(algorithm, EQUAL, FACTORS), 50) for algorithm in (MINIMISE, SIMPLE))
    assert minimisation.in_levels is not None
    assert coin.in_levels is not None
    assert minimisation.runs == coin.runs == 10_000
    assert minimisation.difference.mean < coin.difference.mean / 5
    assert minimisation.in_levels.mean < coin.in_levels.mean / 2
    assert minimisation.in_levels.within_95 < coin.in_levels.within_95


def test_minimisation_is_guessed_almost_as_often_as_it_is_followed() -> None:
    """Never more often than follow_percent, and at a tie by luck."""
    found = simulate(Design(MINIMISE, EQUAL, FACTORS, follow_percent=80), 50)
    assert 0.7 < found.guessed < 0.8


def test_the_students_of_a_real_class_are_used_when_given() -> None:
    """All of one level: within the level it is the whole class."""
    found = simulate(Design(SIMPLE, EQUAL, FACTORS), 30, population=[(1, 0)], runs=500)
    assert found.in_levels == found.difference


def test_rivals_are_compared_with_the_same_seed_and_again_the_same() -> None:
    design = Design(MINIMISE, {"a": 2, "b": 1}, FACTORS)
    rows = compare(design, 30, runs=400)
    assert [row.algorithm for row in rows] == [SIMPLE, COMPLETE, BLOCKS, MINIMISE]
    assert {row.by_chance for row in rows} == {2 / 3}
    assert compare(design, 30, runs=400) == rows
    assert len(compare(Design(COMPLETE, EQUAL), 30, runs=400)) == 3


def test_the_command_prints_a_line_a_design() -> None:
    out = StringIO()
    call_command("simulate_randomisation", "--runs", "500", "--factor", "year=2,3,4", "--blocks", "4", stdout=out)
    head, _columns, *lines = out.getvalue().splitlines()
    assert head.startswith("500 runs, 50 students")
    assert [line.split("  ")[0] for line in lines] == [
        "A coin for each student",
        "Whole class at once",
        "Blocks of random size",
        "Minimisation",
    ]
    assert lines[0].endswith("50.0 %")
    assert "0.00 / 0 / 0" in lines[1]


@pytest.mark.parametrize("words", [("--ratio", "a=0", "b=1"), ("--blocks", "3"), ("--factor", "year=2")])
def test_the_command_explains_what_would_not_do(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=r"share|multiples|levels"):
        call_command("simulate_randomisation", *words, stdout=StringIO())
