"""One set in front of the camera, judged while it goes on. With `coaching.pipeline` the only place that meets vision.

The heavy modules load on first use, in the process that has live sets; none of them is a decoder.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from django.conf import settings

from coaching.live.protocol import encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.live.protocol import LiveFrame
    from coaching.vision.classifier import Classifier
    from coaching.vision.personal import Lifter
    from coaching.vision.types import FormReport, Label, Rep, Track

    Json = dict[str, Any]

POSE_NAME = "mediapipe-pose-landmarker-full-tasks-vision-0.10.21"
"""Of the engine in the browser, with the same weights as on the server. Compared with its own kind only: it sees no
outline of the back.
"""
NOBODY_IMAGE = np.full((33, 4), np.nan, np.float32)
NOBODY_WORLD = np.full((33, 3), np.nan, np.float32)
SEEN_P = 0.5


@functools.cache
def classifier() -> Classifier:
    """Loaded on first use, once a process. Raises ModelMissing."""
    from coaching.vision.classifier import Classifier

    return Classifier.load(Path(settings.MODELS_DIR))


@functools.cache
def pose_sha256() -> str | None:
    """Of the model that the page loads; None where it has not been built."""
    path = Path(settings.POSE_BUNDLE)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


@dataclass(frozen=True, slots=True)
class Size:
    """Of the camera's upright picture, px."""

    width: int
    height: int


class Answer(NamedTuple):
    """What can be said of a frame at once: see `coaching.vision.coach.CoachState`."""

    phase: str | None
    p_up: float
    repetitions: int


class LiveEngine:
    """The coach of one set. `push` is for the event loop; `judge` and `judge_to_end` are for a thread."""

    def __init__(self, size: Size) -> None:
        from coaching.vision.coach import Coach

        self._coach = Coach(width=size.width, height=size.height)

    def push(self, frame: LiveFrame) -> Answer:
        """Take a frame in its turn. Raises ValueError when its time does not increase."""
        image = NOBODY_IMAGE if frame.image is None else frame.image
        world = NOBODY_WORLD if frame.world is None else frame.world
        state = self._coach.push(frame.time_ms / 1000.0, image, world, frame.seen)
        return Answer(state.phase, state.p_up, state.rep_count)

    def catch_up(self, frames: Sequence[LiveFrame], size: Size) -> None:
        """Take the frames of a set that was interrupted."""
        if frames:
            self._coach.catch_up(track_of(frames, size))

    def track(self) -> Track:
        """A copy of what was seen so far, for `judge`."""
        return self._coach.track()


def track_of(frames: Sequence[LiveFrame], size: Size) -> Track:
    """The frames as the coach is fed with them from a film."""
    from coaching.vision.types import Track

    n = len(frames)
    time_s = np.array([frame.time_ms for frame in frames], np.float64) / 1000.0
    span = float(time_s[-1] - time_s[0]) if n > 1 else 0.0
    return Track(
        time_s=time_s,
        image=np.stack([NOBODY_IMAGE if f.image is None else f.image for f in frames]).astype(np.float32),
        world=np.stack([NOBODY_WORLD if f.world is None else f.world for f in frames]).astype(np.float32),
        detected=np.array([frame.seen for frame in frames], np.bool_),
        fps=(n - 1) / span if span > 0 else 0.0,
        width=size.width,
        height=size.height,
    )


def frames_of(track: Track) -> list[LiveFrame]:
    """The other way round: a film's landmarks as a browser would send them."""
    from coaching.live.protocol import LiveFrame

    return [
        LiveFrame(
            i,
            1000.0 * float(track.time_s[i]),
            np.asarray(track.image[i], np.float32) if track.detected[i] else None,
            np.asarray(track.world[i], np.float32) if track.detected[i] else None,
        )
        for i in range(track.time_s.size)
    ]


def report_of(track: Track, lifter: Lifter, *, newest_only: bool = False) -> FormReport:
    """What the coach says of a whole set, verdicts and this lifter's cues with it. Raises ModelMissing.

    newest_only: of the set that goes on only the last repetition gets a verdict; the earlier ones had theirs.
    """
    from coaching.vision.coach import analyse
    from coaching.vision.personal import personal_report
    from coaching.vision.settings_table import DEFAULT

    report = analyse(track)
    if report.refused is not None:
        return replace(report, reps=())
    first = len(report.reps) - 1 if newest_only else 0
    reps = (rep if i < first else _judged(rep, report, track) for i, rep in enumerate(report.reps))
    report = replace(report, reps=tuple(reps))
    return personal_report(report, model_block(), lifter, DEFAULT)


