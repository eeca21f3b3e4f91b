"""The annotated video.

Pictures keep the times they were filmed at. Files appear whole or not at all.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from coaching.vision.back import bow, curve
from coaching.vision.clip import frames
from coaching.vision.feedback import advice_of
from coaching.vision.panel import Panel, PanelState, Row
from coaching.vision.settings_table import DEFAULT
from coaching.vision.signal import middle
from coaching.vision.skeleton_drawing import Angles, SkeletonDrawing
from coaching.vision.stance import LEAN_CLASSES, STANCE_CLASSES, steady_labels
from coaching.vision.view import facing
from coaching.vision.webm import MAX_SIDE, write_webm

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.vision.pipeline import ClipAssessment
    from coaching.vision.types import Cue, FloatArray, Frame, Image, Label, Rep, Stage

    Progress = Callable[[Stage, float], None]

# Smaller films are enlarged, or the words beside them would be drawn with too few pixels to read.
_MIN_SIDE = 800
# Numbers that change at every picture can't be read: the strip is renewed five times a second.
_HOLD_S = 0.2
_SETUP_S = 0.5
_TIMELINE_PX = 10
_N_ROWS = 3
_FAULT_FROM = 0.5
_HIDDEN = "Not observable from this view."
_VERDICT_BGR = {"correct": (120, 190, 70), "incorrect": (96, 96, 235), None: (150, 140, 130)}


def render_overlay(video: Path, assessment: ClipAssessment, out: Path, on_progress: Progress | None = None) -> None:
    """Write the annotated video (.webm) of `video`, the clip that `assessment` is about.

    Raises like `assess`; what `on_progress("overlay", fraction)` raises passes through, and leaves no file.
    """
    duration_s = assessment.info.duration_s
    with closing(_drawn(video, assessment)) as pictures:
        write_webm(pictures, out, lambda time_s: on_progress and on_progress("overlay", min(time_s / duration_s, 1.0)))
    if on_progress:
        on_progress("overlay", 1.0)


def pictures_of(video: Path, assessment: ClipAssessment) -> Generator[Frame]:
    """The analysed frames again, large enough for drawings."""
    info = replace(assessment.info, path=video)
    with closing(frames(info, max_side=MAX_SIDE, target_fps=assessment.limits.analysis_fps)) as pictures:
        for frame in pictures:
            yield replace(frame, bgr=_enlarged(frame.bgr))


def _enlarged(picture: Image) -> Image:
    height, width = picture.shape[:2]
    factor = _MIN_SIDE / max(height, width)
    if factor <= 1:
        return picture
    size = (round(width * factor / 2) * 2, round(height * factor / 2) * 2)
    larger: Image = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    return larger


def _drawn(video: Path, assessment: ClipAssessment) -> Generator[tuple[float, Image]]:
    painter: Painter | None = None
    with closing(pictures_of(video, assessment)) as pictures:
        for frame in pictures:
            if frame.index >= assessment.track.time_s.size:
                return
            if painter is None:
                height, width = frame.bgr.shape[:2]
                painter = Painter(assessment, width, height)
            yield frame.time_s, painter.compose(frame)


class _Back:
    """The outline of the back from set-up to lockout of each repetition, where the view shows it."""

    def __init__(self, assessment: ClipAssessment, outline: FloatArray) -> None:
        self._track, self._outline = assessment.track, outline
        self._row = 0 if facing(np.asarray(self._track.image, np.float64)) > 0 else 1
        self._bow = bow(outline[:, self._row])
        time_s = np.asarray(self._track.time_s, np.float64)
        self._shown = np.zeros(time_s.shape, np.bool_)
        for rep in assessment.report.reps:
            self._shown |= (time_s >= rep.start_s - _SETUP_S) & (time_s <= rep.lockout_s)

    @classmethod
    def of(cls, assessment: ClipAssessment) -> _Back | None:
        outline, view = assessment.track.outline, assessment.report.view.label
        return cls(assessment, outline) if outline is not None and view in {"side", "oblique"} else None

    def points(self, index: int) -> NDArray[np.float64]:
        """(13, 2) px of the analysed picture, (0, 2) where nothing is to be shown."""
        if not self._shown[index]:
            return np.zeros((0, 2))
        return curve(self._outline[index], self._track.image[index], self._row)

    def rounded(self, index: int) -> bool:
        """By the middle of a fifth of a second, so that the colour does not flicker."""
        near = self._bow[max(0, index - 3) : index + 4]
        return middle(near) > DEFAULT.form.back_bow.limit


class Painter:
    """Everything that one clip's pictures need."""

    def __init__(self, assessment: ClipAssessment, width: int, height: int) -> None:
        self._a = assessment
        self._width, self._height = width - width % 2, height - height % 2
        self.scale = width / assessment.track.width
        self._skeleton = SkeletonDrawing(width, height)
        self._panel = Panel(self._width, self._height, _N_ROWS)
        series = assessment.report.series
        self._stance = steady_labels(np.asarray(series.stance_ratio), DEFAULT.form.stance, STANCE_CLASSES)
        self._lean = steady_labels(np.asarray(series.lean_deg), DEFAULT.form.lean_deg, LEAN_CLASSES)
        self._back = _Back.of(assessment)
        self._held: tuple[int, PanelState] | None = None
        self._canvas: Image = np.empty((self._height + _TIMELINE_PX + self._panel.height, self._width, 3), np.uint8)

    def compose(self, frame: Frame) -> Image:
        """The picture with its drawings, the timeline and the strip; even sides, as the codec wants.

        Valid until the next call: every picture is drawn in the same place.
        """
        picture = self._canvas[: self._height]
        np.copyto(picture, frame.bgr[: self._height, : self._width])
        box = self._a.pixels.region[frame.index]
        if np.isfinite(box).all():
            self._skeleton.region(picture, box * self.scale)
        self.skeleton(picture, frame.index)
        self._canvas[self._height : self._height + _TIMELINE_PX] = self._timeline(frame.time_s)
        self._canvas[self._height + _TIMELINE_PX :] = self._panel.draw(self._state(frame))
        return self._canvas

    def skeleton(self, picture: Image, index: int, *, angles_too: bool = True) -> None:
        track, series = self._a.track, self._a.report.series
        if not track.detected[index]:
            return
        landmarks = np.array(track.image[index])
        landmarks[:, :3] *= self.scale
        angles = Angles(float("nan"), float("nan"))
        if angles_too and index < len(series.hip_deg):
            angles = Angles(float(series.hip_deg[index]), float(series.knee_deg[index]))
        self._skeleton.draw(picture, landmarks, track.world[index], angles)
        if self._back and len(points := self._back.points(index)):
            self._skeleton.back(picture, points * self.scale, rounded=self._back.rounded(index))

    def _state(self, frame: Frame) -> PanelState:
        """What the strip says, renewed every `_HOLD_S`, at once when a repetition is counted."""
        slot = int(frame.time_s / _HOLD_S)
        reps = self._reps(frame.index)
        if self._held is None or self._held[0] != slot or self._held[1].reps != reps:
            self._held = (slot, self._fresh_state(frame, reps))
        return self._held[1]

    def _reps(self, index: int) -> int:
        counts = self._a.report.series.rep_count
        return int(counts[index]) if index < len(counts) else 0

    def _fresh_state(self, frame: Frame, reps: int) -> PanelState:
        series = self._a.report.series
        p_up = float(series.p_up[frame.index]) if frame.index < len(series.p_up) else float("nan")
        seen = bool(np.isfinite(p_up))
        phase: Any = ("up" if p_up >= 0.5 else "down") if seen else None
        prob = round(max(p_up, 1 - p_up), 2) if seen else None
        return PanelState(phase, prob, reps, tuple(self._rows(frame)))

    def _rows(self, frame: Frame) -> list[Row]:
        report = self._a.report
        if report.refused:
            return [Row("Not judged", "", None, report.refused.advice, "warn")]
        rep = self._rep_at(frame)
        if not report.stance.observable and not report.lean.observable:
            hidden = Row("Stance, lean", "", None, report.stance.reason or _HIDDEN, "quiet")
            return [hidden, _rep_row(rep), _fault_row(rep, report.cues)]
        measures = (("Stance", report.stance, self._stance), ("Lean", report.lean, self._lean))
        rows = [_measure_row(title, label, _at(steady, frame.index)) for title, label, steady in measures]
        return [*rows, _rep_row(rep)]

    def _rep_at(self, frame: Frame) -> Rep | None:
        """The last repetition that was counted."""
        reps = self._a.report.reps
        return reps[min(self._reps(frame.index), len(reps)) - 1] if reps and self._reps(frame.index) else None

    def _timeline(self, time_s: float) -> Image:
        """A bar with one block for each repetition, coloured by verdict, and where we are."""
        bar: Image = np.full((_TIMELINE_PX, self._width, 3), (45, 36, 29), np.uint8)
        per_s = self._width / self._a.info.duration_s
        for rep in self._a.report.reps:
            x0, x1 = round(rep.start_s * per_s), round(rep.end_s * per_s)
            bar[2:-2, x0 + 1 : max(x1 - 1, x0 + 2)] = _VERDICT_BGR[rep.verdict]
        x = min(round(time_s * per_s), self._width - 2)
        bar[:, max(0, x - 1) : x + 2] = (255, 255, 255)
        return bar


