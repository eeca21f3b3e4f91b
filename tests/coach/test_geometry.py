"""Angles and their signs, on points whose answer is known on paper."""

from __future__ import annotations

import numpy as np
import pytest

from coaching.vision import geometry as g
from tests.coach.lifts import lift_of, track_of


@pytest.mark.parametrize(
    ("c", "expected"),
    [((2.0, 0.0), 180.0), ((1.0, 1.0), 90.0), ((0.0, 0.0), 0.0), ((1.0 + np.sqrt(3) / 2, 0.5), 150.0)],
)
def test_a_joint_angle_is_the_inner_angle(c: tuple[float, float], expected: float) -> None:
    a, b = np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]])
    assert g.joint_angle_deg(a, b, np.array([c]))[0] == pytest.approx(expected, abs=1e-9)


def test_a_joint_angle_without_length_is_not_a_number() -> None:
    a = np.array([[0.0, 0.0]])
    assert np.isnan(g.joint_angle_deg(a, a, np.array([[1.0, 0.0]]))[0])


def test_upright_is_zero_and_hanging_upside_down_is_180_degrees() -> None:
    hip, above, below, ahead = (np.array([p]) for p in ((5.0, 5.0), (5.0, 1.0), (5.0, 9.0), (8.0, 5.0)))
    assert g.from_vertical_deg(hip, above)[0] == 0.0
    assert g.from_vertical_deg(hip, below)[0] == 180.0
    assert g.from_vertical_deg(hip, ahead)[0] == 90.0


def test_leaning_toward_the_face_is_positive_whichever_way_the_lifter_looks() -> None:
    hip, shoulder = np.array([[0.0, 0.0]]), np.array([[1.0, -1.0]])
    assert g.forward_deg(hip, shoulder, 1.0)[0] == pytest.approx(45.0)
    assert g.forward_deg(hip, shoulder, -1.0)[0] == pytest.approx(-45.0)


def test_a_line_tilts_to_the_lifters_left_when_the_left_end_is_lower() -> None:
    right, left = np.array([[0.0, 0.0]]), np.array([[10.0, 1.0]])
    assert g.tilt_deg(right, left)[0] == pytest.approx(np.degrees(np.arctan(0.1)))
    # Seen from behind, left and right change places in the picture; lower stays lower.
    assert g.tilt_deg(right, np.array([[-10.0, 1.0]]))[0] > 0


def test_every_paired_landmark_has_its_twin_once() -> None:
    twins = sorted(i for pair in g.PAIRS for i in pair)
    assert twins == list(range(1, 33))
    assert all(right == left + 1 or (left, right) in g.PAIRS[:3] for left, right in g.PAIRS)


def test_mirroring_twice_gives_the_same_landmarks() -> None:
    image = np.asarray(track_of(lift_of(), 40.0).image, dtype=np.float64)
    twice = g.mirrored(g.mirrored(image, 480), 480)
    assert np.allclose(twice, image, atol=1e-4)
    assert not np.allclose(g.mirrored(image, 480), image, atol=1.0)
