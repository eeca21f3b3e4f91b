"""Speed of the bar against the simulator's truth, by the stature and by a plate in the pictures, and its loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.simulator import Body, Camera, Lift, LiftSpec, Scene, Tempo, render_frames, simulate
from coaching.simulator.clip import frame_times
from coaching.simulator.joints import Joint
from coaching.simulator.track import truth_track
from coaching.simulator.truth_speed import true_mean_velocity
from coaching.simulator.writer import Encoding
from coaching.vision.coach import analyse
from coaching.vision.plate import PlatePath
from coaching.vision.plate_pass import plate_of
from coaching.vision.types import Frame
from coaching.vision.velocity import Measures, RepVelocity, set_speed, velocity_loss
from tests.coach.lifts import BODIES, track_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PLATE_M = 0.45


@pytest.mark.parametrize("body", BODIES, ids=lambda body: f"{body.stature_m:g} m")
@pytest.mark.parametrize("yaw_deg", [0.0, 45.0, 90.0])
def test_by_the_stature_it_is_the_speed_of_the_simulated_bar(body: Body, yaw_deg: float) -> None:
    lift = simulate(LiftSpec(reps=2, body=body), seed=3)
    track = track_of(lift, yaw_deg, fps=30.0)
    speed = set_speed(track, analyse(track), Measures(body.stature_m))
    assert (speed.scale, speed.unit, speed.plate_seen) == ("height", "m/s", None)
    assert [one.number for one in speed.reps] == [1, 2]
    for one in speed.reps:
        # The specification's target with a scale from the stature.
        assert one.shown == pytest.approx(true_mean_velocity(lift, one.number), abs=0.10)
        assert one.shown_sigma > 0.05 * one.shown


def test_without_a_stature_it_is_told_in_body_heights() -> None:
    lift = simulate(LiftSpec(reps=1), seed=3)
    track = track_of(lift, 0.0)
    speed = set_speed(track, analyse(track))
    assert (speed.scale, speed.unit) == ("body", "bh/s")
    assert speed.reps[0].shown * lift.spec.body.stature_m == pytest.approx(true_mean_velocity(lift, 1), abs=0.10)


def pictures(lift: Lift, camera: Camera, plate_radius_m: float) -> Iterator[Frame]:
    times = frame_times(lift, camera, Encoding())
    drawn = render_frames(lift, camera, Scene(plate_radius_m=plate_radius_m), times)
    return (Frame(i, float(time), bgr) for i, (time, bgr) in enumerate(zip(times, drawn, strict=True)))


@pytest.mark.parametrize(("yaw_deg", "known"), [(0.0, False), (45.0, False), (90.0, True)], ids=["front", "45", "side"])
def test_a_plate_in_the_pictures_gives_the_speed_whatever_the_stature(yaw_deg: float, known: bool) -> None:
    body = Body(stature_m=1.90)
    lift = simulate(LiftSpec(reps=1, body=body, tempo=Tempo(1.0, 0.5, 0.8), stand_before_s=0.0, setup_s=0.6), seed=4)
    camera = Camera(yaw_deg=yaw_deg, fps=20.0)
    # As landmarks are behind such a plate; the pictures come from the renderer.
    track = truth_track(lift, camera, noise_px=1.0, seed=4, plate_radius_m=PLATE_M / 2)
    report = analyse(track)
    measures = Measures(body.stature_m if known else None, PLATE_M)
    plate = plate_of(pictures(lift, camera, PLATE_M / 2), track, report, measures)
    speed = set_speed(track, report, measures, plate)
    assert (speed.scale, speed.plate_seen) == ("plate", True)
    # The specification's target with a scale from the plate.
    assert speed.reps[0].shown == pytest.approx(true_mean_velocity(lift, 1), abs=0.06)


def test_from_the_front_the_stature_is_the_better_scale_and_from_the_side_the_plate() -> None:
    lift = simulate(LiftSpec(reps=1), seed=3)
    for yaw_deg, scale in ((0.0, "height"), (90.0, "plate")):
        track = track_of(lift, yaw_deg)
        grid = np.asarray(track.time_s, np.float64)
        # A plate seen 100 px tall that goes the bar's own way.
        y = -100.0 * lift.points(grid)[:, Joint.BAR, 1] / PLATE_M
        plate = PlatePath(100.0, 1.0, 0.8, grid, np.zeros_like(grid), y)
        speed = set_speed(track, analyse(track), Measures(1.75, PLATE_M), plate)
        assert (speed.scale, speed.plate_seen) == (scale, True)
        assert speed.reps[0].shown == pytest.approx(true_mean_velocity(lift, 1), abs=0.06)


def test_where_there_is_no_such_plate_the_stature_stands_in_and_it_is_said() -> None:
    lift = simulate(LiftSpec(reps=1, tempo=Tempo(1.0, 0.5, 0.8), stand_before_s=0.0), seed=4)
    camera = Camera(yaw_deg=45.0, fps=20.0)
    track = truth_track(lift, camera, noise_px=0.5, seed=4)
    report, measures = analyse(track), Measures(1.75, PLATE_M)
    plate = plate_of(pictures(lift, camera, 0.07), track, report, measures)
    speed = set_speed(track, report, measures, plate)
    assert (speed.scale, speed.plate_seen) == ("height", False)


def test_a_slower_last_repetition_is_a_loss_against_the_best() -> None:
    speeds = [RepVelocity(n, v, 0.05) for n, v in enumerate((0.20, 0.25, 0.22, 0.20), start=1)]
    loss = velocity_loss(speeds)
    assert loss is not None
    assert loss[0] == pytest.approx(0.2)
    assert loss[1] == pytest.approx(0.8 * np.hypot(0.05, 0.05))
    assert velocity_loss(speeds[:1]) is None
    assert velocity_loss(speeds[:2]) == (0.0, 0.0)
