"""A whole set, from the track to the report. The stages are called here and nowhere else."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision import geometry as g
from coaching.vision import quality
from coaching.vision.bar import path_of_hands
from coaching.vision.faults import Evidence, RepWindow, faults_of
from coaching.vision.feedback import cues_of
from coaching.vision.hands import without_empty_hands
from coaching.vision.kinematics import body_of, curves_of
from coaching.vision.phases import p_up, rep_count, set_extension
from coaching.vision.posture import posture_of
from coaching.vision.reps import find_rises, rep_times
from coaching.vision.signal import middle
from coaching.vision.stance import lean_label, stance_label, stance_measure
from coaching.vision.tempo import with_tempo
from coaching.vision.types import FormReport, Label, Rep, Series
from coaching.vision.view import UNKNOWN, view_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.vision.kinematics import Body, Curves
    from coaching.vision.posture import Posture
    from coaching.vision.reps import RepTimes, Rise
    from coaching.vision.settings_table import Settings
    from coaching.vision.stance import Measure
    from coaching.vision.types import Refusal, Track
    from coaching.vision.view import Aspect

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Measured:
    """Everything measured on one set. rises: all ways up; lifts and times: those that are repetitions."""

    body: Body
    curves: Curves
    rises: list[Rise]
    lifts: list[Rise]
    times: list[RepTimes]
    aspect: Aspect
    posture: Posture
    settings: Settings


def assess_set(track: Track, settings: Settings, notices: Sequence[Refusal] = ()) -> FormReport:
    """Judge one set, or say in one refusal why not. Never raises for what the camera saw."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # Medians over frames that a view hides are NaN by intention; each is tested before it is used.
        warnings.simplefilter("ignore", RuntimeWarning)
        if not track.time_s.size:
            return _unmeasured(track, quality.refusal("no_person"), notices)
        body = body_of(track, settings)
        if early := quality.before_counting(body, settings):
            return _unmeasured(track, early, notices)
        return _report(track, _measure(body, settings), notices)


def _measure(body: Body, settings: Settings) -> _Measured:
    curves = curves_of(body, settings)
    rises = without_empty_hands(find_rises(body, curves, settings), curves, settings)
    lifts = [rise for rise in rises if not rise.why_not]
    times = [rep_times(rise, curves, settings) for rise in lifts]
    aspect = view_of(body, _upright_frames(body, curves, settings), settings)
    posture = posture_of(body, curves, aspect, settings)
    return _Measured(body, curves, rises, lifts, times, aspect, posture, settings)


def _report(track: Track, m: _Measured, notices: Sequence[Refusal]) -> FormReport:
    refused = quality.after_counting(m.body, m.curves, m.rises, m.settings)
    if refused:
        nothing = Label(None, None, observable=False, reason=refused.advice)
        return FormReport(m.aspect.estimate, refused, nothing, nothing, (), _series(track, m, []), (), tuple(notices))
    at_top, in_rep = _masks(m.curves, m.times)
    plate = quality.plate_check(m.posture, at_top, in_rep, m.settings)
    windows = [RepWindow.of(t, m.curves) for t in m.times]
    at_setup = np.logical_or.reduce([window.setup for window in windows])
    style = stance_measure(m.posture, at_setup, at_top, m.settings)
    reps = tuple(_rep(i, m, window, plate, style) for i, window in enumerate(windows))
    reps = with_tempo(reps, path_of_hands(track, reps))
    stance = stance_label(style, m.posture, at_top, m.aspect, m.settings)
    lean = lean_label(m.posture, at_top, m.aspect, m.settings)
    hidden = (quality.PLATE_NOTICE,) if m.aspect.sagittal and plate.hidden else ()
    return FormReport(
        view=m.aspect.estimate,
        refused=None,
        stance=stance,
        lean=lean,
        reps=reps,
        series=_series(track, m, m.times),
        cues=cues_of(stance, lean, reps, m.settings),
        notices=(*notices, *hidden),
    )


def _upright_frames(body: Body, curves: Curves, settings: Settings) -> Mask:
    height = np.interp(body.time_s, curves.time_s, np.nan_to_num(curves.shoulder, nan=-1.0))
    usable = body.seen & (height > 0.0)
    if not usable.any():
        return usable
    return np.asarray(usable & (height >= np.percentile(height[usable], settings.view.upright_percentile)))


