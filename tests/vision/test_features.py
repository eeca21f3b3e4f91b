"""The invariants that the specification asks of the descriptors, on motion that is known exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.vision.features import JOINTS, FeatureExtractor
from tests.vision.scene import BLOCK_H, landmarks, picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from coaching.vision.types import PixelFeatures

X0, Y0 = 260.0, 180.0


def _pull(
    fps: float = 30.0,
    seconds: float = 0.8,
    *,
    speed_px_s: float = 90.0,
    shift: int = 0,
    change: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] = lambda gray: gray,
) -> PixelFeatures:
    """The block goes straight up at a steady speed; everything, wall included, is moved by `shift` px."""
    extractor = FeatureExtractor(fps)
    for i in range(round(seconds * fps) + 1):
        x, y = X0 + shift, Y0 + shift - speed_px_s * i / fps
        gray = change(picture(x, y, wall_x=shift, wall_y=shift))
        extractor.push(i / fps, gray, landmarks(x, y))
    return extractor.result()


def _difference(a: NDArray[np.float16], b: NDArray[np.float16]) -> float:
    """Length of the difference as a share of the length."""
    first, second = a.astype(np.float64), b.astype(np.float64)
    return float(np.linalg.norm(first - second) / np.linalg.norm(first))


@pytest.fixture(scope="module")
def pull() -> PixelFeatures:
    return _pull()


def test_shapes_and_types_are_those_that_the_network_was_trained_on(pull: PixelFeatures) -> None:
    n = 25
    assert pull.lhog.shape == (n, 7, 7, 48)
    assert pull.lhof.shape == (n, 7, 7, 50)
    assert pull.joints.shape == (n, len(JOINTS), 98) == (n, 13, 98)
    assert pull.region.shape == (n, 4)
    assert {pull.lhog.dtype, pull.lhof.dtype, pull.joints.dtype} == {np.dtype(np.float16)}
    assert pull.valid.all()
    assert pull.joint_mask.all()


def test_brighter_light_does_not_change_the_shape() -> None:
    # 190 * 1.3 stays below 255: nothing saturates.
    still = _pull(seconds=0.2, speed_px_s=0)
    brighter = _pull(seconds=0.2, speed_px_s=0, change=lambda g: np.rint(g * 1.3).astype(np.uint8))
    assert _difference(still.lhog, brighter.lhog) < 0.02


def _on_the_body(features: PixelFeatures) -> NDArray[np.float16]:
    """LHOF of the blocks inside the lifter, once the motion is steady."""
    return features.lhof[6:, 1:6, 2:5]


def test_the_place_in_the_picture_does_not_matter(pull: PixelFeatures) -> None:
    # DIS works on a quarter of the flow picture in steps of 4, 32 px of this film: by that, even its errors move along.
    moved = _pull(shift=-32)
    assert _difference(pull.lhog, moved.lhog) < 0.05
    assert _difference(pull.lhof, moved.lhof) < 0.05


def test_ten_pixels_change_nothing_that_does_not_move_and_little_that_does(pull: PixelFeatures) -> None:
    still, still_moved = _pull(speed_px_s=0, seconds=0.2), _pull(speed_px_s=0, seconds=0.2, shift=10)
    assert _difference(still.lhog, still_moved.lhog) < 0.05
    assert _difference(still.lhof, still_moved.lhof) < 0.05
    # Off its grid the fast flow smears differently round the lifter; inside, averaged over the pull, it agrees.
    body, moved = pull.lhof[6:, 2:5, 3].mean(axis=0), _pull(shift=10).lhof[6:, 2:5, 3].mean(axis=0)
    assert _difference(body, moved) < 0.05


def test_twice_the_frame_rate_gives_the_same_motion() -> None:
    # Fast enough that both rates are above the flow's noise; same moments compared.
    slow, fast = _pull(30, speed_px_s=180, seconds=0.6), _pull(60, speed_px_s=180, seconds=0.6)
    assert _difference(slow.lhof[6:, 1:6, 2:5].mean(axis=0), fast.lhof[12::2, 1:6, 2:5].mean(axis=0)) < 0.05


def test_a_vertical_pull_votes_up(pull: PixelFeatures) -> None:
    energy = (pull.lhof[5:, ..., :48].astype(np.float64) ** 2).reshape(-1, 12).sum(axis=0)
    assert energy[[8, 9]].sum() / energy.sum() > 0.8  # 255 and 285 degrees: 270 is up


def test_speed_is_in_body_heights_a_second(pull: PixelFeatures) -> None:
    # 90 px/s; from the nose to the heels is 0.96 of the block, and that is 0.93 of the body's height.
    body_px = BLOCK_H * 0.96 / 0.93
    speed = np.expm1(pull.lhof[10:, 2:5, 3, 48].astype(np.float64)) / 10
    # The smooth edges of the flow cost a tenth of the speed of a block that is not much wider than they are.
    assert float(np.median(speed)) == pytest.approx(90 / body_px, rel=0.15)


def test_a_still_film_is_still() -> None:
    still = _pull(speed_px_s=0)
    assert float(still.lhof[1:, ..., 49].mean()) > 0.95
    assert float(np.abs(still.lhof[1:, ..., :48]).max()) < 0.1  # noise is not blown up to unit length


def test_a_moving_camera_is_not_a_moving_lifter() -> None:
    extractor = FeatureExtractor(30)
    for i in range(12):
        pan = 3 * i
        extractor.push(i / 30, picture(X0 + pan, Y0, wall_x=pan), landmarks(X0 + pan, Y0))
    features = extractor.result()
    assert float(features.lhof[2:, ..., 49].mean()) > 0.9
    assert float(np.nanmedian(extractor.camera_speed())) == pytest.approx(90 / (BLOCK_H * 0.96 / 0.93), rel=0.1)


def test_the_same_film_gives_the_same_bytes(pull: PixelFeatures) -> None:
    again = _pull()
    for name in ("lhog", "lhof", "joints", "region"):
        assert getattr(pull, name).tobytes() == getattr(again, name).tobytes()


def test_a_gap_in_the_film_is_not_a_fast_movement() -> None:
    extractor = FeatureExtractor(30)
    extractor.push(0.0, picture(X0, Y0), landmarks(X0, Y0))
    extractor.push(0.2, picture(X0, Y0 - 18), landmarks(X0, Y0 - 18))
    assert float(extractor.result().lhof[1, ..., 49].min()) == 1.0


def test_a_lifter_lost_for_a_moment_keeps_his_region_and_then_loses_it() -> None:
    extractor = FeatureExtractor(30)
    for i in range(40):
        extractor.push(i / 30, picture(X0, Y0), landmarks(X0, Y0) if i < 10 else None)
    features = extractor.result()
    assert features.valid[:24].all()  # up to half a second after the tenth frame
    assert not features.valid[26:].any()
    assert not features.joint_mask[10:].any()
    assert float(np.abs(features.lhog[30:]).max()) == 0.0
    assert np.isnan(features.region[30:]).all()


def test_hidden_joints_are_zero_and_masked() -> None:
    extractor = FeatureExtractor(30)
    points = landmarks(X0, Y0)
    points[15, 3] = 0.2  # the left wrist
    extractor.push(0.0, picture(X0, Y0), points)
    features = extractor.result()
    wrist = JOINTS.index(15)
    assert not features.joint_mask[0, wrist]
    assert float(np.abs(features.joints[0, wrist]).max()) == 0.0
    assert features.joint_mask[0].sum() == 12


def test_before_anybody_appears_nothing_is_described() -> None:
    extractor = FeatureExtractor(30)
    extractor.push(0.0, picture(X0, Y0), None)
    features = extractor.result()
    assert not features.valid.any()
    assert features.lhog.shape == (1, 7, 7, 48)


def test_a_film_with_more_pictures_than_expected_is_kept_whole() -> None:
    surprised, prepared = FeatureExtractor(30, expected=10), FeatureExtractor(30, expected=200)
    for i in range(150):
        gray, points = picture(X0, Y0 - i % 5), landmarks(X0, Y0 - i % 5)
        surprised.push(i / 30, gray, points)
        prepared.push(i / 30, gray, points)
    first, second = surprised.result(), prepared.result()
    assert first.valid.shape == (150,)
    assert first.valid.all()
    for name in ("region", "lhog", "lhof", "joints", "joint_mask"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()


def test_descriptors_are_kept_once_in_half_precision() -> None:
    extractor = FeatureExtractor(30, expected=100)
    extractor.push(0.0, picture(X0, Y0), landmarks(X0, Y0))
    features = extractor.result()
    assert np.shares_memory(features.lhog, extractor.result().lhog)
    kept = sum(getattr(features, name).nbytes for name in ("region", "lhog", "lhof", "joints", "joint_mask", "valid"))
    assert kept == 4 * 4 + 2 * (7 * 7 * (48 + 50) + 13 * 98) + 13 + 1
