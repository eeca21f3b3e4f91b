"""The faults of one repetition, each with the probability that it is present, or the reason why it can't be seen.

Every measure compares the lifter with their own set-up or their own standing posture: a change, not a norm. There
is no landmark between shoulder and hip, so nothing here speaks of the lower back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision.bands import band_probabilities, combined_sigma, exceeds, falls_below
from coaching.vision.signal import middle
from coaching.vision.stance import AT_AN_ANGLE, FROM_THE_SIDE, LEAN, NO_UPRIGHT, measured
from coaching.vision.types import Fault
from coaching.vision.vocabulary import FAULT_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from coaching.vision.kinematics import Curves
    from coaching.vision.posture import Posture
    from coaching.vision.quality import PlateCheck
    from coaching.vision.reps import RepTimes
    from coaching.vision.settings_table import Limit, Settings
    from coaching.vision.stance import Measure
    from coaching.vision.view import Aspect

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

FROM_THE_FRONT = "Not observable from the front: film from the side, or at an angle of about 45 degrees."
BY_THE_PLATE = "Not observable: the plate hides the hip or knee. Film at an angle of about 45 degrees."
TOO_NOISY = (
    "Not observable: hip and knee are not tracked steadily. Film closer, in better light, with the whole body in view."
)
# Below this share of a part's grid points, its outline was not really seen.
MIN_OUTLINE_SHARE = 0.5
# The arms' bend in the pull is a low percentile of the elbow's angle: the least alone may be one bad frame.
LOWEST_PERCENT = 10.0
MIDDLE = (0.2, 0.85)
LEAST_POINTS = 5
ONE_HANDLE = "Not judged: both hands seem to hold one handle, not a bar."
NOT_SEEN = "Not observable: that part of the repetition was not seen."
FROM_THE_FRONT_ONLY = frozenset(
    {"narrow_stance", "wide_stance", "lean_left", "lean_right", "knees_in", "asymmetry"}
    | {"narrow_grip", "wide_grip", "bent_arms"}
)


@dataclass(frozen=True, slots=True)
class RepWindow:
    """The grid of the curves, cut into the parts of one repetition. Masks (m,)."""

    time_s: Array
    setup: Mask
    early: Mask  # lift-off until the hands have risen a third
    first_half: Mask  # lift-off until half the time to the top
    pull: Mask  # lift-off to the top
    top: Mask
    at_third_s: float
    times: RepTimes

    @classmethod
    def of(cls, times: RepTimes, curves: Curves) -> RepWindow:
        t = curves.time_s
        pull = (t >= times.start_s) & (t <= times.top_start_s)
        setup = (t >= max(times.start_s - 0.4, times.low_s - 0.4)) & (t <= times.start_s + 0.02)
        third_s = _third_s(t, curves.wrist, pull)
        return cls(
            time_s=t,
            setup=setup,
            early=pull & (t <= third_s),
            first_half=pull & (t <= (times.start_s + times.top_start_s) / 2.0),
            pull=pull,
            top=(t >= times.top_start_s) & (t <= times.top_end_s),
            at_third_s=third_s,
            times=times,
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one fault is judged on: shared by all measures of a repetition."""

    window: RepWindow
    posture: Posture
    curves: Curves
    aspect: Aspect
    plate: PlateCheck
    settings: Settings
    stance: Measure
    standing_trunk_deg: float

    @property
    def widen(self) -> float:
        """Factor on every sigma: an oblique view shows each measure only partly."""
        return self.settings.form.oblique_sigma if self.aspect.estimate.label == "oblique" else 1.0

    def median(self, values: Array, part: Mask) -> float:
        chosen = values[part]
        return middle(chosen)


def _third_s(time_s: Array, wrist: Array, pull: Mask) -> float:
    values = wrist[pull]
    if not np.isfinite(values).any():
        return float(time_s[pull][-1]) if pull.any() else 0.0
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    above = np.flatnonzero(values >= low + (high - low) / 3.0)
    return float(time_s[pull][above[0]])


def faults_of(evidence: Evidence) -> tuple[Fault, ...]:
    """All faults of the vocabulary, in its order."""
    return tuple(_by_view(_MEASURES[name](name, evidence), evidence.aspect) for name in FAULT_NAMES)


