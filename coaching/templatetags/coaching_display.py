"""The one place where the coach's codes become words and its numbers become figures for a page.

The document of docs/pipeline.md holds codes (`rounded_upper_back`, `narrow`, `up`) and plain numbers. A code that
is not known here yet is shown as its own words rather than hidden.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrPromise

    from coaching.models import AnalysisRun

register = template.Library()

FAULTS: dict[str, str | _StrPromise] = {
    "narrow_stance": gettext_lazy("Narrow stance"),
    "wide_stance": gettext_lazy("Wide stance"),
    "lean_left": gettext_lazy("Leaning left"),
    "lean_right": gettext_lazy("Leaning right"),
    "hips_first": gettext_lazy("Hips rise first"),
    "rounded_upper_back": gettext_lazy("Upper back rounds"),
    "knees_in": gettext_lazy("Knees move in"),
    "bar_drift": gettext_lazy("Bar drifts away"),
    "no_lockout": gettext_lazy("Lockout not finished"),
    "hyperextension": gettext_lazy("Leaning back at the top"),
    "asymmetry": gettext_lazy("Uneven left and right"),
    "narrow_grip": gettext_lazy("Narrow grip"),
    "wide_grip": gettext_lazy("Wide grip"),
    "bent_arms": gettext_lazy("Bent arms"),
}
STANCES: dict[str, str | _StrPromise] = {
    "narrow": gettext_lazy("Narrow"),
    "neutral": gettext_lazy("Neutral"),
    "wide": gettext_lazy("Wide"),
    "sumo": gettext_lazy("Sumo"),
}
LEANS: dict[str, str | _StrPromise] = {
    "left": gettext_lazy("Leaning left"),
    "neutral": gettext_lazy("Neutral"),
    "right": gettext_lazy("Leaning right"),
}
STANCE_ADVICE: dict[str, str | _StrPromise] = {
    "narrow": gettext_lazy("Widen your stance."),
    "neutral": gettext_lazy("Stance is fine, no adjustment needed."),
    "wide": gettext_lazy("Bring your feet closer."),
    "sumo": gettext_lazy("Sumo stance: judged as such."),
}
LEAN_ADVICE: dict[str, str | _StrPromise] = {
    "left": gettext_lazy("Lean a little to your right to level your shoulders."),
    "neutral": gettext_lazy("Your trunk is straight, no adjustment needed."),
    "right": gettext_lazy("Lean a little to your left to level your shoulders."),
}
PHASES: dict[str, str | _StrPromise] = {"up": gettext_lazy("up"), "down": gettext_lazy("down")}
VIEWS: dict[str, str | _StrPromise] = {
    "front": gettext_lazy("Front"),
    "back": gettext_lazy("Back"),
    "oblique": gettext_lazy("Oblique"),
    "side": gettext_lazy("Side"),
    "unknown": gettext_lazy("Unclear"),
}
VERDICTS: dict[str, str | _StrPromise] = {
    "correct": gettext_lazy("Correct"),
    "incorrect": gettext_lazy("Incorrect"),
}
STRICTNESS: dict[str, str | _StrPromise] = {
    "lenient": gettext_lazy("Lenient"),
    "standard": gettext_lazy("Standard"),
    "strict": gettext_lazy("Strict"),
}
STAGES: dict[str, str | _StrPromise] = {
    "": gettext_lazy("Getting ready…"),
    "ingest": gettext_lazy("Taking sound and place out of your film…"),
    "probe": gettext_lazy("Opening your clip…"),
    "pose": gettext_lazy("Finding the skeleton…"),
    "features": gettext_lazy("Measuring the movement…"),
    "form": gettext_lazy("Counting repetitions and checking your form…"),
    "classify": gettext_lazy("Judging each repetition…"),
    "overlay": gettext_lazy("Drawing the annotated video…"),
    "playable": gettext_lazy("Making a copy that browsers play…"),
    "store": gettext_lazy("Saving the result…"),
}
REFUSALS: dict[str, str | _StrPromise] = {
    "no_person": gettext_lazy("Nobody could be found in the picture"),
    "several_people": gettext_lazy("More than one person is in the picture"),
    "no_lift": gettext_lazy("No lift was found in this clip"),
    "not_a_deadlift": gettext_lazy("This does not look like a deadlift"),
    "lost_tracking": gettext_lazy("The skeleton was lost too often"),
    "upside_down": gettext_lazy("The picture is upside down"),
    "too_short_track": gettext_lazy("The lifter is in view for too short a time"),
    "camera_moves": gettext_lazy("The camera moves"),
    "hidden_by_plate": gettext_lazy("The plate hides the lifter"),
}
LOOKS: dict[str, str | _StrPromise] = {
    "session": gettext_lazy("the page of a set"),
    "waiting": gettext_lazy("the page of a set, without a result"),
    "blind": gettext_lazy("a set, to review it"),
    "rating": gettext_lazy("a film, to rate it"),
    "questionnaire answers": gettext_lazy("answers to questions, by code"),
    "instructor's feedback": gettext_lazy("what the instructor wrote"),
    "video": gettext_lazy("a film"),
    "overlay": gettext_lazy("an annotated film"),
    "poster": gettext_lazy("a still of a film"),
    "series": gettext_lazy("the curves of a set"),
    "document.json": gettext_lazy("a result, downloaded"),
    "reps.csv": gettext_lazy("a table of repetitions, downloaded"),
    "progress": gettext_lazy("the progress page"),
}
FORM_WORDS = {"stance": (STANCES, STANCE_ADVICE), "lean": (LEANS, LEAN_ADVICE)}
PRESENT_FROM = 0.5
"""A fault is listed as found when it is more likely there than not."""


def _plain(code: object) -> str:
    return str(code).replace("_", " ").capitalize()


def _word(table: Mapping[str, str | _StrPromise], code: object) -> str:
    return "" if code is None else str(table.get(str(code), _plain(code)))


@register.filter
def fault_name(code: object) -> str:
    return _word(FAULTS, code)


@register.filter
def stance_name(code: object) -> str:
    return _word(STANCES, code)


@register.filter
def lean_name(code: object) -> str:
    return _word(LEANS, code)


@register.filter
def view_name(code: object) -> str:
    return _word(VIEWS, code)


@register.filter
def verdict_name(code: object) -> str:
    return _word(VERDICTS, code)


@register.filter
def strictness_name(code: object) -> str:
    return _word(STRICTNESS, code)


@register.filter
def refusal_name(code: object) -> str:
    return _word(REFUSALS, code)


@register.filter
def look_name(what: object) -> str:
    """What somebody looked at, in the record that a student reads; other parts of the site write words already."""
    return str(LOOKS.get(str(what), what))


@register.filter
def stage_sentence(code: object) -> str:
    """What the worker is doing, for the person who waits; a stage that is not known yet is simply work."""
    return str(STAGES.get(str(code or ""), _("Working…")))


STEPS: tuple[tuple[str | _StrPromise, frozenset[str]], ...] = (
    (gettext_lazy("Open the clip"), frozenset({"", "ingest", "probe"})),
    (gettext_lazy("Find the skeleton"), frozenset({"pose"})),
    (gettext_lazy("Measure the movement"), frozenset({"features"})),
    (gettext_lazy("Count repetitions, check form, judge"), frozenset({"form", "classify"})),
    (gettext_lazy("Draw the annotated video"), frozenset({"overlay", "playable", "store"})),
)


@register.simple_tag
def run_steps(run: AnalysisRun) -> list[dict[str, str]]:
    """The work as five steps for the waiting page, each "done", "now" or "later"."""
    running = run.state == "running"
    here = next((i for i, (_name, stages) in enumerate(STEPS) if run.stage in stages), 0) if running else -1
    states = ["done" if i < here else "now" if i == here else "later" for i in range(len(STEPS))]
    return [{"name": str(name), "state": state} for (name, _stages), state in zip(STEPS, states, strict=True)]


@register.filter
def is_praise(feedback: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the coach found nothing to change: then its cues say what is fine, with codes that end so."""
    return all(str(cue.get("code", "")).endswith("_fine") for cue in feedback)


