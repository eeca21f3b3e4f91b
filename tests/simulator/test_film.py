"""Films that are cut, stop early or lose frames keep a truth of their own."""

from __future__ import annotations

import numpy as np
import pytest

from coaching.simulator import Camera, LiftSpec, Take, film, simulate, truth_track, unevenly

LIFT = simulate(LiftSpec(reps=3), seed=1)


def test_one_take_of_everything_is_the_plain_track() -> None:
    made = film(LIFT, [Take(Camera())], seed=3)
    assert np.array_equal(made.track.image, truth_track(LIFT, Camera(), seed=3).image)
    assert np.array(made.reps) == pytest.approx(np.array(LIFT.reps))
    assert made.cuts_s == ()


def test_a_jump_cut_takes_a_repetition_out_of_film_and_truth() -> None:
    first, gone, third = LIFT.reps
    made = film(LIFT, [Take(Camera(), 0.0, gone.start_s), Take(Camera(yaw_deg=60.0), gone.end_s)])
    assert len(made.reps) == 2
    (cut,) = made.cuts_s
    # Frames are 1/30 s apart, so each take begins up to one frame late.
    assert cut == pytest.approx(gone.start_s, abs=0.04)
    missing = gone.end_s - gone.start_s
    assert made.reps[0] == pytest.approx(first)
    assert made.reps[1].lockout_s == pytest.approx(third.lockout_s - missing, abs=0.07)
    assert np.all(np.diff(made.track.time_s) > 0.0)
    assert made.track.time_s[-1] == pytest.approx(LIFT.duration_s - missing, abs=0.1)


@pytest.mark.parametrize(("seconds_after", "reps"), [(0.05, 3), (-0.3, 2)])
def test_a_last_repetition_counts_when_its_lockout_is_in_the_film(seconds_after: float, reps: int) -> None:
    locked = LIFT.reps[-1].start_s + LIFT.tempo[-1].concentric_s
    made = film(LIFT, [Take(Camera(), 0.0, locked + seconds_after)])
    assert len(made.reps) == reps
    assert made.reps[-1].end_s <= made.track.time_s[-1] + 1e-9


def test_a_take_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="take 2 shows nothing"):
        film(LIFT, [Take(Camera()), Take(Camera(), 500.0)])


def test_uneven_frames_are_frames_of_the_dense_track_at_their_own_times() -> None:
    dense = truth_track(LIFT, Camera(fps=120.0), seed=2)
    thin = unevenly(dense, 30.0, jitter=0.4, dropped=0.2, seed=5)
    where = np.searchsorted(dense.time_s, thin.time_s)
    assert np.array_equal(dense.image[where], thin.image)
    steps = np.diff(thin.time_s)
    # A fifth of 30 frames a second is left out.
    assert 1.0 / steps.mean() == pytest.approx(24.0, rel=0.08)
    assert steps.std() > 0.3 * steps.mean()
    assert steps.max() > 2.0 / 30.0
    assert thin.fps == pytest.approx(24.0)
