"""A whole set, from the track to the report. The stages are called here and nowhere else."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision import geometry as g
from coaching.vision import quality
from coaching.vision.faults import Evidence, RepWindow, faults_of
from coaching.vision.feedback import cues_of
from coaching.vision.hands import without_empty_hands
from coaching.vision.kinematics import body_of, curves_of
from coaching.vision.phases import p_up, rep_count, set_extension
from coaching.vision.posture import posture_of
from coaching.vision.reps import find_rises, rep_times
from coaching.vision.stance import NO_UPRIGHT, lean_label, stance_label
from coaching.vision.types import FormReport, Label, Rep, Series
from coaching.vision.view import UNKNOWN, view_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.vision.kinematics import Body, Curves
    from coaching.vision.posture import Posture
    from coaching.vision.quality import PlateCheck
    from coaching.vision.reps import RepTimes, Rise
    from coaching.vision.settings_table import Settings
    from coaching.vision.types import Refusal, Track
    from coaching.vision.view import Aspect

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]


def assess_set(track: Track, settings: Settings, notices: Sequence[Refusal] = ()) -> FormReport:
    """Judge one set, or say in one refusal why not. Never raises for what the camera saw."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # Medians over frames that a view hides are NaN by intention; each is tested before it is used.
        warnings.simplefilter("ignore", RuntimeWarning)
        body = body_of(track, settings) if track.time_s.size else None
        if body is None:
            return _refused(track, quality.refusal("no_person"), notices)
        if early := quality.before_counting(body, settings):
            return _refused(track, early, notices)
        return _judge(track, body, settings, notices)


def _judge(track: Track, body: Body, settings: Settings, notices: Sequence[Refusal]) -> FormReport:
    curves = curves_of(body, settings)
    rises = without_empty_hands(find_rises(body, curves, settings), curves, settings)
    good = [rise for rise in rises if not rise.why_not]
    times = [rep_times(rise, curves, settings) for rise in good]
    aspect = view_of(body, _upright_frames(body, curves, settings), settings)
    posture = posture_of(body, curves, aspect, settings)
    extension = set_extension(curves, good)
    series = _series(track, curves, posture, extension, times, settings)
    refused = quality.after_counting(body, curves, rises, settings)
    if refused:
        nothing = Label(None, None, observable=False, reason=refused.advice)
        return FormReport(aspect.estimate, refused, nothing, nothing, (), series, (), tuple(notices))
    at_top, in_rep = _masks(curves, times)
    plate = quality.plate_check(posture, at_top, in_rep, settings)
    reps = tuple(
        _rep(i, rise, t, (body, curves, posture), aspect, plate, settings)
        for i, (rise, t) in enumerate(zip(good, times, strict=True), start=1)
    )
    stance = stance_label(posture, at_top, aspect, settings)
    lean = lean_label(posture, at_top, aspect, settings)
    told = tuple(notices) + ((quality.PLATE_NOTICE,) if aspect.sagittal and plate.hidden else ())
    return FormReport(aspect.estimate, None, stance, lean, reps, series, cues_of(stance, lean, reps, settings), told)


def _upright_frames(body: Body, curves: Curves, settings: Settings) -> Mask:
    height = np.interp(body.time_s, curves.time_s, np.nan_to_num(curves.shoulder, nan=-1.0))
    usable = body.seen & (height > 0.0)
    if not usable.any():
        return usable
    return usable & (height >= np.percentile(height[usable], settings.view.upright_percentile))


def _masks(curves: Curves, times: Sequence[RepTimes]) -> tuple[Mask, Mask]:
    """Grid points at the top of any repetition, and inside any."""
    t = curves.time_s
    top, inside = np.zeros(t.shape, dtype=bool), np.zeros(t.shape, dtype=bool)
    for rep in times:
        top |= (t >= rep.top_start_s) & (t <= rep.top_end_s)
        inside |= (t >= rep.start_s) & (t <= rep.end_s)
    return top, inside


def _rep(
    index: int,
    rise: Rise,
    t: RepTimes,
    measured: tuple[Body, Curves, Posture],
    aspect: Aspect,
    plate: PlateCheck,
    settings: Settings,
) -> Rep:
    body, curves, posture = measured
    window = RepWindow.of(t, curves)
    baseline = _standing_trunk_deg(curves, posture, rise)
    evidence = Evidence(window, posture, curves, aspect, plate, settings, baseline)
    return Rep(
        index=index,
        start_s=t.start_s,
        lockout_s=t.lockout_s,
        end_s=t.end_s,
        confidence=_confidence(body, t),
        faults=faults_of(evidence),
        concentric_s=t.top_start_s - t.start_s,
        top_s=t.top_end_s - t.top_start_s,
        eccentric_s=None if t.open_end else t.end_s - t.top_end_s,
    )


def _standing_trunk_deg(curves: Curves, posture: Posture, rise: Rise) -> float:
    """Trunk angle of the lifter standing before the repetition went down; 0 when the clip does not show it."""
    before = np.arange(curves.time_s.size) < rise.low
    standing = before & (curves.shoulder > 0.96)
    values = posture.trunk_deg[standing]
    return float(np.nanmedian(values)) if np.isfinite(values).sum() > 15 else 0.0


def _confidence(body: Body, t: RepTimes) -> float:
    """min of: share of frames with a person, visibility of shoulders and wrists, agreement of shoulder and hand heights."""
    frames = (body.time_s >= t.start_s) & (body.time_s <= t.end_s)
    if not frames.any():
        return 0.0
    points = [g.LEFT_SHOULDER, g.RIGHT_SHOULDER, g.LEFT_WRIST, g.RIGHT_WRIST]
    visible = np.nanmean(np.nanmax(body.image[frames][:, points, 3].reshape(-1, 2, 2), axis=2))
    return float(np.clip(min(float(body.seen[frames].mean()), float(visible), t.agreement), 0.0, 1.0))


def _series(
    track: Track, curves: Curves, posture: Posture, extension: Array, times: Sequence[RepTimes], settings: Settings
) -> Series:
    t = np.asarray(track.time_s, dtype=np.float64)
    up = p_up(extension, settings.signal.rate_hz, settings)

    def at_frames(values: Array) -> Array:
        out = np.interp(t, curves.time_s, values)
        return np.asarray(np.where(np.asarray(track.detected, dtype=bool), out, np.nan))

    return Series(
        time_s=t,
        extension=at_frames(extension),
        p_up=at_frames(up),
        rep_count=rep_count(t, times),
        hip_deg=at_frames(posture.hip_deg),
        knee_deg=at_frames(posture.knee_deg),
        trunk_deg=at_frames(posture.trunk_deg),
        stance_ratio=at_frames(posture.stance_ratio),
        lean_deg=at_frames(posture.lean_deg),
    )


def _refused(track: Track, refusal: Refusal, notices: Sequence[Refusal]) -> FormReport:
    n = track.time_s.size
    blank = np.full(n, np.nan)
    series = Series(
        np.asarray(track.time_s, dtype=np.float64), blank, blank, np.zeros(n, dtype=np.int64), *(blank,) * 5
    )
    nothing = Label(None, None, observable=False, reason=NO_UPRIGHT)
    return FormReport(UNKNOWN, refusal, nothing, nothing, (), series, (), tuple(notices))
