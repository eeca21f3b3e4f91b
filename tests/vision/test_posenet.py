"""PoseNet: tensors with known answers become the right points in the film, and what it does not know stays unknown."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from coaching.simulator import render_clip, simulate, truth_track
from coaching.vision.__main__ import main
from coaching.vision.classifier import Classifier
from coaching.vision.errors import ModelMissing
from coaching.vision.evaluation.engines import main as compare_engines
from coaching.vision.mediapipe_loader import load_mediapipe
from coaching.vision.pipeline import Engines, assess, render_overlay
from coaching.vision.posenet import LANDMARK_OF_PART, N_PARTS, POSENET_NAME, ModelShape, PoseNet, decode, near, pose_of
from coaching.vision.types import Pose
from tests.vision import tiny_posenet as tiny
from tests.vision.conftest import ONE_REP, small_camera
from tests.vision.films import even_times, marked, write_film

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.simulator import Truth
    from coaching.vision.types import Image, Track

    Array = NDArray[np.float64]

WEIGHTS = Path(__file__).resolve().parents[3] / "shared/data/models/posenet_mobilenet_v1_075_353_481_quant.tflite"
UNKNOWN = sorted(set(range(33)) - set(LANDMARK_OF_PART))
OFFSETS = np.random.default_rng(7).uniform(-8.0, 8.0, (N_PARTS, 2))  # y, x px of the input


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights whose answers are known."""
    return tiny.write(tmp_path_factory.mktemp("models") / 'with "quotes".tflite', OFFSETS)


@pytest.fixture(scope="module")
def weights() -> Path:
    if not WEIGHTS.is_file():
        pytest.skip(f"no PoseNet weights are shipped, and {WEIGHTS.name} is not in ../shared/data/models")
    return WEIGHTS


# Decoding


def _tensors() -> tuple[Array, Array, Array]:
    """Heatmaps and offsets of a 5 x 7 grid, and the parts (x, y, logit) that they mean."""
    rng = np.random.default_rng(3)
    heatmaps = rng.uniform(-9.0, -4.0, (5, 7, N_PARTS))
    offsets = rng.uniform(-10.0, 10.0, (5, 7, 2 * N_PARTS))
    parts = np.empty((N_PARTS, 3))
    for part, cell in enumerate(rng.permutation(35)[:N_PARTS].tolist()):
        row, column = divmod(cell, 7)
        y, x, logit = *rng.uniform(-8.0, 8.0, 2), rng.uniform(-2.0, 6.0)
        heatmaps[row, column, part] = logit
        offsets[row, column, [part, N_PARTS + part]] = y, x
        parts[part] = 16 * column + x, 16 * row + y, logit
    return heatmaps, offsets, parts


def test_each_part_is_at_its_highest_cell_moved_by_the_offset_there() -> None:
    heatmaps, offsets, parts = _tensors()
    found = decode(heatmaps, offsets, 16.0)
    np.testing.assert_allclose(found[:, :2], parts[:, :2])
    np.testing.assert_allclose(found[:, 2], 1 / (1 + np.exp(-parts[:, 2])))


def test_a_quantised_answer_is_the_same_within_half_a_step() -> None:
    heatmaps, offsets, parts = _tensors()

    def quantised(values: Array) -> Array:
        stored = np.clip(np.rint(values / tiny.SCALE) + tiny.ZERO, 0, 255).astype(np.uint8)
        return np.asarray((stored.astype(np.float64) - tiny.ZERO) * tiny.SCALE)

    found = decode(quantised(heatmaps), quantised(offsets), 16.0)
    assert np.abs(found[:, :2] - parts[:, :2]).max() <= tiny.SCALE / 2 + 1e-9
    assert np.abs(np.log(found[:, 2] / (1 - found[:, 2])) - parts[:, 2]).max() <= tiny.SCALE / 2 + 1e-6


