"""Reports without a database, from values that a test names."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from analysis.provenance import provenance
from analysis.render.formats import render
from analysis.results import SCHEMA, Group, OutcomeReport, Report
from analysis.stats import (
    CENTRES,
    cohen_d,
    eta_squared,
    hedges_g,
    levene,
    mean_interval,
    omega_squared,
    one_way,
    sample,
    student,
    welch,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.datasets import Exclusion
    from analysis.format import Skin

MADE_AT = "2026-11-28T12:00:00+00:00"


def group(key: str, values: Sequence[float], *, name: str = "", code: str = "P") -> Group:
    moments = sample(key, values).summary() if len(values) > 1 else None
    low, high = mean_interval(moments) if moments else (None, None)
    return Group(
        key=key,
        name=name or key.title(),
        n=len(values),
        mean=moments.mean if moments else None,
        sd=moments.sd if moments else None,
        se=moments.se if moments else None,
        ci_low=low,
        ci_high=high,
        codes=tuple(f"{code}{key}{place:04d}" for place in range(len(values))),
        values=tuple(map(float, values)),
    )


def outcome(
    key: str,
    values: Mapping[str, Sequence[float]],
    *,
    test: str = "welch",
    name: str = "",
    unit: str = "points",
    exclusions: tuple[Exclusion, ...] = (),
    arm_names: Mapping[str, str] | None = None,
) -> OutcomeReport:
    """An outcome with what its planned test fills, as `build_report` fills it."""
    samples = [sample(arm, of) for arm, of in values.items()]
    table = one_way(samples) if test == "anova" else None
    two = None if test == "anova" else (samples[0], samples[1])
    if table:
        effects = tuple(make(table, confidence=level) for make in (eta_squared, omega_squared) for level in (0.9, 0.95))
    else:
        effects = (cohen_d(samples[0], samples[1]), hedges_g(samples[0], samples[1]))
    return OutcomeReport(
        key=key,
        name=name or key.replace("_", " ").capitalize(),
        unit=unit,
        hypothesis="",
        planned_test=test,
        groups=tuple(group(arm, of, name=(arm_names or {}).get(arm, "")) for arm, of in values.items()),
        exclusions=exclusions,
        levene=tuple(levene(samples, centre=centre) for centre in CENTRES),
        student=student(*two) if two else None,
        welch=welch(*two) if two else None,
        anova=table,
        effects=effects,
        problems=(),
        paper=None,
    )


def report(*outcomes: OutcomeReport, study: str = "A study", is_demonstration: bool = False) -> Report:
    return Report(
        schema=SCHEMA,
        study=study,
        is_demonstration=is_demonstration,
        data_note="",
        confidence=0.95,
        outcomes=outcomes,
        provenance=provenance(data_sha256="0" * 64, made_at=MADE_AT),
    )


@functools.lru_cache(maxsize=16)
def rendered(report: Report, key: str, skin: Skin = "default") -> bytes:
    """`render`, made once for tests that look at different sides of one file."""
    return render(report, key, skin=skin)
