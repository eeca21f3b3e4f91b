"""The same repetition, as it might have been filmed and cut a little differently."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision.repetition_inputs import MIRRORED_VIEWS, SWAP, UnusableRepetition, repetition_inputs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.types import FloatArray, Track, View

MARGIN_S = 0.5
BOUND_SHARE = 0.05
ROLL_DEG = 3.0
STRETCH = 0.03
OFFSET_TORSO = 0.06
WANDER_TORSO = 0.03
TEMPO = (0.85, 1.2)


@dataclass(frozen=True, slots=True)
class Span:
    """Where a repetition lies in its track, s."""

    start_s: float
    lockout_s: float
    end_s: float


def skeleton_variants(
    track: Track, span: Span, view: View, *, count: int, random: np.random.Generator
) -> NDArray[np.float32]:
    """(count, 64, SKELETON_SIZE): first as measured, then with other bounds, tempo, camera roll and tracking errors.

    Frontal views are also mirrored at random: a lean to the left is as wrong as one to the right. Side views need no
    mirroring, their vector is the same either way. Raises UnusableRepetition when the measured one is.
    """
    found = [_skeleton(track, span, view)]
    near = _around(track, span)
    for _ in range(count - 1):
        try:
            found.append(_skeleton(*_altered(near, span, view, random), view))
        except UnusableRepetition:
            found.append(found[0])
    return np.stack(found)


def _skeleton(track: Track, span: Span, view: View) -> NDArray[np.float32]:
    inputs = repetition_inputs(track, None, start_s=span.start_s, lockout_s=span.lockout_s, end_s=span.end_s, view=view)
    return inputs.skeleton


def _around(track: Track, span: Span) -> Track:
    time = np.asarray(track.time_s, np.float64)
    near = (time >= span.start_s - MARGIN_S) & (time <= span.end_s + MARGIN_S)
    return track.frames(near)


def _altered(track: Track, span: Span, view: View, random: np.random.Generator) -> tuple[Track, Span]:
    image = np.asarray(track.image, np.float64).copy()
    centre = np.nanmean(image[:, :, :2], axis=(0, 1))
    torso = _torso_px(image)
    xy = (image[:, :, :2] - centre) @ _roll_and_stretch(random).T
    offset = OFFSET_TORSO * torso * random.normal(size=(1, xy.shape[1], 2))
    image[:, :, :2] = xy + centre + offset + WANDER_TORSO * torso * _wander(track.time_s, xy.shape[1], random)
    image[:, :, 3] = np.clip(image[:, :, 3] + 0.05 * random.normal(size=(1, image.shape[1])), 0.0, 1.0)
    if view not in MIRRORED_VIEWS and random.random() < 0.5:
        image = image[:, SWAP]
        image[:, :, 0] = track.width - image[:, :, 0]
    tempo = float(random.uniform(*TEMPO))
    length = span.end_s - span.start_s
    start, lockout, end = (
        tempo * (at + BOUND_SHARE * length * float(random.uniform(-1, 1)) * weight)
        for at, weight in ((span.start_s, 1.0), (span.lockout_s, 0.5), (span.end_s, 1.0))
    )
    altered = replace(track, time_s=np.asarray(track.time_s, np.float64) * tempo, image=image)
    return altered, Span(start, lockout, end)


def _torso_px(image: NDArray[np.float64]) -> float:
    shoulders, hips = image[:, 11:13, :2].mean(axis=1), image[:, 23:25, :2].mean(axis=1)
    return float(np.nanmedian(np.linalg.norm(shoulders - hips, axis=1)))


def _roll_and_stretch(random: np.random.Generator) -> NDArray[np.float64]:
    roll = np.radians(ROLL_DEG) * random.normal()
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    return np.asarray(turn @ np.diag(1.0 + STRETCH * random.normal(size=2)))


def _wander(time_s: FloatArray, points: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Slow errors (n, points, 2) of unit size: straight lines between random values every half second."""
    time = np.asarray(time_s, np.float64)
    knots = np.arange(time[0], time[-1] + 1.0, 0.5)
    values = random.normal(size=(len(knots), points * 2))
    place = np.clip((time - knots[0]) / 0.5, 0, len(knots) - 1.001)
    low = place.astype(int)
    share = (place - low)[:, None]
    return np.asarray(values[low] * (1 - share) + values[low + 1] * share).reshape(len(time), points, 2)
