"""Other engines' joints on the project's skeleton."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.vision.layouts import LAYOUTS, facing_away_deg, landmarks_of, track_of, turned_about_vertical, upright

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_ELBOW, LEFT_WRIST, LEFT_HIP, LEFT_ANKLE = 11, 12, 13, 15, 23, 27


def kinect_frame() -> NDArray[np.float64]:
    """Somebody who faces the sensor: x to the sensor's left, y up, z away, so the lifter's left is at smaller x."""
    heights = [0.8, 0.6, 0.25, 0.45, 0.45, -0.1, -0.1, 0.15, 0.1, 0.1, -0.4, -0.4, -0.75, -0.75, -0.83, -0.83]
    sides = [0, 0, 0, -0.18, 0.18, -0.25, 0.25, 0, -0.08, 0.08, -0.1, 0.1, -0.12, 0.12, -0.13, 0.13]
    return np.array([[[x, y, 3.0] for x, y in zip(sides, heights, strict=True)]])


def test_body25_goes_where_mediapipe_has_the_same_joint_and_its_third_number_is_visibility() -> None:
    points = np.zeros((1, 25, 3))
    points[0, 5] = (620.0, 300.0, 0.9)  # left shoulder
    points[0, 7] = (640.0, 500.0, 0.4)  # left wrist
    points[0, 12] = (0.0, 0.0, 0.0)  # left hip, not found
    marks = landmarks_of(points, LAYOUTS["body25"])
    assert marks[0, LEFT_SHOULDER, [0, 1, 3]] == pytest.approx([620.0, 300.0, 0.9])
    assert marks[0, LEFT_WRIST, [0, 1, 3]] == pytest.approx([640.0, 500.0, 0.4])
    assert np.isnan(marks[0, LEFT_SHOULDER, 2])
    assert np.isnan(marks[0, LEFT_HIP, :3]).all()
    assert marks[0, LEFT_HIP, 3] == 0.0


def test_kinect_has_y_down_afterwards_and_the_lifters_left_on_the_right_of_the_picture() -> None:
    marks = landmarks_of(kinect_frame(), LAYOUTS["kinect17"])
    assert marks[0, LEFT_SHOULDER, 0] == pytest.approx(0.18)
    assert marks[0, RIGHT_SHOULDER, 0] == pytest.approx(-0.18)
    assert marks[0, LEFT_ANKLE, 1] == pytest.approx(0.75)
    assert marks[0, LEFT_SHOULDER, 1] == pytest.approx(-0.45)
    assert np.isnan(marks[0, LEFT_ELBOW, :3]).all()


def test_the_turn_of_a_lifter_is_measured_and_undone() -> None:
    marks = landmarks_of(kinect_frame(), LAYOUTS["kinect17"])
    turned = turned_about_vertical(marks, -40.0)
    assert facing_away_deg(turned) == pytest.approx(40.0, abs=0.01)
    back = turned_about_vertical(turned, facing_away_deg(turned))
    assert back[0, LEFT_SHOULDER, :3] == pytest.approx(marks[0, LEFT_SHOULDER, :3], abs=1e-9)


def test_a_table_with_y_upwards_is_turned_and_one_with_y_downwards_is_not() -> None:
    marks = landmarks_of(kinect_frame(), LAYOUTS["kinect17"])
    flipped = marks * np.array([1.0, -1.0, 1.0, 1.0])
    turned, told = upright(flipped)
    assert told
    assert turned[0, LEFT_ANKLE, 1] == pytest.approx(0.75)
    assert upright(marks)[1] is False


def test_a_track_of_landmarks_fills_its_picture_and_keeps_time() -> None:
    track = track_of(np.repeat(landmarks_of(kinect_frame(), LAYOUTS["kinect17"]), 4, axis=0), fps=25.0)
    assert track.time_s == pytest.approx([0.0, 0.04, 0.08, 0.12])
    assert np.nanmin(track.image[..., 1]) == pytest.approx(100.0)
    assert np.nanmax(track.image[..., 1]) == pytest.approx(900.0)
    assert track.detected.all()


def test_too_few_joints_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="body25 needs"):
        landmarks_of(np.zeros((2, 18, 3)), LAYOUTS["body25"])
