"""Left and right that the engine exchanged are put back, and a lifter who turns round is left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.vision import geometry as g
from coaching.vision.coach import analyse
from coaching.vision.kinematics import body_of
from coaching.vision.settings_table import DEFAULT
from coaching.vision.sides import WIDE, exchanged
from tests.coach.lifts import lift_of, track_of

if TYPE_CHECKING:
    from coaching.vision.types import Track

LIFT = lift_of(2)
FRONT = track_of(LIFT, 0.0)
TOP_S = LIFT.reps[0].lockout_s


def with_sides_exchanged(track: Track, start_s: float, stop_s: float) -> Track:
    frames = (track.time_s >= start_s) & (track.time_s < stop_s)
    image, world = track.image.copy(), track.world.copy()
    for left, right in g.PAIRS:
        for points, given in ((image, track.image), (world, track.world)):
            points[frames, left], points[frames, right] = given[frames, right], given[frames, left]
    return replace(track, image=image, world=world)


@pytest.mark.parametrize(("start_s", "stop_s"), [(TOP_S - 0.4, TOP_S + 0.4), (-1.0, 0.5), (9.0, 99.0)])
def test_exchanged_sides_are_put_back(start_s: float, stop_s: float) -> None:
    wrong = with_sides_exchanged(FRONT, start_s, stop_s)
    assert not np.array_equal(wrong.image, FRONT.image)
    np.testing.assert_array_equal(body_of(wrong, DEFAULT).image, FRONT.image.astype(np.float64))
    np.testing.assert_array_equal(body_of(wrong, DEFAULT).world, FRONT.world.astype(np.float64))


def test_an_exchange_that_takes_three_frames_is_put_back_but_for_these() -> None:
    wrong = with_sides_exchanged(FRONT, TOP_S - 0.4, TOP_S + 0.4)
    image = wrong.image.copy()
    at = int(np.searchsorted(FRONT.time_s, TOP_S - 0.4))
    for frame in (at - 1, at, at + 1):
        image[frame] = (FRONT.image[at - 2] + wrong.image[at + 2]) / 2.0
    body = body_of(replace(wrong, image=image), DEFAULT)
    same = np.isclose(body.image, FRONT.image).all(axis=(1, 2))
    assert np.flatnonzero(~same).tolist() == [at - 1, at, at + 1]


def test_somebody_who_turns_round_keeps_the_own_sides() -> None:
    # Half a turn about the body's middle within a second, then back to the camera: widths go through zero.
    image = FRONT.image.copy()
    turn = np.cos(np.pi * np.clip((FRONT.time_s - 6.0) / 1.0, 0.0, 1.0))
    middle = image[:, :, 0].mean(axis=1, keepdims=True)
    image[:, :, 0] = middle + (image[:, :, 0] - middle) * turn[:, None]
    np.testing.assert_array_equal(body_of(replace(FRONT, image=image), DEFAULT).image, image.astype(np.float64))


def test_a_side_view_has_no_sides_to_exchange() -> None:
    side = track_of(LIFT, 90.0, noise_px=2.0)
    report = analyse(side)
    assert (len(report.reps), report.refused) == (2, None)


def measured(track: Track, name: str) -> list[float]:
    return [
        fault.value
        for rep in analyse(track).reps
        for fault in rep.faults
        if fault.name == name and fault.value is not None
    ]


@pytest.mark.parametrize("name", ["knees_in", "asymmetry"])
def test_an_exchange_at_the_top_changes_no_frontal_fault(name: str) -> None:
    wrong = with_sides_exchanged(FRONT, TOP_S - 0.4, TOP_S + 0.4)
    assert measured(wrong, name) == pytest.approx(measured(FRONT, name), abs=1e-6)
    assert len(measured(FRONT, name)) == 2


def test_ankles_that_slip_aside_under_the_bar_do_not_bring_the_knees_in() -> None:
    image = FRONT.image.copy()
    start, _, _ = LIFT.reps[0]
    slips = (FRONT.time_s > start + 0.1) & (FRONT.time_s < start + 0.9)
    image[slips, g.LEFT_ANKLE, 0] += 25.0
    image[slips, g.RIGHT_ANKLE, 0] -= 25.0
    slipped = replace(FRONT, image=image)
    # 12 degrees more if the ankles of the moment were taken.
    assert measured(slipped, "knees_in") == pytest.approx(measured(FRONT, "knees_in"), abs=0.5)


def test_from_the_side_a_pixel_of_width_that_changes_its_sign_is_no_exchange() -> None:
    """Left and right lie over each other there: which is ahead by a pixel says nothing."""
    time_s = np.arange(90) / 30.0
    for apart, expected in ((1.0, 0), (40.0, 20)):
        xy = np.zeros((90, 33, 2))
        xy[:, [11, 12], 1], xy[:, [23, 24], 1] = 100.0, 200.0  # a trunk of 100 px
        for left, right in WIDE:
            xy[:, left, 0], xy[:, right, 0] = 300.0 + apart / 2, 300.0 - apart / 2
            xy[30:50, left, 0], xy[30:50, right, 0] = 300.0 - apart / 2, 300.0 + apart / 2
        assert int(exchanged(time_s, xy, DEFAULT.signal).sum()) == expected