@register.simple_tag
def form_words(measure: str) -> str:
    """JSON for the live panel: each label of "stance", "lean" or "class" with its name and advice."""
    if measure == "class":
        return json.dumps({code: {"name": str(name), "advice": ""} for code, name in PHASES.items()})
    names, advice = FORM_WORDS[measure]
    return json.dumps({code: {"name": str(name), "advice": str(advice.get(code, ""))} for code, name in names.items()})


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


@register.filter
def probability(value: object) -> str:
    """0.784 as 0.78, the form in which the paper prints it; a dash where there is none."""
    number = _number(value)
    return "–" if number is None else f"{number:.2f}"


@register.filter
def seconds(value: object) -> str:
    """1.234 as "1.2 s"; a dash where it was not measured."""
    number = _number(value)
    return "–" if number is None else _("%(value).1f s") % {"value": number}


@register.filter
def tempo(rep: Mapping[str, Any]) -> str:
    """The four parts of a repetition in the order that coaches write; a dash for one that was not seen, or is none."""
    parts = (_number(rep.get(name)) for name in ("eccentric_s", "floor_s", "concentric_s", "top_s"))
    return " - ".join("–" if part is None else f"{part:.1f}" for part in parts)


@register.filter
def timecode(value: object) -> str:
    """83.4 as 1:23.4, as the video's clock shows it."""
    number = _number(value)
    if number is None:
        return "–"
    minutes, tenths = divmod(round(max(0.0, number) * 10), 600)
    return f"{minutes}:{tenths / 10:04.1f}"


