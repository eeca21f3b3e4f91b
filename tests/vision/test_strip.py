"""What a phone writes into a film beside the pictures is gone after `strip`; the pictures are the same."""

from __future__ import annotations

import hashlib
import resource
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from coaching.vision.clip import Limits, frames, packet_times, probe
from coaching.vision.errors import RunStopped
from coaching.vision.pipeline import assess
from coaching.vision.strip import NotStripped, strip
from tests.vision.films import even_times, write_film, write_sound_only

if TYPE_CHECKING:
    from coaching.vision.pipeline import Engines
    from coaching.vision.types import ClipInfo, Image

PHONE = {
    "location": "+52.5163+013.3777/",
    "com.apple.quicktime.location.ISO6709": "+52.5163+013.3777+034.000/",
    "com.apple.quicktime.model": "iPhone 15 of Aigerim",
    "creation_time": "2026-01-02T03:04:05Z",
    "title": "Aigerim's deadlift",
}
TRACES = (b"52.5163", b"Aigerim", b"2026-01-02")
UNEVEN = [0.0, 0.033, 0.083, 0.103, 0.144, 0.177, 0.23, 0.26, 0.34, 0.4, 0.433, 0.5, 0.55, 0.6, 0.633, 0.7, 0.8, 0.85]
# B pictures are stored in another order than they are shown.
REORDERED = {"preset": "ultrafast", "bf": "2"}


def has_encoder(name: str) -> bool:
    try:
        av.codec.Codec(name, "w")
    except av.error.FFmpegError:
        return False
    return True


needs_h264 = pytest.mark.skipif(not has_encoder("libx264"), reason="this FFmpeg writes no H.264")
needs_hevc = pytest.mark.skipif(not has_encoder("libx265"), reason="this FFmpeg writes no HEVC")


def stripped(film: Path, **kwargs: object) -> ClipInfo:
    folder = film.parent / "out"
    folder.mkdir(exist_ok=True)
    return strip(film, folder, **kwargs)  # type: ignore[arg-type]


