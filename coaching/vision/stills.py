"""Single pictures of a film: the poster, and what a cue speaks of, with the drawing that shows it.

All that one result needs are taken in one pass, and each file appears whole or not at all.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from coaching.vision.overlay import Painter, pictures_of
from coaching.vision.reference import best_moments
from coaching.vision.settings_table import DEFAULT
from coaching.vision.skeleton_drawing import MIDDLE, ROUNDED
from coaching.vision.types import Moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.vision.pipeline import ClipAssessment
    from coaching.vision.types import Image

    Points = NDArray[np.float64]

_JPEG_QUALITY = 85
# Portrait, as a lifter is: two fit beside each other on a phone.
_WIDTH, _HEIGHT = 480, 640
_ROOM = 0.14
"""Of the lifter's height, on every side."""

EAR, SHOULDER, ELBOW, WRIST = (7, 8), (11, 12), (13, 14), (15, 16)
HIP, KNEE, ANKLE = (23, 24), (25, 26), (27, 28)
# The line that shows each fault: through these joints, of the near side, or their middle when the lifter is square on.
MARKS: dict[str, tuple[tuple[int, int], ...]] = {
    "lean_left": (HIP, SHOULDER),
    "lean_right": (HIP, SHOULDER),
    "hips_first": (HIP, SHOULDER),
    "rounded_upper_back": (HIP, SHOULDER, EAR),
    "bar_drift": (ANKLE, WRIST),
    "no_lockout": (ANKLE, KNEE, HIP, SHOULDER),
    "hyperextension": (KNEE, HIP, SHOULDER),
}
# Of both sides: from left to right, or each by itself.
ACROSS = {
    "narrow_stance": ANKLE,
    "wide_stance": ANKLE,
    "asymmetry": WRIST,
    "narrow_grip": WRIST,
    "wide_grip": WRIST,
}
EACH_SIDE = {"knees_in": (HIP, KNEE, ANKLE), "bent_arms": (SHOULDER, ELBOW, WRIST)}
UPRIGHT = frozenset({"lean_left", "lean_right", "hips_first", "hyperextension", "bar_drift"})
"""Measured against the vertical, which is drawn too."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture to take. `fault`: what its drawing shows; empty for the poster, which is not cropped either."""

    name: str
    at_s: float
    rep: int = 0
    fault: str = ""


def still_name(purpose: str, fault: str) -> str:
    """The file's stem: `still-cue-hips_first`."""
    return f"still-{purpose}-{fault}"


def stills_wanted(cues: Iterable[Mapping[str, Any]], reps: Sequence[Any]) -> list[tuple[str, Wanted]]:
    """(purpose, picture) of each still of a result: its cues, their better moments in this film, the best repetitions.

    cues: of the document. reps: `types.Rep`.
    """
    found: list[tuple[str, str, Moment]] = []
    for cue in cues:
        if cue["rep"] is None or cue["at_s"] is None:
            continue
        found.append(("cue", cue["code"], Moment(cue["rep"], cue["at_s"])))
        better = cue["better_at"]
        if better is not None and better["session"] is None:
            found.append(("better", cue["code"], Moment(better["rep"], better["at_s"])))
    found += [("best", fault, moment) for fault, moment in best_moments(reps, DEFAULT.personal).items()]
    return [
        (purpose, Wanted(still_name(purpose, fault), moment.at_s, moment.rep, fault))
        for purpose, fault, moment in found
    ]


def poster_wanted(assessment: ClipAssessment) -> Wanted:
    """The first lockout; the middle of the clip when there is none."""
    reps = assessment.report.reps
    return Wanted("poster", reps[0].lockout_s if reps else assessment.info.duration_s / 2)


def save_poster(video: Path, assessment: ClipAssessment, out: Path) -> None:
    """Write a JPEG of the first lockout, skeleton included; of the middle of the clip when there is none."""
    save_stills(video, assessment, [replace(poster_wanted(assessment), name=out.stem)], out.parent)