def _judged(rep: Rep, report: FormReport, track: Track) -> Rep:
    from coaching.vision.repetition_inputs import UnusableRepetition

    try:
        p = classifier().judge(track, None, rep, report.view.label)
    except UnusableRepetition as error:
        return replace(rep, unjudged_reason=error.reason)
    return replace(rep, p_correct=p, verdict=classifier().verdict(p))


def model_block() -> Json:
    from coaching.vision.document import model_block as block

    info = classifier().info
    return block(info.name, info.version, info.sha256, POSE_NAME, pose_sha256())


def judge(track: Track, lifter: Lifter, stature_m: float | None) -> Json:
    """The message about the newest repetition of a set that goes on; with `refused` where nothing can be judged."""
    report = report_of(track, lifter, newest_only=True)
    if report.refused is not None:
        return {"refused": {"code": report.refused.code, "advice": report.refused.advice}, "repetition": None}
    newest = report.reps[-1] if report.reps else None
    cue = next((cue for cue in report.cues if newest and newest.index in cue.seen_in), None)
    return {
        "refused": None,
        "view": report.view.label,
        "stance": _label(report.stance),
        "lean": _label(report.lean),
        "repetition": None if newest is None else _repetition(newest),
        "cue": None if cue is None else {"code": cue.code, "text": cue.text},
        "notices": [{"code": notice.code, "advice": notice.advice} for notice in report.notices],
        "velocity": velocity_of(track, report, stature_m),
    }


def velocity_of(track: Track, report: FormReport, stature_m: float | None) -> Json:
    """Speeds of a set by its landmarks: no picture comes here, so no plate."""
    from coaching.vision.document import velocity_block
    from coaching.vision.velocity import Measures, set_speed

    return velocity_block(set_speed(track, report, Measures(stature_m)), report.reps)


def _number(value: float | None, digits: int = 3) -> float | None:
    return round(float(value), digits) if value is not None and math.isfinite(value) else None


def _label(label: Label) -> Json:
    scores = {name: _number(p) for name, p in label.scores.items()}
    return {"label": label.label, "score": _number(label.score), "scores": scores, "reason": label.reason}


def _repetition(rep: Rep) -> Json:
    seen = [fault for fault in rep.faults if fault.observable and fault.p is not None]
    return {
        "number": rep.index,
        "verdict": rep.verdict,
        "p_correct": _number(rep.p_correct),
        "unjudged_reason": rep.unjudged_reason,
        "concentric_s": _number(rep.concentric_s),
        "top_s": _number(rep.top_s),
        "eccentric_s": _number(rep.eccentric_s),
        "floor_s": _number(rep.floor_s),
        "faults": [{"name": f.name, "p": _number(f.p)} for f in seen if f.p is not None and f.p >= SEEN_P],
        "not_observable": sorted(fault.name for fault in rep.faults if not fault.observable),
    }


@dataclass(frozen=True, slots=True)
class Finished:
    """A whole set as it is stored. `document` and `series` as docs/pipeline.md describes them."""

    document: Json
    series: Json
    track: Track
    sha256: str
    size_bytes: int

    def save(self, folder: Path) -> list[Path]:
        """Write series.json and arrays.npz into `folder`."""
        series, arrays = folder / "series.json", folder / "arrays.npz"
        series.write_text(json.dumps(self.series, allow_nan=False, separators=(",", ":")))
        values = {f"track_{name}": getattr(self.track, name) for name in ("time_s", "image", "world", "detected")}
        size = np.array([self.track.width, self.track.height])
        np.savez_compressed(arrays, fps=np.float64(self.track.fps), size_px=size, **values)
        return [series, arrays]


def judge_to_end(
    frames: Sequence[LiveFrame], size: Size, *, name: str, lifter: Lifter, stature_m: float | None
) -> Finished:
    """The result of a set that is over: landmarks in, the same coach as for a film. Raises ModelMissing."""
    from coaching.vision.document import clip_document, labelled_series
    from coaching.vision.settings_table import DEFAULT
    from coaching.vision.types import ClipInfo
    from coaching.vision.velocity import Measures, set_speed

    track = track_of(frames, size)
    report = report_of(track, lifter)
    payload = b"".join(encode(frame) for frame in frames)
    # With the set's name in front: two sets are two, even if somebody sent the same landmarks again.
    sha256 = hashlib.sha256(name.encode() + payload).hexdigest()
    duration = float(track.time_s[-1] - track.time_s[0])
    info = ClipInfo(
        path=Path(name), sha256=sha256, container="live", codec="landmarks", fps=track.fps, width=size.width,
        height=size.height, rotation_deg=0, duration_s=duration, frame_count=len(frames),
    )  # fmt: skip
    speed = set_speed(track, report, Measures(stature_m))
    document = clip_document(name, info, track, report, model_block(), speed=speed)
    return Finished(document, labelled_series(report, DEFAULT.form), track, sha256, len(payload))
