"""Files as people send them: turned, uneven, fast, cut short, or not a video at all."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.vision import errors
from coaching.vision.clip import Limits, Orientation, frames, orientation_of, probe, scaled_size
from tests.vision.films import even_times, marked, write_film, write_sound_only

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _quarter(picture: NDArray[np.uint8]) -> str:
    """Where the bright quarter is: top or bottom, left or right."""
    height, width = picture.shape[:2]
    gray = picture.mean(axis=2)
    halves = {
        "top left": gray[: height // 2, : width // 2],
        "top right": gray[: height // 2, width // 2 :],
        "bottom left": gray[height // 2 :, : width // 2],
        "bottom right": gray[height // 2 :, width // 2 :],
    }
    return max(halves, key=lambda name: float(halves[name].mean()))


@pytest.mark.parametrize(
    ("rotation_ccw", "clockwise", "size", "corner"),
    [
        (0, 0, (96, 64), "top left"),
        (-90, 90, (64, 96), "top right"),  # a phone held upright
        (180, 180, (96, 64), "bottom right"),
        (90, 270, (64, 96), "bottom left"),
    ],
)
def test_a_turned_film_is_shown_upright(
    tmp_path: Path, rotation_ccw: int, clockwise: int, size: tuple[int, int], corner: str
) -> None:
    info = probe(write_film(tmp_path / "a.mp4", even_times(1.2, 30), rotation_ccw=rotation_ccw))
    assert (info.rotation_deg, info.mirrored) == (clockwise, False)
    assert (info.width, info.height) == size
    picture = next(iter(frames(info))).bgr
    assert picture.shape == (size[1], size[0], 3)
    assert _quarter(picture) == corner


def test_a_mirrored_film_is_mirrored_back(tmp_path: Path) -> None:
    info = probe(write_film(tmp_path / "a.mp4", even_times(1.2, 30), mirrored=True))
    assert info.mirrored
    assert _quarter(next(iter(frames(info))).bgr) == "top right"


def test_mirroring_after_a_turn_is_told_from_mirroring_before_it() -> None:
    # Turn clockwise (x, y) -> (-y, x), then mirror: (x, y) -> (y, x), which exchanges the two axes.
    exchange = np.array([0, 1 << 16, 0, 1 << 16, 0, 0, 0, 0, 1 << 30], np.int32).tobytes()
    orientation = orientation_of(exchange)
    picture = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert np.array_equal(orientation.apply(picture), picture.T)


def test_a_damaged_display_matrix_means_upright() -> None:
    assert orientation_of(b"\x00" * 8) == Orientation()


def test_times_are_those_of_the_file_when_its_rate_varies(tmp_path: Path) -> None:
    steps = [0.033, 0.05, 0.02, 0.041, 0.033, 0.08, 0.033, 0.033] * 5
    times = np.concatenate([[0.0], np.cumsum(steps)])
    info = probe(write_film(tmp_path / "a.mp4", times.tolist()))
    assert info.variable_rate
    got = [frame.time_s for frame in frames(info)]
    assert got == pytest.approx(times, abs=0.0011)
    assert info.fps == pytest.approx(len(steps) / sum(steps), rel=0.01)


def test_the_rate_stays_a_fraction(tmp_path: Path) -> None:
    info = probe(write_film(tmp_path / "a.mp4", even_times(4, 30000 / 1001)))
    assert info.fps == pytest.approx(29.97, abs=0.005)
    assert not info.variable_rate


@pytest.mark.parametrize(("fps", "analysed"), [(24, 24), (30, 30), (40, 40), (60, 30), (120, 30), (240, 30), (50, 25)])
def test_fast_films_are_thinned_to_about_thirty_pictures_a_second(tmp_path: Path, fps: int, analysed: int) -> None:
    info = probe(write_film(tmp_path / "a.mp4", even_times(1.5, fps)))
    assert info.fps == pytest.approx(fps, rel=0.02)
    kept = [frame.time_s for frame in frames(info)]
    assert (len(kept) - 1) / (kept[-1] - kept[0]) == pytest.approx(analysed, rel=0.05)
    assert all(b > a for a, b in pairwise(kept))


def test_frames_are_numbered_as_they_are_analysed(tmp_path: Path) -> None:
    info = probe(write_film(tmp_path / "a.mp4", even_times(1.0, 120)))
    assert [frame.index for frame in frames(info)][:4] == [0, 1, 2, 3]


def test_the_first_picture_is_at_zero_whatever_the_file_says(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.mkv", [5 + t for t in even_times(1.5, 30)])
    assert next(iter(frames(probe(film)))).time_s == 0.0


def test_4k_is_accepted_and_reduced_while_decoding(tmp_path: Path) -> None:
    info = probe(write_film(tmp_path / "a.mp4", even_times(1.2, 12), marked(3840, 240)))
    assert (info.width, info.height) == (3840, 240)
    assert next(iter(frames(info, max_side=1280))).bgr.shape == (80, 1280, 3)


def test_small_films_are_never_enlarged(tmp_path: Path) -> None:
    info = probe(write_film(tmp_path / "a.mp4", even_times(1.2, 12)))
    assert scaled_size(info, 1280) == (96, 64)


def test_sound_is_ignored(tmp_path: Path) -> None:
    info = probe(write_film(tmp_path / "a.mp4", even_times(1.2, 30), audio=True))
    assert sum(1 for _ in frames(info)) == 36


def test_the_name_does_not_matter(tmp_path: Path) -> None:
    film = write_film(tmp_path / "holiday.txt", even_times(1.2, 30), container="mp4")
    assert probe(film).codec == "mpeg4"
    webm = write_film(tmp_path / "film.mp4", even_times(1.2, 30), codec="libvpx", container="webm")
    assert probe(webm).codec == "vp8"
    assert sum(1 for _ in frames(probe(webm))) == 36


def test_the_hash_is_that_of_the_whole_file(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.mp4", even_times(1.2, 30))
    assert probe(film).sha256 == hashlib.sha256(film.read_bytes()).hexdigest()


# Refusals of the file itself


def _code(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(errors.PipelineError) as caught:
        for _ in frames(probe(path, limits)):
            pass
    assert caught.value.advice.endswith(".")
    return caught.value.code


def test_a_text_file_named_mp4_is_not_a_video(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("Dear coach, the video is attached.\n" * 40)
    assert _code(path) == "not_a_video"


@pytest.mark.parametrize(
    "content",
    [
        b"#EXTM3U\n#EXTINF:9,\n/etc/hostname\n",  # a playlist would make FFmpeg open other files
        b"ffconcat version 1.0\nfile /etc/hostname\n",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 64,
        b"GIF89a" + b"\x00" * 64,
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 64,  # a photo from a phone
        b"\x00\x00\x00\x18ftypisom" + b"\x00" * 8,
        b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 64,
    ],
)
def test_what_is_not_a_video_is_told_by_its_content(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert _code(path) in {"not_a_video", "truncated"}


def test_a_photo_is_not_called_a_cut_video(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 64)
    assert _code(path) == "not_a_video"


def test_an_empty_file_has_no_frames(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.touch()
    assert _code(path) == "no_frames"


def test_sound_alone_has_no_frames(tmp_path: Path) -> None:
    assert _code(write_sound_only(tmp_path / "a.mp4")) == "no_frames"


def test_a_film_of_zero_pictures_has_no_frames(tmp_path: Path) -> None:
    assert _code(write_film(tmp_path / "a.mp4", [])) == "no_frames"


def test_one_picture_is_too_short(tmp_path: Path) -> None:
    assert _code(write_film(tmp_path / "a.mp4", [0.0])) == "too_short"


def test_half_a_second_is_too_short(tmp_path: Path) -> None:
    assert _code(write_film(tmp_path / "a.mp4", even_times(0.5, 30))) == "too_short"


def test_ten_minutes_are_too_long(tmp_path: Path) -> None:
    assert _code(write_film(tmp_path / "a.mp4", even_times(600, 1), marked(16, 16))) == "too_long"


def test_the_limit_of_the_length_can_be_set(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.mp4", even_times(3, 12))
    assert _code(film, Limits(max_duration_s=2.5)) == "too_long"
    assert probe(film, Limits(max_duration_s=3.5)).duration_s == pytest.approx(3.0, abs=0.01)


def test_five_pictures_a_second_are_too_few(tmp_path: Path) -> None:
    assert _code(write_film(tmp_path / "a.mp4", even_times(3, 5))) == "frame_rate_too_low"


def test_three_gigabytes_are_too_large_before_anything_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with path.open("wb") as file:
        file.truncate(3 * 1024**3)  # sparse: takes no room on the disk
    assert _code(path) == "too_large"


def test_more_than_4k_is_refused(tmp_path: Path) -> None:
    assert _code(write_film(tmp_path / "a.mp4", even_times(1.2, 12), marked(4608, 32))) == "resolution_too_high"


def test_a_film_whose_index_was_cut_off_is_truncated(tmp_path: Path) -> None:
    # Phones write the index last: the first half of such a file can't be opened at all.
    whole = write_film(tmp_path / "a.mp4", even_times(3, 30)).read_bytes()
    (tmp_path / "a.mp4").write_bytes(whole[: len(whole) // 2])
    assert _code(tmp_path / "a.mp4") == "truncated"


def test_a_film_with_half_its_pictures_is_truncated(tmp_path: Path) -> None:
    whole = write_film(tmp_path / "a.mp4", even_times(3, 30), faststart=True).read_bytes()
    (tmp_path / "a.mp4").write_bytes(whole[: len(whole) // 2])
    assert _code(tmp_path / "a.mp4") == "truncated"


def test_a_film_that_lost_its_last_pictures_is_still_analysed(tmp_path: Path) -> None:
    # Headers of real clips announce a few pictures more than there are.
    whole = write_film(tmp_path / "a.mp4", even_times(3, 30), faststart=True).read_bytes()
    (tmp_path / "a.mp4").write_bytes(whole[: int(len(whole) * 0.95)])
    assert sum(1 for _ in frames(probe(tmp_path / "a.mp4"))) >= 80


def test_damage_in_the_middle_is_stepped_over_or_called_truncated(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.mp4", even_times(3, 30), faststart=True)
    content = bytearray(film.read_bytes())
    start = content.index(b"mdat") + 4
    for share in (0.3, 0.5, 0.6):
        at = start + int((len(content) - start) * share)
        content[at : at + 400] = b"\xff" * 400
    film.write_bytes(content)
    try:
        count = sum(1 for _ in frames(probe(film)))
    except errors.TruncatedVideo:
        return
    assert count > 60


def _open_files(name: str) -> int:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("counts open files through /proc")
    return sum(1 for link in folder.iterdir() if link.is_symlink() and str(link.readlink()).endswith(name))


def test_an_abandoned_film_is_closed(tmp_path: Path) -> None:
    info = probe(write_film(tmp_path / "abandoned.mp4", even_times(1.2, 30)))
    assert _open_files("abandoned.mp4") == 0
    pictures = frames(info)
    next(pictures)
    assert _open_files("abandoned.mp4") == 1
    pictures.close()
    assert _open_files("abandoned.mp4") == 0


def test_a_refused_film_is_closed(tmp_path: Path) -> None:
    assert _code(write_film(tmp_path / "refused.mp4", even_times(0.4, 30))) == "too_short"
    assert _open_files("refused.mp4") == 0
