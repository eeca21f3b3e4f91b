"""Yaw, mirror and roll mean what they say, so that truth in pixels can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.simulator import Camera, InvalidCamera, Joint, LiftSpec, simulate, true_frames

if TYPE_CHECKING:
    from numpy.typing import NDArray


def pixels(camera: Camera, at_s: float = 0.2) -> NDArray[np.float64]:
    return np.asarray(true_frames(simulate(LiftSpec(reps=1)), camera, np.array([at_s])).pixels[0])


def test_in_front_the_lifters_left_is_on_the_right_of_the_picture() -> None:
    seen = pixels(Camera())
    assert seen[Joint.LEFT_SHOULDER, 0] > seen[Joint.RIGHT_SHOULDER, 0] + 50
    assert abs(seen[Joint.NOSE, 0] - 240) < 5


def test_from_behind_the_lifters_left_is_on_the_left_of_the_picture() -> None:
    seen = pixels(Camera(yaw_deg=180))
    assert seen[Joint.LEFT_SHOULDER, 0] < seen[Joint.RIGHT_SHOULDER, 0] - 50


@pytest.mark.parametrize(("yaw_deg", "near"), [(90.0, Joint.LEFT_HIP), (-90.0, Joint.RIGHT_HIP)])
def test_from_the_side_the_named_side_is_near_and_the_face_points_across(yaw_deg: float, near: Joint) -> None:
    truth = true_frames(simulate(LiftSpec(reps=1)), Camera(yaw_deg=yaw_deg), np.array([0.2]))
    far = Joint.RIGHT_HIP if near is Joint.LEFT_HIP else Joint.LEFT_HIP
    assert truth.depth_m[0, near] < truth.depth_m[0, far] - 0.15
    ahead = truth.pixels[0, Joint.NOSE, 0] - truth.pixels[0, [Joint.LEFT_EAR, Joint.RIGHT_EAR], 0].mean()
    assert np.sign(ahead) == -np.sign(yaw_deg)


def test_a_person_fills_the_default_picture_without_being_cut() -> None:
    lift = simulate(LiftSpec(reps=1))
    for yaw_deg in (0, 45, 90):
        seen = true_frames(lift, Camera(yaw_deg=yaw_deg), lift.time_s).pixels
        assert seen.min() > 20
        assert seen[..., 0].max() < 460
        assert seen[..., 1].max() < 620
        assert 0.6 * 640 < np.ptp(seen[5, :, 1]) < 0.85 * 640


def test_distance_halves_the_size_and_focal_length_doubles_it() -> None:
    def tall(camera: Camera) -> float:
        return float(np.ptp(pixels(camera)[:, 1]))

    usual = tall(Camera(height_m=0.88))
    assert tall(Camera(height_m=0.88, distance_m=7.2)) == pytest.approx(usual / 2, rel=0.03)
    assert tall(Camera(height_m=0.88, focal_px=2 * 1.42 * 640)) == pytest.approx(usual * 2, rel=1e-6)


def test_mirrored_picture_is_the_picture_flipped() -> None:
    usual, mirrored = pixels(Camera(yaw_deg=30)), pixels(Camera(yaw_deg=30, mirrored=True))
    assert mirrored[:, 0] == pytest.approx(480 - usual[:, 0])
    assert mirrored[:, 1] == pytest.approx(usual[:, 1])


def test_roll_turns_the_picture_clockwise_about_its_middle() -> None:
    middle = np.array([240.0, 320.0])
    usual, rolled = pixels(Camera()) - middle, pixels(Camera(roll_deg=10)) - middle
    turn = np.degrees(np.arctan2(rolled[:, 1], rolled[:, 0]) - np.arctan2(usual[:, 1], usual[:, 0]))
    assert (turn + 180) % 360 - 180 == pytest.approx(np.full(33, 10.0), abs=0.01)


def test_pan_drifts_and_shake_trembles_by_their_amounts() -> None:
    lift = simulate(LiftSpec(reps=1))
    still = true_frames(lift, Camera(), lift.time_s).pixels
    panned = true_frames(lift, Camera(pan_px_s=4.0), lift.time_s).pixels - still
    shaken = true_frames(lift, Camera(shake_px=3.0), lift.time_s).pixels - still
    assert panned[:, 7, 0] == pytest.approx(4.0 * lift.time_s)
    assert shaken[:, 7].std(axis=0) == pytest.approx([3.0, 3.0], rel=0.4)
    assert np.ptp(shaken, axis=1).max() < 1e-9


def test_impossible_cameras_are_refused() -> None:
    with pytest.raises(InvalidCamera, match="fps"):
        Camera(fps=0.0)
    with pytest.raises(InvalidCamera, match="half a metre"):
        Camera(distance_m=0.2)
    with pytest.raises(InvalidCamera, match="even"):
        Camera(width=481)