def _by_view(fault: Fault, aspect: Aspect) -> Fault:
    """What only a camera in front shows is as sure as that the camera is there: at an angle a trunk that tips forward
    looks like one that leans, and feet and hands look too close.
    """
    if fault.p is None or not aspect.frontal or fault.name not in FROM_THE_FRONT_ONLY:
        return fault
    return replace(fault, p=fault.p * aspect.estimate.p)


def _unseen(name: str, reason: str, unit: str = "") -> Fault:
    return Fault(name, None, observable=False, unit=unit, reason=reason)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A measured value with its SD and unit, and when it was seen."""

    value: float
    sigma: float
    unit: str
    at_s: float | None

    def fault(self, name: str, p: float) -> Fault:
        if not np.isfinite(self.value):
            return _unseen(name, NOT_SEEN, self.unit)
        return Fault(name, p, observable=True, value=self.value, sigma=self.sigma, unit=self.unit, at_s=self.at_s)


def _frontal_hidden(e: Evidence) -> str:
    """Why a measure that needs the lifter square on can't be judged."""
    if e.aspect.frontal:
        return ""
    return {"side": FROM_THE_SIDE, "oblique": AT_AN_ANGLE}.get(e.aspect.estimate.label, NO_UPRIGHT)


def _sagittal_hidden(e: Evidence, *, legs: bool) -> str:
    """Why a sagittal measure can't be judged. `legs`: it needs hip or knee, which a plate hides."""
    if not e.aspect.sagittal:
        return FROM_THE_FRONT
    if legs and e.plate.hidden:
        return BY_THE_PLATE
    if legs and not e.posture.hip_jitter_deg <= e.settings.quality.max_hip_jitter_deg:
        return TOO_NOISY
    return ""


def _side_of_band(name: str, e: Evidence, measure: Measure, curve: Array, *, above: bool) -> Fault:
    """P(below) or P(above) of a two-sided measure at the top of the repetition."""
    found = measured(measure, curve[e.window.top], e.aspect, e.settings)
    if isinstance(found, str):
        return _unseen(name, found, measure.unit)
    value, sigma = found
    below, _, over = band_probabilities(value, sigma, measure.band(e.settings))
    reading = _Reading(value, sigma, measure.unit, e.window.times.lockout_s)
    return reading.fault(name, over if above else below)


def _stance(name: str, e: Evidence) -> Fault:
    return _side_of_band(name, e, e.stance, e.posture.stance_ratio, above=name == "wide_stance")


def _lean(name: str, e: Evidence) -> Fault:
    return _side_of_band(name, e, LEAN, e.posture.lean_deg, above=name == "lean_left")


def _grip(name: str, e: Evidence) -> Fault:
    """Distance of the hands in shoulder widths, from lift-off to the top."""
    if reason := _frontal_hidden(e):
        return _unseen(name, reason, "shoulder widths")
    values = e.posture.grip_ratio[e.window.pull | e.window.top]
    if middle(values) < e.settings.form.one_handle:
        return _unseen(name, ONE_HANDLE, "shoulder widths")
    band = e.settings.form.grip
    sigma = combined_sigma(values, band.sigma)
    below, _, over = band_probabilities(middle(values), sigma, band)
    reading = _Reading(middle(values), sigma, "shoulder widths", e.window.times.lockout_s)
    return reading.fault(name, over if name == "wide_grip" else below)


def _bent_arms(name: str, e: Evidence) -> Fault:
    """How bent the more bent arm is in the pull or at the top: arms are ropes, they don't lift.

    From the front, where elbows that leave the line from shoulder to hand leave it across the picture.
    """
    if reason := _frontal_hidden(e):
        return _unseen(name, reason, "deg")
    elbow = e.posture.elbow_deg
    pull = np.where(e.window.pull, elbow, np.nan)
    if not np.isfinite(pull).any():
        return _unseen(name, NOT_SEEN, "deg")
    lowest = float(np.nanpercentile(pull, LOWEST_PERCENT))
    at_s = float(e.window.time_s[int(np.nanargmin(np.abs(pull - lowest)))])
    if (at_top := e.median(elbow, e.window.top)) < lowest:
        lowest, at_s = at_top, e.window.times.lockout_s
    limit = e.settings.form.elbow_deg
    reading = _Reading(lowest, limit.sigma, "deg", at_s)
    return reading.fault(name, falls_below(lowest, limit))


