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
    below = error[..., 1].mean(axis=0)
    error -= error.mean(axis=0)
    hips, ankles = error[:, [23, 24]].std(), error[:, [27, 28]].std()
    assert 1.8 < hips < 3.2
    assert 1.3 * hips < ankles < 2.1 * hips
    assert np.diff(error, 2, axis=0).std() / np.sqrt(6) < 0.18 * error.std()
    # After 0.2 s it still knows where it was: 0.6, as MediaPipe's.
    lag = round(0.2 * camera.fps)
    late, early = error[lag:], error[:-lag]
    assert 0.4 < float((late * early).sum() / np.sqrt((late**2).sum() * (early**2).sum())) < 0.75
    assert below[[11, 12, 23, 24]].mean() > 1.0  # shoulders and hips are marked too low, ankles too high
    assert below[[27, 28]].mean() < -1.0


def test_an_engine_that_takes_a_bent_lifter_for_turned_round_exchanges_left_and_right() -> None:
    usual = truth_track(LIFT, Camera(), seed=1)
    turned = truth_track(LIFT, Camera(), seed=1, turned=0.2)
    exchanged = turned.image[:, 11, 0] != usual.image[:, 11, 0]
    assert 0.18 < exchanged.mean() < 0.22
    assert np.array_equal(turned.image[exchanged], usual.image[exchanged][:, list(OTHER_SIDE)])
    shoulders = usual.image[:, [11, 12], 1].mean(axis=1)
    assert shoulders[exchanged].min() > np.median(shoulders)  # y down: only the deep frames


def test_far_side_is_less_visible_and_worse_in_a_side_view() -> None:
    camera = Camera(yaw_deg=90)
    clean = truth_track(LIFT, camera, noise_px=0.0, plate_radius_m=0.0)
    noisy = truth_track(LIFT, camera, noise_px=2.5, seed=2, plate_radius_m=0.0)
    assert np.median(noisy.image[:, 25, 3]) > 0.85
    assert np.median(noisy.image[:, 26, 3]) < 0.4
    assert np.median(noisy.image[:, 24, 3]) > 0.95  # an engine claims hips, seen or not
    runs = [truth_track(LIFT, camera, noise_px=2.5, seed=seed, plate_radius_m=0.0) for seed in range(8)]
    error = np.mean([np.asarray(run.image[..., :2] - clean.image[..., :2], float).std(axis=0) for run in runs], axis=0)
    assert error[[26, 28]].mean() == pytest.approx(1.4 * error[[25, 27]].mean(), rel=0.12)


def test_a_full_plate_spoils_the_hip_at_the_top_without_admitting_it() -> None:
    camera = Camera(yaw_deg=90)
    clean = truth_track(LIFT, camera, noise_px=0.0)
    top = np.abs(np.asarray(clean.time_s, dtype=float) - LIFT.reps[0].lockout_s) < 0.3

    def hip_error(radius_m: float) -> float:
        runs = [truth_track(LIFT, camera, noise_px=2.5, seed=s, plate_radius_m=radius_m) for s in range(8)]
        exact = np.asarray(clean.image, dtype=float)[top, 23, :2]
        return float(np.mean([np.abs(np.asarray(run.image, dtype=float)[top, 23, :2] - exact).mean() for run in runs]))

    assert hip_error(0.225) > 1.5 * hip_error(0.05)
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
