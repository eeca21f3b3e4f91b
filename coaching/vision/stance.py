"""Stance and lateral lean: three classes each, a probability for each class, words for the winner."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision.bands import band_probabilities, combined_sigma
from coaching.vision.signal import middle
from coaching.vision.types import Label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.posture import Posture
    from coaching.vision.settings_table import Band, Settings
    from coaching.vision.view import Aspect

    Array = NDArray[np.float64]

FROM_THE_SIDE = "Not observable from the side: film from the front."
AT_AN_ANGLE = "Not observable at this angle: film from the front."
NO_UPRIGHT = "Not observable: nobody stands upright in view."


class Measure:
    """Stance or lean: its classes from low to high, its band, and what each view does to it."""

    def __init__(self, name: str, unit: str, advice: dict[str, str]) -> None:
        self.name = name
        self.unit = unit
        self.advice = advice

    @property
    def classes(self) -> tuple[str, str, str]:
        low, middle, high = self.advice
        return low, middle, high

    def band(self, settings: Settings) -> Band:
        form = settings.form
        return {"stance": form.stance, "sumo stance": form.sumo_stance, "lean": form.lean_deg}[self.name]

    def hidden(self, aspect: Aspect, settings: Settings) -> str:
        """Why the view hides it; empty where it can be judged."""
        view = aspect.estimate.label
        if view == "side":
            return FROM_THE_SIDE
        if view == "unknown":
            return NO_UPRIGHT
        beyond = self.name == "lean" and view == "oblique" and aspect.estimate.yaw_deg > settings.form.max_lean_yaw_deg
        return AT_AN_ANGLE if beyond else ""

    def least_sigma(self, aspect: Aspect, settings: Settings) -> float:
        """Measurement SD of a steady lifter in this view: the farther from square on, the more bending looks like
        leaning.
        """
        sigma = self.band(settings).sigma
        if self.name != "lean":
            return sigma * settings.form.oblique_sigma if aspect.estimate.label == "oblique" else sigma
        return math.hypot(sigma, settings.form.forward_sd_deg * math.tan(math.radians(aspect.estimate.yaw_deg)))


STANCE = Measure(
    "stance",
    "shoulder widths",
    {
        "narrow": "Widen your stance.",
        "neutral": "Stance is fine, no adjustment needed.",
        "wide": "Bring your feet closer.",
    },
)
SUMO_STANCE = Measure(
    "sumo stance",
    "shoulder widths",
    {
        "narrow": "Widen your sumo stance, or bring your hands outside your knees for a conventional one.",
        "neutral": "Your sumo stance is fine, no adjustment needed.",
        "wide": "Bring your feet a little closer: your sumo stance is very wide.",
    },
)
LEAN = Measure(
    "lean",
    "deg",
    {
        "right": "You lean to your right. Lean a little to your left to level your shoulders.",
        "neutral": "Your trunk is straight, no adjustment needed.",
        "left": "You lean to your left. Lean a little to your right to level your shoulders.",
    },
)


STANCE_CLASSES, LEAN_CLASSES = STANCE.classes, LEAN.classes


def stance_measure(
    posture: Posture, at_setup: NDArray[np.bool_], at_top: NDArray[np.bool_], settings: Settings
) -> Measure:
    """Sumo is another style, not a fault: wide feet and hands between the knees at the set-up."""
    form = settings.form
    wide = middle(posture.stance_ratio[at_top]) > form.sumo_stance.low
    return SUMO_STANCE if wide and middle(posture.hands_inside[at_setup]) > form.hands_inside else STANCE


def stance_label(
    measure: Measure, posture: Posture, frames: NDArray[np.bool_], aspect: Aspect, settings: Settings
) -> Label:
    """Ankle over shoulder distance in the upright part of the repetitions, by the band of the style."""
    return _label(measure, posture.stance_ratio[frames], aspect, settings)


def lean_label(posture: Posture, frames: NDArray[np.bool_], aspect: Aspect, settings: Settings) -> Label:
    """Trunk to the vertical in the frontal plane; left and right are the lifter's own."""
    return _label(LEAN, posture.lean_deg[frames], aspect, settings)


def measured(measure: Measure, values: Array, aspect: Aspect, settings: Settings) -> tuple[float, float] | str:
    """(value, sigma) of a frontal measure from the values (k,) of a few frames, or the reason why it can't be
    judged.
    """
    if reason := measure.hidden(aspect, settings):
        return reason
    finite = values[np.isfinite(values)]
    if not finite.size:
        return NO_UPRIGHT
    return middle(finite), combined_sigma(finite, measure.least_sigma(aspect, settings))


def _label(measure: Measure, values: Array, aspect: Aspect, settings: Settings) -> Label:
    found = measured(measure, values, aspect, settings)
    if isinstance(found, str):
        return Label(None, None, observable=False, unit=measure.unit, reason=found)
    value, sigma = found
    scores = dict(zip(measure.classes, band_probabilities(value, sigma, measure.band(settings)), strict=True))
    winner = max(scores, key=scores.__getitem__)
    return Label(
        label=winner,
        score=scores[winner],
        observable=True,
        scores=scores,
        value=value,
        sigma=sigma,
        unit=measure.unit,
        advice=measure.advice[winner],
    )


def steady_labels(
    values: Array, band: Band, classes: tuple[str, str, str], margin: float = 0.1
) -> list[tuple[str, float] | None]:
    """Winning class and its probability at each sample.

    A label holds until another exceeds it by `margin`, so nothing flickers.
    """
    out: list[tuple[str, float] | None] = []
    held: str | None = None
    for value in values.tolist():
        if not np.isfinite(value):
            out.append(None)
            continue
        scores = dict(zip(classes, band_probabilities(value, band.sigma, band), strict=True))
        best = max(scores, key=scores.__getitem__)
        if held is None or scores[best] > scores[held] + margin:
            held = best
        out.append((held, scores[held]))
    return out
