"""Films of landmarks in shares of a picture: its shape is found, holes are bridged, and depth has its own scale."""

from __future__ import annotations

import numpy as np
import pytest

from coaching.simulator import Camera, LiftSpec, simulate
from coaching.simulator.track import truth_track
from coaching.training.picture_shape import in_shares, picture_shape
from coaching.training.sequences import bridged
from coaching.vision.layouts import LAYOUTS, MEDIAPIPE_DEPTH, landmarks_of


@pytest.mark.parametrize("shape", [9 / 16, 16 / 9])
@pytest.mark.parametrize("yaw_deg", [0.0, 90.0])
def test_the_shape_of_the_picture_is_found(shape: float, yaw_deg: float) -> None:
    track = truth_track(simulate(LiftSpec(reps=1), seed=2), Camera(yaw_deg=yaw_deg), noise_px=1.0, seed=2)
    image = np.asarray(track.image, np.float64) / [track.height * shape, track.height, track.height * shape, 1.0]
    image[..., 0] += 0.5 - np.median(image[..., 0])
    marks = landmarks_of(image, LAYOUTS["mediapipe33"])
    assert in_shares(marks)
    found = picture_shape(marks)
    assert found > 1.0 if shape > 1.0 else found < 1.0


def test_single_missing_points_are_bridged_and_lost_frames_are_not() -> None:
    marks = np.ones((30, 33, 4)) * np.arange(30.0)[:, None, None]
    marks[10:12, 15] = np.nan
    marks[15:28, 16] = np.nan
    marks[5] = np.nan
    out = bridged(marks, 9)
    assert out[10:12, 15, 0] == pytest.approx([10.0, 11.0])
    assert np.isnan(out[15:28, 16, 0]).all()
    assert np.isnan(out[5]).all()


def test_depth_of_a_picture_is_flattened_and_that_of_world_landmarks_is_kept() -> None:
    random = np.random.default_rng(1)
    picture = random.uniform(0.2, 0.8, (5, 33, 4))
    assert landmarks_of(picture, LAYOUTS["mediapipe33"])[..., 2] == pytest.approx(picture[..., 2] * MEDIAPIPE_DEPTH)
    world = picture.copy()
    world[..., :3] -= (world[:, [23], :3] + world[:, [24], :3]) / 2.0
    assert landmarks_of(world, LAYOUTS["mediapipe33"])[..., 2] == pytest.approx(world[..., 2])
