"""What must hold before a set is judged, and what is hidden by the plate.

Refuse rather than guess, and say how to film it better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision import geometry as g
from coaching.vision.reps import EMPTY_HANDS
from coaching.vision.signal import middle
from coaching.vision.types import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.vision.kinematics import Body, Curves
    from coaching.vision.posture import Posture
    from coaching.vision.reps import Rise
    from coaching.vision.settings_table import QualitySettings, Settings

    Array = NDArray[np.float64]

ADVICE = {
    "no_person": "Nobody can be seen for most of the clip. Film one lifter with the whole body in the frame.",
    "too_short_track": "The lifter is seen for less than a second. Film the whole set, from before the first lift-off.",
    "upside_down": "The clip is upside down. Turn it in your phone's gallery and upload it again.",
    "lost_tracking": (
        "The lifter is lost during the lift. Keep head and feet in the frame, and film at an angle of about "
        "45 degrees, so that the plate does not cover the body."
    ),
    "camera_moves": "The picture jumps too often to follow one set. Film one take, with the phone on a stand.",
    "no_lift": "Nobody lifts in this clip. Film a set from before the first lift-off until the bar is down again.",
    "not_a_deadlift": (
        "This does not look like a deadlift. Film one from the side, from the front or at an angle between, "
        "with hands, hips and feet in the frame."
    ),
}
PLATE_NOTICE = Refusal(
    "hidden_by_plate",
    "The plate hides the hip or knee: lockout can't be judged. Film at an angle of about 45 degrees.",
)


@dataclass(frozen=True, slots=True)
class PlateCheck:
    """Whether hip and knee can be believed at the top; reason is empty when they can."""

    thigh_torso: float
    thigh_cv: float
    reason: str

    @property
    def hidden(self) -> bool:
        return bool(self.reason)


def refusal(code: str) -> Refusal:
    return Refusal(code, ADVICE[code])


def before_counting(body: Body, settings: Settings) -> Refusal | None:
    """The gate that needs no repetitions: somebody is there, long enough, and the right way up."""
    q = settings.quality
    frames = np.flatnonzero(body.seen)
    if frames.size < 2 or body.seen.mean() < q.min_detected_any:
        return refusal("no_person")
    if body.time_s[frames[-1]] - body.time_s[frames[0]] < q.min_duration_s:
        return refusal("too_short_track")
    hip, shoulder = (g.midpoint(body.xy, a, b) for a, b in ((23, 24), (11, 12)))
    trunk = g.from_vertical_deg(hip, shoulder)[frames]
    if float(np.median(trunk)) > q.upside_down_deg:
        return refusal("upside_down")
    return None


def after_counting(body: Body, curves: Curves, rises: Sequence[Rise], settings: Settings) -> Refusal | None:
    """The gate that knows the movement: is it a lift, is it a deadlift, and was it seen well enough to be counted?"""
    q = settings.quality
    frames = np.flatnonzero(body.seen)
    detected = float(body.seen[frames[0] : frames[-1] + 1].mean())
    span_s = float(body.time_s[frames[-1]] - body.time_s[frames[0]])
    if (len(body.shots) - 1) / span_s * 10.0 > q.max_cuts_per_10s and len(body.shots) > 3:
        return refusal("camera_moves")
    if detected < q.min_detected or curves.jitter > q.max_shoulder_jitter_bh:
        return refusal("lost_tracking")
    if not rises:
        return refusal(_still_or_other(curves, q))
    # Standing up without the bar is no lift, but it says nothing against those that are.
    movements = [rise for rise in rises if rise.why_not != EMPTY_HANDS]
    if sum(not rise.why_not for rise in movements) * 2 < len(movements):
        return refusal("not_a_deadlift")
    return None


def _still_or_other(curves: Curves, q: QualitySettings) -> str:
    """Nobody who lies, kneels or hangs upside down is about to deadlift; who stands still just did not lift."""
    upright = np.nanpercentile(curves.trunk_deg, 10)
    return "not_a_deadlift" if upright > q.horizontal_deg else "no_lift"


def plate_check(
    posture: Posture, at_top: NDArray[np.bool_], in_rep: NDArray[np.bool_], settings: Settings
) -> PlateCheck:
    """The 2-D thigh betrays a plate in front of the hip; the model's own visibility does not."""
    q = settings.quality
    torso, thigh = posture.torso[at_top], posture.thigh[in_rep]
    if not np.isfinite(torso).any() or not np.isfinite(thigh).any():
        return PlateCheck(float("nan"), float("nan"), "not seen")
    ratio = middle(posture.thigh[at_top] / torso)
    cv = float(np.nanstd(thigh) / np.nanmean(thigh))
    hidden = ratio < q.min_thigh_torso or cv > q.max_thigh_cv
    return PlateCheck(ratio, cv, "hidden by the plate" if hidden else "")
