"""Which films a browser plays as they are, and the copy of those that it does not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from coaching.vision.clip import frames, probe
from coaching.vision.errors import RunStopped
from coaching.vision.playable import plays_in_browsers, write_playable
from tests.vision.films import even_times, marked, write_film

if TYPE_CHECKING:
    from pathlib import Path

    from coaching.vision.types import ClipInfo, Stage


@pytest.fixture
def info(tmp_path: Path) -> ClipInfo:
    return probe(write_film(tmp_path / "film.mp4", even_times(1.2, 30)))


@pytest.mark.parametrize(
    ("codec", "container", "pixels", "plays"),
    [
        ("h264", "mov,mp4,m4a,3gp,3g2,mj2", "yuv420p", True),
        ("h264", "mov,mp4,m4a,3gp,3g2,mj2", "yuvj420p", True),
        ("h264", "mov,mp4,m4a,3gp,3g2,mj2", "yuv420p10le", False),
        ("h264", "matroska,webm", "yuv420p", False),
        ("h264", "avi", "yuv420p", False),
        ("hevc", "mov,mp4,m4a,3gp,3g2,mj2", "yuv420p", False),
        ("mpeg4", "mov,mp4,m4a,3gp,3g2,mj2", "yuv420p", False),
        ("vp8", "matroska,webm", "yuv420p", True),
        ("vp9", "matroska,webm", "yuv420p", True),
        ("libdav1d", "mov,mp4,m4a,3gp,3g2,mj2", "yuv420p", True),
        ("prores", "mov,mp4,m4a,3gp,3g2,mj2", "yuv422p10le", False),
    ],
)
def test_which_films_need_no_copy(info: ClipInfo, codec: str, container: str, pixels: str, plays: bool) -> None:
    assert plays_in_browsers(replace(info, codec=codec, container=container, pixel_format=pixels)) is plays


def test_a_real_file_is_told_by_what_is_in_it(tmp_path: Path, info: ClipInfo) -> None:
    assert (info.codec, info.pixel_format) == ("mpeg4", "yuv420p")
    assert not plays_in_browsers(info)
    assert plays_in_browsers(probe(write_film(tmp_path / "film.webm", even_times(1.2, 30), codec="libvpx")))


def test_the_copy_is_vp8_upright_and_silent_with_the_times_of_the_film(tmp_path: Path) -> None:
    times = [0.0, 0.05, 0.08, 0.2, 0.25, 0.4, 0.5, 0.55, 0.7, 0.8, 0.9, 1.0, 1.1]
    film = probe(write_film(tmp_path / "film.mp4", times, rotation_ccw=-90, audio=True))
    out = tmp_path / "copy.webm"
    seen: list[tuple[Stage, float]] = []
    write_playable(film, out, on_progress=lambda stage, fraction: seen.append((stage, fraction)))
    copy = probe(out)
    assert (copy.codec, copy.width, copy.height, copy.rotation_deg) == ("vp8", 64, 96, 0)
    assert plays_in_browsers(copy)
    assert [frame.time_s for frame in frames(copy)] == pytest.approx(times, abs=0.0011)
    with av.open(str(out)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    before, after = next(iter(frames(film))).bgr, next(iter(frames(copy))).bgr
    assert np.abs(before.astype(int) - after.astype(int)).mean() < 6
    assert seen[-1] == ("playable", 1.0)


def test_odd_sides_lose_a_line_and_large_films_are_reduced(tmp_path: Path) -> None:
    odd = probe(write_film(tmp_path / "odd.mp4", even_times(1.2, 12), marked(97, 65), codec="mjpeg"))
    write_playable(odd, tmp_path / "odd.webm")
    assert (probe(tmp_path / "odd.webm").width, probe(tmp_path / "odd.webm").height) == (96, 64)
    large = probe(write_film(tmp_path / "large.mp4", even_times(1.2, 12), marked(1920, 1080)))
    write_playable(large, tmp_path / "large.webm")
    assert (probe(tmp_path / "large.webm").width, probe(tmp_path / "large.webm").height) == (960, 540)


def test_a_stopped_run_leaves_no_copy(tmp_path: Path, info: ClipInfo) -> None:
    def stop(_stage: Stage, fraction: float) -> None:
        if fraction > 0.4:
            raise RunStopped

    with pytest.raises(RunStopped):
        write_playable(info, tmp_path / "copy.webm", on_progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]
