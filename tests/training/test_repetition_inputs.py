from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from coaching.simulator import Camera, Faults, LiftSpec, simulate
from coaching.simulator.track import truth_track
from coaching.vision.lhof import Lhof
from coaching.vision.lhog import Lhog
from coaching.vision.repetition_inputs import (
    LHOF_SIZE,
    LHOG_SIZE,
    SKELETON_COLUMNS,
    SKELETON_SIZE,
    STEPS,
    SWAP,
    RepetitionInputs,
    UnusableRepetition,
    mirror_blocks,
    repetition_inputs,
)
from coaching.vision.types import PixelFeatures, Track, View

LIFT = simulate(LiftSpec(reps=1), seed=3)


def seen(yaw_deg: float, **camera: float) -> Track:
    return truth_track(LIFT, Camera(yaw_deg=yaw_deg, **camera), noise_px=0.0)  # type: ignore[arg-type]


def inputs(track: Track, view: View, pixels: PixelFeatures | None = None, stretch: float = 1.0) -> RepetitionInputs:
    start, lockout, end = LIFT.reps[0]
    return repetition_inputs(
        track, pixels, start_s=start * stretch, lockout_s=lockout * stretch, end_s=end * stretch, view=view
    )


def column(found: RepetitionInputs, name: str) -> NDArray[np.float32]:
    return found.skeleton[:, SKELETON_COLUMNS.index(name)]


def mirrored(track: Track) -> Track:
    """What the engine reports for the mirrored film: x turned round, left and right exchanged."""
    image = np.asarray(track.image, np.float64)[:, SWAP].copy()
    image[..., 0] = track.width - image[..., 0]
    return replace(track, image=image)


def test_shapes_names_and_types_are_those_of_the_network() -> None:
    found = inputs(seen(90.0), "side")
    assert found.skeleton.shape == (STEPS, SKELETON_SIZE) == (64, 76)
    assert found.lhog.shape == (STEPS, LHOG_SIZE) == (64, 2352)
    assert found.lhof.shape == (STEPS, LHOF_SIZE) == (64, 2450)
    assert len(set(SKELETON_COLUMNS)) == SKELETON_SIZE
    feeds = found.feeds()
    assert {name: (value.shape[0], value.dtype) for name, value in feeds.items()} == {
        name: (1, np.dtype(np.float32)) for name in ("skeleton", "lhog", "lhof")
    }


@pytest.mark.parametrize("yaw_deg", [90.0, 45.0])
def test_mirrored_side_view_gives_the_same_vector(yaw_deg: float) -> None:
    track = seen(yaw_deg)
    view: View = "side" if yaw_deg == 90.0 else "oblique"
    one, other = inputs(track, view), inputs(mirrored(track), view)
    np.testing.assert_allclose(one.skeleton, other.skeleton, atol=1e-4)


def test_in_a_side_view_the_lifter_faces_plus_x_from_either_side() -> None:
    for yaw_deg in (90.0, -90.0):
        found = inputs(seen(yaw_deg), "side")
        bottom = column(found, "shoulder_r_x")[0]
        assert bottom > 0.3  # shoulders in front of the hips at lift-off, in torso lengths
        assert column(found, "trunk_angle")[0] > 0.15


def test_a_front_view_is_not_mirrored() -> None:
    leaning = simulate(LiftSpec(reps=1, faults=Faults(lean_left=1.0)), seed=3)
    track = truth_track(leaning, Camera(yaw_deg=0.0), noise_px=0.0)
    start, lockout, end = leaning.reps[0]
    both = [
        repetition_inputs(one, None, start_s=start, lockout_s=lockout, end_s=end, view="front")
        for one in (track, mirrored(track))
    ]
    trunk = [np.median(column(one, "trunk_angle")[25:40]) for one in both]
    assert trunk[0] > 0.03  # the lifter's left is to the right in the picture
    assert trunk[1] == pytest.approx(-trunk[0], abs=0.005)


def test_size_and_place_in_the_picture_do_not_matter() -> None:
    track = seen(45.0)
    image = np.asarray(track.image, np.float64).copy()
    image[..., :2] = image[..., :2] * 2.5 + np.array([130.0, -40.0])
    np.testing.assert_allclose(
        inputs(track, "oblique").skeleton, inputs(replace(track, image=image), "oblique").skeleton, atol=2e-3
    )


def test_twice_the_frame_rate_gives_the_same_vector() -> None:
    slow, fast = inputs(seen(90.0, fps=30.0), "side"), inputs(seen(90.0, fps=60.0), "side")
    assert np.abs(slow.skeleton - fast.skeleton).max() < 0.1
    assert np.abs(slow.skeleton - fast.skeleton).mean() < 0.005


def test_half_the_speed_halves_the_rates_and_leaves_the_places() -> None:
    track = seen(90.0, fps=60.0)
    slow = replace(track, time_s=np.asarray(track.time_s, np.float64) * 2)
    one, half = inputs(track, "side"), inputs(slow, "side", stretch=2.0)
    fastest = np.abs(column(one, "trunk_rate")).max()
    assert np.abs(column(half, "trunk_rate")).max() == pytest.approx(fastest / 2, rel=0.1)
    assert column(half, "log_duration")[0] == pytest.approx(column(one, "log_duration")[0] + np.log(2), abs=1e-5)
    np.testing.assert_allclose(column(one, "knee_r_y"), column(half, "knee_r_y"), atol=0.02)


