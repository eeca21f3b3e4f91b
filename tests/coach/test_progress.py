"""What became better since the last set: only what is beyond the detectable change, and was there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coaching.vision.coach import analyse
from coaching.vision.evaluation.__main__ import _progress_summary, _reference_summary
from coaching.vision.evaluation.progress import (
    GROSS,
    FilmedSet,
    OwnResult,
    PairResult,
    evaluate_progress,
    evaluate_reference,
    film_spreads,
    filmed_pairs,
)
from coaching.vision.feedback import better_sentence
from coaching.vision.history import JudgedSet
from coaching.vision.personal import Lifter, personal_report
from coaching.vision.progress import Change, progress_of
from coaching.vision.settings_table import DEFAULT
from tests.coach.judged import set_of
from tests.coach.lifts import lift_of, track_of

SETTINGS = DEFAULT.personal
MODEL = {"pose": "simulated", "pipeline_version": "1"}


def change(before: list[float], now: list[float]) -> Change:
    progress = progress_of(set_of(now, at="2"), [set_of(before, at="1")], SETTINGS)
    assert progress is not None
    (found,) = progress.changes
    return found


def test_a_fault_that_shrinks_beyond_the_detectable_change_is_an_improvement() -> None:
    # No spread: 1.96 * sqrt(2) * 0.7 * 3 = 5.82. At 7.5 degrees the probability is one half.
    found = change([12.0] * 5, [6.0] * 5)
    assert found.direction == "improved"
    assert found.sdc == pytest.approx(5.8209, abs=1e-3)
    assert (found.before.clear, found.before.judged, found.now.clear, found.now.judged) == (0, 5, 5, 5)


def test_a_smaller_change_is_none_even_where_the_count_says_so() -> None:
    found = change([8.0] * 5, [6.0] * 5)
    assert (found.before.clear, found.now.clear) == (0, 5)
    assert found.direction == "same"


def test_a_change_among_what_is_fine_is_no_improvement() -> None:
    assert change([6.5] * 5, [-4.0] * 5).direction == "same"


def test_the_same_change_the_other_way_is_worse() -> None:
    assert change([6.0] * 5, [12.0] * 5).direction == "worse"


def test_two_sets_that_scatter_more_need_more_of_a_change() -> None:
    steady, restless = change([12.0] * 5, [5.0] * 5), change([6.0, 9.0, 12.0, 15.0, 18.0], [0.0, 2.0, 5.0, 8.0, 10.0])
    assert steady.by == restless.by == -7.0
    assert steady.direction == "improved"
    # Within: (90 + 68) / 8 = 19.75; SEM^2 = pi/2 * 19.75 / 5 + 4.41 = 10.61; SDC = 1.96 * sqrt(2 * 10.61) = 9.03
    assert restless.sdc == pytest.approx(9.03, abs=0.01)
    assert restless.direction == "same"


def test_a_fault_that_an_instructor_did_not_see_last_time_is_no_improvement_now() -> None:
    before = set_of([12.0] * 5, at="1", reviews=dict.fromkeys(range(1, 6), "correct"))
    progress = progress_of(set_of([3.0] * 5, at="2"), [before], SETTINGS)
    assert progress is not None
    (found,) = progress.changes
    assert (found.direction, found.before.clear) == ("same", 5)


def test_a_fault_that_an_instructor_named_was_there_whatever_the_machine_said() -> None:
    named = dict.fromkeys(range(1, 6), frozenset({"hips_first"}))
    before = set_of([7.0] * 5, at="1", reviews=dict.fromkeys(range(1, 6), "incorrect"), named=named)
    progress = progress_of(set_of([0.0] * 5, at="2"), [before], SETTINGS)
    assert progress is not None
    (found,) = progress.changes
    assert (found.direction, found.before.clear, found.now.clear) == ("improved", 0, 5)


def test_it_compares_with_the_newest_set_of_the_same_view_and_engine() -> None:
    old, new = set_of([12.0] * 5, at="1"), set_of([3.0] * 5, at="3")
    aside = replace(set_of([12.0] * 5, at="4"), view="oblique")
    single = set_of([12.0], at="5")
    progress = progress_of(set_of([3.0] * 5, at="6"), [old, aside, new, single], SETTINGS)
    assert progress is not None
    assert progress.since.key == "set 3"
    assert progress_of(set_of([3.0] * 5), [aside], SETTINGS) is None
    assert progress_of(set_of([3.0]), [old], SETTINGS) is None


def simulated(degree: float, seed: int, **spec: object) -> JudgedSet:
    report = analyse(track_of(lift_of(5, seed=seed, faults={"hips_first": degree}), noise_px=2.5, seed=seed))
    return JudgedSet(f"{seed}", f"{seed}", "side", "simulated||1", report.reps, 80.0)


def test_a_simulated_fault_that_shrinks_is_confirmed_in_words_with_both_counts_and_both_loads() -> None:
    report = analyse(track_of(lift_of(5, seed=2, faults={"hips_first": 0.0}), noise_px=2.5, seed=2))
    told = personal_report(report, MODEL, Lifter(earlier=(simulated(0.9, 1),), load_kg=90.0), DEFAULT)
    assert told.personal is not None
    assert told.personal.better == (
        "Better than last time: your chest rose with your hips in 5 of 5 repetitions, 0 of 5 last time. "
        "With 90 kg, 80 kg last time."
    )
    assert [rep.faults for rep in told.reps] == [rep.faults for rep in report.reps]


def test_two_improvements_are_one_sentence() -> None:
    first = change([12.0] * 5, [6.0] * 5)
    second = replace(first, name="bar_drift")
    assert better_sentence([first, second]) == (
        "Better than last time: your chest rose with your hips in 5 of 5 repetitions, 0 of 5 last time; "
        "the bar stayed close to your legs in 5 of 5, 0 of 5."
    )


def test_an_unchanged_lifter_is_told_nothing_new() -> None:
    report = analyse(track_of(lift_of(5, seed=2, faults={"hips_first": 0.9}), noise_px=2.5, seed=2))
    told = personal_report(report, MODEL, Lifter(earlier=(simulated(0.9, 1),), load_kg=80.0), DEFAULT)
    assert told.personal is not None
    assert told.personal.better == ""


def test_the_command_counts_false_claims_and_confirmations(capsys: pytest.CaptureFixture[str]) -> None:
    same = PairResult("side", "hips_first", (0.35, 0.35), (), (), 5)
    false = replace(same, improved=("bar_drift",))
    right = PairResult("side", "hips_first", (0.9, 0.1), ("hips_first",), (), 5)
    missed = replace(right, improved=())
    half = replace(right, degrees=(0.6, 0.1), improved=())
    assert _progress_summary([same] * 19 + [false] + [right] * 4 + [missed, half]) == 0
    out = capsys.readouterr().out
    assert "met     unchanged technique, a change claimed: 1 of 20 pairs, 5.0% (<= 5 %)" in out
    assert "met     fault shrinks from gross to almost none: confirmed in 4 of 5 pairs, 80.0% (>= 80 %)" in out
    assert "from moderate to almost none: confirmed in 0 of 1 pairs, 0.0%" in out
    assert _progress_summary([same, false, right, missed]) == 1


def test_the_command_counts_who_is_told_to_be_beyond_their_own_best(capsys: pytest.CaptureFixture[str]) -> None:
    same = OwnResult("side", "hips_first", (0.35, 0.35), (), ())
    false = replace(same, own=("hips_first",), early=("hips_first",))
    grown = OwnResult("side", "hips_first", (0.0, 0.6), ("hips_first",), ())
    assert _reference_summary([same] * 19 + [false, grown]) == 0
    out = capsys.readouterr().out
    assert "told early because of it: 1 of 20 sets" in out
    assert "met     unchanged technique, yet told as beyond the own best: 1 of 20 sets, 5.0% (<= 5 %)" in out
    assert "told as beyond the own best in 1 of 1 sets" in out
    assert _reference_summary([same, false]) == 1


def test_a_fault_that_comes_up_after_three_clean_films_is_told_against_the_own_best() -> None:
    results = [result for result in evaluate_reference(1) if result.degrees == (0.0, 0.6)]
    assert sum(result.fault in result.own for result in results) >= len(results) / 2 > 3


def test_pairs_of_every_view_are_filmed() -> None:
    results = list(evaluate_progress(1))
    assert {result.view for result in results} == {"front", "oblique", "side"}
    assert sum(result.fault in result.improved for result in results if result.degrees == GROSS) >= 10


def test_real_films_are_paired_within_a_person_and_a_view_in_both_orders() -> None:
    def filmed(subject: str, at: str, value: float, view: str = "side") -> FilmedSet:
        return FilmedSet(subject, "correct", "", set_of([value] * 5, at=at, view=view))

    sets = [filmed("A", "1", 12.0), filmed("A", "2", 3.0), filmed("A", "3", 3.0, "front"), filmed("B", "4", 3.0)]
    found = [(one.judged.at, other.judged.at, r.improved, r.worse) for one, other, r in filmed_pairs(sets)]
    assert found == [("1", "2", ("hips_first",), ()), ("2", "1", (), ("hips_first",))]


def test_what_one_repetition_differs_by_from_film_to_film_stands_beside_the_stated_sd() -> None:
    sets = [FilmedSet("A", "correct", "", set_of([value])) for value in (1.0, 3.0, 5.0, 7.0)]
    (spread,) = film_spreads([*sets, FilmedSet("A", "incorrect", "", set_of([40.0]))])
    # Squared deviations 9 + 1 + 1 + 9 over 3.
    assert (spread.films, spread.stated) == (4, 3.0)
    assert spread.sd == pytest.approx((20 / 3) ** 0.5)
    assert list(film_spreads(sets[:3])) == []
