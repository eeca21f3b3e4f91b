"""The R script and the SPSS syntaxes of a bundle, from the same specification that recompute.py reads."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.render.dictionary import ARM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.render.bundle.specification import Specification, Task

SCRIPTS = Path(__file__).parent / "scripts"
_PLACE = "# TASKS\n"
SPSS_CONFIDENCE = 0.95
"""ONEWAY's intervals of means have this level and no other."""


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
    """A string of R in ASCII, which means the same in every locale."""
    return re.sub(r"[^\x00-\x7f]", lambda letter: f"\\U{ord(letter[0]):08x}", json.dumps(text, ensure_ascii=False))


def spss_syntax(asked: Specification) -> str:
    """Procedures on data.sav whose output has the report's numbers but for effect sizes, for SPSS and GNU PSPP."""
    lines = [
        "* Encoding: UTF-8.",
        "* Made from the same specification as recompute.py, for SPSS or GNU PSPP. Open it in the folder of data.sav.",
        "* Effect sizes are in effects.sps.",
        "",
    ]
    for task in asked.tasks:
        lines += [*_spss_procedures(asked, task), ""]
    return "\n".join(lines)


def _spss_procedures(asked: Specification, task: Task) -> Iterator[str]:
    yield from _spss_data(task)
    if len(task.groups) > 1:
        yield f"ONEWAY {task.variable} BY {ARM}"
        yield "  /STATISTICS DESCRIPTIVES HOMOGENEITY."
    else:
        yield f"MEANS TABLES={task.variable} BY {ARM} /CELLS=COUNT MEAN STDDEV SEMEAN."
    if task.t_tests:
        yield from _spss_t_test(asked, task)
    for centre in task.centres:
        yield from {"mean": (), "median": _by_median(task), "trimmed": _by_trimmed_mean(task)}[centre]


def _spss_data(task: Task) -> Iterator[str]:
    yield "GET FILE='data.sav'."
    yield f"SELECT IF (NOT MISSING({task.variable}) AND NOT MISSING({ARM}))."


def _spss_t_test(asked: Specification, task: Task, *further: str) -> Iterator[str]:
    codes = [asked.arm(key).code for key in task.groups]
    yield f"T-TEST GROUPS={ARM}({codes[0]} {codes[1]})"
    yield f"  /VARIABLES={task.variable}"
    yield from further
    yield f"  /CRITERIA=CI({f'{asked.confidence:g}'.removeprefix('0')})."


def _by_median(task: Task) -> tuple[str, ...]:
    """Levene's test as the analysis of variance that it is: SPSS's own EXAMINE prints it, PSPP's does not."""
    return (
        "AGGREGATE OUTFILE=* MODE=ADDVARIABLES",
        f"  /BREAK={ARM}",
        f"  /median_=MEDIAN({task.variable}).",
        f"COMPUTE from_median_=ABS({task.variable} - median_).",
        'VARIABLE LABELS from_median_ "Levene by the median".',
        f"ONEWAY from_median_ BY {ARM}.",
    )


def _by_trimmed_mean(task: Task) -> tuple[str, ...]:
    """By the mean without a twentieth at each end, in whole values, as R and SciPy trim."""
    return (
        f"SORT CASES BY {ARM} {task.variable}.",
        "COMPUTE place_=1.",
        f"IF ({ARM} = LAG({ARM})) place_=LAG(place_) + 1.",
        "AGGREGATE OUTFILE=* MODE=ADDVARIABLES",
        f"  /BREAK={ARM}",
        "  /size_=N.",
        f"COMPUTE kept_={task.variable}.",
        "IF (place_ <= TRUNC(.05 * size_) OR place_ > size_ - TRUNC(.05 * size_)) kept_=$SYSMIS.",
        "AGGREGATE OUTFILE=* MODE=ADDVARIABLES",
        f"  /BREAK={ARM}",
        "  /inner_=MEAN(kept_).",
        f"COMPUTE from_inner_=ABS({task.variable} - inner_).",
        'VARIABLE LABELS from_inner_ "Levene by the mean without the outer 5 %".',
        f"ONEWAY from_inner_ BY {ARM}.",
    )


def spss_effects(asked: Specification) -> str:
    """What only SPSS 27 or later computes: effect sizes with intervals, and intervals of means at other levels."""
    lines = [
        "* Encoding: UTF-8.",
        "* Effect sizes, for SPSS 27 or later. PSPP has none of these. No test of LiftLab runs this file.",
        "",
    ]
    for task in asked.tasks:
        lines += [*_spss_data(task), *_spss_effect_sizes(asked, task), ""]
    return "\n".join(lines)


def _spss_effect_sizes(asked: Specification, task: Task) -> Iterator[str]:
    if asked.confidence != SPSS_CONFIDENCE:
        yield f"EXAMINE VARIABLES={task.variable} BY {ARM}"
        yield "  /PLOT=NONE"
        yield "  /STATISTICS=DESCRIPTIVES"
        yield f"  /CINTERVAL {100 * asked.confidence:g}"
        yield "  /NOTOTAL."
    if task.t_tests:
        yield from _spss_t_test(asked, task, "  /ES DISPLAY(TRUE)")
    if task.anova:
        for level in dict.fromkeys(effect.confidence for effect in task.effects):
            yield f"ONEWAY {task.variable} BY {ARM}"
            yield "  /ES=OVERALL"
            yield f"  /CRITERIA=CILEVEL({level:g})."
