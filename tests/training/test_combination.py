"""Weights of network and measures: learned from other people, and never run away."""

from __future__ import annotations

import numpy as np
import pytest

from coaching.training.combination import MAX_WEIGHT, Opinions, combined_logits, cross_fitted, fit_combination


def opinions(
    *, useful: str, people: int = 8, reps: int = 6, seed: int = 1, simulated: bool = False, accepted: bool = True
) -> Opinions:
    """Repetitions of which one opinion knows the label and the other guesses."""
    random = np.random.default_rng(seed)
    n = people * reps
    label = np.arange(n) % 2
    knows, guesses = (2.0 * label - 1.0) * 1.5 + random.normal(size=n), random.normal(size=n)
    return Opinions(
        label=label,
        network=knows if useful == "network" else guesses,
        measures=guesses if useful == "network" else knows,
        subjects=np.repeat([f"person {i}" for i in range(people)], reps),
        simulated=np.full(n, simulated),
        accepted=np.full(n, accepted),
    )


@pytest.mark.parametrize(("useful", "useless"), [("network", "measures"), ("measures", "network")])
def test_the_opinion_that_knows_more_counts_more(useful: str, useless: str) -> None:
    found = fit_combination(opinions(useful=useful))
    assert getattr(found, useful) > 0.9
    # Less than what the pull towards the measures' word would leave of it.
    assert 0.0 <= getattr(found, useless) < 0.7


def test_an_opinion_that_is_wrong_is_ignored_not_turned_round() -> None:
    wrong = opinions(useful="network")
    turned = Opinions(wrong.label, -wrong.network, wrong.measures, wrong.subjects, wrong.simulated, wrong.accepted)
    assert fit_combination(turned).network == 0.0


def test_a_few_people_told_apart_without_a_mistake_do_not_make_the_verdict_certain() -> None:
    label = np.array([0, 0, 1, 1])
    sure = 4.0 * (2.0 * label - 1.0)
    few = Opinions(label, sure, sure, np.array(["a", "a", "b", "b"]), np.zeros(4, bool), np.ones(4, bool))
    found = fit_combination(few)
    assert found.network + found.measures < MAX_WEIGHT
    assert abs(found.bias) < 0.1


def test_a_person_s_own_labels_do_not_steer_their_verdict() -> None:
    before = opinions(useful="measures", people=4)
    label = before.label.copy()
    mine = before.subjects == "person 2"
    label[mine] = 1 - label[mine]
    after = Opinions(label, before.network, before.measures, before.subjects, before.simulated, before.accepted)
    assert cross_fitted(after)[mine] == pytest.approx(cross_fitted(before)[mine])
    assert not np.allclose(cross_fitted(after)[~mine], cross_fitted(before)[~mine])


def test_refused_clips_are_judged_and_not_learned_from() -> None:
    known = opinions(useful="measures", people=4)
    accepted = known.subjects != "person 3"
    partly = Opinions(known.label, known.network, known.measures, known.subjects, known.simulated, accepted)
    assert fit_combination(partly) == fit_combination(known.only(accepted))
    assert np.isfinite(cross_fitted(partly)).all()


def test_without_an_accepted_repetition_nothing_can_be_weighed() -> None:
    with pytest.raises(ValueError, match="no accepted"):
        fit_combination(opinions(useful="network", accepted=False))


def test_filmed_and_simulated_people_count_alike_however_many_there_are() -> None:
    few, many = opinions(useful="network", people=2), opinions(useful="network", people=20, simulated=True)
    both = Opinions(*(np.concatenate([getattr(few, n), getattr(many, n)]) for n in Opinions.__slots__))
    weight = both.weight
    assert weight[both.simulated].sum() == pytest.approx(weight[~both.simulated].sum())
    assert combined_logits(both, fit_combination(both)).shape == (132,)
