"""The faults of one repetition, each with the probability that it is present, or the reason why it can't be seen.

Every measure compares the lifter with their own set-up or their own standing posture: a change, not a norm. There is no landmark between
shoulder and hip, so nothing here speaks of the lower back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from coaching.vision.bands import band_probabilities, combined_sigma, exceeds, falls_below
from coaching.vision.stance import hidden_from
from coaching.vision.types import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from coaching.vision.kinematics import Curves
    from coaching.vision.posture import Posture
    from coaching.vision.quality import PlateCheck
    from coaching.vision.reps import RepTimes
    from coaching.vision.settings_table import Band, Limit, Settings
    from coaching.vision.view import Aspect

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

FAULT_NAMES = (
    "narrow_stance",
    "wide_stance",
    "lean_left",
    "lean_right",
    "hips_first",
    "rounded_upper_back",
    "knees_in",
    "bar_drift",
    "no_lockout",
    "hyperextension",
    "asymmetry",
)
FROM_THE_FRONT = "Not observable from the front: film from the side, or at an angle of about 45 degrees."
BY_THE_PLATE = "Not observable: the plate hides the hip or knee. Film at an angle of about 45 degrees."
TOO_NOISY = "Not observable: hip and knee are not tracked steadily. Film closer, in better light, with the whole body in the frame."
NOT_SEEN = "Not observable: that part of the repetition was not seen."


@dataclass(frozen=True, slots=True)
class RepWindow:
    """The grid of the curves, cut into the parts of one repetition. Masks (m,)."""

    time_s: Array
    setup: Mask
    early: Mask  # lift-off until the hands have risen a third
    pull: Mask  # lift-off to the top
    top: Mask
    times: RepTimes

    @classmethod
    def of(cls, times: RepTimes, curves: Curves) -> RepWindow:
        t = curves.time_s
        pull = (t >= times.start_s) & (t <= times.top_start_s)
        setup = (t >= max(times.start_s - 0.4, times.low_s - 0.4)) & (t <= times.start_s + 0.02)
        top = (t >= times.top_start_s) & (t <= times.top_end_s)
        return cls(t, setup, pull & (t <= _third_s(t, curves.wrist, pull)), pull, top, times)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one fault is judged on: shared by all measures of a repetition."""

    window: RepWindow
    posture: Posture
    curves: Curves
    aspect: Aspect
    plate: PlateCheck
    settings: Settings
    standing_trunk_deg: float

    @property
    def widen(self) -> float:
        """Factor on every sigma: an oblique view shows each measure only partly."""
        return self.settings.form.oblique_sigma if self.aspect.estimate.label == "oblique" else 1.0

    def median(self, values: Array, part: Mask) -> float:
        chosen = values[part]
        return float(np.nanmedian(chosen)) if np.isfinite(chosen).any() else float("nan")


def _third_s(time_s: Array, wrist: Array, pull: Mask) -> float:
    values = wrist[pull]
    if not np.isfinite(values).any():
        return float(time_s[pull][-1]) if pull.any() else 0.0
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    above = np.flatnonzero(values >= low + (high - low) / 3.0)
    return float(time_s[pull][above[0]])


def faults_of(evidence: Evidence) -> tuple[Fault, ...]:
    """All faults of the vocabulary, in its order."""
    return tuple(_MEASURES[name](name, evidence) for name in FAULT_NAMES)


def _unseen(name: str, reason: str, unit: str = "") -> Fault:
    return Fault(name, None, observable=False, unit=unit, reason=reason)


def _found(name: str, p: float, value: float, sigma: float, unit: str, at_s: float | None) -> Fault:
    return Fault(name, p, observable=True, value=value, sigma=sigma, unit=unit, at_s=at_s)


def _frontal_hidden(e: Evidence) -> str:
    return hidden_from(e.aspect.estimate.label)


def _sagittal_hidden(e: Evidence, *, legs: bool) -> str:
    """Why a sagittal measure can't be judged. `legs`: it needs hip or knee, which a plate hides."""
    if not e.aspect.sagittal:
        return FROM_THE_FRONT
    if legs and e.plate.hidden:
        return BY_THE_PLATE
    if legs and not e.posture.hip_jitter_deg <= e.settings.quality.max_hip_jitter_deg:
        return TOO_NOISY
    return ""


def _side_of_band(name: str, e: Evidence, curve: Array, band: Band, index: int, unit: str) -> Fault:
    """P(below) (index 0) or P(above) (index 2) of a two-sided measure at the top of the repetition."""
    reason = _frontal_hidden(e)
    values = curve[e.window.top]
    finite = values[np.isfinite(values)]
    if reason or not finite.size:
        return _unseen(name, reason or NOT_SEEN, unit)
    value, sigma = float(np.median(finite)), combined_sigma(finite, band.sigma) * e.widen
    return _found(name, band_probabilities(value, sigma, band)[index], value, sigma, unit, e.window.times.lockout_s)


def _stance(name: str, e: Evidence) -> Fault:
    index = 0 if name == "narrow_stance" else 2
    return _side_of_band(name, e, e.posture.stance_ratio, e.settings.form.stance, index, "shoulder widths")