def _extreme(e: Evidence, curve: Array, part: Mask, *, largest: bool) -> tuple[float, float | None]:
    """The curve's largest or smallest value in a part, and when; NaN and None where it was not seen."""
    values = np.where(part, curve, np.nan)
    if not np.isfinite(values).any():
        return float("nan"), None
    at = int(np.nanargmax(values) if largest else np.nanargmin(values))
    return float(values[at]), float(e.window.time_s[at])


def _above(name: str, reading: _Reading, limit: Limit) -> Fault:
    return reading.fault(name, exceeds(reading.value, limit, reading.sigma))


def _hips_first(name: str, e: Evidence) -> Fault:
    """How much the trunk tips toward horizontal between lift-off and a third of the bar's way."""
    if reason := _sagittal_hidden(e, legs=False):
        return _unseen(name, reason, "deg")
    trunk = e.posture.trunk_deg
    worst, at_s = _extreme(e, trunk, e.window.early, largest=True)
    value = worst - e.median(trunk, e.window.setup)
    limit = e.settings.form.hips_first_deg
    return _above(name, _Reading(value, limit.sigma * e.widen, "deg", at_s), limit)


def _rounding(name: str, e: Evidence) -> Fault:
    """How far the outline of the back bulges in the first half of the pull; without an outline, a proxy.

    The outline is the body's edge in the picture, so a plate in front of the hip does not matter.
    """
    if reason := _sagittal_hidden(e, legs=False):
        return _unseen(name, reason, "trunk lengths")
    bows = e.posture.back_bow[e.window.first_half]
    if np.count_nonzero(np.isfinite(bows)) < MIN_OUTLINE_SHARE * bows.size:
        return _bowed_head(name, e)
    limit = e.settings.form.back_bow
    sigma = combined_sigma(bows, limit.sigma * e.widen)
    reading = _Reading(middle(bows), sigma, "trunk lengths", e.window.at_third_s)
    return _above(name, reading, limit)


def _bowed_head(name: str, e: Evidence) -> Fault:
    """Upper-back proxy where only landmarks are known: head and neck bowed forward of the line of the trunk in the
    first half of the pull, or bowing as it starts.

    Either tells on its own: a lifter may be rounded from the set-up on, or give way when the bar leaves the floor.
    """
    if reason := _sagittal_hidden(e, legs=True):
        return _unseen(name, reason, "deg")
    form, neck = e.settings.form, e.posture.neck_deg
    value, before = e.median(neck, e.window.first_half), e.median(neck, e.window.setup)
    if not np.isfinite(value):
        return _unseen(name, NOT_SEEN, "deg")
    sigma = form.rounding_deg.sigma * e.widen
    p_bowed = exceeds(value, form.rounding_deg, sigma)
    p_giving = exceeds(value - before, form.rounding_change_deg, form.rounding_change_deg.sigma * e.widen)
    p = 1.0 - (1.0 - p_bowed) * (1.0 - (p_giving if np.isfinite(p_giving) else 0.0))
    return _Reading(value, sigma, "deg", e.window.at_third_s).fault(name, p)


def _bar_drift(name: str, e: Evidence) -> Fault:
    """How far the hands swing forward of a straight line from lift-off to lockout."""
    reason = _sagittal_hidden(e, legs=False)
    if not reason and e.aspect.estimate.label != "side":
        reason = "Not observable at an angle: film from the side."
    if reason:
        return _unseen(name, reason, "body heights")
    x = e.posture.wrist_x * e.settings.shoulder_height_bh
    part = e.window.pull & np.isfinite(x)
    if part.sum() < 5:
        return _unseen(name, NOT_SEEN, "body heights")
    height = e.curves.wrist
    line = np.interp(height, [height[part][0], height[part][-1]], [x[part][0], x[part][-1]])
    worst, at_s = _extreme(e, x - line, part, largest=True)
    limit = e.settings.form.bar_drift_bh
    return _above(name, _Reading(worst, limit.sigma * e.widen, "body heights", at_s), limit)