def _masks(curves: Curves, times: Sequence[RepTimes]) -> tuple[Mask, Mask]:
    """Grid points at the top of any repetition, and inside any."""
    t = curves.time_s
    top, inside = np.zeros(t.shape, dtype=bool), np.zeros(t.shape, dtype=bool)
    for rep in times:
        top |= (t >= rep.top_start_s) & (t <= rep.top_end_s)
        inside |= (t >= rep.start_s) & (t <= rep.end_s)
    return top, inside


def _rep(i: int, m: _Measured, window: RepWindow, plate: quality.PlateCheck, style: Measure) -> Rep:
    t = m.times[i]
    evidence = Evidence(
        window=window,
        posture=m.posture,
        curves=m.curves,
        aspect=m.aspect,
        plate=plate,
        settings=m.settings,
        stance=style,
        standing_trunk_deg=_standing_trunk_deg(m, m.lifts[i]),
    )
    return Rep(
        index=i + 1,
        start_s=t.start_s,
        lockout_s=t.lockout_s,
        end_s=t.end_s,
        confidence=_confidence(m.body, t),
        faults=faults_of(evidence),
        concentric_s=t.top_start_s - t.start_s,
        top_s=t.top_end_s - t.top_start_s,
        eccentric_s=None if t.open_end else t.end_s - t.top_end_s,
    )


def _standing_trunk_deg(m: _Measured, rise: Rise) -> float:
    """Trunk angle of the lifter standing before the first repetition; 0 when the clip does not show it."""
    before = np.arange(m.curves.time_s.size) < min(rise.low, m.lifts[0].low)
    standing = before & (m.curves.shoulder > m.settings.reps.standing_level)
    values = m.posture.trunk_deg[standing]
    enough = np.isfinite(values).sum() >= m.settings.reps.standing_s * m.settings.signal.rate_hz
    return middle(values) if enough else 0.0


def _confidence(body: Body, t: RepTimes) -> float:
    """Least of three: frames with a person, visibility of shoulders and wrists, agreement of their heights."""
    frames = (body.time_s >= t.start_s) & (body.time_s <= t.end_s)
    if not frames.any():
        return 0.0
    points = [g.LEFT_SHOULDER, g.RIGHT_SHOULDER, g.LEFT_WRIST, g.RIGHT_WRIST]
    better_side = np.nanmax(body.image[frames][:, points, 3].reshape(-1, 2, 2), axis=2)
    return float(np.clip(min(body.seen[frames].mean(), np.nanmean(better_side), t.agreement), 0.0, 1.0))


def _series(track: Track, m: _Measured, times: Sequence[RepTimes]) -> Series:
    t = np.asarray(track.time_s, dtype=np.float64)
    detected = np.asarray(track.detected, dtype=bool)
    extension = set_extension(m.curves, m.lifts)

    def at_frames(values: Array) -> Array:
        return np.asarray(np.where(detected, np.interp(t, m.curves.time_s, values), np.nan))

    return Series(
        time_s=t,
        extension=at_frames(extension),
        p_up=at_frames(p_up(extension, m.settings.signal.rate_hz, m.settings)),
        rep_count=rep_count(t, times),
        hip_deg=at_frames(m.posture.hip_deg),
        knee_deg=at_frames(m.posture.knee_deg),
        trunk_deg=at_frames(m.posture.trunk_deg),
        stance_ratio=at_frames(m.posture.stance_ratio),
        lean_deg=at_frames(m.posture.lean_deg),
    )


def _unmeasured(track: Track, refusal: Refusal, notices: Sequence[Refusal]) -> FormReport:
    """A report without a single curve: nobody could be measured."""
    n = track.time_s.size
    blank = np.full(n, np.nan)
    series = Series(
        time_s=np.asarray(track.time_s, dtype=np.float64),
        extension=blank,
        p_up=blank,
        rep_count=np.zeros(n, dtype=np.int64),
        hip_deg=blank,
        knee_deg=blank,
        trunk_deg=blank,
        stance_ratio=blank,
        lean_deg=blank,
    )
    nothing = Label(None, None, observable=False, reason=refusal.advice)
    return FormReport(UNKNOWN, refusal, nothing, nothing, (), series, (), tuple(notices))
