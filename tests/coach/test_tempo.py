"""The four parts of a repetition against the simulator's timeline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coaching.simulator import LiftSpec, Tempo, simulate
from coaching.vision.coach import analyse
from coaching.vision.tempo import spread
from coaching.vision.types import Rep
from tests.coach.lifts import lift_of, part_of, track_of, without_frames


@pytest.mark.parametrize("yaw_deg", [0.0, 45.0, 90.0])
@pytest.mark.parametrize("tempo", [Tempo(1.0, 0.5, 1.2, 0.4), Tempo(2.2, 1.5, 2.5, 1.5)], ids=["quick", "slow"])
def test_each_part_is_that_of_the_timeline(tempo: Tempo, yaw_deg: float) -> None:
    lift = simulate(LiftSpec(reps=3, tempo=tempo), seed=2)
    reps = analyse(track_of(lift, yaw_deg)).reps
    assert len(reps) == 3
    for i, (rep, true) in enumerate(zip(reps, lift.tempo, strict=True)):
        # The simulated bar eases in and out: what is slower than 0.05 m/s counts as still.
        slow = pytest.approx
        assert rep.eccentric_s == slow(true.eccentric_s, abs=0.25)
        assert rep.concentric_s == slow(true.concentric_s, abs=0.25)
        assert rep.top_s == slow(true.top_s, abs=0.25)
        following = lift.reps[i + 1].start_s - lift.reps[i].end_s if i < 2 else None
        assert rep.floor_s == (None if following is None else slow(following, abs=0.25))


def test_standing_up_between_repetitions_is_time_on_the_floor_for_the_bar() -> None:
    lift = lift_of(2, rest_s=2.0, rest_standing=True)
    reps = analyse(track_of(lift)).reps
    assert reps[0].floor_s == pytest.approx(lift.reps[1].start_s - lift.reps[0].end_s, abs=0.3)


def test_a_film_that_ends_at_the_top_has_no_way_down() -> None:
    lift = lift_of(2)
    locked = lift.reps[1].start_s + lift.tempo[1].concentric_s
    last = analyse(part_of(track_of(lift), 0.0, locked + 0.3)).reps[-1]
    assert (last.eccentric_s, last.floor_s, last.top_s) == (None, None, None)
    assert last.concentric_s == pytest.approx(lift.tempo[1].concentric_s, abs=0.3)


def test_what_was_not_seen_is_not_told() -> None:
    lift = lift_of(2)
    down = lift.reps[0].end_s - 0.5 * lift.tempo[0].eccentric_s
    reps = analyse(without_frames(track_of(lift), down - 0.35, down + 0.35)).reps
    assert reps[0].concentric_s is not None
    assert (reps[0].eccentric_s, reps[0].floor_s) == (None, None)


def test_how_even_the_repetitions_were_is_the_coefficient_of_variation() -> None:
    one = Rep(1, 0.0, 1.0, 2.0, 0.9, concentric_s=1.0)
    reps = [one, replace(one, concentric_s=1.2), replace(one, concentric_s=None), replace(one, concentric_s=1.7)]
    assert spread(reps) == pytest.approx(np.std([1.0, 1.2, 1.7], ddof=1) / np.mean([1.0, 1.2, 1.7]))
    assert spread(reps[:1]) is None
