"""Real clips, where they are at hand: their landmarks streamed give what the same landmarks of the film give."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from coaching.live.engine import LiveEngine, Size, frames_of, judge_to_end
from coaching.vision.coach import analyse
from coaching.vision.errors import ModelMissing
from coaching.vision.personal import Lifter

if TYPE_CHECKING:
    from coaching.vision.types import Track

CLIPS = Path(__file__).parents[3].parent / "shared" / "data" / "videos"
NAMES = ("bichraix_good001", "bichraix_good014", "tby66_a_view2")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=NAMES)
def track(request: pytest.FixtureRequest) -> Track:
    """The landmarks of one clip, by the model that the page loads. Without the outline, which only films have."""
    from coaching.vision.clip import probe
    from coaching.vision.tracks import extract

    clip = CLIPS / f"{request.param}.mp4"
    if not clip.is_file():
        pytest.skip(f"{clip} is not here: real clips are not part of the project")
    try:
        found, _people = extract(probe(clip), settings.POSE_BUNDLE)
    except ModelMissing as missing:
        pytest.skip(str(missing))
    return replace(found, outline=None)


def test_a_real_clip_streamed_is_judged_like_the_film(track: Track) -> None:
    size = Size(track.width, track.height)
    frames = frames_of(track)
    engine = LiveEngine(size)
    counted = [engine.push(frame).repetitions for frame in frames][-1]
    document = judge_to_end(frames, size, name="clip", lifter=Lifter(), stature_m=None).document
    film = analyse(track)
    assert film.reps
    assert counted == len(film.reps)
    assert [(r["start_s"], r["lockout_s"], r["end_s"]) for r in document["reps"]] == [
        (round(r.start_s, 3), round(r.lockout_s, 3), round(r.end_s, 3)) for r in film.reps
    ]
    assert document["view"] == film.view.label
    assert (document["stance"]["label"], document["lean"]["label"]) == (film.stance.label, film.lean.label)
    assert [[f["name"] for f in rep["faults"] if f["observable"]] for rep in document["reps"]] == [
        [f.name for f in rep.faults if f.observable] for rep in film.reps
    ]
