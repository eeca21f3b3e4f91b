"""The rivals of the network: the measured faults alone, and a bag of words of pixel descriptors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coaching.simulator.faults import FAULT_NAMES
from coaching.training.dataset import Dataset, Example, assemble
from coaching.training.labels import UNKNOWN, measured_faults
from coaching.training.rivals import back_logits, rules_logit, zhou_logits
from coaching.vision.types import Fault
from coaching.vision.verdict import logit
from tests.training.synthetic import example


def measured(**p: float) -> tuple[float, ...]:
    return tuple(p.get(name, UNKNOWN) for name in FAULT_NAMES)


def with_motion(people: int, reps: int) -> Dataset:
    """Repetitions whose flow points up when correct and to the right when not; the last person has no pixels."""
    found = []
    for person in range(people):
        for rep in range(reps):
            one = example("film", person, rep, pixels=person < people - 1)
            if one.lhof is None:
                found.append(one)
                continue
            blocks = np.full((64, 49, 50), 0.02, np.float16)
            blocks[:, :, 8 if one.row.label else 1] = 0.6 + 0.1 * np.random.default_rng(rep).random((64, 49))
            found.append(Example(one.row, one.variants, one.lhog, blocks.reshape(64, -1)))
    return assemble(found)


def test_the_rules_multiply_what_the_decisive_faults_leave() -> None:
    row = replace(example("real", 0, 0).row, measured=measured(hips_first=0.5, rounded_upper_back=0.2, bar_drift=0.99))
    assert rules_logit(row) == pytest.approx(logit(0.4))
    assert rules_logit(replace(row, measured=measured(bar_drift=0.99))) == 0.0


def test_a_repetition_that_the_coach_did_not_find_has_no_rules() -> None:
    assert np.isnan(rules_logit(replace(example("real", 0, 0).row, measured=())))


def test_the_coach_s_faults_are_kept_in_the_order_of_the_vocabulary() -> None:
    faults = (
        Fault("rounded_upper_back", 0.25, observable=True),
        Fault("hips_first", None, observable=False),
        Fault("narrow_stance", 0.5, observable=True),
    )
    assert measured_faults(faults) == measured(rounded_upper_back=0.25, narrow_stance=0.5)


def test_the_limit_of_the_bow_is_learned_from_other_people() -> None:
    rows = [example("real", person, rep, pixels=False) for person in range(5) for rep in range(4)]
    bows = [0.05 + 0.002 * i if not one.row.label else -0.01 - 0.002 * i for i, one in enumerate(rows)]
    made = [replace(one, row=replace(one.row, back_bow=bow)) for one, bow in zip(rows, bows, strict=True)]
    made[-1] = replace(made[-1], row=replace(made[-1].row, back_bow=None))
    dataset = assemble(made)
    people = np.asarray(dataset.subjects)
    test = np.flatnonzero(people == "real4")
    found = back_logits(dataset, np.flatnonzero(people != "real4"), test)
    known = np.isfinite(found)
    assert known.tolist() == [dataset.rows[i].back_bow is not None for i in test]
    assert ((found[known] > 0) == (dataset.labels[test][known] == 1)).all()
    only_correct = np.flatnonzero((people != "real4") & (dataset.labels == 1))
    assert np.isnan(back_logits(dataset, only_correct, test)).all()
    unseen = np.array([i for i in test if dataset.rows[i].back_bow is None])
    assert unseen.size
    assert np.isnan(back_logits(dataset, np.flatnonzero(people != "real4"), unseen)).all()


def test_the_bag_of_words_tells_movements_of_people_that_it_never_saw() -> None:
    dataset = with_motion(people=6, reps=4)
    people = np.asarray(dataset.subjects)
    train, test = np.flatnonzero(people < "film3"), np.flatnonzero((people >= "film3") & (people < "film5"))
    (found,) = zhou_logits(dataset, train, [test], seed=3)
    assert ((found > 0) == (dataset.labels[test] == 1)).all()


def test_a_repetition_without_pixels_is_not_judged_by_them() -> None:
    dataset = with_motion(people=4, reps=2)
    people = np.asarray(dataset.subjects)
    first, last = zhou_logits(
        dataset,
        np.flatnonzero(people < "film2"),
        [np.flatnonzero(people == "film2"), np.flatnonzero(people == "film3")],
        seed=3,
    )
    assert np.isfinite(first).all()
    assert np.isnan(last).all()
