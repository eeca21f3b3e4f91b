"""Who is refused, why, and that nothing breaks on what a camera can deliver."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coaching.vision.coach import analyse
from coaching.vision.quality import ADVICE
from coaching.vision.types import Track
from tests.coach.lifts import lift_of, part_of, track_of, without_frames


def nobody(n: int) -> Track:
    return Track(
        time_s=np.arange(n) / 30.0,
        image=np.full((n, 33, 4), np.nan, np.float32),
        world=np.full((n, 33, 3), np.nan, np.float32),
        detected=np.zeros(n, dtype=bool),
        fps=30.0,
        width=640,
        height=480,
    )


def refused(track: Track) -> str:
    report = analyse(track)
    assert report.refused is not None
    assert report.refused.advice == ADVICE[report.refused.code]
    assert report.reps == ()
    assert report.cues == ()
    assert not report.stance.observable
    return report.refused.code


@pytest.mark.parametrize("frames", [0, 1, 2, 100])
def test_an_empty_place_is_no_person(frames: int) -> None:
    assert refused(nobody(frames)) == "no_person"


def test_less_than_a_second_of_lifter_is_too_short() -> None:
    lift = lift_of(1)
    assert refused(part_of(track_of(lift), 3.0, 3.9)) == "too_short_track"


def test_a_film_turned_by_180_degrees_is_recognised() -> None:
    track = track_of(lift_of(1))
    image, world = track.image.copy(), track.world.copy()
    image[..., 0], image[..., 1] = track.width - image[..., 0], track.height - image[..., 1]
    world[..., :2] *= -1.0
    assert refused(replace(track, image=image, world=world)) == "upside_down"


def test_standing_and_waving_is_no_lift() -> None:
    assert refused(track_of(lift_of(0, stand_before_s=4.0, wave_s=2.0), 0.0)) == "no_lift"


def test_losing_the_lifter_at_the_top_is_refused() -> None:
    lift = lift_of(2)
    lost = without_frames(track_of(lift), lift.reps[0].lockout_s - 0.4, lift.reps[0].lockout_s + 1.5)
    assert refused(lost) == "lost_tracking"


def test_a_jittering_skeleton_is_refused_and_not_counted() -> None:
    track = track_of(lift_of(2))
    image = track.image.copy()
    image[..., :2] += np.random.default_rng(4).normal(0.0, 25.0, image[..., :2].shape)
    assert refused(replace(track, image=image)) in ("lost_tracking", "camera_moves")


def test_a_lifter_who_jumps_about_the_picture_is_refused() -> None:
    track = track_of(lift_of(2))
    image = track.image.copy()
    for start in range(0, track.time_s.size, 14):
        image[start : start + 7, :, 0] += 200.0
    assert refused(replace(track, image=image)) == "camera_moves"


def test_squatting_with_a_bar_on_the_back_is_not_a_deadlift() -> None:
    track = track_of(lift_of(3))
    image = track.image.copy()
    for wrist, shoulder in ((15, 11), (16, 12)):
        image[:, wrist, :2] = image[:, shoulder, :2] + np.array([5.0, 8.0], np.float32)
    assert refused(replace(track, image=image)) == "not_a_deadlift"


def test_swinging_to_the_chest_is_not_a_deadlift() -> None:
    track = track_of(lift_of(3))
    image = track.image.copy()
    high = np.clip((np.nanmedian(image[:, 27, 1]) - image[:, 11, 1]) / 400.0, 0.0, 1.0)
    raised = np.where(high > 0.95 * high.max(), 1.0, 0.0)[:, None]
    for wrist, shoulder in ((15, 11), (16, 12)):
        image[:, wrist, :2] += raised * (image[:, shoulder, :2] - image[:, wrist, :2])
    assert refused(replace(track, image=image)) == "not_a_deadlift"


def test_somebody_who_lies_is_about_to_do_something_else() -> None:
    # A standing lifter in a picture turned by a quarter: the trunk stays horizontal.
    track = track_of(lift_of(0, stand_before_s=5.0))
    image, world = track.image.copy(), track.world.copy()
    image[..., 0], image[..., 1] = track.image[..., 1], track.image[..., 0]
    world[..., 0], world[..., 1] = track.world[..., 1], track.world[..., 0]
    assert refused(replace(track, image=image, world=world)) == "not_a_deadlift"


def test_single_frames_turned_upside_down_do_not_matter() -> None:
    lift = lift_of(2)
    track = track_of(lift)
    image = track.image.copy()
    for at in (40, 90, 150):
        image[at, :, 1] = track.height - image[at, :, 1]
    report = analyse(replace(track, image=image))
    assert (len(report.reps), report.refused) == (2, None)


@pytest.mark.parametrize("code", ADVICE)
def test_advice_is_kind_and_says_what_to_do(code: str) -> None:
    text = ADVICE[code]
    assert text.endswith(".")
    assert "Film" in text or "film" in text or "Turn" in text
    assert "error" not in text.lower()


def test_landmarks_far_outside_the_picture_break_nothing() -> None:
    track = track_of(lift_of(1))
    image = track.image.copy()
    image[::3, :, :2] = 1e7
    image[1::3, 11] = np.inf
    analyse(replace(track, image=image))
