"""The motion region: steady, as large as the lift, and deaf to what moves elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from coaching.vision.body_scale import BodyScale
from coaching.vision.flow import FlowEstimator, remove_camera_motion, shrink
from coaching.vision.region import (
    Rect,
    RegionTracker,
    cut,
    grow_by_motion,
    motion_mask,
    skeleton_box,
    square_crop,
)
from tests.vision.scene import landmarks

PICTURE = Rect(0, 0, 640, 480)


def _mask(*boxes: tuple[int, int, int, int]) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    mask = np.zeros((180, 320), np.uint8)
    for x0, y0, x1, y1 in boxes:
        mask[y0:y1, x0:x1] = 1
    return mask


def test_the_box_of_the_skeleton_is_padded_by_fifteen_percent() -> None:
    points = np.zeros((33, 4), np.float32)
    points[:4] = [(100, 50, 0, 1), (200, 50, 0, 1), (100, 250, 0, 1), (200, 250, 0, 1)]
    assert skeleton_box(points) == pytest.approx((85, 20, 215, 280))


def test_hidden_points_do_not_make_a_box() -> None:
    points = np.ones((33, 4), np.float32)
    points[:, 3] = 0.4
    assert skeleton_box(points) is None


def test_the_bar_that_leaves_the_box_is_taken_in() -> None:
    box = Rect(100, 40, 200, 160)
    assert grow_by_motion(box, _mask((190, 100, 210, 110))) == Rect(100, 40, 210, 160)


def test_it_never_grows_by_more_than_fifteen_percent() -> None:
    # A passer-by who touches the lifter's box.
    box = Rect(100, 40, 200, 160)
    assert grow_by_motion(box, _mask((190, 20, 320, 170))) == pytest.approx((100, 22, 215, 170))


def test_what_moves_apart_from_the_lifter_is_ignored() -> None:
    box = Rect(100, 40, 200, 160)
    assert grow_by_motion(box, _mask((250, 40, 320, 160))) == box


def test_specks_are_ignored() -> None:
    box = Rect(100, 40, 200, 160)
    assert grow_by_motion(box, _mask((198, 100, 204, 104))) == box  # 24 of 57,600 px


def test_a_box_outside_the_picture_does_no_harm() -> None:
    assert grow_by_motion(Rect(-90, -90, -10, -10), _mask((0, 0, 320, 180))) == Rect(-90, -90, -10, -10)


def test_noise_everywhere_is_not_motion() -> None:
    rng = np.random.default_rng(1)
    assert motion_mask(rng.normal(0, 0.6, (180, 320, 2)).astype(np.float32)).mean() < 0.01


def test_slow_drift_below_a_third_of_a_pixel_is_not_motion() -> None:
    vectors = np.zeros((180, 320, 2), np.float32)
    vectors[60:120, 100:200, 1] = 0.25
    assert not motion_mask(vectors).any()
    vectors[60:120, 100:200, 1] = 0.5
    assert motion_mask(vectors)[70:110, 110:190].all()


def test_the_region_is_as_wide_as_the_last_half_second() -> None:
    tracker = RegionTracker()
    wide, narrow = Rect(100, 100, 300, 400), Rect(150, 150, 250, 350)
    assert tracker.step(0.0, wide, PICTURE) == wide
    for i in range(1, 12):
        region = tracker.step(i / 30, narrow, PICTURE)
    assert region == pytest.approx(wide)
    for i in range(12, 90):
        region = tracker.step(i / 30, narrow, PICTURE)
    assert region == pytest.approx(narrow, abs=0.1)


def test_smoothing_takes_as_long_at_any_frame_rate() -> None:
    regions = []
    for fps in (30, 60):
        tracker = RegionTracker()
        tracker.step(0.0, Rect(100, 100, 200, 200), PICTURE)
        for i in range(1, fps // 5 + 1):
            region = tracker.step(i / fps, Rect(80, 80, 220, 220), PICTURE)
        assert region is not None
        regions.append(region.x0)
    assert regions[0] == pytest.approx(regions[1], abs=0.01)


def test_the_region_stays_in_the_picture() -> None:
    assert RegionTracker().step(0.0, Rect(-50, -20, 700, 500), PICTURE) == PICTURE


def test_a_region_without_room_is_none() -> None:
    assert RegionTracker().step(0.0, Rect(-90, -90, -10, -10), PICTURE) is None


def test_the_crop_keeps_the_aspect_by_repeating_the_border() -> None:
    gray = np.zeros((480, 640), np.uint8)
    gray[:, 300:340] = np.linspace(0, 255, 40).astype(np.uint8)
    crop = square_crop(Rect(300, 100, 340, 260), 480, 640)
    assert (crop.side, crop.left, crop.top) == (160, 60, 0)
    square = cut(gray, crop, 1)
    assert square.shape == (128, 128)
    assert square[:, :44].max() == 0  # the left border, repeated
    assert square[:, 84:].min() == 255


def test_points_follow_the_crop() -> None:
    crop = square_crop(Rect(300, 100, 340, 260), 480, 640)
    assert crop.to_square(np.array([[320.0, 180.0], [300.0, 100.0]])) == pytest.approx(np.array([[64, 64], [48, 0]]))


# Flow


def test_the_flow_picture_is_320_on_its_longer_side() -> None:
    small, scale = shrink(np.zeros((1280, 720), np.uint8), 320)
    assert small.shape == (320, 180)
    assert scale == 0.25
    assert shrink(np.zeros((100, 80), np.uint8), 320)[1] == 1.0


def test_a_pan_is_taken_out_whatever_the_lifter_does() -> None:
    vectors = np.full((180, 320, 2), (2.0, 0.5), np.float32)
    vectors[40:160, 100:200] += (0.0, -3.0)
    still, camera = remove_camera_motion(vectors, Rect(95, 35, 205, 165))
    assert camera == pytest.approx((2.0, 0.5))
    assert float(np.abs(still[:, :90]).max()) < 0.01
    assert still[100, 150] == pytest.approx((0.0, -3.0), abs=0.01)


def test_a_camera_that_turns_is_taken_out_too() -> None:
    y, x = np.mgrid[0:180, 0:320].astype(np.float32)
    vectors = np.stack([1.0 - 0.01 * (y - 90), 0.01 * (x - 160)], axis=-1).astype(np.float32)
    still, _ = remove_camera_motion(vectors, None)
    assert float(np.abs(still).max()) < 0.1


def test_the_first_picture_and_one_after_a_gap_have_no_motion() -> None:
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 255, (180, 320)).astype(np.uint8)
    flow = FlowEstimator(30.0)
    assert flow.step(picture, 0.0).gap
    assert not flow.step(picture, 1 / 30).gap
    assert flow.step(picture, 0.2).gap
    flow.skip()
    assert flow.step(picture, 0.23).gap


# Body height


def test_height_is_told_from_an_upright_lifter() -> None:
    scale = BodyScale()
    points = landmarks(100, 50)
    expected = float(points[29, 1] - points[0, 1]) / 0.93
    assert scale.update(points) == pytest.approx(expected)


def test_bending_does_not_shrink_the_lifter() -> None:
    scale = BodyScale()
    upright = landmarks(100, 50)
    height = scale.update(upright)
    bent = upright.copy()
    bent[[0, 11, 12], 1] += 80
    for _ in range(50):
        after = scale.update(bent)
    assert after == height


def test_a_lifter_first_seen_bent_has_a_plausible_height() -> None:
    bent = landmarks(100, 50)
    hip = bent[23, :2].copy()
    bent[[11, 12], 0] = hip[0] + 60  # the trunk at 45 degrees, seen from the side
    bent[[11, 12], 1] = hip[1] - 40
    bent[[12, 24, 26, 28], :2] = bent[[11, 23, 25, 27], :2]
    height = BodyScale().update(bent)
    assert height is not None
    assert 0.75 * 230 < height < 1.25 * 230


def test_nobody_has_no_height() -> None:
    assert BodyScale().update(None) is None