def _lean(name: str, e: Evidence) -> Fault:
    index = 0 if name == "lean_right" else 2
    return _side_of_band(name, e, e.posture.lean_deg, e.settings.form.lean_deg, index, "deg")


def _extreme(e: Evidence, curve: Array, part: Mask, *, largest: bool) -> tuple[float, float | None]:
    """The curve's largest or smallest value in a part, and when; NaN and None where it was not seen."""
    values = np.where(part, curve, np.nan)
    if not np.isfinite(values).any():
        return float("nan"), None
    at = int(np.nanargmax(values) if largest else np.nanargmin(values))
    return float(values[at]), float(e.window.time_s[at])


def _one_sided(name: str, value: float, limit: Limit, e: Evidence, unit: str, at_s: float | None) -> Fault:
    if not np.isfinite(value):
        return _unseen(name, NOT_SEEN, unit)
    sigma = limit.sigma * e.widen
    return _found(name, exceeds(value, limit, sigma), value, sigma, unit, at_s)


def _hips_first(name: str, e: Evidence) -> Fault:
    """How much the trunk tips toward horizontal between lift-off and a third of the bar's way."""
    if reason := _sagittal_hidden(e, legs=False):
        return _unseen(name, reason, "deg")
    trunk = e.posture.trunk_deg
    worst, at_s = _extreme(e, trunk, e.window.early, largest=True)
    value = worst - e.median(trunk, e.window.setup)
    return _one_sided(name, value, e.settings.form.hips_first_deg, e, "deg", at_s)


def _rounding(name: str, e: Evidence) -> Fault:
    """Upper-back proxy: head and shoulders sink against the trunk, and the shoulder-hip distance shortens, during the pull."""
    if reason := _sagittal_hidden(e, legs=True):
        return _unseen(name, reason, "deg")
    form = e.settings.form
    neck = e.posture.neck_deg
    worst, at_s = _extreme(e, neck, e.window.pull, largest=False)
    flexed = max(e.median(neck, e.window.setup), e.median(neck, e.window.top)) - worst
    if not np.isfinite(flexed):
        return _unseen(name, NOT_SEEN, "deg")
    z = (flexed - form.rounding_deg.limit) / (form.rounding_deg.sigma * e.widen)
    shortest, _ = _extreme(e, e.posture.torso, e.window.pull, largest=False)
    ratio = shortest / e.median(e.posture.torso, e.window.top)
    # From an angle the trunk shortens by perspective alone, so only the side view may use its length.
    if np.isfinite(ratio) and e.aspect.estimate.label == "side":
        z = (z + (form.shortening.limit - ratio) / form.shortening.sigma) / np.sqrt(2.0)
    return _found(name, float(norm.cdf(z)), flexed, form.rounding_deg.sigma * e.widen, "deg", at_s)


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
    return _one_sided(name, worst, e.settings.form.bar_drift_bh, e, "body heights", at_s)


def _no_lockout(name: str, e: Evidence) -> Fault:
    """The straighter of hip and knee decides nothing: the more bent one at the top does."""
    if reason := _sagittal_hidden(e, legs=True):
        return _unseen(name, reason, "deg")
    limit = e.settings.form.lockout_deg
    worst = min(e.median(e.posture.hip_deg, e.window.top), e.median(e.posture.knee_deg, e.window.top))
    if not np.isfinite(worst):
        return _unseen(name, NOT_SEEN, "deg")
    sigma = limit.sigma * e.widen
    return _found(name, falls_below(worst, limit, sigma), worst, sigma, "deg", e.window.times.lockout_s)


def _hyperextension(name: str, e: Evidence) -> Fault:
    """Trunk behind the vertical at the top, beyond the lifter's own standing posture."""
    reason = _sagittal_hidden(e, legs=True)
    if not reason and e.aspect.estimate.label != "side":
        reason = "Not observable at an angle: film from the side."
    if reason:
        return _unseen(name, reason, "deg")
    trunk, at_s = _extreme(e, e.posture.trunk_deg, e.window.top, largest=False)
    return _one_sided(name, e.standing_trunk_deg - trunk, e.settings.form.hyperextension_deg, e, "deg", at_s)


def _knees_in(name: str, e: Evidence) -> Fault:
    """How far the knees fall inside the line from hip to ankle during the pull."""
    reason = _frontal_hidden(e)
    if not reason and not e.aspect.frontal:
        reason = "Not observable at an angle: film from the front."
    if reason:
        return _unseen(name, reason, "deg")
    innermost, at_s = _extreme(e, e.posture.knees_out_deg, e.window.pull, largest=False)
    return _one_sided(name, -innermost, e.settings.form.knees_in, e, "deg", at_s)


def _asymmetry(name: str, e: Evidence) -> Fault:
    """How much the bar tilts against its own set-up while it is pulled."""
    reason = _frontal_hidden(e)
    if not reason and not e.aspect.frontal:
        reason = "Not observable at an angle: film from the front."
    if reason:
        return _unseen(name, reason, "deg")
    tilt = np.abs(e.posture.wrist_tilt_deg - e.median(e.posture.wrist_tilt_deg, e.window.setup))
    worst, at_s = _extreme(e, tilt, e.window.pull, largest=True)
    return _one_sided(name, worst, e.settings.form.asymmetry_deg, e, "deg", at_s)


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
}
