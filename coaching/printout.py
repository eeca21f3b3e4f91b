"""A result in words for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from coaching.codes import advice_for
from coaching.templatetags.coaching_display import fault_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WIDTH = 100
PRESENT_FROM = 0.5
"""A fault is named as seen when it is more likely there than not."""


def result_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Repetitions with verdict and faults, stance and lean, feedback; or why nothing was judged."""
    model = document["model"]
    facts = f"{document['view']} view, {document['duration_s']:.1f} s at {document['fps']:.1f} frames a second"
    yield f"  {facts}; model {model['name']} {model['version']}, SHA-256 {(model['sha256'] or '')[:12]}"
    if refused := document["refused"]:
        advice = advice_for(refused["code"], refused["advice"])
        yield from _wrapped("not judged", f"{advice} ({refused['code']})", indent=2)
        return
    yield f"  {len(document['reps'])} repetitions"
    for rep in document["reps"]:
        yield from _rep_lines(rep)
    for measure in ("stance", "lean"):
        label = document[measure]
        seen = f"{label['label']} {label['score']:.2f}. {label['advice']}" if label["observable"] else _hidden(label)
        yield from _wrapped(measure, seen, indent=2)
    if better := (document.get("coaching") or {}).get("better"):
        yield from _wrapped("better", better, indent=2)
    for cue in document["feedback"]:
        yield from _wrapped("feedback", cue["text"], indent=2)
    for notice in document["notices"]:
        yield from _wrapped("note", notice["advice"], indent=2)


def _rep_lines(rep: Mapping[str, Any]) -> Iterator[str]:
    p = rep["p_correct"]
    verdict = f"{rep['verdict']}, p(correct) {p:.2f}" if rep["verdict"] else f"not judged: {rep['unjudged_reason']}"
    yield f"  {rep['index']:>3}.  {rep['start_s']:5.1f}-{rep['end_s']:.1f} s   {verdict}"
    seen = [f for f in rep["faults"] if f["observable"] and (f["p"] or 0) >= PRESENT_FROM]
    hidden = [fault_name(f["name"]).lower() for f in rep["faults"] if not f["observable"]]
    yield from _wrapped(
        "faults", ", ".join(f"{fault_name(f['name']).lower()} {f['p']:.2f}" for f in seen) or "none seen"
    )
    if hidden:
        yield from _wrapped("hidden", ", ".join(hidden))


def _hidden(label: Mapping[str, Any]) -> str:
    return f"not observable from this view. {label['reason']}"


def _wrapped(name: str, text: str, *, indent: int = 7) -> list[str]:
    first = f"{'':{indent}}{name:<11}"
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first))
