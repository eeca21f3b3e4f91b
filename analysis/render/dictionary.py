"""The variables of a report's data, described once: for the .sav, the dictionary files and the bundle's scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext as _

from analysis.reading import exclusion_reason

if TYPE_CHECKING:
    from analysis.results import OutcomeReport, Report

RESERVED = frozenset(["all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"])
PARTICIPANT, ARM = "participant", "arm"
REASONS = ("no_value", "not_finite", "no_arm")


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of the wide data. `labels` names values, `missing` those that stand for a missing value and why.

    `key` is the outcome's key, or empty for participant and arm; `name` is one that SPSS and R take.
    """

    name: str
    key: str
    label: str
    unit: str
    measure: Literal["nominal", "ordinal", "scale"]
    labels: tuple[tuple[int, str], ...] = ()
    missing: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Codebook:
    """`arms` are keys in the order of their codes 1, 2, ...; `reasons` the exclusions' keys behind missing values."""

    variables: tuple[Variable, ...]
    arms: tuple[str, ...]
    reasons: tuple[str, ...]

    def variable(self, key: str) -> Variable:
        return next(variable for variable in self.variables if variable.key == key and key)


def codebook_of(report: Report) -> Codebook:
    """Names, labels and codes for the report's data; the same report gives the same ones.

    Codes of missing values lie below every value of their outcome, so that none is taken for one.
    """
    arms = _arms(report)
    reasons = tuple(dict.fromkeys((*REASONS, *(row.reason for o in report.outcomes for row in o.exclusions))))
    taken = {PARTICIPANT, ARM}
    outcomes = tuple(_outcome_variable(outcome, taken, reasons) for outcome in report.outcomes)
    participant = Variable(PARTICIPANT, "", _("Pseudonymous code of the student"), "", "nominal")
    labels = tuple((code, name) for code, name in enumerate(arms.values(), start=1))
    arm = Variable(ARM, "", _("Group that the student was assigned to"), "", "nominal", labels=labels)
    return Codebook(variables=(participant, arm, *outcomes), arms=tuple(arms), reasons=reasons)


def _arms(report: Report) -> dict[str, str]:
    return {group.key: group.name for outcome in report.outcomes for group in outcome.groups}


def _outcome_variable(outcome: OutcomeReport, taken: set[str], reasons: tuple[str, ...]) -> Variable:
    lowest = min((value for group in outcome.groups for value in group.values), default=0.0)
    base = -9000
    while lowest <= base + 1:
        base *= 10
    return Variable(
        name=_name(outcome.key, taken),
        key=outcome.key,
        label=outcome.name,
        unit=outcome.unit,
        measure="scale",
        missing=tuple((base - place, exclusion_reason(reason)) for place, reason in enumerate(reasons, start=1)),
    )


def _name(key: str, taken: set[str]) -> str:
    """A name for SPSS and R: letters, digits and underscores, a letter first, at most 60, nobody else's."""
    base = re.sub(r"[^A-Za-z0-9_]", "_", key)[:60].rstrip("_") or "outcome"
    if not base[0].isalpha() or base.lower() in RESERVED:
        base = f"v_{base}"[:60]
    found, number = base, 1
    while found.lower() in taken:
        number += 1
        found = f"{base[:56]}_{number}"
    taken.add(found.lower())
    return found
