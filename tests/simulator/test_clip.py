"""Files that the pipeline will be fed: what is in them, and what their truth says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest

from coaching.simulator import (
    Camera,
    Clothing,
    Encoding,
    Faults,
    LiftSpec,
    Scene,
    Tempo,
    render_clip,
    render_frames,
    simulate,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SMALL = Camera(width=96, height=128, fps=15)
QUICK = Tempo(concentric_s=0.5, top_s=0.3, eccentric_s=0.5, floor_s=0.2)
SHORT = LiftSpec(reps=1, stand_before_s=0.2, bend_s=0.4, setup_s=0.2, stand_after_s=0.0, tempo=QUICK)


def decoded(path: Path) -> tuple[list[NDArray[np.uint8]], list[float], int]:
    """Pictures as stored, their times in seconds, and the rotation that the file declares."""
    pictures, times, rotation = [], [], 0
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            pictures.append(frame.to_ndarray(format="bgr24").astype(np.uint8))
            times.append(float(frame.time or 0.0))
            rotation = frame.rotation
    return pictures, times, rotation


@pytest.mark.parametrize("fps", [24.0, 30000 / 1001, 60.0, 120.0])
def test_file_has_the_frames_of_its_truth_at_their_times(tmp_path: Path, fps: float) -> None:
    camera = Camera(width=96, height=128, fps=fps, yaw_deg=90)
    lift = simulate(SHORT, seed=1)
    truth = render_clip(lift, camera, Scene(), tmp_path / "clip.mp4")
    pictures, times, rotation = decoded(tmp_path / "clip.mp4")
    assert len(pictures) == len(truth.time_s)
    assert times == pytest.approx(truth.time_s, abs=0.5e-3)
    assert truth.time_s[-1] == pytest.approx(lift.duration_s, abs=1.01 / fps)
    assert pictures[0].shape == (128, 96, 3)
    assert rotation == 0


def test_variable_frame_rate_keeps_the_true_times(tmp_path: Path) -> None:
    truth = render_clip(simulate(SHORT), SMALL, Scene(), tmp_path / "phone.mp4", Encoding(variable_rate=0.4))
    _, times, _ = decoded(tmp_path / "phone.mp4")
    gaps = np.diff(truth.time_s)
    assert times == pytest.approx(truth.time_s, abs=1e-3)
    assert gaps.std() > 0.2 / 15
    assert gaps.min() > 0


@pytest.mark.parametrize("rotation_deg", [90, 180, 270])
def test_rotated_file_shows_the_upright_picture_once_turned_as_it_says(tmp_path: Path, rotation_deg: Any) -> None:
    lift, quality = simulate(SHORT), Encoding(quality=1)
    turned = Encoding(quality=1, rotation_deg=rotation_deg)
    render_clip(lift, SMALL, Scene(noise=0), tmp_path / "upright.mp4", quality)
    render_clip(lift, SMALL, Scene(noise=0), tmp_path / "turned.mp4", turned)
    upright = decoded(tmp_path / "upright.mp4")[0][4].astype(int)
    stored, _, rotation = decoded(tmp_path / "turned.mp4")
    assert rotation % 360 == -rotation_deg % 360
    # FFmpeg counts the turn for display counter-clockwise, as NumPy does.
    shown = np.rot90(stored[4], rotation // 90).astype(int)
    assert shown.shape == upright.shape
    assert np.abs(shown - upright).mean() < 3


def test_truth_is_written_beside_the_clip(tmp_path: Path) -> None:
    spec = LiftSpec(reps=2, faults=Faults(wide_stance=0.5, lean_left=0.5), tempo=QUICK, stand_before_s=0.2)
    lift = simulate(spec, seed=3)
    truth = render_clip(lift, SMALL, Scene(), tmp_path / "set.mp4")
    document = json.loads((tmp_path / "set.truth.json").read_text(encoding="utf-8"))
    assert document["faults"] == {"wide_stance": 0.5, "lean_left": 0.5}
    assert [rep["start_s"] for rep in document["reps"]] == pytest.approx([rep.start_s for rep in lift.reps], abs=1e-4)
    assert document["reps"][1]["lockout_s"] == pytest.approx(lift.reps[1].lockout_s, abs=1e-4)
    assert document["stance_ratio"] == pytest.approx(1.62)
    assert document["lean_deg"] == pytest.approx(7.0)
    assert np.array(document["pixels"]) == pytest.approx(truth.pixels, abs=0.06)
    assert np.array(document["angles_deg"]["knee"]) == pytest.approx(truth.angles["knee"], abs=0.01)
    assert len(document["landmarks"]) == 33
    assert document["camera"]["yaw_deg"] == 0.0


def test_same_lift_makes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.mp4", "two.mp4"):
        render_clip(simulate(SHORT, seed=2), SMALL, Scene(seed=5), tmp_path / name)
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_the_person_is_drawn_where_the_truth_says() -> None:
    lift, camera = simulate(SHORT), Camera(width=240, height=320)
    shirt = Scene(clothing=Clothing(shirt="red", trousers="navy", skin="light"), background="plain", noise=0, blur_px=0)
    times = np.array([0.0, lift.reps[0].lockout_s])
    truth = render_clip(lift, camera)
    for picture, time in zip(render_frames(lift, camera, shirt, times), times, strict=True):
        joints = truth.pixels[int(np.argmin(np.abs(truth.time_s - time)))]
        chest = joints[[11, 12, 23, 24]].mean(axis=0).astype(int)
        thigh = joints[[24, 26]].mean(axis=0).astype(int)
        nose = joints[0].astype(int)
        blue, green, red = picture[chest[1], chest[0]].astype(int)
        assert red > 2 * max(blue, green)
        blue, green, red = picture[thigh[1], thigh[0]].astype(int)
        assert blue > red
        assert max(blue, green, red) < 110
        assert picture[nose[1], nose[0], 2] > 120
        assert np.abs(picture[5, 5].astype(int) - picture[5, -5]).max() < 30


def test_black_pictures_where_asked_and_nowhere_else() -> None:
    lift = simulate(SHORT)
    times = np.arange(0.0, 1.0, 0.1)
    pictures = list(render_frames(lift, SMALL, Scene(black_s=((0.25, 0.55),)), times))
    assert [picture.max() == 0 for picture in pictures] == [0.25 <= time < 0.55 for time in times]


def test_an_empty_place_has_nobody_and_a_second_person_stands_beside_the_first() -> None:
    lift, camera = simulate(SHORT), Camera(width=320, height=240)
    times = np.array([0.1])
    quiet = Scene(noise=0.0, background="plain", bar=False)
    empty, alone, both = (
        next(render_frames(lift, camera, scene, times)).astype(int)
        for scene in (replace(quiet, lifter=False), quiet, replace(quiet, second_person=True))
    )
    lifter = np.abs(alone - empty).max(axis=2) > 20
    other = np.abs(both - alone).max(axis=2) > 20
    assert 0.02 < lifter.mean() < 0.2
    assert 0.01 < other.mean() < 0.2
    assert np.flatnonzero(other.any(axis=0)).min() > np.flatnonzero(lifter.any(axis=0)).mean()


@pytest.mark.parametrize("background", ["gym", "plain", "garden", "dark", "home"])
def test_light_and_background_change_the_picture(background: Any) -> None:
    lift, times = simulate(SHORT), np.array([0.1])
    even = next(render_frames(lift, SMALL, Scene(background=background), times)).astype(int)
    dim = next(render_frames(lift, SMALL, Scene(background=background, light="dim"), times)).astype(int)
    body = slice(30, 100), slice(40, 56)
    assert dim[body].mean() < even[body].mean() - 5
    assert even.std() > 5


def test_other_containers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.mp4 and \.mov"):
        render_clip(simulate(SHORT), SMALL, Scene(), tmp_path / "clip.avi")


def test_unknown_clothes_are_refused() -> None:
    with pytest.raises(KeyError, match="tartan"):
        Clothing(shirt="tartan")
