"""The trials of `python -m benchmarks.coverage`, few runs of each: the command's figures are in docs/statistics.md."""

from __future__ import annotations

import math

import pytest

from benchmarks.coverage.__main__ import all_trials
from benchmarks.coverage.trial import Trial, simulate

TRIALS = all_trials()
RUNS = 120


def test_trials_have_names_of_their_own() -> None:
    """The name seeds the trial."""
    assert len({trial.name for trial in TRIALS}) == len(TRIALS) >= 60


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
def test_a_trial_comes_near_its_promise(trial: Trial) -> None:
    """Within 5 standard errors, but for those that are there to show what goes wrong."""
    found = simulate(trial, RUNS)
    slack = 5 * math.sqrt(trial.target * (1 - trial.target) / found.runs)
    if "don't" in trial.name:
        assert found.rate > trial.target
    elif trial.kind == "at_least":
        assert found.rate >= trial.target - slack
    elif trial.kind == "at_most":
        assert found.rate <= trial.target + slack
    else:
        assert abs(found.rate - trial.target) <= slack


def test_a_method_that_does_not_keep_its_promise_is_told() -> None:
    always = Trial("always", 0.95, "exact", lambda rng: True)
    liberal = Trial("liberal", 0.05, "at_most", lambda rng: bool(rng.random() < 0.08))
    timid = Trial("timid", 0.05, "at_most", lambda rng: bool(rng.random() < 0.02))
    narrow = Trial("narrow", 0.95, "at_least", lambda rng: bool(rng.random() < 0.9))
    assert [simulate(trial, 2000).holds for trial in (always, liberal, timid, narrow)] == [False, False, True, False]
    assert simulate(timid, 500) == simulate(timid, 500)
