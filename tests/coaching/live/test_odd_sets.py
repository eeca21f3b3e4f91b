"""What a camera sees besides a good set: live answer and stored result stay right, and the same as an upload's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.live.engine import Size, frames_of, judge_to_end
from coaching.live.intake import Intake
from coaching.live.sessions import LiveSession
from coaching.vision.coach import analyse
from coaching.vision.personal import Lifter
from tests.coaching.live.sets import a_track

if TYPE_CHECKING:
    from coaching.vision.types import Track


def streamed(track: Track) -> int:
    """The count on the screen after the last frame."""
    session = LiveSession(Size(track.width, track.height), Intake(), feedback=True)
    for frame in frames_of(track):
        session.take(frame)
    return session.count


def stored(track: Track) -> dict[str, object]:
    frames = frames_of(track)
    size = Size(track.width, track.height)
    return judge_to_end(frames, size, name="set", lifter=Lifter(), stature_m=None).document


def test_eight_pictures_a_second_are_counted_like_an_upload() -> None:
    track = a_track(3, fps=8.0)
    document = stored(track)
    assert isinstance(document["reps"], list)
    assert streamed(track) == len(document["reps"]) == len(analyse(track).reps) == 3


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_somebody_who_walks_through_and_is_taken_for_the_lifter_changes_no_count(share: float) -> None:
    track = a_track(3)
    standing = track.image[0].copy()
    from_s = share * float(track.time_s[-1])
    passing = (track.time_s >= from_s) & (track.time_s < from_s + 0.6)
    image = track.image.copy()
    for index in np.flatnonzero(passing):
        image[index] = standing
        image[index, :, 0] += -200.0 + 600.0 * (track.time_s[index] - from_s)
    walked = replace(track, image=image)
    assert streamed(walked) == 3
    assert len(analyse(walked).reps) == 3


def test_a_camera_that_stands_on_its_head_is_refused_and_nothing_is_counted() -> None:
    track = a_track(2)
    image = track.image.copy()
    image[..., :2] = np.array([track.width, track.height]) - image[..., :2]
    turned = replace(track, image=image, world=-track.world)
    refused = stored(turned)["refused"]
    assert isinstance(refused, dict)
    assert refused["code"] == "upside_down"
    assert streamed(turned) == 0
