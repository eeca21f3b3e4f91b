"""The comparison of pose engines: what it calls jitter, a jump and a right count."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from coaching.vision.evaluation.engines import Line, Steadiness, steadiness, summary
from coaching.vision.evaluation.real import ClipResult, ClipTruth
from coaching.vision.kinematics import body_of
from coaching.vision.settings_table import DEFAULT
from tests.coach.lifts import lift_of, track_of


def test_jitter_is_the_sd_above_the_cut_off_in_body_heights() -> None:
    # At 60 pictures a second: bringing 30 to the even grid would swallow a quarter of this shaking.
    track = track_of(lift_of(), noise_px=0.0, fps=60.0)
    height_px = body_of(track, DEFAULT).shots[0].height_px / DEFAULT.shoulder_height_bh
    calm = steadiness(track, DEFAULT)
    image = np.array(track.image, np.float32)
    shake_px = 0.02 * height_px
    image[:, [11, 12], 1] += shake_px * np.sin(2 * np.pi * 9.0 * track.time_s)[:, None]
    shaken = steadiness(replace(track, image=image), DEFAULT)
    assert calm.shoulder_bh < 0.001
    assert shaken.shoulder_bh == pytest.approx(0.02 / math.sqrt(2), rel=0.2)
    assert shaken.hip_bh == pytest.approx(calm.hip_bh, rel=0.1)  # the standing height is measured on the shoulders
    assert (calm.jumps, shaken.jumps) == (0, 0)


def test_a_leap_of_the_skeleton_is_a_jump_and_no_jitter() -> None:
    track = track_of(lift_of(), noise_px=0.0)
    image = np.array(track.image, np.float32)
    image[len(image) // 2 :, :, 0] += 0.5 * body_of(track, DEFAULT).shots[0].height_px
    leaping = steadiness(replace(track, image=image), DEFAULT)
    assert leaping.jumps == 1
    assert leaping.shoulder_bh < 0.001


def _line(file: str, true: int, reps: int, refused: str = "", jitter: float = 0.001) -> Line:
    result = ClipResult(ClipTruth(file, "side", true, ()), "side", refused, reps, math.nan, 0.0)
    return Line("posenet", result, 0.9, Steadiness(jitter, 2 * jitter, 1), 30.0)


def test_the_summary_counts_clips_and_repetitions_and_names_what_is_no_deadlift() -> None:
    lines = [
        _line("a.mp4", 3, 3, jitter=0.001),
        _line("b.mp4", 5, 0, "lost_tracking", jitter=0.004),
        _line("c.mp4", 1, 2, jitter=0.002),
        _line("negative_x.mp4", 0, 1, jitter=0.9),
        _line("negative_rows.mp4", 0, 4),
    ]
    text = summary(lines)
    assert "posenet: 3 clips with a known count" in text
    assert "person in 90% of the pictures" in text
    assert "shoulder 2.0, hip 4.0 thousandths of the body height; 3 jumps" in text
    assert "refused 1; of 2 judged the count is exact in 1; 5 counted of 9 repetitions" in text
    assert "given repetitions: negative_x.mp4 (" in text
    assert "30 ms a picture" in text