def _no_lockout(name: str, e: Evidence) -> Fault:
    """How far the more bent of hip and knee is from straight at the top; leaning back is another fault."""
    if reason := _sagittal_hidden(e, legs=True):
        return _unseen(name, reason, "deg")
    limit = e.settings.form.lockout_deg
    bends = e.median(e.posture.hip_bend_deg, e.window.top), e.median(e.posture.knee_bend_deg, e.window.top)
    reading = _Reading(180.0 - max(*bends, 0.0), limit.sigma * e.widen, "deg", e.window.times.lockout_s)
    return reading.fault(name, falls_below(reading.value, limit, reading.sigma))


def _hyperextension(name: str, e: Evidence) -> Fault:
    """Trunk behind the vertical at the top, beyond the lifter's own standing posture."""
    reason = _sagittal_hidden(e, legs=True)
    if not reason and e.aspect.estimate.label != "side":
        reason = "Not observable at an angle: film from the side."
    if reason:
        return _unseen(name, reason, "deg")
    value = e.standing_trunk_deg - e.median(e.posture.trunk_deg, e.window.top)
    limit = e.settings.form.hyperextension_deg
    return _above(name, _Reading(value, limit.sigma * e.widen, "deg", e.window.times.lockout_s), limit)


def _middle_of_pull(e: Evidence) -> Mask:
    """Grid points of the pull without its beginning and its end."""
    times = e.window.times
    share = (e.window.time_s - times.start_s) / max(times.top_start_s - times.start_s, 1e-6)
    return np.asarray(e.window.pull & (share > MIDDLE[0]) & (share < MIDDLE[1]))


def _knees_in(name: str, e: Evidence) -> Fault:
    """How far the knees are inside where they are when the lifter stands, on average over the middle of the pull.

    Against the own straight legs, because the landmark of a knee has an error of its own that stays for the clip.
    """
    if reason := _frontal_hidden(e):
        return _unseen(name, reason, "deg")
    knees, part = e.posture.knees_out_deg, _middle_of_pull(e)
    _, at_s = _extreme(e, knees, part, largest=False)
    value = e.median(knees, e.window.top) - _mean(knees[part])
    limit = e.settings.form.knees_in
    return _above(name, _Reading(value, limit.sigma, "deg", at_s), limit)


def _asymmetry(name: str, e: Evidence) -> Fault:
    """Tilt of the arms and the bar between them, on average over the middle of the pull, from the own set-up.

    So neither a camera that is held askew nor shoulders that are never level tilt the bar.
    """
    if reason := _frontal_hidden(e):
        return _unseen(name, reason, "deg")
    uneven, part = e.posture.arms_uneven, _middle_of_pull(e)
    change = uneven - e.median(uneven, e.window.setup)
    mean = _mean(change[part])
    _, at_s = _extreme(e, np.sign(mean) * change, part, largest=True)
    grip = abs(e.median(e.curves.grip, e.window.pull)) / np.cos(np.radians(e.aspect.estimate.yaw_deg))
    value = float(np.degrees(np.arctan2(abs(mean), grip)))
    limit = e.settings.form.asymmetry_deg
    return _above(name, _Reading(value, limit.sigma, "deg", at_s), limit)


def _mean(values: Array) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if finite.size >= LEAST_POINTS else float("nan")


_MEASURES: dict[str, Callable[[str, Evidence], Fault]] = {
    "narrow_stance": _stance,
    "wide_stance": _stance,
    "lean_left": _lean,
    "lean_right": _lean,
    "hips_first": _hips_first,
    "rounded_upper_back": _rounding,
    "knees_in": _knees_in,
    "bar_drift": _bar_drift,
    "no_lockout": _no_lockout,
    "hyperextension": _hyperextension,
    "asymmetry": _asymmetry,
    "narrow_grip": _grip,
    "wide_grip": _grip,
    "bent_arms": _bent_arms,
}
