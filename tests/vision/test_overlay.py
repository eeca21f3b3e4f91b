"""The annotated video: it plays, keeps the film's times, and appears whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
import pytest

from coaching.vision.errors import RunStopped
from coaching.vision.overlay import render_overlay
from coaching.vision.panel import BACKGROUND, Panel, PanelState, Row, probability
from coaching.vision.skeleton_drawing import LEFT, RIGHT, Angles, SkeletonDrawing
from coaching.vision.stills import save_poster

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.simulator import Truth
    from coaching.vision.pipeline import ClipAssessment

ROWS = (
    Row("Stance", "neutral", 0.87, "Stance is fine, no adjustment needed.", "ok"),
    Row("Lean", "left", 0.64, "You lean to your left. Lean a little to your right to level your shoulders.", "warn"),
    Row("Rep 1", "correct", 0.91, "", "ok"),
)


@pytest.fixture(scope="module")
def overlay(front: tuple[Path, Truth], assessed: ClipAssessment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("overlay") / "overlay.webm"
    render_overlay(front[0], assessed, path)
    return path


def _pictures(path: Path) -> tuple[Any, list[tuple[float, NDArray[np.uint8]]]]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return stream.codec_context.name, [
            (f.time, np.asarray(f.to_ndarray(format="bgr24"), np.uint8)) for f in container.decode(stream)
        ]


def test_it_is_vp8_in_webm_with_the_films_own_times(overlay: Path, assessed: ClipAssessment) -> None:
    codec, pictures = _pictures(overlay)
    assert overlay.read_bytes()[:4] == b"\x1a\x45\xdf\xa3"
    assert codec == "vp8"
    assert [time for time, _ in pictures] == pytest.approx(assessed.track.time_s, abs=0.0011)


def test_the_strip_is_under_the_picture_and_hides_nothing(overlay: Path, front: tuple[Path, Truth]) -> None:
    _, pictures = _pictures(overlay)
    height, width = pictures[0][1].shape[:2]
    picture_height = width * 320 // 240
    assert height > picture_height
    assert height % 2 == width % 2 == 0
    strip = pictures[0][1][picture_height + 20 :]
    assert float(np.median(strip)) < 40  # dark ground
    assert float(strip.max()) > 180  # with words on it


def test_the_codec_keeps_the_colours(overlay: Path) -> None:
    _, pictures = _pictures(overlay)
    ground = np.median(pictures[0][1][-6:].reshape(-1, 3), axis=0)
    assert ground == pytest.approx(BACKGROUND[::-1], abs=3)  # BGR of (14, 18, 23): with U and V exchanged 9 off


def test_a_picture_keeps_nothing_of_the_one_before(overlay: Path, assessed: ClipAssessment) -> None:
    # All are drawn in one buffer. The white mark of the timeline moves on, and what it leaves is dark again.
    _, pictures = _pictures(overlay)
    rows = pictures[0][1].shape[1] * 320 // 240 + np.arange(3, 7)
    for i in (len(pictures) // 2, len(pictures) - 1):
        bar = pictures[i][1][rows].mean(axis=(0, 2))
        seen = round(float(pictures[i][0]) / assessed.info.duration_s * bar.size)
        assert abs(int(np.argmax(bar)) - seen) <= 3
        assert int((bar > 200).sum()) <= 6


def test_a_small_film_is_enlarged_so_that_the_words_can_be_read(overlay: Path) -> None:
    _, pictures = _pictures(overlay)
    assert pictures[0][1].shape[1] == 600


def test_it_can_be_entered_at_every_second(overlay: Path) -> None:
    with av.open(str(overlay)) as container:
        stream = container.streams.video[0]
        keys = [(packet.pts or 0) / 1000 for packet in container.demux(stream) if packet.is_keyframe]
    assert max(np.diff(keys), default=0) <= 1.6


def test_the_skeleton_is_drawn_where_the_lifter_is(overlay: Path, assessed: ClipAssessment) -> None:
    _, pictures = _pictures(overlay)
    i = len(pictures) // 2
    knee = assessed.track.image[i, 25, :2] * 2.5  # the lifter's left knee, enlarged from 240 to 600 px
    hip = assessed.track.image[i, 23, :2] * 2.5
    middle = (knee + hip) / 2
    x, y = (round(float(v)) for v in middle)
    patch = pictures[i][1][y - 6 : y + 7, x - 6 : x + 7].astype(int)
    distance = np.abs(patch - np.array(LEFT)).sum(axis=2).min()
    assert distance < np.abs(patch - np.array(RIGHT)).sum(axis=2).min()
    assert distance < 130  # compressed colour


def test_progress_reaches_one(front: tuple[Path, Truth], assessed: ClipAssessment, tmp_path: Path) -> None:
    seen: list[float] = []
    render_overlay(front[0], assessed, tmp_path / "o.webm", lambda _stage, fraction: seen.append(fraction))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_a_stopped_run_leaves_no_file(front: tuple[Path, Truth], assessed: ClipAssessment, tmp_path: Path) -> None:
    def stop(_stage: str, fraction: float) -> None:
        if fraction > 0.3:
            raise RunStopped

    with pytest.raises(RunStopped):
        render_overlay(front[0], assessed, tmp_path / "o.webm", stop)
    assert list(tmp_path.iterdir()) == []


def test_the_poster_is_a_jpeg_of_the_lockout(
    front: tuple[Path, Truth], assessed: ClipAssessment, tmp_path: Path
) -> None:
    save_poster(front[0], assessed, tmp_path / "poster.jpg")
    poster = cv2.imread(str(tmp_path / "poster.jpg"))
    assert poster is not None
    assert poster.shape[:2] == (800, 600)
    assert [entry.name for entry in tmp_path.iterdir()] == ["poster.jpg"]


# The strip


@pytest.mark.parametrize(("width", "height"), [(960, 540), (540, 960), (450, 800), (600, 800), (800, 800), (160, 90)])
def test_the_strip_fits_every_shape_of_picture(width: int, height: int) -> None:
    panel = Panel(width, height, len(ROWS))
    strip = panel.draw(PanelState("up", 0.97, 12, ROWS))
    assert strip.shape == (panel.height, width, 3)
    assert panel.height % 2 == 0
    # Nothing is written up to the edges.
    assert int(strip[-2:].max()) < 60
    assert int(strip[:, -2:].max()) < 60


def test_the_strip_is_drawn_again_only_when_it_changes() -> None:
    panel = Panel(540, 960, len(ROWS))
    first = panel.draw(PanelState("up", 0.97, 1, ROWS))
    assert panel.draw(PanelState("up", 0.97, 1, ROWS)) is first
    assert not np.array_equal(panel.draw(PanelState("down", 0.97, 1, ROWS)), first)


def test_up_and_down_differ_in_word_and_colour() -> None:
    panel = Panel(540, 960, len(ROWS))
    up, down = (panel.draw(PanelState(phase, 0.9, 1, ROWS)).astype(int) for phase in ("up", "down"))
    assert (up[..., 0] - up[..., 2]).max() > 60  # blue
    assert (down[..., 2] - down[..., 0]).max() > 60  # orange


def test_nothing_is_called_certain() -> None:
    assert probability(1.0) == "0.99"
    assert probability(0.5) == "0.50"


def test_a_frame_without_numbers_draws_dashes() -> None:
    empty = Row("Faults", "", None, "", "quiet")
    assert Panel(540, 960, 1).draw(PanelState(None, None, 0, (empty,))).any()


# The skeleton


def test_points_outside_the_picture_do_no_harm() -> None:
    picture = np.zeros((120, 90, 3), np.uint8)
    landmarks = np.full((33, 4), 1.0, np.float32)
    landmarks[:, :2] = np.random.default_rng(1).uniform(-5000, 9000, (33, 2))
    SkeletonDrawing(90, 120).draw(picture, landmarks, np.zeros((33, 3), np.float32), Angles(90.0, float("nan")))


def test_hidden_limbs_are_not_invented() -> None:
    picture = np.zeros((120, 90, 3), np.uint8)
    landmarks = np.full((33, 4), 50.0, np.float32)
    landmarks[:, 3] = 0.1
    SkeletonDrawing(90, 120).draw(picture, landmarks, np.zeros((33, 3), np.float32), Angles(90.0, 90.0))
    assert not picture.any()
