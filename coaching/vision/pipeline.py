"""A clip becomes an assessment: decode, pose and descriptors in one pass, then coach, then classifier.

Knows no Django, prints nothing, keeps no picture: memory grows by 26 kB a frame (docs/measurements.md).
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from coaching.vision.bundle import DEFAULT_BUNDLE
from coaching.vision.classifier import Classifier
from coaching.vision.clip import Limits, file_sha256, frames, min_step_s, probe
from coaching.vision.coach import analyse
from coaching.vision.document import clip_document, failed_document, labelled_series, model_block
from coaching.vision.features import FeatureExtractor
from coaching.vision.overlay import render_overlay
from coaching.vision.people import SEVERAL, crowd_verdict, find_people
from coaching.vision.personal import Lifter, personal_report
from coaching.vision.plate_pass import plate_of_film
from coaching.vision.pose import ENGINE_NAME, MediaPipeCrowd, MediaPipePose
from coaching.vision.posenet import POSENET_NAME, PoseNet, PoseNetCrowd
from coaching.vision.repetition_inputs import UnusableRepetition
from coaching.vision.settings_table import DEFAULT
from coaching.vision.stills import poster_wanted, save_poster, save_stills, stills_wanted
from coaching.vision.tracks import TrackBuilder, sample_times, track_arrays
from coaching.vision.types import Refusal
from coaching.vision.velocity import Measures, set_speed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coaching.vision.errors import PipelineError
    from coaching.vision.people import Person
    from coaching.vision.types import (
        ClipInfo,
        FormReport,
        Frame,
        Image,
        PixelFeatures,
        Pose,
        PoseEngine,
        Rep,
        Stage,
        Track,
    )
    from coaching.vision.velocity import SetSpeed

    Progress = Callable[[Stage, float], None]

__all__ = [
    "ClipAssessment",
    "Engines",
    "Limits",
    "assess",
    "poster_wanted",
    "render_overlay",
    "save_poster",
    "save_stills",
    "stills_wanted",
]

DEFAULT_MODELS = Path("models")
# Between two reports of progress: often enough for a smooth bar, seldom enough to cost nothing.
_REPORT_EVERY = 15
# More pictures than duration and rate say: thinning keeps up to 1 / 0.9 of the target rate.
_ROOM = 1.15


@dataclass(frozen=True, slots=True)
class Engines:
    """The models of one process.

    pose: makes a tracker for one clip. crowd: finds everybody in a single picture, None to skip the check.
    classifier: None leaves every repetition without a verdict; the loaders never do. pose_sha256: of the pose weights.
    """

    pose: Callable[[], PoseEngine]
    crowd: Callable[[Image], Sequence[Pose]] | None
    classifier: Classifier | None
    pose_name: str = ENGINE_NAME
    pose_sha256: str | None = None

    @classmethod
    def load(cls, models_dir: Path = DEFAULT_MODELS, pose_bundle: Path = DEFAULT_BUNDLE) -> Engines:
        """Load everything (2-4 s, mostly MediaPipe's import). Raises ModelMissing when a file is absent or damaged."""
        cv2.setNumThreads(1)
        classifier = Classifier.load(models_dir)
        crowd = MediaPipeCrowd(pose_bundle)
        return cls(
            pose=lambda: MediaPipePose(pose_bundle),
            crowd=crowd.detect,
            classifier=classifier,
            pose_sha256=file_sha256(pose_bundle),
        )

    @classmethod
    def load_posenet(cls, weights: Path, models_dir: Path = DEFAULT_MODELS) -> Engines:
        """The same with PoseNet as the only pose model. Raises ModelMissing too when `weights` are not PoseNet's."""
        cv2.setNumThreads(1)
        classifier = Classifier.load(models_dir)
        crowd = PoseNetCrowd(weights)
        return cls(
            pose=lambda: PoseNet(weights),
            crowd=crowd.detect,
            classifier=classifier,
            pose_name=POSENET_NAME,
            pose_sha256=file_sha256(weights),
        )

    def model_block(self) -> dict[str, Any]:
        pose = (self.pose_name, self.pose_sha256)
        if self.classifier is None:
            return model_block(None, None, None, *pose)
        info = self.classifier.info
        return model_block(info.name, info.version, info.sha256, *pose)


@dataclass(frozen=True, slots=True)
class ClipAssessment:
    """Everything that is known of a clip. `pixels` and `track` share their first axis."""

    clip: str
    info: ClipInfo
    track: Track
    pixels: PixelFeatures
    report: FormReport
    model: dict[str, Any]
    limits: Limits
    speed: SetSpeed

    @property
    def document(self) -> dict[str, Any]:
        """JSON-ready; fields in docs/pipeline.md."""
        return clip_document(self.clip, self.info, self.track, self.report, self.model, speed=self.speed)

    @property
    def series_document(self) -> dict[str, Any]:
        """Curves for the page, JSON-ready, at most 30 values a second."""
        return labelled_series(self.report, DEFAULT.form)

    def save_arrays(self, path: Path) -> None:
        """Landmarks and descriptors as one compressed .npz; appears whole or not at all."""
        arrays = {name: values for name, values in track_arrays(self.track, "track_").items() if values.ndim}
        pixels = {f"pixels_{name}": getattr(self.pixels, name) for name in type(self.pixels).__slots__}
        size = np.array([self.track.width, self.track.height])
        temporary = path.with_name(f".{path.stem}.{os.getpid()}.npz")
        try:
            np.savez_compressed(temporary, fps=np.float64(self.track.fps), size_px=size, **arrays, **pixels)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def assess(
    video: Path,
    engines: Engines,
    *,
    limits: Limits | None = None,
    on_progress: Progress | None = None,
    name: str | None = None,
    sha256: str | None = None,
    lifter: Lifter | None = None,
    measures: Measures | None = None,
) -> ClipAssessment:
    """Analyse one clip. A refusal is a result; a file that can't be analysed raises a PipelineError.

    `on_progress(stage, fraction)` may raise (RunStopped): it passes through, with every file and model closed.
    `name` is what the document calls the clip, the file's name by default; `sha256` that of the file as it was filmed,
    by default of `video`: they differ for a copy that was stripped of its sound. `lifter` is what is known of the
    person from earlier sets; it decides what is told, never what is measured. `measures`: what gives speeds a scale.
    """
    limits = limits or Limits()
    report_progress = on_progress or _silent
    report_progress("probe", 0.0)
    info = probe(video, limits)
    if sha256:
        info = replace(info, sha256=sha256)
    report_progress("probe", 1.0)
    seen = _watch(info, engines, limits, report_progress)
    report_progress("form", 0.0)
    notices = _notices(info, limits)
    report = analyse(seen.track, notices=notices)
    report = _with_crowd(report, seen.people)
    report_progress("classify", 0.0)
    report = _judged(report, seen.track, seen.pixels, engines.classifier)
    measures = measures or Measures()
    plate = plate_of_film(
        info, limits, seen.track, report, measures, on_progress=lambda share: report_progress("classify", share)
    )
    speed = set_speed(seen.track, report, measures, plate)
    report_progress("classify", 1.0)
    model = engines.model_block()
    report = personal_report(report, model, lifter or Lifter(), DEFAULT)
    return ClipAssessment(name or video.name, info, seen.track, seen.pixels, report, model, limits, speed)


def failure_document(video: Path, error: PipelineError, engines: Engines) -> dict[str, Any]:
    """The document of a file that `assess` raised on."""
    return failed_document(video.name, error, engines.model_block())


def _silent(_stage: Stage, _fraction: float) -> None:
    return


@dataclass(frozen=True, slots=True)
class _Seen:
    track: Track
    pixels: PixelFeatures
    people: list[list[Person]]


def _watch(info: ClipInfo, engines: Engines, limits: Limits, report_progress: Progress) -> _Seen:
    """The one pass over the pictures."""
    thinned = min_step_s(info, limits.analysis_fps) > 0
    fps = min(info.fps, limits.analysis_fps) if thinned else info.fps
    extractor = FeatureExtractor(fps, expected=round(info.duration_s * fps * _ROOM))
    builder, people = TrackBuilder(), list[list["Person"]]()
    due = sample_times(info.duration_s) if engines.crowd else []
    source = frames(info, max_side=limits.analysis_side, target_fps=limits.analysis_fps)
    with closing(engines.pose()) as pose, closing(source) as pictures:
        for frame in pictures:
            if frame.index % _REPORT_EVERY == 0:
                report_progress("pose", min(frame.time_s / info.duration_s, 1.0))
            rgb = np.asarray(cv2.cvtColor(frame.bgr, cv2.COLOR_BGR2RGB), np.uint8)
            found = pose.detect(rgb, round(frame.time_s * 1000))
            builder.add(frame, found)
            extractor.push(frame.time_s, _gray(frame), found.image if found else None)
            if due and engines.crowd and frame.time_s >= due[0]:
                due.pop(0)
                people.append(find_people(rgb, found, engines.crowd))
    report_progress("features", 1.0)
    return _Seen(builder.track(), extractor.result(), people)


def _gray(frame: Frame) -> Image:
    gray: Image = np.asarray(cv2.cvtColor(frame.bgr, cv2.COLOR_BGR2GRAY), np.uint8)
    return gray


def _notices(info: ClipInfo, limits: Limits) -> list[Refusal]:
    """What was changed about the clip before it was analysed, so that nobody wonders."""
    notices = []
    if min_step_s(info, limits.analysis_fps) > 0:
        text = f"Filmed at {info.fps:.0f} pictures a second; about {limits.analysis_fps:.0f} of them were analysed."
        notices.append(Refusal("high_frame_rate", text))
    if max(info.width, info.height) > 1.5 * limits.analysis_side:
        text = f"Filmed in {info.width} x {info.height}; analysed with a longer side of {limits.analysis_side}."
        notices.append(Refusal("reduced_resolution", text))
    if info.variable_rate:
        notices.append(
            Refusal("variable_frame_rate", "The pictures come at uneven intervals; each was used at its own time.")
        )
    return notices


def _with_crowd(report: FormReport, people: Sequence[Sequence[Person]]) -> FormReport:
    """Refuse when it is not clear who lifts. What the coach already refused keeps its own reason."""
    verdict = crowd_verdict(people)
    if verdict is None:
        return report
    if verdict is SEVERAL and report.refused is None:
        return replace(report, refused=verdict, reps=(), cues=())
    return replace(report, notices=(*report.notices, verdict))


def _judged(report: FormReport, track: Track, pixels: PixelFeatures, classifier: Classifier | None) -> FormReport:
    """Give each repetition of a set that was not refused its verdict."""
    if report.refused is not None:
        return replace(report, reps=())
    return replace(report, reps=tuple(_judge(rep, report, track, pixels, classifier) for rep in report.reps))


def _judge(rep: Rep, report: FormReport, track: Track, pixels: PixelFeatures, classifier: Classifier | None) -> Rep:
    if classifier is None:
        return replace(rep, unjudged_reason="no_classifier")
    try:
        p = classifier.judge(track, pixels, rep, report.view.label)
    except UnusableRepetition as error:
        return replace(rep, unjudged_reason=error.reason)
    return replace(rep, p_correct=p, verdict=classifier.verdict(p))
