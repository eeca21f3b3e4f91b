"""LHOG and LHOF of single pictures, block by block."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.feature import hog

from coaching.vision.lhof import Lhof
from coaching.vision.lhog import Lhog
from coaching.vision.repetition_inputs import mirror_blocks
from tests.vision.scene import landmarks, picture


def test_blocks_are_stored_row_by_row_and_so_are_their_cells() -> None:
    # One bright corner in cell row 2, column 5: OpenCV counts blocks and cells down the columns first.
    crop = np.zeros((128, 128), np.uint8)
    crop[34:46, 88:] = 200
    blocks = Lhog().grid(crop)
    energy = (blocks**2).sum(axis=2)
    assert energy[1, 4] > 0.9
    assert energy[4, 1] == 0.0
    cells = blocks[1, 4].reshape(2, 2, 12).sum(axis=2)  # this block holds cells (1..2, 4..5)
    assert np.unravel_index(cells.argmax(), (2, 2)) == (1, 1)
    below = blocks[2, 5].reshape(2, 2, 12).sum(axis=2)
    assert below[0].sum() > below[1].sum()


@pytest.mark.parametrize(
    ("make", "direction"),
    [
        (lambda v: np.tile(v, (128, 1)), 0),  # brighter to the right: 0 degrees
        (lambda v: np.tile(v[:, None], (1, 128)), 90),  # brighter downwards: 90
        (lambda v: np.tile(v[::-1], (128, 1)), 180),
        (lambda v: np.tile(v[::-1, None], (1, 128)), 270),
    ],
)
def test_directions_start_at_the_right_and_turn_downwards(make, direction: int) -> None:  # type: ignore[no-untyped-def]
    ramp = np.linspace(0, 254, 128).astype(np.uint8)
    votes = Lhog().grid(make(ramp))[3, 3].reshape(4, 12).sum(axis=0)
    between = {direction // 30 % 12, (direction // 30 - 1) % 12}  # bins are centred at 15, 45, ...
    assert set(np.argsort(votes)[-2:].tolist()) == between


def test_scikit_image_sees_the_same_outline() -> None:
    # The readable reference: unsigned, hard votes, no spatial window. Folding our directions makes them comparable.
    crop = picture(280, 160)[120:376, 200:456][::2, ::2].copy()
    ours = Lhog().grid(crop).reshape(7, 7, 4, 2, 6).sum(axis=3).reshape(7, 7, 24)
    reference = hog(
        crop,
        orientations=6,
        pixels_per_cell=(16, 16),
        cells_per_block=(2, 2),
        block_norm="L2-Hys",
        feature_vector=False,
    ).reshape(7, 7, 24)
    cosine = (ours * reference).sum(axis=2) / np.linalg.norm(ours, axis=2) / np.linalg.norm(reference, axis=2)
    assert float(np.median(cosine)) > 0.95
    assert float(cosine.min()) > 0.85


def test_a_patch_around_a_point_is_the_block_there() -> None:
    crop = picture(280, 160)[120:376, 200:456][::2, ::2].copy()
    lhog = Lhog()
    assert np.allclose(lhog.around(crop, np.array([[64.0, 48.0]]))[0], lhog.grid(crop)[2, 3], atol=1e-5)


def test_a_point_on_the_border_still_has_a_patch() -> None:
    crop = picture(280, 160)[:128, :128].copy()
    corners = np.array([[0.0, 0.0], [128.0, 0.0], [128.0, 128.0], [-40.0, 900.0]])
    assert np.isfinite(Lhog().around(crop, corners)).all()
    assert Lhof(np.zeros((128, 128, 2), np.float32)).around(corners).shape == (4, 50)


def _uniform(vx: float, vy: float) -> Lhof:
    return Lhof(np.tile(np.array([vx, vy], np.float32), (128, 128, 1)))


@pytest.mark.parametrize(
    ("velocity", "bins"), [((0.5, 0), (0, 11)), ((0, 0.5), (2, 3)), ((-0.5, 0), (5, 6)), ((0, -0.5), (8, 9))]
)
def test_flow_votes_for_where_it_goes(velocity: tuple[float, float], bins: tuple[int, int]) -> None:
    votes = _uniform(*velocity).grid()[3, 3, :48].reshape(4, 12).sum(axis=0)
    assert votes[list(bins)].sum() == pytest.approx(votes.sum(), rel=1e-5)
    assert votes[bins[0]] == pytest.approx(votes[bins[1]], rel=1e-4)


def test_flow_along_a_bins_centre_votes_for_it_alone() -> None:
    angle = np.radians(45)
    votes = _uniform(0.5 * np.cos(angle), 0.5 * np.sin(angle)).grid()[0, 0, :48].reshape(4, 12).sum(axis=0)
    assert votes[1] == pytest.approx(votes.sum(), rel=2e-3)


def test_speed_survives_normalisation() -> None:
    slow, fast = _uniform(0, -0.2).grid()[3, 3], _uniform(0, -1.0).grid()[3, 3]
    assert np.allclose(np.linalg.norm(fast[:48]), 1.0, atol=0.01)
    assert np.allclose(slow[:48], fast[:48], atol=0.02)
    assert slow[48] == pytest.approx(np.log1p(2.0), abs=1e-3)
    assert fast[48] == pytest.approx(np.log1p(10.0), abs=1e-3)


def test_the_still_share_counts_pixels_below_the_threshold() -> None:
    velocity = np.zeros((128, 128, 2), np.float32)
    velocity[:, 64:, 0] = 0.5
    still = Lhof(velocity).grid()[..., 49]
    assert still[:, 0] == pytest.approx(1.0)
    assert still[:, 3] == pytest.approx(0.5)  # the block astride the edge
    assert still[:, 6] == pytest.approx(0.0)


def test_barely_moving_blocks_stay_small() -> None:
    assert np.linalg.norm(_uniform(0.004, 0).grid()[3, 3, :48]) < 0.3


def test_flow_around_a_point_is_the_block_there() -> None:
    rng = np.random.default_rng(3)
    flow = Lhof(rng.normal(size=(128, 128, 2)).astype(np.float32))
    assert np.allclose(flow.around(np.array([[64.0, 48.0]]))[0], flow.grid()[2, 3], atol=1e-6)


def test_mirroring_the_blocks_equals_mirroring_the_picture() -> None:
    # The classifier turns every lifter to face the same way by exchanging numbers; pictures must agree.
    rng = np.random.default_rng(4)
    velocity = rng.normal(size=(128, 128, 2)).astype(np.float32)
    mirrored = velocity[:, ::-1] * np.array([-1, 1], np.float32)
    assert np.allclose(mirror_blocks(Lhof(velocity).grid()), Lhof(mirrored).grid(), atol=1e-5)
    crop = picture(280, 160)[120:376, 200:456][::2, ::2].copy()
    ours, other = mirror_blocks(Lhog().grid(crop)), Lhog().grid(np.ascontiguousarray(crop[:, ::-1]))
    assert float(np.abs(ours - other).mean()) < 0.01


def test_landmarks_of_the_test_scene_stand_upright() -> None:
    points = landmarks(0, 0)
    assert points[11, 1] < points[23, 1] < points[25, 1] < points[27, 1]