def _at(steady: list[tuple[str, float] | None], index: int) -> tuple[str, float] | None:
    return steady[index] if index < len(steady) else None


def _measure_row(title: str, overall: Label, now: tuple[str, float] | None) -> Row:
    if not overall.observable or overall.label is None:
        return Row(title, "", None, overall.reason or _HIDDEN, "quiet")
    name, score = now or (overall.label, overall.score)
    shown = None if score is None else round(score, 2)
    return Row(
        title, name, shown, overall.advice if name == overall.label else "", "ok" if name == "neutral" else "warn"
    )


def _rep_row(rep: Rep | None) -> Row:
    if rep is None:
        return Row("Repetition", "", None, "Judged at lockout.", "quiet")
    title, tempo = f"Rep {rep.index}", _tempo(rep)
    if rep.verdict is None or rep.p_correct is None:
        return Row(title, "not judged", None, tempo, "quiet")
    score = rep.p_correct if rep.verdict == "correct" else 1 - rep.p_correct
    return Row(title, rep.verdict, round(score, 2), tempo, "ok" if rep.verdict == "correct" else "bad")


def _tempo(rep: Rep) -> str:
    parts = (("Up", rep.concentric_s), ("top", rep.top_s), ("down", rep.eccentric_s))
    return ", ".join(f"{name} {seconds:.1f} s" for name, seconds in parts if seconds is not None)


def _fault_row(rep: Rep | None, cues: Sequence[Cue]) -> Row:
    """The likeliest fault of the repetition, with what to do about it."""
    likeliest = (
        max(((fault.p, fault.name) for fault in rep.faults if fault.p is not None), default=None) if rep else None
    )
    if likeliest is None:
        return Row("Fault", "", None, "", "quiet")
    p, name = likeliest
    if p < _FAULT_FROM:
        return Row("Fault", "none seen", None, "", "ok")
    advice = next((advice_of(cue) for cue in cues if cue.code == name), "")
    return Row("Fault", name.replace("_", " "), round(p, 2), advice, "warn")
