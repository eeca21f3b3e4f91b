"""Counting: what is a repetition, when it happened, and what only looks like one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coaching.simulator import Camera, Take, Tempo, film
from coaching.vision.coach import analyse
from coaching.vision.kinematics import body_of
from coaching.vision.reps import turning_points
from coaching.vision.settings_table import DEFAULT
from tests.coach.lifts import BODIES, VIEWS, lift_of, part_of, track_of, without_frames


def test_turning_points_alternate_and_ignore_small_wiggles() -> None:
    values = np.array([0.5, 0.45, 0.5, 1.0, 0.95, 1.0, 0.5, 0.55, 0.5, 1.0])
    assert turning_points(values, 0.3) == [(1, False), (3, True), (6, False), (9, True)]


def test_turning_points_skip_what_was_not_seen() -> None:
    values = np.array([np.nan, 0.0, np.nan, 1.0, np.nan, 0.0, np.nan])
    assert turning_points(values, 0.5) == [(1, False), (3, True), (5, False)]


@pytest.mark.parametrize("yaw_deg", [0.0, 45.0, 90.0, 135.0, 180.0, -60.0])
@pytest.mark.parametrize("body", range(5))
def test_every_body_is_counted_exactly_from_every_side(body: int, yaw_deg: float) -> None:
    lift = lift_of(3, seed=body, body=BODIES[body])
    report = analyse(track_of(lift, yaw_deg, seed=body))
    assert report.refused is None
    assert len(report.reps) == 3
    for rep, truth in zip(report.reps, lift.reps, strict=True):
        assert rep.lockout_s == pytest.approx(truth.lockout_s, abs=0.15)
        # Easing starts slower than the 5 % of travel at which a lift-off can be seen.
        assert rep.start_s == pytest.approx(truth.start_s, abs=0.35)
        assert rep.end_s == pytest.approx(truth.end_s, abs=0.35)


@pytest.mark.parametrize(
    ("what", "reps", "spec"),
    [
        ("an arm wave and a walk to the bar", 2, {"wave_s": 1.5, "approach_s": 2.0}),
        ("long rests over the bar", 2, {"rest_s": 3.0}),
        ("rests standing without the bar", 3, {"rest_s": 2.0, "rest_standing": True}),
        ("touch and go", 6, {"tempo": Tempo(0.6, 0.3, 0.6, 0.3)}),
        ("a grinding single", 1, {"tempo": Tempo(3.5, 1.5, 3.0, 1.0)}),
        ("romanian from the top", 4, {"style": "romanian"}),
        ("romanian to the knee", 3, {"style": "romanian", "hinge_depth": 0.0}),
        ("sumo", 3, {"style": "sumo"}),
        ("the belt, then squats without the bar", 3, {"before": ("belt", "squat")}),
        ("more crouches than repetitions", 2, {"before": ("crouch", "crouch", "crouch")}),
        ("plates put on before and taken off after", 2, {"before": ("load", "load"), "after": ("load", "load")}),
        ("a failed repetition before the last", 3, {"failed": (3,), "failed_share": 0.5}),
        ("a failed repetition at the end", 2, {"failed": (3,), "failed_share": 0.3}),
    ],
)
@pytest.mark.parametrize("view", VIEWS)
def test_what_surrounds_the_set_does_not_change_the_count(
    what: str, reps: int, spec: dict[str, Any], view: str
) -> None:
    report = analyse(track_of(lift_of(reps, **spec), VIEWS[view]))
    assert (len(report.reps), report.refused) == (reps, None), what


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0, 120.0])
def test_the_frame_rate_changes_neither_count_nor_times(fps: float) -> None:
    lift = lift_of(3)
    report = analyse(track_of(lift, 45.0, fps=fps))
    assert [rep.lockout_s for rep in report.reps] == pytest.approx([r.lockout_s for r in lift.reps], abs=0.12)


def test_the_last_repetition_counts_when_the_clip_ends_at_its_top() -> None:
    lift = lift_of(2)
    ends = part_of(track_of(lift), 0.0, lift.reps[1].lockout_s)
    report = analyse(ends)
    assert len(report.reps) == 2
    assert report.reps[1].eccentric_s is None
    assert report.reps[0].eccentric_s is not None


def test_a_set_that_starts_at_the_bottom_counts_its_first_repetition() -> None:
    lift = lift_of(2)
    report = analyse(part_of(track_of(lift, 0.0), lift.reps[0].start_s - 0.2, 99.0))
    assert len(report.reps) == 2


def test_half_a_pull_is_no_repetition() -> None:
    lift = lift_of(2)
    begin, top = lift.reps[1].start_s, lift.reps[1].lockout_s - lift.tempo[1].top_s / 2
    report = analyse(part_of(track_of(lift), 0.0, begin + 0.45 * (top - begin)))
    assert len(report.reps) == 1


def test_standing_up_without_the_bar_is_no_repetition() -> None:
    lift = lift_of(2, stand_after_s=1.5)
    for yaw_deg in VIEWS.values():
        assert len(analyse(track_of(lift, yaw_deg)).reps) == 2


@pytest.mark.parametrize("view", VIEWS)
def test_a_lift_that_only_failed_is_no_repetition(view: str) -> None:
    report = analyse(track_of(lift_of(0, failed=(1,), stand_before_s=1.0), VIEWS[view]))
    assert report.reps == ()


@pytest.mark.parametrize("view", VIEWS)
def test_a_romanian_single_counts_although_the_hands_hang_as_before_it(view: str) -> None:
    report = analyse(track_of(lift_of(1, style="romanian"), VIEWS[view]))
    assert (len(report.reps), report.refused) == (1, None)


@pytest.mark.parametrize("after_s", [0.05, 0.25])
@pytest.mark.parametrize("style", ["conventional", "romanian"])
def test_a_film_that_stops_as_the_lifter_locks_out_has_that_repetition(style: str, after_s: float) -> None:
    lift = lift_of(3, style=style)
    locked = lift.reps[-1].start_s + lift.tempo[-1].concentric_s
    assert len(analyse(part_of(track_of(lift, 45.0), 0.0, locked + after_s)).reps) == 3


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_cut_in_a_pull_to_another_camera_keeps_the_count(share: float) -> None:
    lift = lift_of(4)
    at = lift.reps[2].start_s + share * lift.tempo[2].concentric_s
    other = Camera(yaw_deg=35.0, distance_m=2.8, aim_height_m=1.0, aim_aside_m=0.15)
    made = film(lift, [Take(Camera(yaw_deg=90.0), 0.0, at), Take(other, at)], noise_px=0.5, plate_radius_m=0.0)
    report = analyse(made.track)
    assert (len(report.reps), report.refused) == (4, None)


def test_a_cut_is_found_where_the_shoulders_hardly_jump() -> None:
    lift = lift_of(2)
    at = lift.reps[1].start_s - 0.2
    other = Camera(yaw_deg=60.0, aim_height_m=1.0)
    made = film(lift, [Take(Camera(yaw_deg=90.0), 0.0, at), Take(other, at)], noise_px=0.5, plate_radius_m=0.0)
    body = body_of(made.track, DEFAULT)
    (first, second) = body.shots
    assert body.time_s[second.start] == pytest.approx(made.cuts_s[0])
    jump = np.nanmean(body.xy[second.start, 11:13] - body.xy[first.stop - 1, 11:13], axis=0)
    assert np.hypot(*jump) < DEFAULT.quality.max_jump_bh * first.height_px


def test_a_fast_body_and_exchanged_sides_are_no_cut() -> None:
    fast = lift_of(3, tempo=Tempo(0.4, 0.2, 0.3, 0.2), faults={"hyperextension": 1.0})
    assert len(body_of(track_of(fast, 90.0), DEFAULT).shots) == 1
    front = track_of(fast, 0.0)
    image, later = front.image.copy(), front.time_s > 3.0
    for left, right in ((7, 8), (11, 12), (23, 24), (27, 28)):
        image[later, left], image[later, right] = front.image[later, right], front.image[later, left]
    assert len(body_of(replace(front, image=image), DEFAULT).shots) == 1


def test_a_short_loss_of_the_lifter_is_bridged() -> None:
    lift = lift_of(3)
    middle = lift.reps[1].lockout_s - 0.7
    report = analyse(without_frames(track_of(lift), middle, middle + 0.25))
    assert (len(report.reps), report.refused) == (3, None)


def test_a_cut_to_another_camera_keeps_the_count() -> None:
    lift = lift_of(4)
    cut = lift.reps[1].end_s + 0.2
    first, second = track_of(lift, 90.0), track_of(lift, 20.0)
    keep = first.time_s < cut
    image = np.where(keep[:, None, None], first.image, second.image * np.array([0.6, 0.6, 0.6, 1.0], np.float32))
    world = np.where(keep[:, None, None], first.world, second.world)
    report = analyse(type(first)(first.time_s, image, world, first.detected, first.fps, first.width, first.height))
    assert (len(report.reps), report.refused) == (4, None)


def test_tempo_is_measured_to_half_a_second() -> None:
    # The simulated bar eases in and out; its first and last few per cent take 0.2 s each and can't be told from rest.
    lift = lift_of(2, tempo=Tempo(1.5, 1.0, 2.0, 0.8, variation=0.0))
    for rep in analyse(track_of(lift)).reps:
        assert rep.concentric_s == pytest.approx(1.5, abs=0.45)
        assert rep.top_s == pytest.approx(1.0, abs=0.45)
        assert rep.eccentric_s == pytest.approx(2.0, abs=0.55)


def test_the_running_count_steps_up_when_the_top_is_reached() -> None:
    lift = lift_of(3)
    report = analyse(track_of(lift))
    for number, rep in enumerate(lift.reps):
        before = report.series.rep_count[report.series.time_s < rep.start_s]
        assert before[-1] == number
    assert report.series.rep_count[-1] == 3
