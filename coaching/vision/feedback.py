"""What to tell the lifter: at most two things to change, in words a coach would use, or what is fine.

A cue needs a fault that the view supports and that is likely: how likely is the instructor's dial (`Strictness`). Where
the lifter's own best repetitions are known they are the measure. Nothing is called dangerous, and nothing is said about
the lower back, which no landmark shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coaching.vision.history import reading_of
from coaching.vision.reference import Reference
from coaching.vision.types import Cue, Moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.vision.history import Reading
    from coaching.vision.progress import Change
    from coaching.vision.reference import OwnMeasure, TooFewRepetitions
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
OWN = {
    "rounded_upper_back": "Your upper back rounded more than in your own best repetitions.",
    "hips_first": "Your hips rose earlier than in your own best repetitions.",
    "knees_in": "Your knees came further in than in your own best repetitions.",
    "lean_left": "You leaned further to your left than in your own best repetitions.",
    "lean_right": "You leaned further to your right than in your own best repetitions.",
    "hyperextension": "You leaned further back at the top than in your own best repetitions.",
    "bar_drift": "The bar swung further away than in your own best repetitions.",
    "asymmetry": "The bar tilted more than in your own best repetitions.",
    "narrow_stance": "Your feet were closer together than in your own best repetitions.",
    "wide_stance": "Your feet were further apart than in your own best repetitions.",
    "no_lockout": "You stood up less far than in your own best repetitions.",
    "bent_arms": "Your arms bent more than in your own best repetitions.",
    "narrow_grip": "Your hands were closer together than in your own best repetitions.",
    "wide_grip": "Your hands were further apart than in your own best repetitions.",
}
"""How the set differs from the lifter's own reference."""
BETTER = {
    "rounded_upper_back": "your upper back kept its shape",
    "hips_first": "your chest rose with your hips",
    "knees_in": "your knees stayed out over your toes",
    "lean_left": "your shoulders stayed level",
    "lean_right": "your shoulders stayed level",
    "hyperextension": "you finished tall without leaning back",
    "bar_drift": "the bar stayed close to your legs",
    "asymmetry": "the bar stayed level",
    "narrow_stance": "your feet were wide enough",
    "wide_stance": "your feet were close enough together",
    "no_lockout": "you stood all the way up",
    "bent_arms": "your arms stayed straight",
    "narrow_grip": "your hands were wide enough",
    "wide_grip": "your hands were close enough together",
}
"""What a repetition without the fault looks like."""
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


AROUND_S = 0.5  # [D] of the repetition before and after the frame that shows the fault


def cues_of(
    stance: Label,
    lean: Label,
    reps: Sequence[Rep],
    settings: Settings,
    *,
    strictness: str = "standard",
    reference: Reference | TooFewRepetitions | None = None,
) -> tuple[Cue, ...]:
    """At most two corrections, the most harmful and most certain first.

    Without any, up to two things that are fine.
    """
    cues = corrections(reps, settings, strictness=strictness, reference=reference)
    most = settings.feedback.max_cues
    return tuple(cues[:most]) if cues else tuple(_praise(stance, lean, reps, settings)[:most])


def corrections(
    reps: Sequence[Rep],
    settings: Settings,
    *,
    strictness: str = "standard",
    reference: Reference | TooFewRepetitions | None = None,
) -> list[Cue]:
    """Everything that this strictness tells, most urgent first."""
    known = reference if isinstance(reference, Reference) else None
    found = [finding for name in WEIGHT if (finding := _finding(name, reps, known, settings)) is not None]
    told = [finding for finding in found if finding.told(settings, strictness)]
    return [finding.cue(settings) for finding in sorted(told, key=lambda finding: -finding.urgency)]


