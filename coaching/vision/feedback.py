"""What to tell the lifter: at most two things to change, in words a coach would use, or what is fine.

A cue needs a fault that the view supports and that is more likely than not. Nothing is called dangerous, and
nothing is said about the lower back, which no landmark shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coaching.vision.types import Cue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.vision.settings_table import Settings
    from coaching.vision.types import Label, Rep

# What first: [C] the order in which coaches correct; position before movement before finish.
WEIGHT = {
    "rounded_upper_back": 1.0,
    "hips_first": 0.95,
    "knees_in": 0.9,
    "lean_left": 0.85,
    "lean_right": 0.85,
    "hyperextension": 0.85,
    "bar_drift": 0.8,
    "asymmetry": 0.75,
    "narrow_stance": 0.75,
    "wide_stance": 0.75,
    "no_lockout": 0.7,
    "bent_arms": 0.8,
    "narrow_grip": 0.65,
    "wide_grip": 0.65,
}
TEXT = {
    "rounded_upper_back": "Pull your shoulders back and down before you lift, and keep your chest proud all the way.",
    "hips_first": "Push the floor away and keep your chest rising with your hips.",
    "knees_in": "Push your knees out over your toes as the bar leaves the floor.",
    "lean_left": "Lean a little to your right to level your shoulders.",
    "lean_right": "Lean a little to your left to level your shoulders.",
    "hyperextension": "Finish tall: stop when you stand straight, without leaning back.",
    "bar_drift": "Keep the bar close: let it brush your legs all the way up.",
    "asymmetry": "Pull evenly with both hands so that the bar stays level.",
    "narrow_stance": "Widen your stance by {amount}.",
    "wide_stance": "Bring your feet closer together by {amount}.",
    "bent_arms": "Keep your arms long and straight, like ropes: let the legs and hips do the lifting.",
    "narrow_grip": "Take the bar a little wider, with your hands just outside your legs.",
    "wide_grip": "Take the bar a little narrower, with your hands just outside your legs.",
    "no_lockout": "Stand all the way up: squeeze your glutes and straighten your knees at the top.",
}
GOOD = {
    "stance": "Stance is fine, no adjustment needed.",
    "lean": "Your shoulders are level over your hips.",
    "hips_first": "Chest and hips rise together.",
    "rounded_upper_back": "Your back keeps its shape.",
    "bar_drift": "The bar stays close to you.",
    "no_lockout": "You finish each repetition upright.",
}
NEUTRAL_STANCE = 0.95  # [L] the middle of the conventional stance in shoulder widths
SHOULDER_CM, FOOT_CM = 38.0, 10.0  # [L] biacromial width as the landmarks see it; width of a foot


def cues_of(stance: Label, lean: Label, reps: Sequence[Rep], settings: Settings) -> tuple[Cue, ...]:
    """At most two corrections, the most harmful and most certain first.

    Without any, up to two things that are fine.
    """
    found = sorted(_corrections(reps, settings), key=lambda item: -item[0])
    cues = [cue for _, cue in found[: settings.feedback.max_cues]]
    return tuple(cues) if cues else tuple(_praise(stance, lean, reps, settings)[: settings.feedback.max_cues])


def _corrections(reps: Sequence[Rep], settings: Settings) -> list[tuple[float, Cue]]:
    """(urgency, cue) of each fault that is likely in at least half of the repetitions or nearly certain in one."""
    out: list[tuple[float, Cue]] = []
    for name, weight in WEIGHT.items():
        seen = [
            (f.p, rep, f) for rep in reps for f in rep.faults if f.name == name and f.observable and f.p is not None
        ]
        if not seen:
            continue
        mean = sum(p for p, _, _ in seen) / len(seen)
        p, rep, fault = max(seen, key=lambda item: item[0])
        if mean < settings.feedback.min_probability and p < 0.9:
            continue
        share = max(mean, p / 2)
        text = TEXT[name].format(amount=_feet(fault.value)) if "stance" in name else TEXT[name]
        out.append((weight * share, Cue(name, text, rep=rep.index, at_s=fault.at_s, p=p)))
    return out


def _feet(ratio: float | None) -> str:
    """The change of each foot's place in something that one sees without a ruler."""
    widths = abs((ratio or NEUTRAL_STANCE) - NEUTRAL_STANCE) * SHOULDER_CM / FOOT_CM
    if widths < 1.5:
        return "about a foot's width"
    in_words = {2: "two", 3: "three", 4: "four"}.get(round(widths))
    return f"about {in_words} foot widths" if in_words else "about a shoulder's width"


def _praise(stance: Label, lean: Label, reps: Sequence[Rep], settings: Settings) -> list[Cue]:
    out = []
    sure = settings.feedback.min_probability
    for code, label in (("stance", stance), ("lean", lean)):
        if label.label == "neutral" and (label.score or 0.0) >= sure:
            out.append(Cue(f"{code}_fine", GOOD[code], p=label.score))
    for name in ("hips_first", "rounded_upper_back", "bar_drift", "no_lockout"):
        p = [f.p for rep in reps for f in rep.faults if f.name == name and f.p is not None]
        if p and max(p) <= 1.0 - sure:
            out.append(Cue(f"{name}_fine", GOOD[name], p=1.0 - max(p)))
    return out