def save_stills(video: Path, assessment: ClipAssessment, wanted: Sequence[Wanted], folder: Path) -> list[Path]:
    """Write `<name>.jpg` of each into the folder, in one pass through the film; none of a moment beyond its end."""
    times = np.asarray(assessment.track.time_s, np.float64)
    by_index: dict[int, list[Wanted]] = {}
    for one in wanted:
        by_index.setdefault(int(np.abs(times - one.at_s).argmin()), []).append(one)
    made: list[Path] = []
    painter: Painter | None = None
    with closing(pictures_of(video, assessment)) as pictures:
        for frame in pictures:
            if frame.index > max(by_index, default=-1):
                break
            if painter is None:
                painter = Painter(assessment, frame.bgr.shape[1], frame.bgr.shape[0])
            for one in by_index.get(frame.index, ()):
                picture = _drawn(painter, assessment, frame.bgr.copy(), frame.index, one)
                made.append(_write(picture, folder / f"{one.name}.jpg"))
    return made


def _drawn(painter: Painter, assessment: ClipAssessment, picture: Image, index: int, wanted: Wanted) -> Image:
    if assessment.report.refused is None:
        painter.skeleton(picture, index, angles_too=not wanted.fault)
    if not wanted.fault or not assessment.track.detected[index]:
        return picture
    points = np.asarray(assessment.track.image[index, :, :2], np.float64) * painter.scale
    near = _near_side(assessment, index)
    _mark(picture, points, wanted.fault, near)
    return _cropped(picture, points, painter.scale * _tallest(assessment))


def _tallest(assessment: ClipAssessment) -> float:
    """Height of the standing lifter in px of the analysed picture: one scale for all stills of a film."""
    heights = np.ptp(np.asarray(assessment.track.image[assessment.track.detected][:, :, 1], np.float64), axis=1)
    return float(np.percentile(heights[np.isfinite(heights)], 95)) if np.isfinite(heights).any() else 0.0


def _near_side(assessment: ClipAssessment, index: int) -> int | None:
    """0 left, 1 right; None when the lifter is square on."""
    if assessment.report.view.label not in {"side", "oblique"}:
        return None
    world = assessment.track.world[index]
    return 0 if world[11, 2] + world[23, 2] < world[12, 2] + world[24, 2] else 1


def _mark(picture: Image, points: Points, fault: str, near: int | None) -> None:
    def at(pair: tuple[int, int]) -> Points:
        return np.asarray(points[list(pair)].mean(axis=0) if near is None else points[pair[near]])

    lines: list[list[Points]] = []
    if fault in MARKS:
        lines.append([at(pair) for pair in MARKS[fault]])
    if fault in ACROSS:
        lines.append([points[joint] for joint in ACROSS[fault]])
    if fault in EACH_SIDE:
        lines += [[points[pair[side]] for pair in EACH_SIDE[fault]] for side in (0, 1)]
    if fault in UPRIGHT and lines:
        foot, top = lines[0][0], lines[0][-1]
        _line(picture, [foot, foot - [0.0, np.linalg.norm(top - foot)]], MIDDLE, 2)
    for line in lines:
        _line(picture, line, ROUNDED, 6)


def _line(picture: Image, line: Sequence[Points], colour: tuple[int, int, int], width: int) -> None:
    if not np.isfinite(line).all():
        return
    corners = np.round(np.asarray(line)).astype(np.int32)[:, None]
    for extra, ink in ((4, (24, 18, 14)), (0, colour)):
        cv2.polylines(picture, [corners], isClosed=False, color=ink, thickness=width + extra, lineType=cv2.LINE_AA)


def _cropped(picture: Image, points: Points, tallest: float) -> Image:
    """The lifter with some room, in portrait; as much of it as the picture has, then black."""
    seen = points[np.isfinite(points).all(axis=1)]
    (x0, y0), (x1, y1) = seen.min(axis=0), seen.max(axis=0)
    tall = (y1 - y0) * (1 + 2 * _ROOM)
    wide = (x1 - x0) + 2 * _ROOM * (y1 - y0)
    height = max(tall, wide * _HEIGHT / _WIDTH, tallest, 32.0)
    left, top = (x0 + x1) / 2 - height * _WIDTH / _HEIGHT / 2, (y0 + y1) / 2 - height / 2
    scale = _HEIGHT / height
    shift = np.array([[scale, 0.0, -left * scale], [0.0, scale, -top * scale]])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    out: Image = np.asarray(cv2.warpAffine(picture, shift, (_WIDTH, _HEIGHT), flags=method), np.uint8)
    return out


def _write(picture: Image, out: Path) -> Path:
    ok, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not ok:
        raise OSError(f"{out.name} could not be encoded")
    temporary = out.with_name(f".{out.stem}.{os.getpid()}.jpg")
    try:
        temporary.write_bytes(jpeg.tobytes())
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)
    return out
