"""A film becomes an assessment: real engines on rendered films, a known skeleton where only plumbing counts."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from coaching.simulator import Camera, simulate, truth_track
from coaching.vision import errors
from coaching.vision.clip import Limits
from coaching.vision.pipeline import ClipAssessment, Engines, assess, failure_document
from coaching.vision.types import Pose
from tests.vision.conftest import ONE_REP, small_camera
from tests.vision.films import even_times, marked, write_film

if TYPE_CHECKING:
    from collections.abc import Callable

    from coaching.simulator import Truth
    from coaching.vision.types import Image, Stage, Track


@dataclass
class KnownSkeleton:
    """A pose engine that knows the answer: the truth of a simulated lift, picture by picture."""

    track: Track
    name: str = "known"
    closed: bool = False
    asked: int = 0

    def detect(self, rgb: Image, time_ms: int) -> Pose | None:
        i, self.asked = self.asked, self.asked + 1
        return Pose(self.track.image[i], self.track.world[i]) if self.track.detected[i] else None

    def close(self) -> None:
        self.closed = True


def _known(camera: Camera, **changes: Any) -> tuple[Engines, KnownSkeleton]:
    skeleton = KnownSkeleton(truth_track(simulate(replace(ONE_REP, **changes), seed=1), camera, noise_px=1.0))
    return Engines(pose=lambda: skeleton, crowd=None, classifier=None, pose_name="known"), skeleton


@pytest.fixture
def plain_film(tmp_path: Path) -> Path:
    """Grey noise as long as the simulated lift: the skeleton comes from elsewhere."""
    lift = simulate(ONE_REP, seed=1)
    return write_film(tmp_path / "plain.mp4", even_times(lift.duration_s, 20), marked(240, 320))


# What the films show


def test_one_clean_repetition_from_the_front(assessed: ClipAssessment, front: tuple[Path, Truth]) -> None:
    document = assessed.document
    ((start, lockout, end),) = front[1].reps
    assert document["refused"] is None
    assert document["view"] == "front"
    (rep,) = document["reps"]
    assert rep["start_s"] == pytest.approx(start, abs=0.3)
    assert rep["lockout_s"] == pytest.approx(lockout, abs=0.2)
    assert rep["end_s"] == pytest.approx(end, abs=0.35)
    assert document["stance"]["label"] == "neutral"
    assert document["lean"]["label"] == "neutral"
    assert document["notices"] == []


def test_every_judged_repetition_has_a_verdict_with_its_probability(assessed: ClipAssessment, engines: Engines) -> None:
    assert engines.classifier is not None
    (rep,) = assessed.document["reps"]
    assert 0.0 <= rep["p_correct"] <= 1.0
    assert rep["verdict"] == engines.classifier.verdict(rep["p_correct"])
    assert rep["unjudged_reason"] == ""
    assert assessed.document["model"]["sha256"] == engines.classifier.info.sha256


def test_a_turned_uneven_sixty_hertz_film_is_read_as_it_is_shown(
    turned_side: tuple[Path, Truth], engines: Engines
) -> None:
    path, truth = turned_side
    document = assess(path, engines).document
    assert (document["width"], document["height"]) == (240, 320)
    assert document["view"] == "side"
    assert document["refused"] is None
    (rep,) = document["reps"]
    assert rep["lockout_s"] == pytest.approx(truth.reps[0][1], abs=0.2)
    assert document["analysed"]["fps"] < 45
    assert {notice["code"] for notice in document["notices"]} >= {"high_frame_rate", "variable_frame_rate"}
    assert not document["stance"]["observable"]
    assert document["stance"]["reason"]


def test_two_people_of_one_size_are_refused(two_people: Path, engines: Engines) -> None:
    document = assess(two_people, engines).document
    assert document["refused"]["code"] == "several_people"
    assert document["reps"] == []
    assert document["feedback"] == []


def test_an_empty_place_is_refused(empty_place: Path, engines: Engines) -> None:
    document = assess(empty_place, engines).document
    assert document["refused"]["code"] == "no_person"
    assert document["analysed"]["detected"] < 0.3
    json.dumps(document, allow_nan=False)


def test_somebody_who_only_stands_is_refused(somebody_standing: Path, engines: Engines) -> None:
    document = assess(somebody_standing, engines).document
    assert document["refused"]["code"] in {"no_lift", "not_a_deadlift"}
    assert document["reps"] == []


def test_the_same_film_gives_the_same_document(
    front: tuple[Path, Truth], engines: Engines, assessed: ClipAssessment
) -> None:
    again = assess(front[0], engines)
    assert again.document == assessed.document
    assert again.series_document == assessed.series_document
    assert again.pixels.lhof.tobytes() == assessed.pixels.lhof.tobytes()


def test_the_landmarks_are_on_the_lifter(assessed: ClipAssessment, front: tuple[Path, Truth]) -> None:
    truth = front[1].pixels
    joints = [11, 12, 23, 24, 25, 26, 27, 28]
    found = assessed.track.image[:, joints, :2]
    off = np.linalg.norm(found - truth[: len(found)][:, joints], axis=2)
    assert float(np.nanmedian(off)) < 0.03 * 320


# Plumbing


def test_progress_tells_each_stage_in_order_and_never_goes_back(plain_film: Path) -> None:
    engines, _ = _known(small_camera())
    seen: list[tuple[Stage, float]] = []
    assess(plain_film, engines, on_progress=lambda stage, fraction: seen.append((stage, fraction)))
    stages = list(dict.fromkeys(stage for stage, _ in seen))
    assert stages == ["probe", "pose", "features", "form", "classify"]
    fractions = [fraction for stage, fraction in seen if stage == "pose"]
    assert fractions == sorted(fractions)
    assert len(fractions) >= 5
    assert all(0.0 <= fraction <= 1.0 for _, fraction in seen)


@pytest.mark.parametrize("stage", ["probe", "pose", "form", "classify"])
def test_a_stopped_run_passes_through_and_closes_everything(plain_film: Path, stage: Stage) -> None:
    engines, skeleton = _known(small_camera())

    def stop(at: Stage, _fraction: float) -> None:
        if at == stage:
            raise errors.RunStopped

    with pytest.raises(errors.RunStopped):
        assess(plain_film, engines, on_progress=stop)
    assert skeleton.closed is (stage != "probe")
    open_files = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    assert plain_film not in open_files


def test_the_pose_engine_gets_times_that_increase(tmp_path: Path) -> None:
    engines, skeleton = _known(small_camera())
    times: list[int] = []
    detect = skeleton.detect
    skeleton.detect = lambda rgb, time_ms: times.append(time_ms) or detect(rgb, time_ms)  # type: ignore[method-assign, func-returns-value]
    # Phones with a variable rate deliver pictures a millisecond apart.
    film = write_film(tmp_path / "a.mp4", sorted([*even_times(3, 20), 0.501, 0.502, 1.001]), marked(240, 320))
    assess(film, engines)
    assert all(b > a for a, b in pairwise(times))


def test_a_file_that_is_not_a_video_raises_before_any_model_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("no")
    engines, skeleton = _known(small_camera())
    with pytest.raises(errors.NotAVideo) as caught:
        assess(path, engines)
    assert skeleton.asked == 0
    document = failure_document(path, caught.value, engines)
    assert document["refused"] == {"code": "not_a_video", "advice": errors.NotAVideo.advice}
    assert document["sha256"] is None


def test_without_a_classifier_repetitions_are_counted_and_not_judged(plain_film: Path) -> None:
    engines, _ = _known(small_camera())
    (rep,) = assess(plain_film, engines).document["reps"]
    assert (rep["verdict"], rep["p_correct"], rep["unjudged_reason"]) == (None, None, "no_classifier")


def test_engines_without_a_model_are_not_served(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(errors.ModelMissing):
        Engines.load(models_dir=tmp_path, pose_bundle=bundle)


def test_limits_are_respected(plain_film: Path) -> None:
    engines, _ = _known(small_camera())
    with pytest.raises(errors.TooLong):
        assess(plain_film, engines, limits=Limits(max_duration_s=2.0))


def test_the_document_can_carry_another_name_than_the_file(plain_film: Path) -> None:
    engines, _ = _known(small_camera())
    assert assess(plain_film, engines, name="Monday.mov").document["clip"] == "Monday.mov"


def test_curves_have_one_length_and_no_nan(assessed: ClipAssessment) -> None:
    series = assessed.series_document
    assert {len(values) for values in series.values()} == {len(series["time_s"])}
    assert set(series["phase"]) <= {"up", "down", None}
    assert "up" in series["phase"]
    assert series["rep_count"][-1] == 1
    assert series["time_s"] == sorted(series["time_s"])
    json.dumps(series, allow_nan=False)


def test_curves_are_thinned_to_thirty_a_second(assessed: ClipAssessment) -> None:
    rate = (len(assessed.series_document["time_s"]) - 1) / assessed.series_document["time_s"][-1]
    assert rate <= 31


def test_arrays_are_stored_whole_or_not_at_all(tmp_path: Path, assessed: ClipAssessment) -> None:
    path = tmp_path / "arrays.npz"
    assessed.save_arrays(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["arrays.npz"]
    with np.load(path) as arrays:
        n = len(assessed.track.time_s)
        assert arrays["track_image"].shape == (n, 33, 4)
        assert arrays["pixels_lhog"].shape == (n, 7, 7, 48)
        assert arrays["pixels_lhog"].dtype == np.float16
        assert arrays["size_px"].tolist() == [240, 320]
    with pytest.raises(FileNotFoundError):
        assessed.save_arrays(tmp_path / "no such folder" / "arrays.npz")


def _leaves(value: Any, visit: Callable[[Any], None]) -> None:
    if isinstance(value, dict):
        for inner in value.values():
            _leaves(inner, visit)
    elif isinstance(value, list):
        for inner in value:
            _leaves(inner, visit)
    else:
        visit(value)


def test_documents_hold_only_what_json_knows(assessed: ClipAssessment) -> None:
    def visit(value: Any) -> None:
        assert value is None or type(value) in {str, int, float, bool}
        assert not isinstance(value, float) or math.isfinite(value)

    _leaves(assessed.document, visit)
    _leaves(assessed.series_document, visit)


def test_real_clips_are_counted_when_they_are_there(engines: Engines) -> None:
    clip = Path("../shared/data/videos/bichraix_good002.mp4")
    if not clip.exists():
        pytest.skip(f"{clip} is not there")
    document = assess(clip, engines).document
    assert document["refused"] is None
    assert len(document["reps"]) == 1