def test_standing_knee_is_straight_and_the_lockout_is_marked() -> None:
    found = inputs(seen(90.0), "side")
    top = int(np.argmin(np.abs(column(found, "from_lockout"))))
    assert column(found, "knee_r_angle")[top] > 0.95
    assert column(found, "hip_r_angle")[top] > 0.93
    assert column(found, "knee_r_angle")[0] < 0.8
    assert column(found, "midhip_over_ankles_y")[top] > column(found, "midhip_over_ankles_y")[0]


def test_short_gaps_are_bridged_and_leave_no_nan() -> None:
    track = seen(90.0)
    detected = np.asarray(track.detected).copy()
    image = np.asarray(track.image, np.float64).copy()
    middle = len(detected) // 2
    detected[middle : middle + 6] = False
    image[middle : middle + 6] = np.nan
    found = inputs(replace(track, image=image, detected=detected), "side")
    assert np.isfinite(found.skeleton).all()
    assert np.abs(found.skeleton - inputs(track, "side").skeleton)[:, :40].max() < 0.15


def test_a_point_that_an_engine_never_reports_is_not_nan() -> None:
    track = seen(90.0)
    image = np.asarray(track.image, np.float64).copy()
    image[:, 31:33] = np.nan
    found = inputs(replace(track, image=image), "side")
    assert np.isfinite(found.skeleton).all()
    assert column(found, "toe_r_x").tolist() == [0.0] * STEPS


@pytest.mark.parametrize(("share", "reason"), [(0.5, "lost_tracking"), (1.0, "lost_tracking")])
def test_a_repetition_without_a_skeleton_is_refused(share: float, reason: str) -> None:
    track = seen(90.0)
    detected = np.asarray(track.detected).copy()
    detected[: int(share * len(detected))] = False
    with pytest.raises(UnusableRepetition) as refused:
        inputs(replace(track, detected=detected), "side")
    assert refused.value.reason == reason


def test_bounds_outside_the_track_are_refused() -> None:
    track = seen(90.0)
    with pytest.raises(UnusableRepetition) as refused:
        repetition_inputs(track, None, start_s=500.0, lockout_s=501.0, end_s=502.0, view="side")
    assert refused.value.reason == "too_short"


def test_without_pixels_the_pixel_inputs_are_zero() -> None:
    found = inputs(seen(90.0), "side")
    assert not found.lhog.any()
    assert not found.lhof.any()


def fake_pixels(track: Track) -> PixelFeatures:
    n = len(track.time_s)
    random = np.random.default_rng(2)
    blank = np.zeros((n, 13, 98), np.float16)
    return PixelFeatures(
        region=np.zeros((n, 4), np.float32),
        lhog=random.random((n, 7, 7, 48)).astype(np.float16),
        lhof=random.random((n, 7, 7, 50)).astype(np.float16),
        joints=blank,
        joint_mask=np.ones((n, 13), np.bool_),
        valid=np.ones(n, np.bool_),
    )


def test_pixels_are_taken_at_the_times_of_the_steps() -> None:
    track = seen(90.0)
    pixels = fake_pixels(track)
    ramp = np.broadcast_to(np.asarray(track.time_s, np.float16)[:, None, None, None], pixels.lhog.shape)
    found = inputs(track, "front", replace(pixels, lhog=ramp))
    start, _, end = LIFT.reps[0]
    np.testing.assert_allclose(found.lhog[:, 0], np.linspace(start, end, STEPS), atol=5e-3)


def test_pixels_of_a_left_facing_lifter_are_mirrored_too() -> None:
    left, right = (seen(yaw) for yaw in (90.0, -90.0))
    images = [np.asarray(track.image, np.float64) for track in (left, right)]
    facing_right = [bool(np.median(image[:, 31, 0] - image[:, 29, 0]) > 0) for image in images]
    assert facing_right.count(True) == 1
    for track, faces_right in zip((left, right), facing_right, strict=True):
        pixels = fake_pixels(track)
        plain, turned = inputs(track, "front", pixels), inputs(track, "side", pixels)
        assert np.array_equal(plain.lhog, turned.lhog) == faces_right


def test_mirrored_lhog_is_the_lhog_of_the_mirrored_picture() -> None:
    random = np.random.default_rng(8)
    picture = cv2.GaussianBlur(random.integers(0, 255, (128, 128), np.uint8), (9, 9), 3)
    descriptor = Lhog()
    expected = descriptor.grid(np.ascontiguousarray(picture[:, ::-1]))
    got = mirror_blocks(descriptor.grid(np.asarray(picture, np.uint8)))
    # OpenCV centres its Gaussian half a pixel off, so a mirrored picture's descriptor is only nearly the mirrored one.
    assert np.abs(got - expected).mean() < 0.01
    assert np.abs(descriptor.grid(np.asarray(picture, np.uint8)) - expected).mean() > 0.05


def test_mirrored_lhof_is_the_lhof_of_the_mirrored_flow() -> None:
    random = np.random.default_rng(9)
    flow = cv2.GaussianBlur(random.normal(0, 2, (128, 128, 2)).astype(np.float32), (9, 9), 3)
    turned: NDArray[np.float32] = np.ascontiguousarray(flow[:, ::-1] * np.array([-1, 1], np.float32))
    np.testing.assert_allclose(mirror_blocks(Lhof(np.asarray(flow)).grid()), Lhof(turned).grid(), atol=2e-3)