def tracks(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        return [stream.type for stream in container.streams]


def metadata(path: Path) -> dict[str, str]:
    with av.open(str(path)) as container:
        found = dict(container.metadata)
        for stream in container.streams:
            found |= stream.metadata
    return found


def pictures(path: Path) -> list[Image]:
    return [frame.bgr for frame in frames(probe(path))]


@pytest.mark.parametrize(
    ("name", "codec", "encoder"),
    [
        ("film.mp4", "mpeg4", {}),
        pytest.param("film.mov", "libx264", REORDERED, marks=needs_h264),
        pytest.param("film.mov", "libx265", {"preset": "ultrafast"}, marks=needs_hevc),
        pytest.param("film.mkv", "libx264", REORDERED, marks=needs_h264),
        ("film.avi", "mpeg4", {}),
        pytest.param("film.ts", "libx264", REORDERED, marks=needs_h264),
        ("film.mkv", "libvpx", {}),
        ("film.mov", "mjpeg", {}),
    ],
    ids=["mp4", "h264 mov", "hevc mov", "h264 mkv", "avi", "h264 ts", "vp8 mkv", "mjpeg mov"],
)
def test_sound_place_date_and_names_are_gone_and_the_pictures_and_their_times_are_the_same(
    tmp_path: Path, name: str, codec: str, encoder: dict[str, str]
) -> None:
    film = write_film(
        tmp_path / name, [t * 1.6 for t in UNEVEN], codec=codec, audio=True, metadata=PHONE, encoder=encoder
    )
    assert "audio" in tracks(film)
    before = film.read_bytes()
    found = stripped(film)
    content = found.path.read_bytes()
    assert tracks(found.path) == ["video"]
    assert [trace for trace in TRACES if trace in content] == []
    assert {"location", "title", "creation_time", "com.apple.quicktime.model"} & set(metadata(found.path)) == set()
    times, wanted = packet_times(found.path), packet_times(film)
    assert times - times[0] == pytest.approx(wanted - wanted[0], abs=0.00101)
    assert len(times) == len(UNEVEN)
    for copied, filmed in zip(pictures(found.path), pictures(film), strict=True):
        assert np.array_equal(copied, filmed)
    assert film.read_bytes() == before
    assert found.sha256 == hashlib.sha256(content).hexdigest()


def test_the_films_of_this_test_carry_what_is_to_go(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", even_times(1.2, 30), audio=True, metadata=PHONE)
    assert [trace for trace in TRACES if trace not in film.read_bytes()] == []
    assert metadata(film)["creation_time"].startswith("2026-01-02")


@pytest.mark.parametrize(("rotation_ccw", "mirrored"), [(-90, False), (180, False), (90, False), (0, True)])
@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
def test_a_turned_film_stays_turned(tmp_path: Path, name: str, rotation_ccw: int, mirrored: bool) -> None:
    times = even_times(1.2, 30)
    film = write_film(tmp_path / name, times, rotation_ccw=rotation_ccw, mirrored=mirrored, audio=True)
    before, found = probe(film), stripped(film)
    if name == "film.mp4":
        assert (before.rotation_deg, before.mirrored) == (-rotation_ccw % 360, mirrored)
    assert (found.rotation_deg, found.mirrored) == (before.rotation_deg, before.mirrored)
    assert (found.width, found.height) == (before.width, before.height)


@needs_h264
def test_what_was_trimmed_away_at_the_start_stays_hidden(tmp_path: Path) -> None:
    """Cut in the middle of a group of pictures: the hidden ones are still needed to decode those that show."""
    times = [t - 0.5 for t in even_times(2.0, 30)]
    film = write_film(tmp_path / "film.mp4", times, codec="libx264", encoder={**REORDERED, "g": "60"})
    with av.open(str(film)) as container:
        assert any(packet.is_discard for packet in container.demux(video=0)), "this film hides nothing"
    found = stripped(film)
    assert len(pictures(found.path)) == len(pictures(film))
    assert np.array_equal(pictures(found.path)[0], pictures(film)[0])


def test_a_film_that_is_too_long_or_too_short_is_stripped_too(tmp_path: Path) -> None:
    for seconds in (0.4, 4.0):
        film = write_film(tmp_path / "film.mp4", even_times(seconds, 30), audio=True)
        found = stripped(film, limits=Limits(max_duration_s=2.0))
        assert tracks(found.path) == ["video"]


def test_a_film_that_lost_its_end_is_not_made_to_look_whole(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", even_times(3, 30), faststart=True, audio=True)
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    with pytest.raises(NotStripped) as caught:
        stripped(film)
    assert caught.value.code == "truncated"
    assert list((tmp_path / "out").iterdir()) == []


def test_sound_alone_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(NotStripped) as caught:
        stripped(write_sound_only(tmp_path / "film.mp4"))
    assert caught.value.code == "no_frames"


def test_a_picture_in_bytes_that_are_no_film_is_left_alone(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"Dear coach, the video is attached.\n" * 40)
    with pytest.raises(NotStripped) as caught:
        stripped(film)
    assert caught.value.code == "not_a_video"


def test_a_stopped_run_passes_through(tmp_path: Path) -> None:
    def stop(_fraction: float) -> None:
        raise RunStopped

    film = write_film(tmp_path / "film.mp4", even_times(1.2, 30), audio=True)
    with pytest.raises(RunStopped):
        stripped(film, on_progress=stop)


def test_want_of_room_is_no_fault_of_the_film(tmp_path: Path) -> None:
    film = write_film(
        tmp_path / "film.mp4", even_times(3, 30), np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    )
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (film.stat().st_size // 2, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            stripped(film)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


# Films as people really send them; beside the checkout, and never in it.

CLIPS = Path(__file__).resolve().parents[3] / "shared" / "data" / "videos"
real = pytest.mark.skipif(not CLIPS.exists(), reason="../shared/data/videos is not there")


@real
def test_every_real_clip_can_be_stripped(tmp_path: Path) -> None:
    clips = [path for path in sorted(CLIPS.iterdir()) if path.suffix in {".mp4", ".mov", ".webm"}]
    assert len(clips) > 40
    for clip in clips:
        assert tracks(stripped_of(clip, tmp_path).path) == ["video"], clip.name


def stripped_of(clip: Path, folder: Path) -> ClipInfo:
    with suppress(FileNotFoundError):
        (folder / "stripped.mp4").unlink()
    return strip(clip, folder)


@real
@pytest.mark.slow
@pytest.mark.parametrize("name", ["bichraix_good002", "mattiolato_bad05", "mattiolato_good05", "kantesh_front"])
def test_a_stripped_real_clip_is_judged_as_the_one_that_was_sent(tmp_path: Path, engines: Engines, name: str) -> None:
    clip = CLIPS / f"{name}.mp4"
    copy = strip(clip, tmp_path)
    assert copy.sha256 != probe(clip).sha256
    judged = assess(copy.path, engines, name="clip", sha256=probe(clip).sha256).document
    assert judged == assess(clip, engines, name="clip").document
