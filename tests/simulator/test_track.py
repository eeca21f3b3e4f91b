"""Landmarks without pictures behave like an engine's, and without noise like the truth."""

from __future__ import annotations

import numpy as np
import pytest

from coaching.simulator import Camera, LiftSpec, simulate, true_frames, truth_track
from coaching.simulator.joints import OTHER_SIDE

LIFT = simulate(LiftSpec(reps=2), seed=1)


def test_without_noise_the_points_are_exact() -> None:
    camera = Camera(yaw_deg=30, fps=25)
    track = truth_track(LIFT, camera, noise_px=0.0, plate_radius_m=0.0)
    truth = true_frames(LIFT, camera, np.asarray(track.time_s, dtype=float))
    assert track.image.shape == (len(truth.time_s), 33, 4)
    assert track.fps == 25.0
    assert (track.width, track.height) == (480, 640)
    assert np.abs(track.image[..., :2] - truth.pixels).max() < 1e-3
    assert track.detected.all()
    assert track.world[:, [23, 24]].mean(axis=1) == pytest.approx(np.zeros((len(truth.time_s), 3)), abs=1e-6)


def test_world_is_upright_in_the_cameras_axes() -> None:
    front = truth_track(LIFT, Camera(), noise_px=0.0).world[10]
    side = truth_track(LIFT, Camera(yaw_deg=90), noise_px=0.0).world[10]
    assert front[0, 1] < front[11, 1] < 0 < front[25, 1] < front[27, 1]
    assert front[11, 0] - front[12, 0] > 0.25
    assert abs(side[11, 0] - side[12, 0]) < 0.05
    assert side[11, 2] < side[12, 2] - 0.25


def test_noise_has_the_asked_size_and_is_slow() -> None:
    camera = Camera()
    clean = truth_track(LIFT, camera, noise_px=0.0)
    noisy = truth_track(LIFT, camera, noise_px=2.5, seed=1)
    error = np.asarray(noisy.image[..., :2] - clean.image[..., :2], dtype=float)
    error -= error.mean(axis=0)
    hips, elbows = error[:, [23, 24]].std(), error[:, [13, 14]].std()
    assert 2.0 < hips < 4.2
    assert elbows < 0.75 * hips
    assert np.diff(error, axis=0).std() < 0.6 * error.std()


def test_far_side_is_less_visible_and_worse_in_a_side_view() -> None:
    camera = Camera(yaw_deg=90)
    clean = truth_track(LIFT, camera, noise_px=0.0, plate_radius_m=0.0)
    noisy = truth_track(LIFT, camera, noise_px=2.5, seed=2, plate_radius_m=0.0)
    assert np.median(noisy.image[:, 25, 3]) > 0.85
    assert np.median(noisy.image[:, 26, 3]) < 0.4
    assert np.median(noisy.image[:, 24, 3]) > 0.95  # an engine claims hips, seen or not
    error = np.asarray(noisy.image[..., :2] - clean.image[..., :2], dtype=float).std(axis=0)
    assert error[[26, 28]].mean() > 1.5 * error[[25, 27]].mean()


def test_a_full_plate_spoils_the_hip_at_the_top_without_admitting_it() -> None:
    camera = Camera(yaw_deg=90)
    clean = truth_track(LIFT, camera, noise_px=0.0)
    top = np.abs(np.asarray(clean.time_s, dtype=float) - LIFT.reps[0].lockout_s) < 0.3

    def hip_error(radius_m: float) -> float:
        runs = [truth_track(LIFT, camera, noise_px=2.5, seed=s, plate_radius_m=radius_m) for s in range(8)]
        exact = np.asarray(clean.image, dtype=float)[top, 23, :2]
        return float(np.mean([np.abs(np.asarray(run.image, dtype=float)[top, 23, :2] - exact).mean() for run in runs]))

    assert hip_error(0.225) > 2.0 * hip_error(0.05)
    hidden = truth_track(LIFT, camera, seed=1, plate_radius_m=0.225)
    assert np.median(hidden.image[top, 23, 3]) > 0.95


def test_a_mirrored_camera_exchanges_left_and_right_like_an_engine() -> None:
    usual = truth_track(LIFT, Camera(yaw_deg=20), noise_px=0.0)
    mirrored = truth_track(LIFT, Camera(yaw_deg=20, mirrored=True), noise_px=0.0)
    assert np.all(mirrored.image[:, 11, 0] > mirrored.image[:, 12, 0])
    assert mirrored.image[:, list(OTHER_SIDE), 0] == pytest.approx(480 - usual.image[..., 0], abs=1e-3)


def test_dropouts_are_gaps_of_nothing() -> None:
    track = truth_track(LIFT, Camera(), dropout=0.1, seed=3)
    assert 0.85 < track.detected.mean() < 0.97
    assert np.isnan(track.image[~track.detected]).all()
    assert np.isfinite(track.image[track.detected]).all()


def test_same_seed_same_track() -> None:
    one, two, other = (truth_track(LIFT, Camera(), seed=seed) for seed in (4, 4, 5))
    assert np.array_equal(one.image, two.image)
    assert not np.array_equal(one.image, other.image)