@dataclass(frozen=True, slots=True)
class _Finding:
    """One fault in the repetitions that show it. own: the same measure on the lifter's best, None if not known."""

    name: str
    reps: dict[int, Rep]
    seen: list[Reading]
    own: OwnMeasure | None
    beyond_own: bool

    @property
    def clearest(self) -> Reading:
        return max(self.seen, key=lambda reading: reading.p)

    @property
    def mean(self) -> float:
        return sum(reading.p for reading in self.seen) / len(self.seen)

    @property
    def urgency(self) -> float:
        return WEIGHT[self.name] * max(self.mean, self.clearest.p / 2)

    def told(self, settings: Settings, strictness: str) -> bool:
        """Likely in the whole set, nearly certain in one repetition, or clearly not the lifter's own best.

        Not what an instructor calls correct in this lifter's repetitions, unless this set goes beyond them.
        """
        level = settings.feedback.level(strictness)
        if self.own is not None and self.own.accepted and not self.beyond_own:
            return False
        likely = self.mean >= level.mean_p or self.clearest.p >= level.one_p
        return likely or (self.beyond_own and self.mean >= level.own_p)

    def cue(self, settings: Settings) -> Cue:
        at, personal = self.clearest, settings.personal
        own = self.own is not None and (self.beyond_own or self.own.exceeded_by([at.value], personal) > 0.0)
        rep = self.reps[at.rep]
        from_s = to_s = None
        if at.at_s is not None:
            from_s, to_s = max(rep.start_s, at.at_s - AROUND_S), min(rep.end_s, at.at_s + AROUND_S)
        return Cue(
            code=self.name,
            text=f"{OWN[self.name]} {self._advice(at, settings)}" if own else self._advice(at, settings),
            rep=at.rep,
            at_s=at.at_s,
            p=at.p,
            from_s=from_s,
            to_s=to_s,
            seen_in=tuple(reading.rep for reading in self.seen if reading.p >= personal.present_p),
            judged_in=len(self.seen),
            own=own,
            better_at=self._better_at(settings),
        )

    def _advice(self, at: Reading, settings: Settings) -> str:
        if "stance" not in self.name:
            return TEXT[self.name]
        fine = self.own is not None and self.own.p < settings.personal.present_p
        to = self.own.median if self.own is not None and fine else NEUTRAL_STANCE
        return TEXT[self.name].format(amount=_feet(at.value, to))

    def _better_at(self, settings: Settings) -> Moment | None:
        """The same moment without the fault: in this film if it has one, else in the lifter's best repetition."""
        least = min(self.seen, key=lambda reading: reading.p)
        if least.p < settings.personal.present_p and least.rep != self.clearest.rep and least.at_s is not None:
            return Moment(least.rep, least.at_s)
        return self.own.best if self.own is not None else None


def _finding(name: str, reps: Sequence[Rep], reference: Reference | None, settings: Settings) -> _Finding | None:
    units = [fault.unit for rep in reps for fault in rep.faults if fault.name == name and fault.observable]
    if not units:
        return None
    unit = max(units, key=units.count)
    seen = [reading for rep in reps if (reading := reading_of(rep, name, unit)) is not None]
    if not seen:
        return None
    own = reference.measure(name, unit) if reference is not None else None
    beyond = own is not None and own.exceeded_by([reading.value for reading in seen], settings.personal) > 0.0
    return _Finding(name, {rep.index: rep for rep in reps}, seen, own, beyond)


def advice_of(cue: Cue) -> str:
    """Only what to do, for where there is little room."""
    return cue.text.removeprefix(OWN.get(cue.code, "")).strip()


def better_sentence(changes: Sequence[Change]) -> str:
    """The confirmation of what improved, one or two of them, the clearest first."""
    first, *more = (
        f"{BETTER[one.name]} in {one.now.clear} of {one.now.judged}{{}}, {one.before.clear} of {one.before.judged}{{}}"
        for one in changes
    )
    said = [first.format(" repetitions", " last time"), *(one.format("", "") for one in more)]
    return f"Better than last time: {'; '.join(said)}."


def _feet(ratio: float, to: float = NEUTRAL_STANCE) -> str:
    """The way to a stance of `to` shoulder widths in something that one sees without a ruler."""
    widths = abs(ratio - to) * SHOULDER_CM / FOOT_CM
    if widths < 1.5:
        return "about a foot's width"
    in_words = {2: "two", 3: "three", 4: "four"}.get(round(widths))
    return f"about {in_words} foot widths" if in_words else "about a shoulder's width"


def _praise(stance: Label, lean: Label, reps: Sequence[Rep], settings: Settings) -> list[Cue]:
    out = []
    sure = settings.feedback.praise_p
    for code, label in (("stance", stance), ("lean", lean)):
        if label.label == "neutral" and (label.score or 0.0) >= sure:
            out.append(Cue(f"{code}_fine", GOOD[code], p=label.score))
    for name in ("hips_first", "rounded_upper_back", "bar_drift", "no_lockout"):
        p = [f.p for rep in reps for f in rep.faults if f.name == name and f.p is not None]
        if p and max(p) <= 1.0 - sure:
            out.append(Cue(f"{name}_fine", GOOD[name], p=1.0 - max(p)))
    return out
