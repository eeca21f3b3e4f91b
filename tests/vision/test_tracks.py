"""Skeletons on disk: found again for the same clip and model, and only for those."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.vision import tracks
from coaching.vision.tracks import TrackBuilder, cache_key, cached, load_track, sample_times, save_track
from coaching.vision.types import Frame, Pose
from tests.vision.films import even_times, marked, write_film

if TYPE_CHECKING:
    from pathlib import Path


def _built() -> TrackBuilder:
    builder = TrackBuilder()
    for i in range(5):
        pose = Pose(np.full((33, 4), i, np.float32), np.full((33, 3), i, np.float32)) if i != 2 else None
        builder.add(Frame(i, i / 25, marked()), pose)
    return builder


def test_a_picture_without_a_person_is_nan() -> None:
    track = _built().track()
    assert track.detected.tolist() == [True, True, False, True, True]
    assert np.isnan(track.image[2]).all()
    assert np.isnan(track.world[2]).all()
    assert track.image[3, 0, 0] == 3
    assert track.fps == pytest.approx(25)
    assert (track.width, track.height) == (96, 64)


def test_a_track_comes_back_as_it_was(tmp_path: Path) -> None:
    track = _built().track()
    save_track(tmp_path / "a.npz", track, key="k")
    back = load_track(tmp_path / "a.npz")
    assert np.array_equal(back.image, track.image, equal_nan=True)
    assert np.array_equal(back.time_s, track.time_s)
    assert (back.fps, back.width, back.height) == (track.fps, 96, 64)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.npz"]


def test_another_clip_or_model_is_not_found_in_the_cache(tmp_path: Path) -> None:
    clip, other, model = tmp_path / "a.mp4", tmp_path / "b.mp4", tmp_path / "m.task"
    for path, content in ((clip, b"1"), (other, b"2"), (model, b"3")):
        path.write_bytes(content)
    key = cache_key(clip, model)
    save_track(tmp_path / "a.npz", _built().track(), key=key)
    assert cached(tmp_path / "a.npz", key)
    assert not cached(tmp_path / "a.npz", cache_key(other, model))
    model.write_bytes(b"4")
    assert not cached(tmp_path / "a.npz", cache_key(clip, model))
    assert not cached(tmp_path / "absent.npz", key)


def test_samples_stay_away_from_both_ends() -> None:
    assert sample_times(10.0, 5) == [1.0, 3.0, 5.0, 7.0, 9.0]


def test_the_command_names_what_it_could_not_read(
    tmp_path: Path, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_film(tmp_path / "short.mp4", even_times(0.3, 30))
    (tmp_path / "letter.mp4").write_text("Dear coach")
    assert tracks.main([str(tmp_path), "--cache", str(tmp_path / "cache"), "--bundle", str(bundle)]) == 0
    out = capsys.readouterr().out
    assert "letter.mp4: not_a_video" in out
    assert "short.mp4: too_short" in out
    assert list((tmp_path / "cache").iterdir()) == []
