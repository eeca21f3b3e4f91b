"""The R script and the SPSS syntax of a bundle, from the same specification that recompute.py reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.render.dictionary import ARM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.render.bundle.specification import Specification, Task

SCRIPTS = Path(__file__).parent / "scripts"
_PLACE = "# TASKS\n"


def r_script(asked: Specification) -> str:
    """Functions that are the same in every bundle, and a call for each thing that the report computed."""
    frame = (SCRIPTS / "recompute.R").read_text(encoding="utf-8")
    calls = "\n".join(line for task in asked.tasks for line in _r_calls(asked, task))
    return frame.replace(_PLACE, f"{calls.rstrip()}\n")


def _r_calls(asked: Specification, task: Task) -> Iterator[str]:
    key = _r_text(task.key)
    yield "groups <- list()"
    for arm in task.groups:
        values = f"values({_r_text(task.in_data)}, {_r_text(asked.arm(arm).in_data)})"
        yield f"groups[[{_r_text(arm)}]] <- {values}"
    yield f"describe({key}, groups, {asked.confidence!r})"
    yield from (f"levene({key}, groups, {_r_text(centre)})" for centre in task.centres)
    if task.t_tests:
        yield f"t_tests({key}, groups, {asked.confidence!r})"
    if task.anova:
        yield f"analysis_of_variance({key}, groups)"
    yield from (f"effect({key}, groups, {_r_text(x.name)}, {x.confidence!r})" for x in task.effects)
    yield ""


def _r_text(text: str) -> str:
    """A string of R: JSON's escapes are R's, but for characters beyond the first 65,536."""
    return json.dumps(text, ensure_ascii=False)


def spss_syntax(asked: Specification) -> str:
    """Procedures on data.sav whose output has the report's numbers. Effect sizes need SPSS 27 or later."""
    lines = [
        "* Encoding: UTF-8.",
        "* Made from the same specification as recompute.py; not run where this bundle was made, which had no SPSS.",
        "* Open it in the folder of data.sav. /ES needs SPSS 27 or later.",
        "",
        "GET FILE='data.sav'.",
        "",
    ]
    for task in asked.tasks:
        lines += [*_spss_procedures(asked, task), ""]
    return "\n".join(lines)


def _spss_procedures(asked: Specification, task: Task) -> Iterator[str]:
    codes = [asked.arm(key).code for key in task.groups]
    if task.t_tests:
        yield f"T-TEST GROUPS={ARM}({codes[0]} {codes[1]})"
        yield "  /MISSING=ANALYSIS"
        yield f"  /VARIABLES={task.variable}"
        yield "  /ES DISPLAY(TRUE)"
        yield f"  /CRITERIA=CI({f'{asked.confidence:g}'.removeprefix('0')})."
    if task.anova:
        for level in dict.fromkeys(effect.confidence for effect in task.effects):
            yield f"ONEWAY {task.variable} BY {ARM}"
            yield "  /ES=OVERALL"
            yield "  /STATISTICS DESCRIPTIVES HOMOGENEITY"
            yield "  /MISSING ANALYSIS"
            yield f"  /CRITERIA=CILEVEL({level:g})."
    if not (task.t_tests or task.anova):
        yield f"MEANS TABLES={task.variable} BY {ARM} /CELLS=COUNT MEAN STDDEV SEMEAN."
    if task.centres:
        yield f"EXAMINE VARIABLES={task.variable} BY {ARM}"
        yield "  /PLOT=SPREADLEVEL(1)"
        yield "  /STATISTICS=NONE"
        yield "  /NOTOTAL."