def _picture(width: int, height: int, zoom: int) -> tuple[Image, Array]:
    """A grey picture that fills the input when reduced by `zoom`, with each part's colour in a cell of its own; and
    where the model must then say that the parts are, (17, 2) x, y px of the picture.
    """
    left, top = (tiny.WIDTH - width // zoom) // 2, (tiny.HEIGHT - height // zoom) // 2
    small = tiny.grey(height // zoom, width // zoom)
    inside = [
        (y, x)
        for y in range(0, tiny.HEIGHT, tiny.STRIDE)
        for x in range(0, tiny.WIDTH, tiny.STRIDE)
        if top <= y < top + small.shape[0] and left <= x < left + small.shape[1]
    ]
    chosen = np.random.default_rng(5).permutation(len(inside))[:N_PARTS]
    assert len(chosen) == N_PARTS
    where = np.empty((N_PARTS, 2))
    for part, cell in enumerate(chosen.tolist()):
        y, x = inside[cell]
        small[y - top, x - left] = tiny.colour(part)
        dy, dx = OFFSETS[part]
        where[part] = (x + dx + 0.5 - left) * zoom, (y + dy + 0.5 - top) * zoom
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST).astype(np.uint8), where


@pytest.mark.parametrize(
    ("width", "height", "zoom"),
    [(97, 65, 1), (388, 260, 4), (291, 156, 3), (198, 195, 3)],
    ids=["as it is", "reduced", "bars above and below", "bars beside"],
)
def test_the_interpreter_finds_each_part_in_pixels_of_the_film(known: Path, width: int, height: int, zoom: int) -> None:
    picture, where = _picture(width, height, zoom)
    engine = PoseNet(known)
    pose = engine.detect(picture, 0)
    engine.close()
    assert pose is not None
    off = pose.image[list(LANDMARK_OF_PART), :2] - where
    assert np.abs(off).max() <= 0.2 * zoom  # two roundings to 1/255 in the weights and the answer
    assert pose.image[list(LANDMARK_OF_PART), 3] == pytest.approx(0.993, abs=0.003)


def test_what_posenet_does_not_know_is_missing_and_never_visible(known: Path) -> None:
    engine = PoseNet(known)
    pose = engine.detect(_picture(97, 65, 1)[0], 0)
    engine.close()
    assert pose is not None
    assert len(UNKNOWN) == 16
    assert np.isnan(pose.image[UNKNOWN, :3]).all()
    assert (pose.image[UNKNOWN, 3] == 0.0).all()
    assert np.isnan(pose.image[:, 2]).all()  # no depth
    assert np.isnan(pose.world).all()


def test_a_part_that_looks_like_nothing_is_missing_while_the_others_stay() -> None:
    parts = np.column_stack([np.arange(N_PARTS), np.arange(N_PARTS), np.full(N_PARTS, 0.9)])
    parts[9, 2], parts[10, 2] = 0.05, 0.11
    pose = pose_of(parts)
    assert np.isnan(pose.image[15, :2]).all()
    assert pose.image[15, 3] == pytest.approx(0.05)
    assert pose.image[16].tolist()[:2] == [10.0, 10.0]
    assert np.isfinite(pose.image[:, 0]).sum() == N_PARTS - 1


def test_a_part_is_looked_for_near_where_it_was() -> None:
    """Somebody else's nose, a little clearer than the lifter's, does not draw the skeleton over."""
    heatmaps, offsets = np.full((23, 31, N_PARTS), -8.0), np.zeros((23, 31, 2 * N_PARTS))
    before = np.column_stack([np.full(N_PARTS, 160.0), np.linspace(16.0, 336.0, N_PARTS)])
    heatmaps[1, 10, 0], heatmaps[1, 25, 0] = 2.0, 4.0
    prior = near(before, ModelShape(353, 481, 23, 31))
    assert decode(heatmaps, offsets, 16.0)[0, 0] == 400.0
    held = decode(heatmaps, offsets, 16.0, prior)[0]
    assert held[:2].tolist() == [160.0, 16.0]
    assert held[2] == pytest.approx(1 / (1 + np.exp(-2.0)))  # the score is what the picture says
    heatmaps[1, 10, 0], heatmaps[1, 25, 0] = -8.0, 9.0
    assert decode(heatmaps, offsets, 16.0, prior)[0, 0] == 400.0


@pytest.mark.parametrize("level", [0, 128])
def test_nobody_is_found_in_an_empty_picture(known: Path, level: int) -> None:
    engine = PoseNet(known)
    assert engine.detect(np.full((120, 200, 3), level, np.uint8), 0) is None
    engine.close()


def _not_weights(folder: Path, kind: str, known: Path) -> Path:
    path = folder / "weights.tflite"
    if kind == "words":
        path.write_text("these are no weights")
    elif kind == "cut":
        path.write_bytes(known.read_bytes()[:300])
    elif kind == "another model":
        package = Path(load_mediapipe().__file__).parent
        path.write_bytes((package / "modules/pose_detection/pose_detection.tflite").read_bytes())
    return path


@pytest.mark.parametrize("kind", ["absent", "words", "cut", "another model"])
def test_what_are_no_posenet_weights_is_refused_by_name(tmp_path: Path, known: Path, kind: str) -> None:
    path = _not_weights(tmp_path, kind, known)
    with pytest.raises(ModelMissing, match=r"weights\.tflite"):
        PoseNet(path)


def test_the_command_line_wants_engine_and_weights_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    absent = tmp_path / "absent.tflite"
    for arguments in (["--engine", "posenet"], ["--posenet-weights", "a"], _engine(absent)):
        with pytest.raises(SystemExit) as caught:
            main(["a.mp4", *arguments])
        assert caught.value.code == 2
    assert str(absent) in capsys.readouterr().err


def _engine(path: Path) -> list[str]:
    return ["--engine", "posenet", "--posenet-weights", str(path)]


# A skeleton with PoseNet's points only, in the pipeline


class SparseSkeleton:
    """The truth of a simulated lift, as far as PoseNet could tell it."""

    name = "sparse"

    def __init__(self, track: Track) -> None:
        self._track = track
        self._asked = 0

    def detect(self, rgb: Image, time_ms: int) -> Pose | None:
        i, self._asked = self._asked, self._asked + 1
        return Pose(self._track.image[i], self._track.world[i]) if self._track.detected[i] else None

    def close(self) -> None:
        return


def sparse(track: Track) -> Track:
    image = np.array(track.image, np.float32)
    image[:, UNKNOWN] = np.nan
    image[:, UNKNOWN, 3] = 0.0
    image[..., 2] = np.nan
    return replace(track, image=image, world=np.full_like(track.world, np.nan))


def test_repetitions_are_counted_without_feet_or_depth_and_the_network_does_not_guess(tmp_path: Path) -> None:
    lift = simulate(ONE_REP, seed=1)
    film = write_film(tmp_path / "plain.mp4", even_times(lift.duration_s, 20), marked(240, 320))
    track = sparse(truth_track(lift, small_camera(), noise_px=1.0))
    # An ear that nobody saw: what is drawn must not stumble over it.
    track.image[:, 7, :2], track.image[:, 7, 3] = np.nan, 0.0
    engines = Engines(
        pose=lambda: SparseSkeleton(track), crowd=None, classifier=Classifier.load(Path("models")), pose_name="sparse"
    )
    assessment = assess(film, engines)
    (rep,) = assessment.document["reps"]
    assert rep["lockout_s"] == pytest.approx(lift.reps[0].lockout_s, abs=0.2)
    assert (rep["verdict"], rep["p_correct"], rep["unjudged_reason"]) == (None, None, "missing_points")
    assert np.isnan(assessment.track.image[:, [29, 30, 31, 32], :2]).all()
    json.dumps(assessment.document, allow_nan=False)
    render_overlay(film, assessment, tmp_path / "out.webm")
    assert (tmp_path / "out.webm").stat().st_size > 1000


# With the weights themselves


@pytest.fixture(scope="module")
def posenet(weights: Path) -> Engines:
    return Engines.load_posenet(weights)


@pytest.fixture(scope="module", params=[("front", 0.0), ("side", 90.0)], ids=["front", "side"])
def two_repetitions(request: pytest.FixtureRequest, weights: Path, films: Path) -> tuple[Path, Truth, str]:
    """A film of two repetitions that ends with the bar on the floor, and its view."""
    view, yaw_deg = request.param
    path = films / f"two_repetitions_{view}.mp4"
    lift = simulate(replace(ONE_REP, reps=2, stand_after_s=0.0), seed=3)
    return path, render_clip(lift, small_camera(yaw_deg=yaw_deg), path=path), view


def test_repetitions_in_a_rendered_film_are_counted_and_the_engine_is_named(
    two_repetitions: tuple[Path, Truth, str], posenet: Engines, weights: Path
) -> None:
    path, truth, view = two_repetitions
    assessment = assess(path, posenet)
    document = assessment.document
    assert document["refused"] is None
    assert document["view"] == view
    assert [rep["lockout_s"] for rep in document["reps"]] == pytest.approx(
        [lockout for _, lockout, _ in truth.reps], abs=0.25
    )
    assert document["model"]["pose"] == POSENET_NAME
    assert document["model"]["pose_sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert np.isnan(assessment.track.image[:, UNKNOWN, :2]).all()
    joints = [11, 12, 23, 24, 25, 26, 27, 28]
    found = assessment.track.image[:, joints, :2]
    off = np.linalg.norm(found - truth.pixels[: len(found)][:, joints], axis=2)
    assert float(np.nanmedian(off)) < 0.04 * 320


def test_an_empty_place_is_empty_for_posenet_too(empty_place: Path, posenet: Engines) -> None:
    document: dict[str, Any] = assess(empty_place, posenet).document
    assert document["refused"]["code"] == "no_person"
    assert document["analysed"]["detected"] < 0.3


def test_the_command_line_runs_posenet_and_says_so(
    turned_side: tuple[Path, Truth], weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(turned_side[0]), "--json", str(tmp_path), *_engine(weights)]) == 0
    output = capsys.readouterr()
    assert output.out.startswith("turned.mov: side view; 1 repetition: not judged;")
    assert output.err == ""
    document = json.loads((tmp_path / "turned.mov.json").read_text())
    assert document["model"]["pose"] == POSENET_NAME


def test_both_engines_are_compared_on_the_same_film(
    turned_side: tuple[Path, Truth], weights: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clips = tmp_path / "clips"
    clips.mkdir()
    (clips / "a.mov").symlink_to(turned_side[0])
    (clips / "ground_truth.csv").write_text("file,view,reps,lockouts_s\na.mov,side,1,\nabsent.mp4,side,1,\n")
    arguments = [str(clips), "a.", "--posenet-weights", str(weights), "--bundle", str(bundle)]
    for _ in range(2):  # the second time from the cache
        assert compare_engines([*arguments, "--cache", str(tmp_path / "cache")]) == 0
    first, second = (part for part in capsys.readouterr().out.split("clip  ") if part)
    assert first == second
    rows = [line.split() for line in first.splitlines() if line.startswith("a.mov")]
    assert [(row[1], row[3], row[8]) for row in rows] == [("mediapipe", "side", "1/1"), ("posenet", "side", "1/1")]
    assert first.count("refused 0; of 1 judged the count is exact in 1; 1 counted of 1 repetitions") == 2