@register.filter
def plain_number(value: object) -> str:
    """For data attributes that scripts read: a point, never the locale's comma; empty where there is none."""
    number = _number(value)
    return "" if number is None else f"{number:.3f}"


@register.filter
def measured(item: Mapping[str, Any]) -> str:
    """ "6.2 ± 2.0 deg" of a label or fault; empty when nothing was measured."""
    value, sigma = _number(item.get("value")), _number(item.get("sigma"))
    if value is None:
        return ""
    unit = str(item.get("unit") or "")
    unit = "°" if unit in {"deg", "degree", "degrees", "°"} else f" {unit}".rstrip()
    digits = 0 if unit == "°" else 2
    spread = "" if sigma is None else f" ± {sigma:.{digits}f}"
    return f"{value:.{digits}f}{spread}{unit}"


def _faults(rep: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return rep.get("faults") or ()


@register.filter
def faults_found(rep: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Observable faults that are more likely present than not, likeliest first."""
    found = [f for f in _faults(rep) if f.get("observable") and (_number(f.get("p")) or 0.0) >= PRESENT_FROM]
    return sorted(found, key=lambda fault: -float(fault["p"]))


@register.filter
def faults_hidden(rep: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Faults that this view can't show."""
    return [fault for fault in _faults(rep) if not fault.get("observable")]


@register.filter
def faults_clear(rep: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Faults that were looked for and not found."""
    return [f for f in _faults(rep) if f.get("observable") and (_number(f.get("p")) or 0.0) < PRESENT_FROM]


@register.filter
def verdict_tally(reps: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many repetitions were judged correct, judged at all, and not judged."""
    verdicts = [rep.get("verdict") for rep in reps]
    judged = sum(verdict is not None and verdict != "" for verdict in verdicts)
    return {"correct": verdicts.count("correct"), "judged": judged, "unjudged": len(verdicts) - judged}


@register.filter
def disagree(reps: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the classifier calls a repetition correct that has a fault by its measures, or the other way round."""
    return any(
        (rep.get("verdict") == "correct" and faults_found(rep))
        or (rep.get("verdict") == "incorrect" and not faults_found(rep))
        for rep in reps
    )
