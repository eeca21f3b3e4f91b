"""The outline of the back: silhouettes whose bow is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.vision.back import STATIONS, back_outline, bow, curve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

SHOULDER, HIP = np.array([150.0, 60.0]), np.array([150.0, 180.0])
TRUNK = 120.0


def landmarks(shoulder: NDArray[np.float64] = SHOULDER, hip: NDArray[np.float64] = HIP) -> Floats:
    image = np.full((33, 4), np.nan, np.float32)
    image[[11, 12], :2] = shoulder
    image[[23, 24], :2] = hip
    return image


def trunk(*, bulge: float = 0.0, turn_deg: float = 0.0, depth: float = 0.2, width: int = 300) -> Floats:
    """A silhouette (240, width) of a trunk whose left outline bulges by `bulge` trunk lengths between the stations."""
    y, x = np.mgrid[0:240, 0:width].astype(np.float64)
    angle = np.radians(turn_deg)
    middle = (SHOULDER + HIP) / 2
    dx, dy = x - middle[0], y - middle[1]
    across, along = dx * np.cos(angle) + dy * np.sin(angle), -dx * np.sin(angle) + dy * np.cos(angle)
    t = along / TRUNK + 0.5
    half = (STATIONS[-1] - STATIONS[0]) / 2
    centre = (STATIONS[-1] + STATIONS[0]) / 2
    left = depth + bulge * (1 - ((t - centre) / half) ** 2)
    inside = (across > -left * TRUNK) & (across < depth * TRUNK) & (t > -0.3) & (t < 1.3)
    return np.asarray(inside, np.float32)


def turned(turn_deg: float) -> Floats:
    angle = np.radians(turn_deg)
    half = np.array([-np.sin(angle), np.cos(angle)]) * TRUNK / 2
    middle = (SHOULDER + HIP) / 2
    return landmarks(middle - half, middle + half)


@pytest.mark.parametrize("bulge", [-0.06, 0.0, 0.03, 0.1])
@pytest.mark.parametrize("turn_deg", [0.0, 50.0, -70.0])
def test_the_bow_is_the_height_of_the_bulge_however_the_lifter_bends(bulge: float, turn_deg: float) -> None:
    found = bow(back_outline(trunk(bulge=bulge, turn_deg=turn_deg), turned(turn_deg)))
    assert found[0] == pytest.approx(bulge, abs=0.01)
    assert found[1] == pytest.approx(0.0, abs=0.01)


def test_a_lifter_who_faces_the_other_way_has_the_back_in_the_other_row() -> None:
    silhouette = trunk(bulge=0.08)[:, ::-1]
    found = bow(back_outline(np.ascontiguousarray(silhouette), landmarks()))
    assert found[1] == pytest.approx(0.08, abs=0.01)
    assert abs(found[0]) < 0.01


def test_landmarks_beside_the_middle_of_the_trunk_change_nothing() -> None:
    tilted = landmarks(SHOULDER + np.array([8.0, 0.0]), HIP - np.array([6.0, 0.0]))
    found = bow(back_outline(trunk(bulge=0.08), tilted))
    assert found[0] == pytest.approx(0.08, abs=0.01)


def test_the_outline_is_a_distance_in_trunk_lengths() -> None:
    outline = back_outline(trunk(depth=0.25), landmarks())
    assert outline.shape == (2, 13)
    assert outline[:, 3:10] == pytest.approx(0.25, abs=0.01)


def test_a_body_that_leaves_the_picture_has_no_outline_there() -> None:
    silhouette = trunk()[:, 130:]
    outline = back_outline(
        np.ascontiguousarray(silhouette), landmarks(SHOULDER - np.array([130.0, 0.0]), HIP - np.array([130.0, 0.0]))
    )
    assert np.isnan(outline[0]).all()
    assert np.isfinite(outline[1]).all()


def test_a_ray_that_starts_outside_of_the_body_sees_nothing() -> None:
    silhouette = trunk()
    silhouette[:120] = 0.0
    outline = back_outline(silhouette, landmarks())
    assert np.isnan(outline[:, STATIONS < 0.45]).all()
    assert np.isnan(bow(outline)).all()


def test_without_landmarks_there_is_no_outline() -> None:
    assert np.isnan(back_outline(trunk(), landmarks(np.full(2, np.nan)))).all()
    assert np.isnan(back_outline(trunk(), landmarks(HIP - np.array([0.0, 5.0])))).all()


def test_many_frames_with_different_holes_are_fitted_like_single_ones() -> None:
    frames = np.stack([back_outline(trunk(bulge=b), landmarks())[0] for b in (0.0, 0.05, 0.1, 0.07)])
    frames[1, :3] = np.nan
    frames[2, 9:] = np.nan
    frames[3, 2:9] = np.nan
    together = bow(frames)
    alone = [bow(row)[0] for row in frames]
    assert together == pytest.approx(alone, nan_ok=True)
    assert np.isnan(together[3])
    assert together[:3] == pytest.approx([0.0, 0.05, 0.1], abs=0.015)


def test_the_drawn_curve_lies_on_the_outline() -> None:
    for row, silhouette in ((0, trunk(bulge=0.08)), (1, np.ascontiguousarray(trunk(bulge=0.08)[:, ::-1]))):
        outline = back_outline(silhouette, landmarks())
        points = curve(outline, landmarks(), row)
        assert points.shape == (13, 2)
        middle = points[6]
        # 0.2 of the trunk beside its line, and 0.08 more at the middle of the stations.
        assert abs(middle[0] - 150.0) == pytest.approx(0.28 * TRUNK, abs=1.5)
        assert (middle[0] < 150.0) == (row == 0)
        assert middle[1] == pytest.approx(60.0 + 0.55 * TRUNK, abs=0.1)


def test_too_few_rays_draw_nothing() -> None:
    outline = back_outline(trunk(), landmarks())
    outline[:, :6] = np.nan
    assert curve(outline, landmarks(), 0).shape == (0, 2)
