"""Stance, lean and phase of single frames, on a figure whose every measure is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.vision import geometry as g
from coaching.vision.frame_labels import (
    CLASSES,
    body_of_frames,
    frame_features,
    ordinal_probabilities,
    probabilities,
    why_unusable,
)
from coaching.vision.settings_table import DEFAULT

if TYPE_CHECKING:
    from numpy.typing import NDArray


def figure(*, stance: float = 1.0, lean_deg: float = 0.0, hands: float = 0.35, rows: int = 20) -> NDArray[np.float64]:
    """A front view, y down: trunk 1, legs 1.5, shoulders 0.66. stance in shoulder widths, hands as in FEATURES."""
    p = np.full((rows, 33, 4), np.nan)
    p[..., 3] = 1.0
    tan = np.tan(np.radians(lean_deg))
    places = {
        g.LEFT_HIP: (0.2, 1.5),
        g.LEFT_KNEE: (0.2, 0.75),
        g.LEFT_ANKLE: (0.33 * stance, 0.0),
        g.LEFT_SHOULDER: (0.33, 2.5),
        g.LEFT_WRIST: (0.4, 0.75 + 2.5 * hands),
        g.LEFT_HEEL: (0.33 * stance, -0.02),
        g.LEFT_FOOT: (0.35 * stance, -0.15),
    }
    for left, (x, up) in places.items():
        p[:, left, :2], p[:, left + 1, :2] = (x, -up), (-x, -up)
    p[:, [g.LEFT_SHOULDER, g.RIGHT_SHOULDER], 0] += tan
    p[:, g.LEFT_SHOULDER, 1] += 0.66 * np.sin(np.radians(lean_deg)) / 2
    p[:, g.RIGHT_SHOULDER, 1] -= 0.66 * np.sin(np.radians(lean_deg)) / 2
    return p


def said(task: str, points: NDArray[np.float64]) -> str:
    p = probabilities(task, frame_features(task, points), DEFAULT)
    assert p.sum(axis=1) == pytest.approx(np.ones(len(points)))
    return CLASSES[task][int(p[0].argmax())]


@pytest.mark.parametrize(("stance", "word"), [(0.4, "narrow"), (1.0, "neutral"), (1.25, "neutral"), (1.9, "wide")])
def test_stance_is_named_by_the_distance_of_the_ankles(stance: float, word: str) -> None:
    assert said("stance", figure(stance=stance)) == word


@pytest.mark.parametrize(("lean", "word"), [(-9.0, "right"), (-3.0, "neutral"), (3.0, "neutral"), (9.0, "left")])
def test_lean_is_named_by_the_lifters_own_side(lean: float, word: str) -> None:
    assert said("lean", figure(lean_deg=lean)) == word
    assert frame_features("lean", figure(lean_deg=lean))[0, 0] == pytest.approx(lean, abs=0.15)


@pytest.mark.parametrize(("hands", "word"), [(0.35, "up"), (0.2, "up"), (0.0, "down"), (-0.3, "down")])
def test_phase_is_named_by_the_hands_over_the_knees(hands: float, word: str) -> None:
    assert said("phase", figure(hands=hands)) == word


@pytest.mark.parametrize("task", CLASSES)
def test_neither_place_nor_scale_nor_the_shape_of_the_picture_changes_an_answer(task: str) -> None:
    points = figure(stance=1.6, lean_deg=7.0, hands=0.1)
    other = points.copy()
    other[..., 0] = 300.0 + 90.0 * points[..., 0]
    other[..., 1] = 900.0 + 160.0 * points[..., 1]
    assert frame_features(task, other) == pytest.approx(frame_features(task, points), abs=1e-6)


def test_a_mirrored_lifter_gets_the_mirrored_lean_and_the_same_stance() -> None:
    points = figure(stance=1.6, lean_deg=7.0)
    mirrored = g.mirrored(points, 0)
    assert frame_features("lean", mirrored) == pytest.approx(-frame_features("lean", points))
    assert frame_features("stance", mirrored) == pytest.approx(frame_features("stance", points))


def test_exchanged_names_do_not_turn_a_lifter_whose_toes_point_at_the_camera() -> None:
    points = figure(lean_deg=9.0, rows=40)
    swapped = points.copy()
    for left, right in g.PAIRS:  # in the first rows: a table that has it in most of them is one of a mirror
        swapped[:10, [left, right]] = points[:10, [right, left]]
    assert said("lean", swapped) == "left"
    swapped[:10, [g.LEFT_FOOT, g.RIGHT_FOOT], 1] = 0.0 - 0.2  # toes above the heels: really seen from behind
    swapped[:10, [g.LEFT_HEEL, g.RIGHT_HEEL], 1] = 0.0
    assert said("lean", swapped) == "right"


def test_turned_shoulders_do_not_make_a_wide_stance() -> None:
    points = figure(rows=40)
    points[:5, [g.LEFT_SHOULDER, g.RIGHT_SHOULDER], 0] *= 0.2
    assert said("stance", points) == "neutral"


def test_a_body_that_stands_on_its_head_has_the_same_phase() -> None:
    points = figure(hands=0.35)
    points[..., 1] *= -1.0
    assert said("phase", points) == "up"


def test_what_is_missing_is_named_for_the_task_that_needs_it() -> None:
    points = figure(rows=3)
    points[1, g.LEFT_ANKLE] = np.nan
    points[2, [g.LEFT_WRIST, g.RIGHT_WRIST]] = np.nan
    body = body_of_frames(points)
    assert why_unusable("stance", points, body) == ["", "ankles missing", ""]
    assert why_unusable("phase", points, body) == ["", "", "wrists missing"]


def test_proportional_odds_are_a_half_at_an_edge_and_nan_for_an_unknown_row() -> None:
    p = ordinal_probabilities(np.array([[2.0], [np.nan]]), np.array([1.5]), np.array([-3.0, 3.0]))
    assert p[0, 2] == pytest.approx(0.5)
    assert p[0].sum() == pytest.approx(1.0)
    assert np.isnan(p[1]).all()
