"""Stance and lateral lean: three classes each, a probability for each class, words for the winner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coaching.vision.bands import band_probabilities, combined_sigma
from coaching.vision.types import Label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.posture import Posture
    from coaching.vision.settings_table import Band, Settings
    from coaching.vision.types import View
    from coaching.vision.view import Aspect

    Array = NDArray[np.float64]

STANCE_CLASSES = ("narrow", "neutral", "wide")
LEAN_CLASSES = ("right", "neutral", "left")

STANCE_ADVICE = {
    "narrow": "Widen your stance.",
    "neutral": "Stance is fine, no adjustment needed.",
    "wide": "Bring your feet closer.",
}
LEAN_ADVICE = {
    "left": "You lean to your left. Lean a little to your right to level your shoulders.",
    "neutral": "Your trunk is straight, no adjustment needed.",
    "right": "You lean to your right. Lean a little to your left to level your shoulders.",
}
FROM_THE_SIDE = "Not observable from the side: film from the front."
NO_UPRIGHT = "Not observable: nobody stands upright in view."


def hidden_from(view: View) -> str:
    """Why a frontal measure can't be judged in this view; empty where it can."""
    if view == "side":
        return FROM_THE_SIDE
    return NO_UPRIGHT if view == "unknown" else ""


def stance_label(posture: Posture, frames: NDArray[np.bool_], aspect: Aspect, settings: Settings) -> Label:
    """Ankle over shoulder distance in the upright part of the repetitions."""
    form = settings.form
    return _label(
        posture.stance_ratio[frames], form.stance, STANCE_CLASSES, STANCE_ADVICE, "shoulder widths", aspect, settings
    )


def lean_label(posture: Posture, frames: NDArray[np.bool_], aspect: Aspect, settings: Settings) -> Label:
    """Trunk to the vertical in the frontal plane; left and right are the lifter's own."""
    form = settings.form
    return _label(posture.lean_deg[frames], form.lean_deg, LEAN_CLASSES, LEAN_ADVICE, "deg", aspect, settings)


def _label(
    values: Array,
    band: Band,
    classes: tuple[str, str, str],
    advice: dict[str, str],
    unit: str,
    aspect: Aspect,
    settings: Settings,
) -> Label:
    view = aspect.estimate.label
    finite = values[np.isfinite(values)]
    reason = hidden_from(view) or ("" if finite.size else NO_UPRIGHT)
    if reason:
        return Label(None, None, observable=False, unit=unit, reason=reason)
    value = float(np.median(finite))
    sigma = combined_sigma(finite, band.sigma) * (settings.form.oblique_sigma if view == "oblique" else 1.0)
    scores = dict(zip(classes, band_probabilities(value, sigma, band), strict=True))
    winner = max(scores, key=scores.__getitem__)
    return Label(
        winner,
        scores[winner],
        observable=True,
        scores=scores,
        value=value,
        sigma=sigma,
        unit=unit,
        advice=advice[winner],
    )


def steady_labels(
    values: Array, band: Band, classes: tuple[str, str, str], margin: float = 0.1
) -> list[tuple[str, float] | None]:
    """Winning class and its probability at each sample; a label holds until another exceeds it by `margin`, so nothing flickers."""
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
